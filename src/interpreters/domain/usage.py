"""Minutes owed for a session: what it lasted, and what is billed."""

from datetime import datetime, timedelta
from typing import Final

MINUTE: Final = timedelta(minutes=1)


def actual_minutes(*, booked_starts_at: datetime, started_at: datetime, ended_at: datetime) -> int:
    """Return how long the session lasted, at least 0, an unfinished minute counted whole.

    Starting early does not count: it lasted from the booked start, or from a later real one.
    The instants are aware and in UTC.
    """
    begin = max(started_at, booked_starts_at)
    return max(0, -((begin - ended_at) // MINUTE))


def billable_minutes(*, booked: int, actual: int) -> int:
    """Return the minutes billed when no tariff applies: the larger of booked and actual."""
    return max(booked, actual)
