"""Reminding whoever asked that what was recorded still waits for their word.

The clock is the approval's `due` row. A reminder is sent once for each end of the waiting, and has
a link of its own beside the first mail's.
"""

from datetime import datetime
from uuid import UUID

from interpreters.application.approvals import approve_silent
from interpreters.application.people_messages import Outgoing
from interpreters.application.told_afterwards import REMINDING, ask_for_word
from interpreters.database import Db
from interpreters.domain.approvals import by_day
from interpreters.sql import approvals, bookings, due, networks, requests


async def remind_or_approve(
    db: Db, out: Outgoing, *, network_id: UUID, booking_id: UUID, now: datetime
) -> None:
    """Remind when it is time for it, approve when silence has lasted long enough; may run twice.

    Whoever was not reminded in time, since no worker ran, is so by day, as long as it is of use.
    """
    await approve_silent(db, network_id=network_id, booking_id=booking_id, now=now)
    found = await approvals.find(db, network_id=network_id, booking_id=booking_id)
    if found is None or found.due_at is None or found.remind_at is None or found.remind_at > now:
        return
    booking = await bookings.find(db, network_id=network_id, booking_id=booking_id)
    assert booking is not None  # the foreign key holds it
    at = by_day(now, due_at=found.due_at, time_zone=booking.time_zone)
    if at > now:
        await approvals.set_reminder(db, network_id=network_id, booking_id=booking_id, at=at)
        await due.set_at(db, network_id=network_id, kind="approval", id=booking_id, at=at)
        return
    network = await networks.get(db, network_id=network_id)
    request = await requests.find(db, network_id=network_id, request_id=booking.request_id)
    assert request is not None  # the foreign key holds it
    await ask_for_word(db, out, network, request, booking, purpose=REMINDING, now=now)
    await approvals.set_reminder(db, network_id=network_id, booking_id=booking_id, at=None)
    await due.set_at(db, network_id=network_id, kind="approval", id=booking_id, at=found.due_at)
