"""The days of the sample network: which of them are worked on, by the clocks in Latvia."""

from datetime import date, datetime, timedelta
from typing import Final

from interpreters.domain.windows import local_instant
from interpreters.sample.network import TIME_ZONE

FIRST_DAY: Final = date(2016, 5, 18)
LAST_DAY: Final = date(2017, 8, 17)
# Holidays of Latvia on working days (Likums "Par svētku dienām").
HOLIDAYS: Final = frozenset(
    date.fromisoformat(day)
    for day in (
        "2016-06-23", "2016-06-24", "2016-11-18", "2016-12-26", "2017-04-14", "2017-04-17",
        "2017-05-01", "2017-05-04", "2017-06-23",
    )
)  # fmt: skip
WEEKEND: Final = 5


def working_days(month: str) -> list[date]:
    """Return the month's days on which the centre is open, within the story."""
    first = date.fromisoformat(f"{month}-01")
    days = (first + timedelta(days=place) for place in range(31))
    return [
        day
        for day in days
        if day.month == first.month and FIRST_DAY <= day <= LAST_DAY and is_open(day)
    ]


def is_open(day: date) -> bool:
    """Say whether the centre works on that day; of holidays it knows those of the story."""
    return day.weekday() < WEEKEND and day not in HOLIDAYS


def at_clock(day: date, minute: int) -> datetime:
    """Return the instant at which clocks in Latvia show that minute of the day."""
    return local_instant(date=day, minute_of_day=minute, time_zone=TIME_ZONE)
