"""When something was said, by the clock of whoever said it: kept beside ours, changing nothing.

A phone without a network keeps what was pressed (there, start, end, late) and sends it later. What
counts is recorded by our clock, or said as the session's own time; what the phone showed then
stands in the time changes, for whoever looks into a difference.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.ids import new_id
from interpreters.sql import time_changes
from interpreters.sql.bookings import Booking
from interpreters.sql.time_changes import Field, TimeChange

Said: TypeAlias = Callable[[], datetime | None]  # by the clock of who says it; None is not said


def unsaid() -> None:
    """Nobody says when it was said."""
    return


async def keep_said(
    db: Db, caller: Caller, *, booking: Booking, field: Field, at: datetime,
    said_at: datetime | None, now: datetime,
) -> None:  # fmt: skip
    """Keep when a time of the booking, recorded as `at`, was said; None keeps nothing."""
    if said_at is None:
        return
    said = TimeChange(
        id=new_id(now),
        booking_id=booking.id,
        field=field,
        was=None,
        becomes=at,
        changed_by=caller.role,
        reason=None,
        said_at=said_at,
        recorded_at=now,
    )
    await time_changes.insert(db, network_id=caller.network_id, changes=[said])
