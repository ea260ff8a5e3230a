"""Reading one cell: the words people write, as the values the doors take.

What is not understood is passed on as it is written: the door says what is wrong with it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import phonenumbers
import pycountry

from interpreters.domain.availability import DAYS
from interpreters.domain.import_columns import LEVELS, YES, Column, How, folded
from interpreters.domain.imports import LONGEST_CELL

NOTHING: Final = frozenset({"", "-", "\u2013", "\u2014"})
FORMULA: Final = ("=", "@", "\t", "\r")
SIGNS: Final = ("+", "-")
SIGNED: Final = frozenset({"phone", "number", "whole"})
DOTTED_DAY: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\.?")
TIMED_DAY: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[ T]00:00(?::00)?")
CLOCK: Final = r"(\d{1,2})[:.](\d{2})"
HOURS: Final = re.compile(rf"{CLOCK}\s*[-\u2013\u2014]\s*{CLOCK}")
DAY_RANGE: Final = re.compile(r"([^\W\d]+)\.?(?:\s*[-\u2013\u2014]\s*([^\W\d]+)\.?)?\s*:?\s*(.*)")
BEHIND: Final = re.compile(r"(.*\S)\s*\(([^()]*)\)")
ROWS_A_WEEK: Final = 672
# Russian days are written with letters that look like Latin ones.
DAY_NAMES: Final[Mapping[str, str]] = {
    name: day
    for day, names in {
        "mon": "mon monday p pirmdiena пн понедельник man mandag",
        "tue": "tue tues tuesday o otrdiena вт вторник tir tirsdag",
        "wed": "wed wednesday t trešdiena ср среда ons onsdag",  # noqa: RUF001 - Cyrillic
        "thu": "thu thur thursday c ceturtdiena чт четверг tor torsdag",
        "fri": "fri friday pk piektdiena пт пятница fre fredag",
        "sat": "sat saturday s sestdiena сб суббота lør lørdag",  # noqa: RUF001 - Cyrillic
        "sun": "sun sunday sv svētdiena вс воскресенье søn søndag",
    }.items()
    for name in names.split()
}


def is_empty(cell: str) -> bool:
    """Tell whether a cell says nothing: empty, or a dash."""
    return cell.strip() in NOTHING


def refused(cell: str, column: Column) -> tuple[str, str] | None:
    """Return code and detail of a cell that is not even looked at."""
    if "\0" in cell:
        return "invalid", f"The cell holds a NUL; {column.advice}"
    if len(cell) > LONGEST_CELL:
        return "cell-too-long", f"A cell has at most {LONGEST_CELL} characters; {column.advice}"
    signed = column.how not in SIGNED and cell.strip().startswith(SIGNS)
    if cell.startswith(FORMULA) or cell.strip().startswith(FORMULA) or signed:
        detail = f"A text that begins with {cell.strip()[:1] or 'a tab'} may be run as a formula"
        return "formula-not-allowed", f"{detail}; {column.advice}"
    return None


def read_cell(cell: str, column: Column, *, country: str | None) -> Any:
    """Return a cell as the door's JSON has it; what is not understood as it was written."""
    return READERS[column.how](cell.strip(), column, country)


def _text(cell: str, _: Column, __: str | None) -> Any:
    return cell


def _phone(cell: str, _: Column, country: str | None) -> Any:
    """A number without its country is the network's own."""
    if country is None or cell.startswith(("+", "00")):
        return cell
    try:
        number = phonenumbers.parse(cell, country)
    except phonenumbers.NumberParseException:
        return cell
    if not phonenumbers.is_possible_number(number):
        return cell
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _number(cell: str, _: Column, __: str | None) -> Any:
    plain = cell.replace(",", ".").removesuffix("°")
    return float(plain) if re.fullmatch(r"[+-]?\d{1,9}(\.\d{1,15})?", plain, re.ASCII) else cell


def _whole(cell: str, _: Column, __: str | None) -> Any:
    plain = cell.lower().removesuffix("km").strip()
    return int(plain) if re.fullmatch(r"[+-]?\d{1,9}", plain, re.ASCII) else cell


def _yes(cell: str, _: Column, __: str | None) -> Any:
    return YES.get(folded(cell), cell)


def _choice(cell: str, column: Column, _: str | None) -> Any:
    word = folded(cell)
    known = {folded(one): one for one in column.choices}
    return known.get(word) or column.words.get(word) or cell


def _choices(cell: str, column: Column, country: str | None) -> Any:
    return [_choice(one, column, country) for one in _pieces(cell, ";,|\n")]


