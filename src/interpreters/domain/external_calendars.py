"""Reading somebody's other calendar: how far ahead, how often, and when they are told it fails."""

from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from interpreters.domain.calendars import calendar_address
from interpreters.domain.windows import Window

EVERY: Final = timedelta(minutes=15)
JITTER: Final = timedelta(minutes=2)  # at most so much sooner or later
RAREST: Final = timedelta(days=1)  # of one that cannot be read
AHEAD: Final = timedelta(days=120)
TOLD_AFTER: Final = timedelta(days=3)
MOST: Final = 2000  # busy times; a file with more of them is no person's calendar


def host_of(url: str) -> str:
    """Return all that is shown of the address."""
    return urlsplit(calendar_address(url)).hostname or ""


def window_of(now: datetime) -> Window:
    """Return the time that is read: whole days of UTC, so that each day's readings are alike."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Window(starts_at=today, ends_at=today + AHEAD + timedelta(days=1))


def knows_window(read_at: datetime | None, now: datetime) -> bool:
    """Tell whether a file that has not changed says nothing new: it was read for this window."""
    return read_at is not None and window_of(read_at) == window_of(now)


def next_look(
    now: datetime,
    *,
    jitter: float,
    failing_since: datetime | None = None,
    retry_after: int | None = None,
) -> datetime:
    """Return when to read again; `jitter` is from 0 to 1, `retry_after` the other side's seconds.

    One that fails is left alone for as long as it has failed, at most a day.
    """
    pause = EVERY
    if failing_since is not None:
        pause = min(max(EVERY, now - failing_since), RAREST)
    pause += JITTER * (2 * jitter - 1)
    return now + max(pause, timedelta(seconds=retry_after or 0))
