"""Finding national identity numbers, payment cards and bank accounts in texts.

Most of these numbers are ten or eleven digits with one check digit, so that one meeting id or
telephone number in ten would pass for one. What is looked at besides: the form, a birth date in
it, and the words around it ("personal code", "isikukood", "Zoom").
"""

import re
import unicodedata
from datetime import date
from typing import Final

from interpreters.domain.language_folding import INVISIBLE
from interpreters.domain.national_id_kinds import KINDS, Kind, When
from interpreters.domain.national_id_words import CLEARS, TELLS, TOLD, TOLD_AFTER

NAMED_NUMBER: Final = "identity number"
ENOUGH_DIGITS: Final = 6
BEFORE: Final = 40  # characters in which a word before a number speaks of it
AFTER: Final = 30
NOWHERE: Final = -1
PHONE_DIGITS: Final = 15  # ITU E.164
STAMP_YEARS: Final = 5  # a year this young in a number is rather that of a case than of a birth

DASHES: Final = re.compile(r"[\u2010-\u2015\u2043\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d\u30fc]")
SPACED_DASH: Final = re.compile(r"(?<=\d) ?- ?(?=\d)")
UNSEEN: Final = re.compile(f"[{INVISIBLE}\u202a-\u202e\u2061-\u2064\u2066-\u2069\ufe00-\ufe0f]")
ADDRESS: Final = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
ABROAD: Final = re.compile(r"(?:\+|\b00)\d{0,3}[ (-]*(?:\d{1,4}[) -]+){0,4}$")
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d|\d\d[.-]\d\d[.-]\d{4}")


def find_national_id(text: str, *, today: date, whole: bool = False) -> str | None:
    """Return the kind of the first number of a person found in a text, never its digits.

    Args:
        text: anything; digits of every script, dashes and spaces of every kind are read alike.
        today: numbers with the years just before it may be stamps of cases.
        whole: the text is a reference; a number that is all of it counts without a telling word.
    """
    plain = plain_form(text)
    if sum(one.isdigit() for one in plain) < ENOUGH_DIGITS:
        return None
    kinds = [kind for kind in KINDS if _stands_in(kind, plain, today, whole=whole)]
    if not kinds:
        return _named_only(plain)
    certain = next((one.name for one in kinds if one.when is not When.NAMED), None)
    return certain or (kinds[0].name if len(kinds) == 1 else NAMED_NUMBER)


def plain_form(text: str) -> str:
    """Return a text with ASCII digits, spaces and dashes, without addresses of the web."""
    folded = unicodedata.normalize("NFKC", UNSEEN.sub("", text))
    folded = DASHES.sub("-", folded)
    folded = "".join(_plain_character(one) for one in folded)
    return SPACED_DASH.sub("-", ADDRESS.sub(" ", folded))


def _plain_character(one: str) -> str:
    digit = unicodedata.decimal(one, None)
    if digit is not None:
        return str(digit)
    return " " if one.isspace() else one


def _stands_in(kind: Kind, plain: str, today: date, *, whole: bool) -> bool:
    """Whether a number of the kind stands in a text, or with `whole` is the text."""
    return any(
        _counts(kind, match, today, alone=whole and match.group() == plain.strip())
        and kind.holds(match.group().upper())
        for match in kind.form.finditer(plain)
    )


def _counts(kind: Kind, match: re.Match[str], today: date, *, alone: bool) -> bool:
    """Whether the words around, and nothing else it may be, let a number of this form count."""
    if _is_phone(match):
        return False
    told = _told(match)
    if told:
        return True
    if _is_stamped(match, today):
        return False
    if kind.when is When.SHAPE:
        return True
    if told is False or _is_glued(match):
        return False
    return kind.when is When.BARE or (kind.when is When.WHOLE and alone)


def _told(match: re.Match[str]) -> bool | None:
    """What the nearest word says: True a person's number, False something else, None nothing."""
    text, start, end = match.string, match.start(), match.end()
    if TOLD_AFTER.match(text[end : end + AFTER]):
        return True
    telling, innocent = _last_words(text[max(0, start - BEFORE) : start])
    return None if telling == innocent == NOWHERE else telling > innocent


def _last_words(before: str) -> tuple[int, int]:
    """Where the last telling word ends, and the last innocent one; NOWHERE before a number."""
    return _last_word(TELLS, before), _last_word(CLEARS, before)


def _last_word(words: re.Pattern[str], before: str) -> int:
    """Where the last of the words ends; a word speaks of one number, the first after it."""
    end = max((one.end() for one in words.finditer(before)), default=NOWHERE)
    spoken = any(one.isdigit() for one in before[max(end, 0) :])
    return NOWHERE if spoken else end


def _is_phone(match: re.Match[str]) -> bool:
    """Whether it ends a number that starts with + or 00: `+371 67 123456`."""
    before = ABROAD.search(match.string[: match.start()])
    digits = sum(one.isdigit() for one in (before.group() if before else "") + match.group())
    return before is not None and digits <= PHONE_DIGITS


def _is_glued(match: re.Match[str]) -> bool:
    """Whether letters and a dash stand before it: `CASE-38501010002`."""
    return re.search(r"\w-$", match.string[: match.start()]) is not None


def _is_stamped(match: re.Match[str], today: date) -> bool:
    year = match.groupdict().get("yy")
    return year is not None and (today.year + 1 - int(year)) % 100 <= STAMP_YEARS + 1


def _named_only(plain: str) -> str | None:
    """Whether a telling word introduces a number: a passport's, or one with a slip in it."""
    for match in TOLD.finditer(plain):
        if DAY.match(match["number"]) is None and not _is_innocent(plain, match):
            return NAMED_NUMBER
    return None


def _is_innocent(plain: str, match: re.Match[str]) -> bool:
    """Whether the telling word is part of another: the `id number` of a meeting."""
    telling, innocent = _last_words(plain[max(0, match.start() - BEFORE) : match.start("number")])
    return innocent >= telling
