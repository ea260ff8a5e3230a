"""What calling off costs, computed again minute by minute and in fractions, by other code.

It knows nothing of the package: rules as the JSON that was sent, a booking, and when notice came.
"""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from slow_prices import half_up, is_holiday, slow_price

MINUTE = timedelta(minutes=1)


def slow_rule(
    rules: list[dict[str, Any]],
    *,
    mode: str,
    booked: int,
    starts_at: datetime,
    notice_at: datetime,
    time_zone: str,
    country: str | None,
) -> dict[str, Any] | None:
    """Return the rule by which the notice costs something, None when it is free."""
    about = [
        one
        for one in rules
        if one.get("mode", mode) == mode and one.get("min_minutes", 0) <= booked
    ]
    named = [one for one in about if "mode" in one]
    about = named or about
    if not about:
        return None
    longest = max(one.get("min_minutes", 0) for one in about)
    late = [
        one
        for one in about
        if one.get("min_minutes", 0) == longest
        and is_late(one, starts_at, notice_at, ZoneInfo(time_zone), country)
    ]
    return min(late, key=lambda one: one["free_until_hours"], default=None)


def is_late(
    rule: dict[str, Any],
    starts_at: datetime,
    notice_at: datetime,
    zone: ZoneInfo,
    country: str | None,
) -> bool:
    """Count the minutes of the rule's clock between the notice and the start, one by one."""
    if notice_at > starts_at:
        return True
    wanted: int = rule["free_until_hours"] * 60
    if rule["clock"] == "elapsed":
        return (starts_at - notice_at) / MINUTE < wanted
    if rule["clock"] == "working_time":
        return worked_minutes(starts_at, notice_at, zone, country) < wanted
    return whole_days(starts_at, notice_at, zone, country) * 24 * 60 < wanted


def worked_minutes(
    starts_at: datetime, notice_at: datetime, zone: ZoneInfo, country: str | None
) -> int:
    """Count minutes, each by the day on which it begins; both ends are whole minutes."""
    count, moment = 0, notice_at.astimezone(UTC)
    while moment < starts_at:
        count += is_worked(moment.astimezone(zone), country)
        moment += MINUTE
    return count


def whole_days(
    starts_at: datetime, notice_at: datetime, zone: ZoneInfo, country: str | None
) -> int:
    """Count worked days that begin after the notice and are over before the start."""
    first, last = (one.astimezone(zone).date() for one in (notice_at, starts_at))
    count = 0
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        begins, ends = (
            datetime(one.year, one.month, one.day, tzinfo=zone).astimezone(UTC)
            for one in (day, day + timedelta(days=1))
        )
        wall = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
        count += begins >= notice_at and ends <= starts_at and is_worked(wall, country)
    return count


def is_worked(wall: datetime, country: str | None) -> bool:
    """Monday to Friday, and no holiday."""
    return wall.strftime("%a") not in {"Sat", "Sun"} and not is_holiday(wall, country)


def slow_fee(tariff: dict[str, Any], rule: dict[str, Any], asked: dict[str, Any]) -> dict[str, int]:
    """Return the fee: a share of each line of the booked price, without travel."""
    whole = slow_price(tariff, **{**asked, "actual": 0, "breaks": 0})
    shares = (rule["fee_percent"], rule.get("pay_percent", rule["fee_percent"]))
    lines = [one for one in whole["lines"] if one[0] != "travel"]
    charge, pay = (
        sum(half_up(Fraction(one[place] * share, 100)) for one in lines)
        for place, share in zip((2, 3), shares, strict=True)
    )
    return {"charge": charge, "pay": pay}
