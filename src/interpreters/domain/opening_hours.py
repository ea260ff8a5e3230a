"""When a place is open, by its own clock, and the working time of its country.

On a public holiday a place has the hours of a Sunday: one that opens Monday to Friday is closed,
one that never closes does not close. A place without hours is always open.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from interpreters.domain.availability import DAYS, WeeklyRow, hours
from interpreters.domain.public_holidays import is_public_holiday
from interpreters.domain.windows import DAY, Window, at_place, joined, local_instant

FRIDAY: Final = 4
LOOKED_AHEAD: Final = timedelta(days=31)


def open_times(
    *, rows: Sequence[WeeklyRow], window: Window, time_zone: str, country: str | None
) -> list[Window]:
    """Return the parts of the window in which the place is open, in order.

    Raises:
        UnknownTimeZone: the zone does not exist.
    """
    if not rows:
        return [window]
    return joined(
        [
            part
            for day, piece in days_of(window, time_zone)
            if (there := _rows_of(rows, day, country))
            for part in hours(rows=there, window=piece, time_zone=time_zone)
        ]
    )


def is_open(
    *, rows: Sequence[WeeklyRow], window: Window, time_zone: str, country: str | None
) -> bool:
    """Say whether the place is open for the whole window."""
    return open_times(rows=rows, window=window, time_zone=time_zone, country=country) == [window]


def next_open(
    *,
    rows: Sequence[WeeklyRow],
    at: datetime,
    minutes: int,
    time_zone: str,
    country: str | None,
) -> datetime | None:
    """Return the first instant from `at` on from which the place is open for so many minutes.

    None when there is none within a month.
    """
    ahead = Window(starts_at=at, ends_at=at + LOOKED_AHEAD)
    found = open_times(rows=rows, window=ahead, time_zone=time_zone, country=country)
    return next((one.starts_at for one in found if one.minutes >= minutes), None)


def working_time(*, window: Window, time_zone: str, country: str | None) -> timedelta:
    """Return how much of the window is working time of the place.

    That is all 24 hours (on the nights when the clock changes 23 or 25) of Monday to Friday,
    except on public holidays.
    """
    spans = (
        piece.ends_at - piece.starts_at
        for day, piece in days_of(window, time_zone)
        if day.weekday() <= FRIDAY and not is_public_holiday(day=day, country=country)
    )
    return sum(spans, timedelta(0))


def _rows_of(rows: Sequence[WeeklyRow], day: date, country: str | None) -> Sequence[WeeklyRow]:
    """The hours of the day, under the name of its weekday."""
    weekday = DAYS[day.weekday()]
    like = "sun" if is_public_holiday(day=day, country=country) else weekday
    return [msgspec.structs.replace(row, day=weekday) for row in rows if row.day == like]


def days_of(window: Window, time_zone: str) -> Iterator[tuple[date, Window]]:
    """Cut the window at the midnights of the place."""
    starts_at = window.starts_at
    while starts_at < window.ends_at:
        day = at_place(instant=starts_at, time_zone=time_zone).date()
        midnight = local_instant(date=day + DAY, minute_of_day=0, time_zone=time_zone)
        ends_at = min(midnight, window.ends_at)
        yield day, Window(starts_at=starts_at, ends_at=ends_at)
        starts_at = ends_at
