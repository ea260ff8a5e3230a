"""Freed slots: whoever was booked, may be paid for it and has time now is offered to others."""

from datetime import datetime, timedelta
from typing import Final

from interpreters.domain.bookings import BookingState

LATE: Final = timedelta(hours=24)
"""A booking that is called off by so much before its start, or later, leaves a freed slot."""


def is_freed(
    *, state: BookingState, starts_at: datetime, ends_at: datetime, costs: bool, now: datetime
) -> bool:
    """Say whether calling off a booking, until then in `state`, frees its interpreter's time.

    It does when it comes late, or costs the institution something; a yes that was only `held` for
    others was no engagement. What is over already is no use to anybody.
    """
    if state != "confirmed" or ends_at <= now:
        return False
    return costs or starts_at - now <= LATE
