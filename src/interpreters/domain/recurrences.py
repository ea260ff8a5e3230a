"""When something happens that repeats: recurrence rules (RFC 5545 §3.3.10) and bounded work.

The libraries for it walk from the first time on and look for the next one for ever, so one line of
somebody's calendar ("every second of 30 February") keeps a process busy for as long as it likes.
Here a rule without a count begins near the time that is asked for, and every step is counted.
Wall times only, without zones: a rule repeats what a clock on the wall shows.
"""

from calendar import isleap, monthrange
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Final

import msgspec

FREQUENCIES: Final = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY, SECONDLY = range(7)
STEPS: Final = {
    WEEKLY: timedelta(weeks=1), DAILY: timedelta(days=1), HOURLY: timedelta(hours=1),
    MINUTELY: timedelta(minutes=1), SECONDLY: timedelta(seconds=1),
}  # fmt: skip
DAY: Final = timedelta(days=1)
WEEK: Final = 7


class TooMuchWork(Exception):
    """What is asked for takes more steps than anybody's calendar does."""


class Work:
    """So many steps, and no more."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def spend(self, steps: int = 1) -> None:
        """Count the steps.

        Raises:
            TooMuchWork: there are no more.
        """
        self._left -= steps
        if self._left < 0:
            raise TooMuchWork


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule; weekdays count from Monday, 0. `by_day`: (0, weekday) for each, (-1, …) the last."""

    frequency: int
    interval: int = 1
    count: int | None = None
    by_month: Sequence[int] = ()
    by_week: Sequence[int] = ()
    by_year_day: Sequence[int] = ()
    by_month_day: Sequence[int] = ()
    by_day: Sequence[tuple[int, int]] = ()
    by_hour: Sequence[int] = ()
    by_minute: Sequence[int] = ()
    by_second: Sequence[int] = ()
    by_place: Sequence[int] = ()  # BYSETPOS
    week_start: int = 0


def repetitions(
    rule: Rule, first: datetime, *, after: datetime, before: datetime, work: Work
) -> Iterator[datetime]:
    """Yield the times of a rule in order, from `first` on, none after `before`.

    Those long before `after` are left out where they need not be counted. `first` itself comes
    only where the rule hits it.

    Raises:
        TooMuchWork: it takes too long.
    """
    rule, left = _completed(rule, first), rule.count
    number = 0 if left is not None else _skipped(rule, first, after)
    while (opening := _opening(rule, first, number)) is not None and opening <= before:
        for one in _within(rule, first, opening, work):
            if one < first:
                continue
            if one > before or left == 0:
                return
            left = None if left is None else left - 1
            yield one
        number += rule.interval


def _completed(rule: Rule, first: datetime) -> Rule:
    """Fill in from the first time what the rule leaves open."""
    has_days = rule.by_year_day or rule.by_month_day or rule.by_day
    if rule.frequency == YEARLY and rule.by_week and not has_days:
        return msgspec.structs.replace(rule, by_day=[(0, first.weekday())])
    if has_days or rule.by_week:
        return rule
    if rule.frequency == YEARLY:
        months = rule.by_month or [first.month]
        return msgspec.structs.replace(rule, by_month=months, by_month_day=[first.day])
    if rule.frequency == MONTHLY:
        return msgspec.structs.replace(rule, by_month_day=[first.day])
    if rule.frequency == WEEKLY:
        return msgspec.structs.replace(rule, by_day=[(0, first.weekday())])
    return rule


