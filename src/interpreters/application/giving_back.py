"""A seat that loses its interpreter, who gives it back or did not come: it is searched again."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application import relays
from interpreters.application.bookings import ShownBooking, hold, show_booking
from interpreters.application.cancelling import Why, end_booking
from interpreters.application.confirming import fill_state, reopen_seats
from interpreters.application.conflicts import note_conflict
from interpreters.application.dispatch import save_step, take_step
from interpreters.application.giving_up import is_too_late
from interpreters.application.notices import booking_notice, request_notice, state_notice
from interpreters.application.rest_of_session import for_the_rest
from interpreters.application.seating import hold_people
from interpreters.application.shown_requests import ASKERS
from interpreters.application.wanting import wanted_of
from interpreters.database import Db
from interpreters.domain.bookings import already, next_state, refuse_too_early
from interpreters.domain.callers import Caller, permit
from interpreters.domain.fallbacks import is_leg
from interpreters.domain.giving_back import CONFLICT, is_late, verb_for
from interpreters.sql import networks
from interpreters.sql.bookings import Booking
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request

DID_NOT_COME = Why(reason="did not come", reason_code="interpreter_no_show")


async def give_back(
    db: Db, caller: Caller, *, booking_id: UUID, why: Callable[[], Why], now: datetime
) -> ShownBooking:
    """Give a booking back: its seat is searched again at once, without the one who left.

    Somebody who cannot come must be able to say so, so after the network's deadline it is taken
    too, marked, and coordinators are told at once. For a conflict of interest or a wrong dialect
    there is no deadline, and a session that goes on may be left.

    Raises:
        NotFound: there is none such, or it is another interpreter's.
        WrongState: it has begun or is over.
    """
    permit(caller, "bookings:write", "interpreter", "coordinator")
    request, booking = await hold(db, caller, booking_id)
    given = why()
    if not already(state=booking.state, verb="give-back"):
        leg = is_leg(seat=booking.seat, interpreters_needed=request.interpreters_needed)
        code = None if leg and booking.state == "in_progress" else given.reason_code
        next_state(state=booking.state, verb=verb_for(state=booking.state, code=code))
        await _give_back(db, caller.network_id, request, booking, given, now)
    return await show_booking(db, caller, booking_id=booking_id)


async def interpreter_no_show(
    db: Db, caller: Caller, *, booking_id: UUID, now: datetime
) -> ShownBooking:
    """Say that the interpreter did not come; the seat is searched again while it still can be.

    Raises:
        NotFound, TooEarly, WrongState: see `domain/bookings.py`.
    """
    permit(caller, "bookings:write", *ASKERS)
    request, booking = await hold(db, caller, booking_id)
    if not already(state=booking.state, verb="interpreter-no-show"):
        next_state(state=booking.state, verb="interpreter-no-show")
        refuse_too_early(verb="interpreter-no-show", starts_at=booking.session.starts_at, now=now)
        network_id = caller.network_id
        await hold_people(db, network_id=network_id, request_id=request.id)
        gone = await end_booking(
            db, network_id=network_id, booking=booking, state="interpreter_no_show",
            why=DID_NOT_COME, now=now,
        )  # fmt: skip
        kinds = ("booking.no_show", "booking.missed")
        notices = [booking_notice(gone, kind) for kind in kinds]
        await _search_seat_again(db, network_id, request, gone, notices, now)
    return await show_booking(db, caller, booking_id=booking_id)


async def _give_back(
    db: Db, network_id: UUID, request: Request, booking: Booking, given: Why, now: datetime
) -> None:
    network = await networks.get(db, network_id=network_id)
    late = is_late(
        code=given.reason_code,
        hours=network.give_back_hours,
        starts_at=booking.session.starts_at,
        now=now,
        unasked_at=booking.created_at if booking.offer_id is None else None,
    )
    await hold_people(db, network_id=network_id, request_id=request.id)
    marked = msgspec.structs.replace(booking, given_back_late=late)
    gone = await end_booking(
        db, network_id=network_id, booking=marked, state="given_back", why=given, now=now
    )
    if given.reason_code == CONFLICT:
        await note_conflict(db, network_id=network_id, request=request, booking=gone, now=now)
    kinds = ["booking.given_back", *(["booking.given_back_late"] if late else [])]
    notices = [booking_notice(gone, kind) for kind in kinds]
    await _search_seat_again(db, network_id, request, gone, notices, now)


async def _search_seat_again(
    db: Db,
    network_id: UUID,
    request: Request,
    gone: Booking,
    notices: list[Notice],
    now: datetime,
) -> None:
    """A fresh ladder for the seat; whoever lost it before may be asked again.

    A relay stays the relay it is, as long as its other leg can be kept.
    """
    await reopen_seats(db, network_id=network_id, request=request, seats=[gone.seat])
    notices += await relays.reopen(db, network_id=network_id, request=request, gone=gone, now=now)
    if request.interpreters_needed > 1:
        # those that were given up too: else a yes to this seat would wait for ever for a team, and
        # where some are enough it would not be known any more that one is missing
        await reopen_seats(db, network_id=network_id, request=request)
    _, state = await fill_state(db, network_id=network_id, request=request)
    leg = is_leg(seat=gone.seat, interpreters_needed=request.interpreters_needed)
    fresh = msgspec.structs.replace(
        for_the_rest(request, gone=gone, now=now),
        state=state,
        ladder_started_at=now,
        wave=0,
        fallback=request.fallback if leg else None,
    )
    if (fresh.session, fresh.modes) != (request.session, request.modes):
        notices.append(request_notice(fresh, "request.changed"))
    wanted = await wanted_of(db, network_id=network_id, request=fresh)
    step = await take_step(db, wanted=wanted, now=now)
    if step.request.state == state:  # else nobody was there to ask, and only that is told
        notices = [*notices, state_notice(fresh, request.state)]
    if is_too_late(fresh, now):
        step.request = msgspec.structs.replace(
            step.request, unfilled_reason=gone.state.replace("_", "-")
        )
    step.notices = [*notices, *step.notices]
    await save_step(db, network_id=network_id, step=step, now=now)
