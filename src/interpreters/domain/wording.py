"""What the product says to people, in their language: gettext catalogues, read once each.

A message is its English text; `data/wording/<topic>/<language>.po` holds its translations and
`en.po` the list of what is said. Nothing is compiled ahead: a catalogue takes some milliseconds.
A language without a message falls back to its parent (`fa-AF` to `fa`), then to English, and
`gaps` remembers it.
"""

import gettext
import io
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final, Literal

from babel import Locale
from babel.core import UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from interpreters.domain.pseudo_languages import PSEUDO, pseudo

ENGLISH: Final = "en"
# Page languages by their own names. Those that are complete have every message, and a test holds
# them to it; the drafts may lag behind.
COMPLETE: Final[Mapping[str, str]] = {
    "en": "English",
    "lv": "Latviešu",
    "ro": "Română",
    "bg": "Български",
    "uk": "Українська",
    "fa": "فارسی",
    "ar": "العربية",
}
DRAFTS: Final[Mapping[str, str]] = {
    "ru": "Русский",
    "fr": "Français",
    "ur": "اردو",
    "ps": "پښتو",
    "ta": "தமிழ்",
}
PAGE_LANGUAGES: Final[Mapping[str, str]] = {**COMPLETE, **DRAFTS}
# What is offered to choose from: Dari is written as Persian, with months of its own.
CHOICES: Final[Mapping[str, str]] = {
    code: name
    for one, called in PAGE_LANGUAGES.items()
    for code, name in ({"fa": called, "fa-AF": "دری"} if one == "fa" else {one: called}).items()
}
# Spoken languages (ISO 639-3) whose speakers read another one of these.
READ_BY: Final[Mapping[str, str]] = {
    "eng": "en", "lav": "lv", "lvs": "lv", "ltg": "lv", "ron": "ro", "bul": "bg", "ukr": "uk",
    "rus": "ru", "fra": "fr", "urd": "ur", "pus": "ps", "pbt": "ps", "pbu": "ps", "pst": "ps",
    "tam": "ta", "fas": "fa", "pes": "fa", "prs": "fa-AF", "haz": "fa-AF", "aiq": "fa-AF",
    **dict.fromkeys(
        ("ara", "arb", "apc", "acm", "arz", "ary", "apd", "aeb", "arq", "ayl", "afb", "acq",
         "ayn", "acw", "ars", "ayp", "shu"), "ar"),
}  # fmt: skip
ARABIC_COMMA: Final = "\N{ARABIC COMMA} "
COMMAS: Final[Mapping[str, str]] = dict.fromkeys(("ar", "fa", "ps", "ur"), ARABIC_COMMA)
HOLE: Final = re.compile(r"\{(\w+)\}")
_gaps: set[tuple[str, str]] = set()


def say(language: str, message: str, /, **values: object) -> str:
    """Return the message in the language, its `{holes}` filled with the values' texts."""
    return fill(template(language, message), values)


def plural(language: str, one: str, many: str, count: int, /, **values: object) -> str:
    """Return the form of a message that fits `count`, which also fills `{count}`."""
    return fill(template(language, one, many, count), {"count": count, **values})


def template(language: str, message: str, many: str | None = None, count: int = 0) -> str:
    """Return the message in the language with its holes open: for who fills them otherwise."""
    if language in PSEUDO:
        return pseudo(template(ENGLISH, message, many, count))
    spoken = _spoken(language, message)
    if spoken is None or (spoken == ENGLISH and not language.startswith(ENGLISH)):
        _gaps.add((language, message))
    texts = _texts(spoken or ENGLISH)
    if many is None:
        return texts.gettext(message)
    return texts.ngettext(message, many, count)


def told_in(language: str, message: str) -> str:
    """Return the language in which a message is told to who reads `language`."""
    return _spoken(language, message) or ENGLISH


def fill(text: str, values: Mapping[str, object]) -> str:
    """Return the text with its holes filled.

    Raises:
        KeyError: a hole has no value.
    """
    return HOLE.sub(lambda found: str(values[found[1]]), text)


