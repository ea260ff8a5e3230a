"""The dates of a series: a recurrence rule (RFC 5545 §3.3.10) by the clock of a place.

The first date is always the start that is given, also where the rule would not hit it, and counts
as the first of COUNT (§3.8.5.3). Every other date has the same time of day at the place: what the
clock leaves out in spring is read with the offset of before (02:30 is held at 03:30), of an hour
that comes twice the first is meant (§3.3.5).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec

from interpreters.domain.calendar_times import Clock, Moment, clock_of, read_until
from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.recurrence_rules import read_rule
from interpreters.domain.recurrences import (
    DAILY,
    MONTHLY,
    Rule,
    TooMuchWork,
    Work,
    repetitions,
)
from interpreters.domain.windows import at_place, zone

MOST_DATES: Final = 100
LONGEST: Final = timedelta(days=3653)  # ten years
LATEST: Final = datetime(9999, 12, 31)  # noqa: DTZ001 - a wall time
MOST_STEPS: Final = 100_000
POINTER: Final = "/recurrence"
PARTS: Final = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO",
     "BYMONTH", "BYSETPOS"}
)  # fmt: skip
HOURS: Final = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})
NOT_A_RULE: Final = "Not a rule for days, such as FREQ=WEEKLY;BYDAY=MO;COUNT=10"


class SeriesRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that ends: after `rule.count` dates, or at `until` as it was written."""

    rule: Rule
    until: str | None
    text: str


class Date(msgspec.Struct, frozen=True, kw_only=True):
    """One date: what the clock of the place should show, and the instant, in UTC."""

    wall: datetime
    starts_at: datetime


def read_series(text: str) -> SeriesRule:
    """Return the rule of a series.

    Raises:
        Invalid: at `/recurrence`: no rule, one without an end or with two, several dates on one
            day, more than 100.
    """
    written = text.strip().upper()
    names = [one.partition("=")[0].strip() for one in written.split(";") if one]
    if HOURS & set(names):
        raise _wrong("sub-daily", "Once a day at most: the time of day is that of `starts_at`")
    if len(names) != len(set(names)) or not set(names) <= PARTS:
        raise _wrong("unreadable-rule", NOT_A_RULE)
    try:
        rule, until = read_rule(written)
        if until is not None:
            read_until(until, clock_of(zone("UTC")))
    except ValueError:
        raise _wrong("unreadable-rule", NOT_A_RULE) from None
    _refuse(rule, until)
    return SeriesRule(rule=rule, until=until, text=written)


def dates(series: SeriesRule, *, first: datetime, time_zone: str) -> list[Date]:
    """Return the dates in order, the first at the instant `first`.

    Raises:
        Invalid: at `/recurrence`: there is none, there are more than 100, or they take more than
            ten years.
        UnknownTimeZone: the zone does not exist.
    """
    clock = clock_of(zone(time_zone))
    wall = at_place(instant=first, time_zone=time_zone).replace(tzinfo=None)
    last = None if series.until is None else read_until(series.until, clock)
    start = Date(wall=wall, starts_at=first)
    if last is not None and _is_past(start, last):
        raise _wrong("no-date", "It is over before `starts_at`")
    found = [start]
    wanted = series.rule.count
    for one in _following(series.rule, wall, clock):
        if len(found) == wanted or (last is not None and _is_past(one, last)):
            return found
        if len(found) == MOST_DATES:
            raise _too_many()
        if one.wall - wall > LONGEST:
            raise _too_long()
        found.append(one)
    if wanted is not None and len(found) < wanted:
        raise _too_long()
    return found


def at_wall(wall: datetime, *, time_zone: str) -> datetime:
    """Return when the clock of the place shows it, in UTC; see above for when the clock changes."""
    return clock_of(zone(time_zone))(wall)


def shifted(instant: datetime, *, by: timedelta, time_zone: str) -> datetime:
    """Return when the clock of the place shows so much more than at the instant, in UTC."""
    wall = at_place(instant=instant, time_zone=time_zone).replace(tzinfo=None)
    return at_wall(wall + by, time_zone=time_zone)


def _refuse(rule: Rule, until: str | None) -> None:
    """Refuse a rule that could be read and is none for a series."""
    if rule.frequency > DAILY:
        raise _wrong("sub-daily", "Once a day at most")
    if rule.frequency > MONTHLY and any(nth for nth, _ in rule.by_day):
        raise _wrong("unreadable-rule", "Only a month or a year has a second Monday")
    if rule.count is None and until is None:
        raise _wrong("endless-rule", "Say how often (COUNT) or how long (UNTIL)")
    if rule.count is not None and until is not None:
        raise _wrong("conflicting", "Either COUNT or UNTIL")
    if rule.count is not None and rule.count > MOST_DATES:
        raise _too_many()


def _following(rule: Rule, wall: datetime, clock: Clock) -> Iterator[Date]:
    """Yield the dates after the first, and one after the longest time there may be."""
    endless = msgspec.structs.replace(rule, count=None)
    far = min(wall, LATEST - 2 * LONGEST) + 2 * LONGEST
    whole = wall.replace(microsecond=0)  # rules know seconds
    try:
        for one in repetitions(endless, whole, after=whole, before=far, work=Work(MOST_STEPS)):
            if one > whole:
                exact = one + (wall - whole)
                yield Date(wall=exact, starts_at=clock(exact))
    except TooMuchWork:
        raise _too_long() from None


def _is_past(one: Date, last: Moment) -> bool:
    if last.is_day:
        return one.wall.date() > last.wall.date()
    return one.starts_at > last.instant


def _too_many() -> Invalid:
    return _wrong("too-many-dates", f"At most {MOST_DATES} dates")


def _too_long() -> Invalid:
    return _wrong("out-of-range", "The dates of a series lie within ten years")


def _wrong(code: str, detail: str) -> Invalid:
    return Invalid([FieldError(pointer=POINTER, code=code, detail=detail)])
