"""What is noted of a booking before and while it is carried out: late, no conflict, longer."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.bookings import next_version, save
from interpreters.application.notices import booking_notice
from interpreters.application.parties import keep_room
from interpreters.application.said_times import Said, keep_said, unsaid
from interpreters.application.seating import reseat
from interpreters.application.shown_bookings import (
    ShownBooking,
    hold,
    next_commitments,
    shown_bookings,
)
from interpreters.application.telling import tell
from interpreters.database import Db
from interpreters.domain.bookings import next_state
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.offers import InterpreterIsBusy
from interpreters.domain.windows import Window
from interpreters.sql import bookings
from interpreters.sql.bookings import Booking

LONGEST: Final = timedelta(days=7)
ALONE: Final = timedelta(hours=2)  # longer than was asked: more costs money nobody agreed to


async def running_late(
    db: Db,
    caller: Caller,
    *,
    booking_id: UUID,
    minutes: Callable[[], int],
    said_at: Said = unsaid,
    now: datetime,
) -> ShownBooking:
    """Note that the interpreter comes so many minutes late; `said_at` by the phone's clock.

    Raises:
        NotFound, WrongState: see `domain/bookings.py`.
    """
    permit(caller, "bookings:write", "interpreter", "coordinator")
    _, booking = await hold(db, caller, booking_id)
    late, said = minutes(), said_at()
    next_state(state=booking.state, verb="running-late")
    changed = next_version(booking, now, late_minutes=late)
    await keep_said(
        db, caller, booking=changed, field="late_told_at", at=now, said_at=said, now=now
    )
    return await save(db, caller, changed, "booking.running_late", now)


async def no_conflict(db: Db, caller: Caller, *, booking_id: UUID, now: datetime) -> ShownBooking:
    """Note that the interpreter sees no conflict of interest; said again, it changes nothing.

    Raises:
        NotFound, WrongState: see `domain/bookings.py`.
    """
    permit(caller, "bookings:write", "interpreter")
    _, booking = await hold(db, caller, booking_id)
    if booking.no_conflict_at is not None:
        return (await shown_bookings(db, caller.network_id, [booking]))[0]
    next_state(state=booking.state, verb="no-conflict")
    changed = next_version(booking, now, no_conflict_at=now)
    return await save(db, caller, changed, "booking.no_conflict", now)


async def extend(
    db: Db, caller: Caller, *, booking_id: UUID, minutes: Callable[[], int], now: datetime
) -> ShownBooking:
    """Make the session so many minutes longer, if the interpreter's next commitment allows it.

    Raises:
        NotFound, WrongState: see `domain/bookings.py`.
        Invalid: it would be longer than a week; or, by the interpreter's word alone, more than two
            hours longer than was asked. What is booked is owed, also when it is called off.
        InterpreterIsBusy: the interpreter must be elsewhere; `next_commitment_at` says when, and
            `extensible_minutes` how long is possible.
        RoomIsTaken: people who must not be met have the room afterwards.
    """
    permit(caller, "bookings:write", "coordinator", "consultant", "institution", "interpreter")
    request, booking = await hold(db, caller, booking_id)
    more = timedelta(minutes=minutes())
    next_state(state=booking.state, verb="extend")
    session = Window(starts_at=booking.session.starts_at, ends_at=booking.session.ends_at + more)
    if session.ends_at - session.starts_at > LONGEST:
        detail = "A session lasts a week at the most"
        raise Invalid([FieldError(pointer="/minutes", code="out-of-range", detail=detail)])
    if caller.role == "interpreter" and session.ends_at > request.session.ends_at + ALONE:
        detail = "By 2 hours at the most; who asked for you may make it longer than that"
        raise Invalid([FieldError(pointer="/minutes", code="out-of-range", detail=detail)])
    longer = msgspec.structs.replace(
        booking, session=session, updated_at=now, version=booking.version + 1
    )
    following = await next_commitments(db, network_id=caller.network_id, booking_ids=[booking.id])
    shown = await _with_next(db, caller, booking, following)
    try:
        seated = await reseat(db, network_id=caller.network_id, booking=longer)
    except InterpreterIsBusy as busy:
        raise InterpreterIsBusy(
            next_commitment_at=shown.next_at, extensible_minutes=shown.extensible_minutes
        ) from busy
    await bookings.set_session(db, network_id=caller.network_id, booking=seated)
    await keep_room(db, network_id=caller.network_id, request=request, until=seated.session.ends_at)
    notices = [booking_notice(seated, "booking.extended")]
    await tell(db, network_id=caller.network_id, notices=notices, now=now)
    return await _with_next(db, caller, seated, following)


async def _with_next(
    db: Db, caller: Caller, booking: Booking, following: Mapping[UUID, datetime]
) -> ShownBooking:
    """Both sides see how long is possible, also before the session begins."""
    shown = (await shown_bookings(db, caller.network_id, [booking]))[0]
    return msgspec.structs.replace(shown, next_at=following.get(booking.id))