def gaps() -> frozenset[tuple[str, str]]:
    """Return (language, message) of what was said in English to people who read another one."""
    return frozenset(_gaps)


def messages() -> frozenset[str]:
    """Return everything that is said, as its English text."""
    return _said(ENGLISH)


def missing(language: str) -> list[str]:
    """Return the messages that a language has no finished translation of."""
    return sorted(_said(ENGLISH) - _said(language))


def page_language(header: str | None, asked: str | None = None, usual: str | None = None) -> str:
    """Return the language of a page: the one asked for, else the person's usual one, else what
    the browser prefers (`Accept-Language`), else English.
    """
    wanted = [asked or "", usual or "", *_preferred(header or "")]
    return next((found for one in wanted if (found := page_tag(one))), ENGLISH)


def page_tag(text: str) -> str | None:
    """Return the page language a tag (`fa-AF`, `prs`, `RU`) means; None when there is none."""
    parts = text.strip().lower().replace("_", "-").split("-")
    if parts[0] in READ_BY:
        return READ_BY[parts[0]]
    if parts[0] not in PAGE_LANGUAGES:
        return None
    return "fa-AF" if parts[0] == "fa" and "af" in parts[1:] else parts[0]


def direction(language: str) -> Literal["ltr", "rtl"]:
    """Return which way the language is written."""
    return "rtl" if locale_of(language).text_direction == "rtl" else "ltr"


def comma(language: str) -> str:
    """Return what stands between the parts of a list, and between facts, in the language.

    The CLDR puts an "and" into its lists, which reads oddly between a day and a time.
    """
    return COMMAS.get(language.partition("-")[0], ", ")


@cache
def locale_of(language: str) -> Locale:
    """Return Babel's locale of a page language; English for what it does not know."""
    if language in PSEUDO:
        language = language.partition("-")[0]
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(ENGLISH)


def catalogues(language: str) -> Iterator[Catalog]:
    """Read a language's catalogues, one for each topic."""
    for topic in sorted(_folder().iterdir(), key=lambda one: one.name):
        file = topic.joinpath(f"{language}.po")
        if file.is_file():
            with file.open("rb") as opened:
                yield read_po(opened, locale=language.replace("-", "_"), abort_invalid=True)


def _folder() -> Traversable:
    return files("interpreters.domain").joinpath("data", "wording")


def _spoken(language: str, message: str) -> str | None:
    return next((one for one in _chain(language) if message in _said(one)), None)


def _chain(language: str) -> tuple[str, ...]:
    return (language, language.partition("-")[0], ENGLISH)


@cache
def _texts(language: str) -> gettext.NullTranslations:
    """Return the language's texts; what is marked fuzzy is left out."""
    whole: Catalog | None = None
    for one in catalogues(language):
        if whole is None:
            whole = one
            continue
        for message in one:
            if message.id:
                whole[message.id] = message
    if whole is None:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def _said(language: str) -> frozenset[str]:
    """Return the messages the language has; English has all that are listed."""
    return frozenset(
        str(message.id if isinstance(message.id, str) else message.id[0])
        for one in catalogues(language)
        for message in one
        if message.id and (language == ENGLISH or _is_finished(message))
    )


def _is_finished(message: Message) -> bool:
    forms = (message.string,) if isinstance(message.string, str) else message.string or ()
    return not message.fuzzy and bool(forms) and all(forms)


def _preferred(header: str) -> list[str]:
    """Return the tags of an Accept-Language header, the dearest first (RFC 9110 section 12.5.4)."""
    weighed = []
    for place, part in enumerate(header[:1000].split(",")):
        tag, _, parameter = part.partition(";")
        weight = _weight(parameter)
        if weight > 0:
            weighed.append((-weight, place, tag))
    return [tag for _, _, tag in sorted(weighed)]


def _weight(parameter: str) -> float:
    found = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", parameter)
    if found is None:
        return 0.0 if parameter.strip() else 1.0
    return float(found[1])