def _skipped(rule: Rule, first: datetime, after: datetime) -> int:
    """Return the number of a period that ends before `after`, a multiple of the interval."""
    if rule.frequency == YEARLY:
        periods = after.year - first.year
    elif rule.frequency == MONTHLY:
        periods = (after.year - first.year) * 12 + after.month - first.month
    else:
        opening = _opening(rule, first, 0)
        periods = 0 if opening is None else (after - opening) // STEPS[rule.frequency]
    return max(0, (periods - 1) // rule.interval * rule.interval)


def _opening(rule: Rule, first: datetime, number: int) -> datetime | None:
    """Return where a year, month, week, day … begins; None: after the calendar's end."""
    try:
        if rule.frequency == YEARLY:
            return datetime(first.year + number, 1, 1)  # noqa: DTZ001 - a wall time
        if rule.frequency == MONTHLY:
            years, month = divmod(first.month - 1 + number, 12)
            return datetime(first.year + years, month + 1, 1)  # noqa: DTZ001 - a wall time
        return _floor(rule, first) + number * STEPS[rule.frequency]
    except (ValueError, OverflowError):
        return None


def _floor(rule: Rule, first: datetime) -> datetime:
    if rule.frequency == SECONDLY:
        return first
    if rule.frequency == MINUTELY:
        return first.replace(second=0)
    if rule.frequency == HOURLY:
        return first.replace(minute=0, second=0)
    midnight = datetime.combine(first, time.min)
    if rule.frequency == WEEKLY:
        return midnight - (first.weekday() - rule.week_start) % WEEK * DAY
    return midnight


def _within(rule: Rule, first: datetime, opening: datetime, work: Work) -> list[datetime]:
    """Return the times within one period, in order."""
    times = _times(rule, first, opening)
    days = [day for span in _spans(rule, opening) for day in _days(rule, span, work)]
    work.spend(1 + len(days) * len(times))
    found = [datetime.combine(day, one) for day in days for one in times]
    if not rule.by_place:
        return found
    places = {one - 1 if one > 0 else len(found) + one for one in rule.by_place}
    return [found[one] for one in sorted(places) if 0 <= one < len(found)]


def _spans(rule: Rule, opening: datetime) -> Iterator[tuple[date, date]]:
    """Yield the first and last days of what a weekday is the second or the last of."""
    day = opening.date()
    if rule.frequency == YEARLY and not rule.by_month:
        yield day, date(day.year, 12, 31)
    elif rule.frequency in {YEARLY, MONTHLY}:
        months = [day.month] if rule.frequency == MONTHLY else sorted(set(rule.by_month))
        for month in months:
            yield date(day.year, month, 1), date(day.year, month, monthrange(day.year, month)[1])
    elif rule.frequency == WEEKLY:
        yield day, min(day, date.max - 6 * DAY) + 6 * DAY
    else:
        yield day, day


def _days(rule: Rule, span: tuple[date, date], work: Work) -> Iterator[date]:
    start, end = span
    length = (end - start).days + 1
    work.spend(length)
    for day in (start + number * DAY for number in range(length)):
        if (
            _has(rule.by_month, day.month)
            and _has(rule.by_month_day, day.day, monthrange(day.year, day.month)[1])
            and _has(rule.by_year_day, day.timetuple().tm_yday, 365 + isleap(day.year))
            and (not rule.by_week or _in_week(rule, day))
            and (not rule.by_day or _on_weekday(rule, day, span))
        ):
            yield day


def _has(wanted: Sequence[int], value: int, of: int = -1) -> bool:
    """Say whether a value is wanted, counted from the front or, in negative numbers, the back."""
    return not wanted or value in wanted or (of > 0 and value - of - 1 in wanted)


def _on_weekday(rule: Rule, day: date, span: tuple[date, date]) -> bool:
    weekday = day.weekday()
    if rule.frequency > MONTHLY:
        return any(weekday == one for _, one in rule.by_day)
    from_front = (day - span[0]).days // WEEK + 1
    from_back = -((span[1] - day).days // WEEK) - 1
    return any(weekday == one and nth in {0, from_front, from_back} for nth, one in rule.by_day)


def _in_week(rule: Rule, day: date) -> bool:
    """Weeks belong to the year that most of their days are in (ISO 8601 with any first day)."""
    middle = day.toordinal() - (day.weekday() - rule.week_start) % WEEK + 3
    year = date.fromordinal(min(middle, date.max.toordinal())).year
    number = (middle - date(year, 1, 1).toordinal()) // WEEK + 1
    rest = date(year, 12, 31).toordinal() - middle
    return number in rule.by_week or -(rest // WEEK) - 1 in rule.by_week


def _times(rule: Rule, first: datetime, opening: datetime) -> list[time]:
    """Return the times of day: the rule's, else the first one's, or this very hour or minute."""
    hours, minutes, seconds = (
        ([here] if _has(wanted, here) else [])
        if rule.frequency >= frequency
        else sorted(set(wanted)) or [usual]
        for frequency, wanted, usual, here in (
            (HOURLY, rule.by_hour, first.hour, opening.hour),
            (MINUTELY, rule.by_minute, first.minute, opening.minute),
            (SECONDLY, rule.by_second, first.second, opening.second),
        )
    )
    return [time(*one) for one in product(hours, minutes, seconds)]