def _country(cell: str, _: Column, __: str | None) -> Any:
    try:
        return pycountry.countries.lookup(cell).alpha_2
    except LookupError:
        return cell


def _day(cell: str, _: Column, __: str | None) -> Any:
    if found := DOTTED_DAY.fullmatch(cell):
        return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    if found := TIMED_DAY.fullmatch(cell):
        return found[1]
    return cell


def _language(cell: str, _: Column, __: str | None) -> Any:
    return _spoken(cell)


def _languages(cell: str, _: Column, __: str | None) -> Any:
    """`Dari:native:Hazaragi; lv (fluent)`; commas divide where no semicolon does."""
    marks = ";|\n" if re.search(r"[;|\n]", cell) else ","
    return [_spoken(one) for one in _pieces(cell, marks)]


def _spoken(text: str) -> dict[str, Any]:
    """One language, perhaps with its level and dialects behind colons, or in brackets."""
    name, *further = (one.strip() for one in text.split(":"))
    behind = BEHIND.fullmatch(name)
    if not further and behind and folded(behind[2]) in _levels():
        name, further = behind[1], [behind[2]]
    spoken: dict[str, Any] = {"code": name}
    if further and further[0]:
        spoken["level"] = _levels().get(folded(further[0]), further[0])
    if len(further) > 1:
        spoken["dialects"] = _pieces(":".join(further[1:]), "+/")
    return spoken


def _levels() -> Mapping[str, str]:
    return {**LEVELS, "native": "native", "fluent": "fluent", "working": "working"}


def _level(cell: str, _: Column, __: str | None) -> Any:
    return _levels().get(folded(cell), cell)


def _quiet(cell: str, _: Column, __: str | None) -> Any:
    found = HOURS.fullmatch(cell)
    if found is None:
        return cell
    return {"from": f"{int(found[1]):02}:{found[2]}", "to": f"{int(found[3]):02}:{found[4]}"}


def _weekly(cell: str, _: Column, __: str | None) -> Any:
    """`mon-fri 09:00-12:00, 13:00-17:00; sat 10:00-14:00`."""
    rows = [row for piece in _pieces(cell, ";|\n") for row in _hours(piece)]
    return rows[: ROWS_A_WEEK + 1]


def _hours(piece: str) -> Iterator[dict[str, str]]:
    found = DAY_RANGE.fullmatch(piece)
    if found is None:
        yield {"day": piece, "from": piece, "to": piece}
        return
    for day in _days(found[1], found[2]):
        for span in _pieces(found[3], ",+") or [found[3] or piece]:
            hours = HOURS.fullmatch(span)
            start, end = (
                (f"{int(hours[1]):02}:{hours[2]}", f"{int(hours[3]):02}:{hours[4]}")
                if hours
                else (span, span)
            )
            yield {"day": day, "from": start, "to": end}


def _days(first: str, last: str | None) -> list[str]:
    start = DAY_NAMES.get(first.casefold(), first)
    end = start if last is None else DAY_NAMES.get(last.casefold(), last)
    if start == end or start not in DAYS or end not in DAYS:
        return [start] if start == end else [start, end]
    names = [*DAYS, *DAYS]
    at = names.index(start)
    return list(names[at : names.index(end, at) + 1])


def _papers(cell: str, _: Column, __: str | None) -> Any:
    """`court:LV-12:2024-01-01..2027-01-01; child_protection`."""
    return [_paper(one) for one in _pieces(cell, ";|\n")]


def _paper(text: str) -> dict[str, Any]:
    kind, *further = (one.strip() for one in text.split(":"))
    paper: dict[str, Any] = {"kind": kind}
    if further and ".." in further[-1]:
        issued, _, expires = further.pop().partition("..")
        days = {"issued_on": issued.strip(), "expires_on": expires.strip()}
        paper |= {name: day for name, day in days.items() if day}
    if number := ":".join(further):
        paper["number"] = number
    return paper


def _pieces(text: str, marks: str) -> list[str]:
    pieces = (one.strip() for one in re.split(f"[{re.escape(marks)}]", text))
    return [one for one in pieces if one]


READERS: Final[Mapping[How, Callable[[str, Column, str | None], Any]]] = {
    "text": _text, "phone": _phone, "number": _number, "whole": _whole, "yes": _yes,
    "choice": _choice, "choices": _choices, "country": _country, "day": _day,
    "language": _language, "languages": _languages, "level": _level, "quiet": _quiet,
    "weekly": _weekly, "papers": _papers,
}  # fmt: skip
