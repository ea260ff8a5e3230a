"""Forms of pages for people who are signed in: their fields, and what is wrong with them in words.

A form's fields become the JSON body that the API would take, so that there is one reader of both
and one set of rules; what it refuses comes back beside the field it is about.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from litestar import Request

from interpreters.domain.errors import FieldError
from interpreters.domain.refusal_words import EXAMPLE, FIELDS
from interpreters.domain.wording import say
from interpreters.http.doors import COOKIE
from interpreters.http.origin import CrossSite, check_same_origin
from interpreters.web.rendering import FORM, NotOurPage

MOST_FIELDS: Final = 300
BETWEEN: Final = re.compile("[,;\n\u060c\u061b\u3001]")  # commas, Latin, Arabic, Chinese
OTHER: Final = "Please look at this again."
SPELLED: Final[Mapping[str, str]] = {
    "currency": "unknown-currency", "country": "unknown-country", "nationality": "unknown-country",
}  # fmt: skip
AnyRequest = Request[Any, Any, Any]


class Fields:
    """The fields of a form: one value each, or several of one name."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._pairs = [(name, value.strip()) for name, value in pairs]

    def get(self, name: str, usual: str = "") -> str:
        """Return the last value of a field."""
        return next((value for one, value in reversed(self._pairs) if one == name), usual)

    def all(self, name: str) -> list[str]:
        """Return every value of a field that is not empty."""
        return [value for one, value in self._pairs if one == name and value]

    def some(self, name: str) -> str | None:
        """Return a field's value, or None where it was left empty."""
        return self.get(name) or None

    def coded(self, name: str) -> str | None:
        """Return a code with the digits 0 to 9: it names the same from any keyboard."""
        return plain_digits(self.get(name)) or None

    def number(self, name: str) -> int | str | None:
        """Return a whole number; what is none comes back as written, for the reader to refuse."""
        said = self.some(name)
        if said is None:
            return None
        written = plain_digits(said)
        digits = written.removeprefix("-")
        plain = digits.isascii() and digits.isdigit() and len(digits) <= 12  # noqa: PLR2004 - fits a bigint
        return int(written) if plain else said

    def ticked(self, name: str) -> bool:
        """Tell whether a box is ticked."""
        return self.get(name) in {"yes", "on", "true", "1"}

    def but(self, *names: str, put: Iterable[tuple[str, str]] = ()) -> "Fields":
        """Return these fields without those of the names, and with what is put in."""
        return Fields([*(one for one in self._pairs if one[0] not in names), *put])

    def digest(self, place: bytes) -> str:
        """Return a name for all that was sent to a place: another name for anything else."""
        return sha256(place + b"\0" + msgspec.json.encode(self._pairs)).hexdigest()

    def __contains__(self, name: str) -> bool:
        return any(one == name for one, _ in self._pairs)


async def own_fields(request: AnyRequest) -> Fields:
    """Return the fields of a form of our own page.

    Raises:
        NotOurPage: it came from elsewhere, the browser does not say, or it is no form.
    """
    check_own_page(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if "content-encoding" in request.headers or (body and kind != FORM):
        raise NotOurPage
    return _fields(body.decode("ascii", "replace"))


def check_own_page(request: AnyRequest) -> None:
    """Let a form pass only from our own page.

    A call with a key in its header and no cookie is software's, which no other site's page can
    send. With a cookie it is a browser's, whatever its header says: proxies that ask for a
    password have browsers add one to every call.

    Raises:
        NotOurPage: it came from elsewhere, or the browser does not say.
    """
    if not request.cookies.get(COOKIE) and "authorization" in request.headers:
        return
    try:
        check_same_origin(request)
    except CrossSite as error:
        raise NotOurPage from error


def asked_fields(request: AnyRequest) -> Fields:
    """Return the parameters of the address, read like a form's fields."""
    return _fields(request.url.query)


def listed(text: str) -> list[str]:
    """Return what stands between commas, of any script, or in lines of its own."""
    return [one.strip() for one in BETWEEN.split(text) if one.strip()]


def plain_digits(text: str) -> str:
    """Return the text with the digits of any script as 0 to 9: keyboards write their own."""
    return "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text)


def body_of(values: Mapping[str, Any]) -> bytes:
    """Return a form's values as the JSON that the API takes, without what was left empty."""
    return msgspec.json.encode({name: one for name, one in values.items() if one is not None})


def told_trouble(language: str, errors: Iterable[FieldError]) -> dict[str, str]:
    """Return what is wrong, by the field's pointer (`/clients/0/reference`), in the language."""
    return {
        one.pointer: say(language, FIELDS.get(_code(one), OTHER), example=EXAMPLE) for one in errors
    }


def _code(one: FieldError) -> str:
    """Return the code of what is wrong; of letters that are too many what they should be."""
    name = one.pointer.rpartition("/")[2]
    return SPELLED.get(name, one.code) if one.code == "out-of-range" else one.code


def _fields(text: str) -> Fields:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise NotOurPage from error
    return Fields((name, value.replace("\r\n", "\n").replace("\0", "")) for name, value in pairs)
