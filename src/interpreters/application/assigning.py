"""A coordinator puts somebody on a seat by hand: every wish may be overruled, time may not."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application import relays
from interpreters.application.bookings import ShownBooking, show_booking
from interpreters.application.by_hand import note_by_hand
from interpreters.application.confirming import confirm_team, fill_state
from interpreters.application.conflicts import refuse_conflicted
from interpreters.application.dispatch import Step, go_on, save_step, set_offers_due
from interpreters.application.notices import booking_notice, offer_notice, state_notice
from interpreters.application.seat_bookings import booking_of
from interpreters.application.seating import hold_people, seat_interpreter
from interpreters.application.wanting import wanted_of
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Invalid, NotFound, Stale, WrongState
from interpreters.domain.requests import refuse_wrong_state
from interpreters.sql import (
    bookings,
    interpreter_languages,
    interpreters,
    offers,
    request_seats,
    requests,
    sites,
)
from interpreters.sql.bookings import Booking
from interpreters.sql.interpreters import Interpreter
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request


class Assigned(msgspec.Struct, frozen=True, kw_only=True):
    """The booking, and whether it was made now or stood already."""

    shown: ShownBooking
    made: bool


async def assign_interpreter(
    db: Db,
    caller: Caller,
    *,
    request_id: UUID,
    interpreter_id: Callable[[], UUID],
    if_match: int | None = None,
    now: datetime,
) -> Assigned:
    """Book the interpreter without asking; saying it again returns the booking.

    Raises:
        Forbidden: only coordinators may.
        NotFound: there is no such request.
        Invalid: there is no such interpreter.
        Stale: the request was changed since the version in If-Match.
        WrongState: no seat is free.
        ConflictOfInterest: they said that they may not interpret for these people.
        InterpreterIsBusy: session or travel overlap with another live booking.
    """
    permit(caller, "requests:write", "coordinator")
    network_id = caller.network_id
    if await requests.find(db, network_id=network_id, request_id=request_id) is None:
        raise NotFound
    chosen = await _interpreter(db, network_id, interpreter_id())
    request = await requests.lock(db, network_id=network_id, request_id=request_id)
    assert request is not None  # it was just read, and requests are not deleted
    standing = await _standing(db, network_id, request, chosen.id)
    if standing is not None:
        shown = await show_booking(db, caller, booking_id=standing.id)
        return Assigned(shown=shown, made=False)
    if if_match not in (None, request.version):
        raise Stale
    refuse_wrong_state(state=request.state, verb="assign")
    await refuse_conflicted(db, network_id=network_id, request=request, interpreter_id=chosen.id)
    booking = await _seated(db, network_id, request, chosen, now)
    await _save(db, network_id, request, booking, now)
    await note_by_hand(db, caller, request_id=request.id, action="assigned", now=now)
    return Assigned(shown=await show_booking(db, caller, booking_id=booking.id), made=True)


async def _seated(
    db: Db, network_id: UUID, request: Request, chosen: Interpreter, now: datetime
) -> Booking:
    seat = await _free_seat(db, network_id, request)
    await hold_people(db, network_id=network_id, request_id=request.id, also=[chosen.id])
    site = None
    if request.site_id is not None:
        site = await sites.find(db, network_id=network_id, site_id=request.site_id)
    spoken = await interpreter_languages.of_interpreters(
        db, network_id=network_id, interpreter_ids=[chosen.id]
    )
    codes = {one.language for one in spoken.get(chosen.id, ())}
    language = next((one for one in request.languages if one in codes), request.languages[0])
    mode = next((one for one in request.modes if one in chosen.modes), request.modes[0])
    return await seat_interpreter(
        db,
        network_id=network_id,
        booking=booking_of(
            request=request,
            site=site,
            seat=seat,
            offer_id=None,
            interpreter_id=chosen.id,
            mode=mode,
            from_language=language,
            state="confirmed",
            now=now,
        ),
    )


async def _save(
    db: Db, network_id: UUID, request: Request, booking: Booking, now: datetime
) -> None:
    """Take back their own offer; tell the others who were asked, once no seat is open."""
    notices = [booking_notice(booking, "booking.confirmed")]
    _, team = await confirm_team(db, network_id=network_id, request=request, now=now)
    notices += [booking_notice(one, "booking.confirmed") for one in team]
    notices += await _withdraw_own(db, network_id, booking, now)
    notices += await relays.end(
        db, network_id=network_id, request=request, now=now, offers_are="taken"
    )
    open_left, state = await fill_state(db, network_id=network_id, request=request)
    changed = msgspec.structs.replace(request, state=state)
    if open_left or state == "filled":  # else why the others stay empty is still so
        changed = msgspec.structs.replace(changed, unfilled_reason=None, excluded=None)
    notices.append(state_notice(changed, request.state))
    if open_left:
        wanted = await wanted_of(db, network_id=network_id, request=changed)
        step = await go_on(db, wanted=wanted, notices=notices, now=now)
    else:
        lost = await offers.close(db, network_id=network_id, request_id=request.id, state="taken")
        notices += [offer_notice(one, "offer.taken") for one in lost]
        await set_offers_due(db, network_id=network_id, request_id=request.id, at=None)
        step = Step(request=msgspec.structs.replace(changed, next_step_at=None), notices=notices)
    await save_step(db, network_id=network_id, step=step, now=now)


async def _withdraw_own(db: Db, network_id: UUID, booking: Booking, now: datetime) -> list[Notice]:
    """Whoever is booked by hand is not told that somebody else took it."""
    made = await offers.of_request(db, network_id=network_id, request_id=booking.request_id)
    own = [
        one for one in made if one.state == "open" and one.interpreter_id == booking.interpreter_id
    ]
    for one in own:
        await offers.answer(
            db, network_id=network_id, offer_id=one.id, state="withdrawn", seat=one.seat, now=now
        )
    return [offer_notice(one, "offer.withdrawn") for one in own]


async def _free_seat(db: Db, network_id: UUID, request: Request) -> int:
    for seat in range(1, request.interpreters_needed + 1):
        if await request_seats.set_state(
            db, network_id=network_id, request_id=request.id, seat=seat, state="filled",
            was=["open", "unfilled"],
        ):  # fmt: skip
            return seat
    raise WrongState("No seat of this request is free")


async def _standing(
    db: Db, network_id: UUID, request: Request, interpreter_id: UUID
) -> Booking | None:
    made = await bookings.of_requests(db, network_id=network_id, request_ids=[request.id])
    return next(
        (
            one
            for one in made
            if one.interpreter_id == interpreter_id
            and one.state in ("held", "confirmed", "in_progress", "completed")
        ),
        None,
    )


async def _interpreter(db: Db, network_id: UUID, interpreter_id: UUID) -> Interpreter:
    found = await interpreters.find(db, network_id=network_id, interpreter_id=interpreter_id)
    if found is None:
        detail = "The network has no such interpreter"
        raise Invalid(
            [FieldError(pointer="/interpreter_id", code="unknown-interpreter", detail=detail)]
        )
    return found
