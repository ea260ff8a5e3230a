"""Prices computed again, minute by minute and in fractions, by other code than the one under test.

It knows nothing of the package: a session, a tariff as the JSON that was sent, and a calendar.
"""

import math
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays


def half_up(amount: Fraction) -> int:
    """Round to the nearest whole, a half upwards."""
    return math.floor(amount + Fraction(1, 2))


def slow_price(
    tariff: dict[str, Any],
    *,
    mode: str,
    qualification: str,
    starts_at: datetime,
    booked: int,
    actual: int,
    breaks: int = 0,
    time_zone: str,
    country: str | None,
    urgent: bool,
    km: int | None,
) -> dict[str, Any]:
    """Return the billed minutes and the sums of charge and pay, and of what lines they are made."""
    billed = slow_billed(tariff, mode, max(booked, actual), breaks)
    rate = slow_rate(tariff["rates"], mode, qualification, billed)
    if rate is None:
        return {"billable": max(booked, actual), "charge": 0, "pay": 0, "lines": []}
    minutes: list[int] = [0 for _ in tariff.get("supplements", [])]
    for number in range(billed):
        wall = (starts_at.astimezone(UTC) + timedelta(minutes=number)).astimezone(
            ZoneInfo(time_zone)
        )
        found = slow_supplement(tariff.get("supplements", []), wall, country, urgent)
        if found is not None:
            minutes[found] += 1
    lines = [("base", billed, *_at(rate, Fraction(billed, 60)))]
    for one, count in zip(tariff.get("supplements", []), minutes, strict=True):
        if count:
            share = Fraction(count, 60) * Fraction(one["percent"], 100)
            lines.append((one["when"], count, *_at(rate, share)))
    way = tariff.get("travel")
    if way is not None and km and mode == "in_person":
        lines.append(("travel", km, km * way["charge_per_km_minor"], km * way["pay_per_km_minor"]))
    return {
        "billable": billed,
        "charge": sum(line[2] for line in lines),
        "pay": sum(line[3] for line in lines),
        "lines": lines,
    }


def slow_billed(tariff: dict[str, Any], mode: str, minutes: int, breaks: int) -> int:
    """Take breaks off where they are not paid, then count up: to the minimum, to a whole step."""
    billed = minutes - (breaks if tariff.get("breaks_paid") is False else 0)
    step = tariff.get("increment_minutes", {}).get(mode, 1)
    while billed < tariff.get("minimum_minutes", {}).get(mode, 0) or billed % step:
        billed += 1
    return billed


def slow_rate(
    rates: list[dict[str, Any]], mode: str, qualification: str, minutes: int
) -> dict[str, Any] | None:
    """Return the rate, looked for from the most particular to the most general."""
    for wanted in (qualification, None):
        for least in range(minutes, -1, -1):
            for one in rates:
                if (one["mode"], one.get("qualification"), one.get("from_minutes", 0)) == (
                    mode, wanted, least,
                ):  # fmt: skip
                    return one
    return None


def slow_supplement(
    supplements: list[dict[str, Any]], wall: datetime, country: str | None, urgent: bool
) -> int | None:
    """Return which supplement this one minute has: the highest, the first of equals."""
    best: int | None = None
    for number, one in enumerate(supplements):
        if one["when"] == "urgent":
            applies = urgent
        elif one["when"] == "weekend":
            applies = wall.strftime("%a") in {"Sat", "Sun"}
        elif one["when"] == "public_holiday":
            applies = is_holiday(wall, country)
        else:
            applies = is_evening(wall.strftime("%H:%M"), one["from"], one["to"])
        if applies and (best is None or one["percent"] > supplements[best]["percent"]):
            best = number
    return best


def is_evening(clock: str, from_: str, to: str) -> bool:
    """Compare clocks as texts: they are all of five characters."""
    if from_ < to:
        return from_ <= clock < to
    return clock >= from_ or clock < to


def is_holiday(wall: datetime, country: str | None) -> bool:
    """Ask the calendar of the country, one day."""
    return country is not None and wall.date() in calendar(country)


@cache
def calendar(country: str) -> frozenset[date]:
    """Return the days off of a country in the years that are played with."""
    return frozenset(holidays.country_holidays(country, years=range(2025, 2029)))


def _at(rate: dict[str, Any], hours: Fraction) -> tuple[int, int]:
    return (
        half_up(hours * rate["charge_per_hour_minor"]),
        half_up(hours * rate["pay_per_hour_minor"]),
    )
