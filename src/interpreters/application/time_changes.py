"""Recorded times that are changed: by whom, why, and what that comes to.

Both clocks are kept: when it was said by the clock of who said it, and when it was recorded by
ours. Nothing is entered twice: the difference alone goes into the ledger.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.application.adjustments import reprice
from interpreters.application.approvals import await_approval, note
from interpreters.application.bookings import READERS
from interpreters.application.breaks import refuse_long_breaks
from interpreters.application.shown_bookings import ShownBooking, find_own, hold, shown_bookings
from interpreters.application.telling import tell
from interpreters.database import Db
from interpreters.domain.approvals import AlreadyApproved, may_change_times
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Invalid, WrongState
from interpreters.domain.ids import new_id
from interpreters.sql import approvals, time_changes
from interpreters.sql.bookings import Booking
from interpreters.sql.time_changes import Field, TimeChange

__all__ = ["TimeChange", "Times", "change_times", "correct_times", "list_time_changes"]
LONGEST: Final = timedelta(days=7)
EARLIEST: Final = timedelta(days=1)  # before the booked start
FIELDS: Final[Sequence[Field]] = ("started_at", "ended_at", "break_minutes")


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """What the times should have been; None leaves one as it is."""

    started_at: datetime | None = None
    ended_at: datetime | None = None
    break_minutes: int | None = None
    reason: str
    said_at: datetime | None = None


async def correct_times(
    db: Db, caller: Caller, *, booking_id: UUID, order: Callable[[], Times], now: datetime
) -> ShownBooking:
    """Change when a session began or ended, or how long its breaks were, after it did.

    The same times again change nothing.

    The requester is asked again, and the difference is entered in the ledger.

    Raises:
        Forbidden: only the interpreter and coordinators may.
        NotFound: there is none such in what the caller may see.
        WrongState: there was no session, or it is not over.
        AlreadyApproved: to the interpreter, once it was approved or is disputed.
        Invalid: it would end before it began, in the future, or last more than a week; or its
            breaks would fill it.
    """
    permit(caller, "bookings:write", "interpreter", "coordinator")
    _, booking = await hold(db, caller, booking_id)
    times = order()
    _refuse_wrong_state(booking)
    found = await approvals.find(db, network_id=caller.network_id, booking_id=booking_id)
    if not may_change_times(role=caller.role, state=None if found is None else found.state):
        raise AlreadyApproved
    changed = await change_times(
        db, network_id=caller.network_id, booking=booking, times=times, by=caller.role, now=now
    )
    if changed.version != booking.version:
        await await_approval(db, network_id=caller.network_id, booking=changed, now=now)
    return (await shown_bookings(db, caller.network_id, [changed]))[0]


async def change_times(
    db: Db,
    *,
    network_id: UUID,
    booking: Booking,
    times: Times,
    by: str,
    now: datetime,
    pointer: str = "",
) -> Booking:
    """Write other times of a booking whose request is held; return it as it is then.

    Raises:
        WrongState: there was no session, or it is not over.
        Invalid: see `correct_times`; `pointer` is where the times stand in the body.
    """
    _refuse_wrong_state(booking)
    becomes = msgspec.structs.replace(
        booking,
        started_at=times.started_at or booking.started_at,
        ended_at=times.ended_at or booking.ended_at,
        break_minutes=(
            booking.break_minutes if times.break_minutes is None else times.break_minutes
        ),
    )
    _refuse_impossible(becomes, times, now, pointer)
    refuse_long_breaks(becomes, pointer=pointer)
    changes = _changes(booking, becomes, times, by, now)
    if not changes:
        return booking
    await time_changes.insert(db, network_id=network_id, changes=changes)
    changed = await note(
        db, network_id=network_id, booking=becomes, kind="booking.times_changed", now=now
    )
    entered = await reprice(db, network_id=network_id, booking=changed, now=now)
    if entered is not None:
        await tell(db, network_id=network_id, notices=[entered], now=now)
    return changed


async def list_time_changes(db: Db, caller: Caller, *, booking_id: UUID) -> list[TimeChange]:
    """Return what was changed of a booking's times, in order; both sides may see it.

    Raises:
        NotFound: there is none such in what the caller may see.
    """
    permit(caller, "bookings:read", *READERS)
    await find_own(db, caller, booking_id)
    return await time_changes.of_booking(db, network_id=caller.network_id, booking_id=booking_id)


def _refuse_wrong_state(booking: Booking) -> None:
    if booking.state != "completed":
        raise WrongState("Only a session that has ended has times to correct", state=booking.state)


def _refuse_impossible(becomes: Booking, times: Times, now: datetime, pointer: str) -> None:
    began, ended = becomes.started_at, becomes.ended_at
    assert began is not None and ended is not None  # noqa: PT018 - a session was held
    booked = becomes.session.starts_at
    ends = "ended_at" if times.ended_at is not None else "started_at"
    wrong = []
    if not booked - EARLIEST <= began <= booked + LONGEST:
        wrong.append(("started_at", "From a day before the booked start to a week after it"))
    if ended > now:
        wrong.append((ends, "Not in the future"))
    if not began <= ended <= began + LONGEST:
        wrong.append((ends, "After the start of the session, and at most a week"))
    if wrong:
        raise Invalid(
            [
                FieldError(pointer=f"{pointer}/{name}", code="out-of-range", detail=detail)
                for name, detail in wrong
            ]
        )


def _changes(
    booking: Booking, becomes: Booking, times: Times, by: str, now: datetime
) -> list[TimeChange]:
    return [
        TimeChange(
            id=new_id(now),
            booking_id=booking.id,
            field=field,
            **_values(field, getattr(booking, field), getattr(becomes, field)),
            changed_by=by,
            reason=times.reason,
            said_at=times.said_at,
            recorded_at=now,
        )
        for field in FIELDS
        if getattr(booking, field) != getattr(becomes, field)
    ]


def _values(field: Field, was: Any, becomes: Any) -> dict[str, Any]:
    """Breaks are minutes, the others instants."""
    if field == "break_minutes":
        return {"was_minutes": was, "becomes_minutes": becomes}
    return {"was": was, "becomes": becomes}
