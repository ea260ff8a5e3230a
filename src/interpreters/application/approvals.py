"""Approvals: the requester's word on what was recorded of a booking; silence is a yes in the end.

A session that ended, or to which no client came, waits for it. A dispute takes its place, and the
dispute's answer ends both. The clock is one `due` row for each booking that waits, at the reminder
(`approval_reminders.py`), then at the end.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.notices import booking_notice
from interpreters.application.shown_bookings import ShownBooking, hold, shown_bookings
from interpreters.application.shown_requests import ASKERS
from interpreters.application.telling import tell
from interpreters.database import Db
from interpreters.domain.approvals import How, due_at, remind_at
from interpreters.domain.bookings import next_state
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import WrongState
from interpreters.sql import approvals, bookings, due, networks, requests
from interpreters.sql.approvals import Approval
from interpreters.sql.bookings import Booking


async def approve(db: Db, caller: Caller, *, booking_id: UUID, now: datetime) -> ShownBooking:
    """Say that what was recorded is right, on the requester's side; again changes nothing.

    Raises:
        Forbidden: interpreters do not approve.
        NotFound: there is none such in what the caller may see.
        WrongState: it is not over, or it is disputed.
    """
    permit(caller, "bookings:write", *ASKERS)
    _, booking = await hold(db, caller, booking_id)
    changed = await approve_held(
        db, network_id=caller.network_id, booking=booking, how="call", by=caller.user_id, now=now
    )
    return (await shown_bookings(db, caller.network_id, [changed]))[0]


async def approve_held(
    db: Db, *, network_id: UUID, booking: Booking, how: How, by: UUID | None, now: datetime
) -> Booking:
    """Approve a booking whose request is held; return it as it is then.

    Raises:
        WrongState: it is not over, or it is disputed.
    """
    next_state(state=booking.state, verb="approve")
    found = await approvals.find(db, network_id=network_id, booking_id=booking.id)
    if found is not None and found.state == "approved":
        return booking
    if found is not None and found.state == "disputed":
        raise WrongState("It is disputed: the answer to the dispute decides", state="disputed")
    return await decide(db, network_id=network_id, booking=booking, how=how, by=by, now=now)


async def decide(
    db: Db, *, network_id: UUID, booking: Booking, how: How, by: UUID | None, now: datetime
) -> Booking:
    """Write that the booking is approved, whatever was before; its request is held."""
    await _write(
        db, network_id,
        Approval(
            booking_id=booking.id, state="approved", decided_at=now, decided_by=by, how=how,
            created_at=now,
        ),
    )  # fmt: skip
    return await note(db, network_id=network_id, booking=booking, kind="booking.approved", now=now)


async def await_approval(db: Db, *, network_id: UUID, booking: Booking, now: datetime) -> None:
    """Have the requester asked, from now, about a booking that is over; its request is held.

    Also where it was approved before: the times are others now. A dispute stays.
    """
    found = await approvals.find(db, network_id=network_id, booking_id=booking.id)
    if found is not None and found.state == "disputed":
        return
    network = await networks.get(db, network_id=network_id)
    until = due_at(now=now, days=network.approval_days)
    if until is None:
        silent = Approval(
            booking_id=booking.id, state="approved", decided_at=now, how="silence", created_at=now
        )
        await _write(db, network_id, silent)
        return
    again = remind_at(now=now, due_at=until, time_zone=booking.time_zone)
    waiting = Approval(
        booking_id=booking.id, state="open", due_at=until, remind_at=again, created_at=now
    )
    await _write(db, network_id, waiting)


async def mark_disputed(db: Db, *, network_id: UUID, booking: Booking, now: datetime) -> None:
    """Have the booking wait for the answer to a dispute; its request is held."""
    disputed = Approval(booking_id=booking.id, state="disputed", created_at=now)
    await _write(db, network_id, disputed)


async def approve_silent(db: Db, *, network_id: UUID, booking_id: UUID, now: datetime) -> None:
    """Approve a booking about which nobody said anything in time; may run twice.

    The request is held before the clock's row, as by whoever approves or disputes just then.
    """
    booking = await bookings.find(db, network_id=network_id, booking_id=booking_id)
    if booking is not None:
        await requests.lock(db, network_id=network_id, request_id=booking.request_id)
        booking = await bookings.find(db, network_id=network_id, booking_id=booking_id)
    found = await approvals.find(db, network_id=network_id, booking_id=booking_id)
    if booking is None or found is None or found.state != "open" or found.due_at is None:
        await due.clear(db, network_id=network_id, kind="approval", id=booking_id)
    elif found.due_at > now:
        at = found.remind_at or found.due_at
        await due.set_at(db, network_id=network_id, kind="approval", id=booking_id, at=at)
    else:
        await decide(db, network_id=network_id, booking=booking, how="silence", by=None, now=now)


async def note(db: Db, *, network_id: UUID, booking: Booking, kind: str, now: datetime) -> Booking:
    """Write the booking's next version, which shows something else, and have it told."""
    changed = msgspec.structs.replace(booking, updated_at=now, version=booking.version + 1)
    written = await bookings.update(db, network_id=network_id, booking=changed)
    assert written  # the request is held, and every change holds it
    await tell(db, network_id=network_id, notices=[booking_notice(changed, kind)], now=now)
    return changed


async def _write(db: Db, network_id: UUID, wanted: Approval) -> None:
    """Write the booking's approval, and set or clear its clock."""
    found = await approvals.find(db, network_id=network_id, booking_id=wanted.booking_id)
    if found is None:
        await approvals.insert(db, network_id=network_id, approval=wanted)
    else:
        changed = msgspec.structs.replace(
            wanted, created_at=found.created_at, version=found.version + 1
        )
        await approvals.update(db, network_id=network_id, approval=changed)
    if wanted.due_at is None:
        await due.clear(db, network_id=network_id, kind="approval", id=wanted.booking_id)
    else:
        at = wanted.remind_at or wanted.due_at
        await due.set_at(db, network_id=network_id, kind="approval", id=wanted.booking_id, at=at)
