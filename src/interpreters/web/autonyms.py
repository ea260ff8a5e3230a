"""`/languages`: every language by its own name, for a client to point at.

Nobody needs to be signed in: it is shown on a desk, before anybody knows what language to ask for.
Under each stands what the consultant calls it. One tap opens the form with that language.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from litestar import Request, Response, get

from interpreters.domain.language_catalogue import Language, catalogue
from interpreters.domain.told_sessions import language_name
from interpreters.domain.wording import PAGE_LANGUAGES, missing
from interpreters.web.rendering import PAGE_ERRORS, language_of, page

PATH: Final = "/languages"
ASKING: Final = "Point at your language"
SIGNED: Final = "SIGNED"
OFTEN: Final = "OFTEN"
# What centres for migrants are asked for most stands first, so that few have to search.
ASKED_OFTEN: Final = frozenset(
    ("prs", "pes", "pus", "urd", "ara", "apc", "acm", "ckb", "kmr", "tir", "amh", "som", "tur",
     "ukr", "rus", "tam", "ben", "hin", "pan", "vie", "cmn", "fra", "eng", "spa", "uzb", "tgk")
)  # fmt: skip
# Scripts that stand first: most of the people whom centres help write one of them, or none.
FIRST: Final = ("ARABIC", "CYRILLIC", "LATIN", "ETHIOPIC", "DEVANAGARI", "BENGALI", "TAMIL")
RIGHT_TO_LEFT: Final = {"R", "AL"}
AnyRequest = Request[Any, Any, Any]


@get(PATH, include_in_schema=False, exception_handlers=PAGE_ERRORS)
async def autonyms(request: AnyRequest) -> Response[str]:
    """Show the languages, those of one script together."""
    language = language_of(request)
    return page(
        "autonyms.html",
        language,
        groups=_by_script(),
        asked_in=[one for one in PAGE_LANGUAGES if ASKING not in missing(one)],
        called=lambda one: language_name(language, one.code),
        way=_direction,
    )


@cache
def _by_script() -> Mapping[str, Sequence[Language]]:
    """Return the languages by the script of their own name: often asked ones first, signed last."""
    groups: dict[str, list[Language]] = {}
    for one in catalogue().languages.values():
        groups.setdefault(_group(one), []).append(one)
    order = sorted(groups, key=lambda key: (key != OFTEN, key == SIGNED, _place(key), key))
    return {key: sorted(groups[key], key=lambda one: one.autonym.casefold()) for key in order}


def _group(one: Language) -> str:
    if one.code in ASKED_OFTEN:
        return OFTEN
    return SIGNED if one.modality == "signed" else _script(one.autonym)


def _place(script: str) -> int:
    return FIRST.index(script) if script in FIRST else len(FIRST)


def _script(text: str) -> str:
    """Return the script of the first letter, by the first word of its name in Unicode."""
    letter = next((one for one in text if one.isalpha()), "a")
    return unicodedata.name(letter, "LATIN").split(" ", 1)[0].split("-", 1)[0]


def _direction(one: Language) -> str:
    """Return which way the name is written: by its first strong character (UAX 9, rule P2)."""
    kinds = (unicodedata.bidirectional(letter) for letter in one.autonym)
    strong = next((kind for kind in kinds if kind in {"L", *RIGHT_TO_LEFT}), "L")
    return "rtl" if strong in RIGHT_TO_LEFT else "ltr"


ROUTES = (autonyms,)
