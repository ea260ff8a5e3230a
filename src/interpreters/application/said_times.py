"""When something was said, by the clock of whoever said it: kept beside ours, changing nothing.

A phone without a network keeps what was pressed and sends it later. What counts is recorded by our
clock, or said as the session's own time; what the phone showed then stands in the time changes,
for whoever looks into a difference.
"""

from datetime import datetime

from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.ids import new_id
from interpreters.sql import time_changes
from interpreters.sql.bookings import Booking
from interpreters.sql.time_changes import Field, TimeChange


def unsaid() -> None:
    """Nobody says when it was said."""
    return


async def keep_said(
    db: Db, caller: Caller, *, booking: Booking, field: Field, said_at: datetime | None,
    now: datetime,
) -> None:  # fmt: skip
    """Keep by which clock a time of the booking, as it is now, was said; None keeps nothing."""
    becomes = getattr(booking, field)
    if said_at is None or becomes is None:
        return
    said = TimeChange(
        id=new_id(now),
        booking_id=booking.id,
        field=field,
        was=None,
        becomes=becomes,
        changed_by=caller.role,
        reason=None,
        said_at=said_at,
        recorded_at=now,
    )
    await time_changes.insert(db, network_id=caller.network_id, changes=[said])
