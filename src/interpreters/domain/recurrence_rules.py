"""Recurrence rules as calendars write them: `FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261231`."""

import re
from collections.abc import Sequence
from typing import Final

from interpreters.domain.recurrences import FREQUENCIES, Rule

WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
BY_DAY: Final = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
NUMBER: Final = re.compile(r"[+-]?\d{1,9}", re.ASCII)
MOST_VALUES: Final = 400  # of one part; a year has 366 days
# Bounds of each list of numbers, and whether they may count from the end (RFC 5545 §3.3.10).
LISTS: Final = {
    "BYMONTH": ("by_month", 1, 12, False),
    "BYWEEKNO": ("by_week", 1, 53, True),
    "BYYEARDAY": ("by_year_day", 1, 366, True),
    "BYMONTHDAY": ("by_month_day", 1, 31, True),
    "BYHOUR": ("by_hour", 0, 23, False),
    "BYMINUTE": ("by_minute", 0, 59, False),
    "BYSECOND": ("by_second", 0, 60, False),
    "BYSETPOS": ("by_place", 1, 366, True),
}


def read_rule(text: str) -> tuple[Rule, str | None]:
    """Return a rule, and the text of its UNTIL, which is a date or a date with a time.

    Raises:
        ValueError: it is none, or counts in another calendar (RSCALE, RFC 7529).
    """
    parts = dict(_pair(one) for one in text.strip().upper().split(";") if one)
    if parts.get("RSCALE", "GREGORIAN") != "GREGORIAN":
        raise ValueError("Another calendar")
    fields: dict[str, Sequence[int]] = {}
    for name, (field, least, most, negative) in LISTS.items():
        if name in parts:
            numbers = [_number(one, least, most, negative) for one in _values(parts[name])]
            fields[field] = [min(one, 59) for one in numbers] if name == "BYSECOND" else numbers
    count = parts.get("COUNT")
    rule = Rule(
        frequency=FREQUENCIES.index(parts.get("FREQ", "")),
        interval=_number(parts.get("INTERVAL", "1"), 1, 10**9, False),
        count=None if count is None else _number(count, 1, 10**9, False),
        by_day=[_weekday(one) for one in _values(parts.get("BYDAY", ""))],
        week_start=WEEKDAYS.index(parts.get("WKST", "MO")),
        **fields,
    )
    return rule, parts.get("UNTIL")


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(), value.strip()


def _values(text: str) -> list[str]:
    values = [one.strip() for one in text.split(",")] if text else []
    if len(values) > MOST_VALUES:
        raise ValueError("Too many values")
    return values


def _number(text: str, least: int, most: int, negative: bool) -> int:  # noqa: FBT001 - a column of LISTS
    number = int(text) if NUMBER.fullmatch(text) else None
    if number is None or not (least <= number <= most or (negative and least <= -number <= most)):
        raise ValueError("A number out of bounds")
    return number


def _weekday(text: str) -> tuple[int, int]:
    found = BY_DAY.fullmatch(text)
    if found is None:
        raise ValueError("Not a weekday")
    return int(found[1] or 0), WEEKDAYS.index(found[2])
