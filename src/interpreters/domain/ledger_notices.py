"""Whether a notice came late, reckoned a second time and another way: for the checker alone.

Hours of working time are counted by adding up the worked parts of each day of the place; nothing
that makes entries is used.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from interpreters.domain.ledger_prices import Facts, Json
from interpreters.domain.public_holidays import is_public_holiday

DAY: Final = timedelta(days=1)
FRIDAY: Final = 5  # of the ISO week


def rule_again(rules: Sequence[Json], facts: Facts, notice_at: datetime) -> Json | None:
    """Return the rule by which a notice costs something; None when it was free.

    It knows nothing of ways: only for rules none of which asks how far somebody travels.
    """
    about = [
        one
        for one in rules
        if one.get("mode") in (None, facts.mode) and one.get("min_minutes", 0) <= facts.booked
    ]
    about = [one for one in about if one.get("mode") is not None] or about
    longest = max((one.get("min_minutes", 0) for one in about), default=0)
    late = [
        one
        for one in about
        if one.get("min_minutes", 0) == longest and late_again(one, facts, notice_at)
    ]
    late.sort(key=_minutes_before)
    return late[0] if late else None


def late_again(rule: Json, facts: Facts, notice_at: datetime) -> bool:
    """Say whether the notice came later than the rule lets it come for nothing."""
    starts_at = facts.starts_at
    if rule.get("free_until_hours") is None or notice_at > starts_at:
        return True
    wanted = timedelta(minutes=_minutes_before(rule))
    days = list(_days(notice_at, facts))
    if rule.get("late_over_days_off"):
        between = [_is_worked(day, facts) for day, *_ in days[1:-1]]
        if between and not any(between):
            return True
    clock = rule.get("clock", "elapsed")
    if clock == "elapsed":
        return starts_at - notice_at < wanted
    worked = [one for one in days if _is_worked(one[0], facts)]
    if clock == "working_time":
        parts = (min(ends, starts_at) - max(begins, notice_at) for _, begins, ends in worked)
        return sum((max(one, timedelta(0)) for one in parts), timedelta(0)) < wanted
    whole = [1 for _, begins, ends in worked if notice_at <= begins and ends <= starts_at]
    return len(whole) * DAY < wanted


def _minutes_before(rule: Json) -> float:
    hours = rule.get("free_until_hours")
    if hours is None:
        return float("inf")
    return float(hours * 60 + rule.get("free_until_minutes", 0))


def _days(notice_at: datetime, facts: Facts) -> Iterator[tuple[date, datetime, datetime]]:
    """Yield each day of the place from the notice to the start, with its midnights as instants."""
    zone = ZoneInfo(facts.time_zone)
    day, last = (one.astimezone(zone).date() for one in (notice_at, facts.starts_at))
    while day <= last:
        begins, ends = (
            datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + DAY)
        )
        yield day, begins, ends
        day += DAY


def _is_worked(day: date, facts: Facts) -> bool:
    return day.isoweekday() <= FRIDAY and not is_public_holiday(day=day, country=facts.country)
