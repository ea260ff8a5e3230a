"""Forms of pages for people who are signed in: their fields, and what is wrong with them in words.

A form's fields become the JSON body that the API would take, so that there is one reader of both
and one set of rules; what it refuses comes back beside the field it is about.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from litestar import Request

from interpreters.domain.errors import FieldError
from interpreters.domain.wording import say
from interpreters.http.doors import COOKIE
from interpreters.http.origin import CrossSite, check_same_origin
from interpreters.web.rendering import FORM, NotOurPage

MOST_FIELDS: Final = 300
OTHER: Final = "Please look at this again."
# What is wrong with a field, by the code of the problem.
TROUBLE: Final[Mapping[str, str]] = {
    "required": "Please fill this in.",
    "in-the-past": "This is in the past.",
    "offset-required": "Please give a date and a time.",
    "unknown-language": "We do not know this language. Please choose one from the list.",
    "needs-variety": "Which variety is it? Please choose one of those offered.",
    "personal-data-not-allowed": "Please leave out names, and numbers of persons and cards.",
    "too-small": "This is too little.",
    "too-large": "This is too much.",
    "too-long": "This is too long.",
    "too-short": "This is too short.",
    "out-of-range": "This is too little or too much.",
    "not-a-phone": "This is no phone number. Please write it with its country, such as +371 …",
    "not-an-email": "This is no e-mail address.",
    "unknown": "There is no such thing here.",
    "duplicate": "This is there already.",
}
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

    def number(self, name: str) -> int | str | None:
        """Return a whole number; what is none comes back as written, for the reader to refuse."""
        said = self.some(name)
        if said is None:
            return None
        digits = said.removeprefix("-")
        plain = digits.isascii() and digits.isdigit() and len(digits) <= 12  # noqa: PLR2004 - fits a bigint
        return int(said) if plain else said

    def ticked(self, name: str) -> bool:
        """Tell whether a box is ticked."""
        return self.get(name) in {"yes", "on", "true", "1"}

    def __contains__(self, name: str) -> bool:
        return any(one == name for one, _ in self._pairs)


async def own_fields(request: AnyRequest) -> Fields:
    """Return the fields of a form of our own page.

    A call with a key in its header is software's, which no other site's page can send.

    Raises:
        NotOurPage: it came from elsewhere, the browser does not say, or it is no form.
    """
    if request.cookies.get(COOKIE) or "authorization" not in request.headers:
        try:
            check_same_origin(request)
        except CrossSite as error:
            raise NotOurPage from error
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if "content-encoding" in request.headers or (body and kind != FORM):
        raise NotOurPage
    return _fields(body.decode("ascii", "replace"))


def asked_fields(request: AnyRequest) -> Fields:
    """Return the parameters of the address, read like a form's fields."""
    return _fields(request.url.query)


def body_of(values: Mapping[str, Any]) -> bytes:
    """Return a form's values as the JSON that the API takes, without what was left empty."""
    return msgspec.json.encode({name: one for name, one in values.items() if one is not None})


def told_trouble(language: str, errors: Iterable[FieldError]) -> dict[str, str]:
    """Return what is wrong, by the field's pointer (`/clients/0/reference`), in the language."""
    return {one.pointer: say(language, TROUBLE.get(one.code, OTHER)) for one in errors}


def _fields(text: str) -> Fields:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise NotOurPage from error
    return Fields((name, value.replace("\r\n", "\n").replace("\0", "")) for name, value in pairs)
