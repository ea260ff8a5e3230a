"""Bookings to be called off, written by the clock of their place."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from interpreters.domain.cancellations import Called
from interpreters.domain.windows import Window

SECOND = timedelta(seconds=1)
RIGA = ("Europe/Riga", "LV")


def booking(
    starts: str,
    *,
    where: tuple[str, str] = RIGA,
    mode: str = "in_person",
    minutes: int = 60,
    km: int | None = None,
) -> Called:
    """A booking that starts at a time by the clock of the place."""
    start = at(starts, where)
    booked = Window(starts_at=start, ends_at=start + timedelta(minutes=minutes))
    return Called(mode=mode, booked=booked, km=km, time_zone=where[0], country=where[1])


def at(text: str, where: tuple[str, str] = RIGA) -> datetime:
    return (
        datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(where[0])).astimezone(ZoneInfo("UTC"))
    )
