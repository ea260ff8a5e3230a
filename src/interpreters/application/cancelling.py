"""Calling off: a request, a booking. The ledger learns what is owed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.application.bookings import ShownBooking, hold, show_booking
from interpreters.application.by_hand import note_by_hand
from interpreters.application.confirming import fill_state
from interpreters.application.dispatch import Step, save_step, set_offers_due
from interpreters.application.freed_slots import free_slot
from interpreters.application.notices import (
    booking_notice,
    offer_notice,
    request_notice,
    state_notice,
)
from interpreters.application.owing import owing_of
from interpreters.application.replacement_fees import bring_back, fee_entered, replacement_until
from interpreters.application.seating import hold_people, unseat
from interpreters.application.shown_requests import ASKERS, ShownRequest, own_request, shown
from interpreters.application.usage import record_late_cancellation
from interpreters.database import Db
from interpreters.domain.bookings import LIVE, already, next_state
from interpreters.domain.callers import Caller, permit
from interpreters.domain.cancellations import OUR_FAULT
from interpreters.domain.errors import Stale, WrongState
from interpreters.domain.fallbacks import is_leg
from interpreters.domain.requests import refuse_wrong_state
from interpreters.sql import bookings, networks, offers, request_seats, requests
from interpreters.sql.bookings import Booking
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request

# Bookings that stand, or stood: a request that has one is not called off with the others.
STANDING: Final = LIVE | {"completed", "client_no_show"}


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Why something is called off."""

    reason: str
    reason_code: str | None = None


class Cancelled(msgspec.Struct, frozen=True, kw_only=True):
    """A cancelled booking and what it costs, by which rule; nothing when it was in time.

    Until `replacement_until` another session of the institution may take its place instead.
    """

    shown: ShownBooking
    charge_minor: int
    rule: dict[str, Any] | None
    currency: str
    replacement_until: datetime | None


async def cancel_request(
    db: Db,
    caller: Caller,
    *,
    request_id: UUID,
    if_match: int | None = None,
    why: Callable[[], Why],
    now: datetime,
) -> ShownRequest:
    """Call a request off: its offers are withdrawn, its bookings cancelled.

    Raises:
        NotFound: there is none such in what the caller may see.
        Stale: it was changed since the version in If-Match.
        WrongState: it is over, or a session of it is going on.
    """
    permit(caller, "requests:write", *ASKERS)
    await own_request(db, caller, request_id=request_id)
    given = why()
    network_id = caller.network_id
    request = await requests.lock(db, network_id=network_id, request_id=request_id)
    assert request is not None  # it was just read, and requests are not deleted
    if request.cancelled_at is not None:
        return (await shown(db, network_id, [request]))[0]
    if if_match not in (None, request.version):
        raise Stale
    saved = await cancel_held(db, caller, request=request, given=given, now=now)
    return (await shown(db, network_id, [saved]))[0]


async def cancel_held(
    db: Db, caller: Caller, *, request: Request, given: Why, now: datetime
) -> Request:
    """Call off a request that is held.

    Raises:
        WrongState: it is over, or a session of it is going on.
    """
    refuse_wrong_state(state=request.state, verb="cancel")
    network_id = caller.network_id
    await hold_people(db, network_id=network_id, request_id=request.id)
    made = await bookings.of_requests(db, network_id=network_id, request_ids=[request.id])
    if any(one.state == "in_progress" for one in made):
        raise WrongState("Its session is going on: end it first", state=request.state)
    notices: list[Notice] = []
    for booking in made:
        if booking.state in LIVE:
            _, told = await _call_off(db, caller, request, booking, given, now)
            notices += told
    await note_by_hand(db, caller, request_id=request.id, action="cancelled", now=now)
    return await _end_request(db, network_id, request, given, notices, now)


async def cancel_booking(
    db: Db, caller: Caller, *, booking_id: UUID, why: Callable[[], Why], now: datetime
) -> Cancelled:
    """Call one booking off, on the requester's side; the last live one cancels the request.

    Raises:
        NotFound: there is none such in what the caller may see.
        WrongState: it has begun or is over.
    """
    permit(caller, "bookings:write", *ASKERS)
    request, booking = await hold(db, caller, booking_id)
    given = why()
    network_id = caller.network_id
    if not already(state=booking.state, verb="cancel"):
        next_state(state=booking.state, verb="cancel")
        await hold_people(db, network_id=network_id, request_id=request.id)
        gone, notices = await _call_off(db, caller, request, booking, given, now)
        await _set_seat(db, network_id, booking, "cancelled")
        notices += await _cancel_other_leg(db, caller, request, gone, given, now)
        await _after_cancelled(db, network_id, request, given, notices, now)
    network = await networks.get(db, network_id=network_id)
    fee = await fee_entered(db, network_id=network_id, request=request, booking=booking)
    until = await replacement_until(
        db, network_id=network_id, request=request, booking=booking, now=now
    )
    return Cancelled(
        shown=await show_booking(db, caller, booking_id=booking_id),
        charge_minor=0 if fee is None else fee.charge_minor,
        rule=None if fee is None else fee.rule,
        currency=network.currency,
        replacement_until=until,
    )


async def end_booking(
    db: Db, *, network_id: UUID, booking: Booking, state: str, why: Why, now: datetime
) -> Booking:
    """Write that a live booking came to nothing, and why; its time is given back.

    The caller holds its request and people.
    """
    gone = msgspec.structs.replace(
        booking,
        state=state,
        closed_at=now,
        close_reason=why.reason,
        close_reason_code=why.reason_code,
        updated_at=now,
        version=booking.version + 1,
    )
    written = await bookings.update(db, network_id=network_id, booking=gone)
    assert written  # the request is held, and every change of a booking holds it
    await unseat(db, network_id=network_id, booking=gone)
    return gone


async def _call_off(
    db: Db, caller: Caller, request: Request, booking: Booking, given: Why, now: datetime
) -> tuple[Booking, list[Notice]]:
    """End a booking and enter what that costs; return it, and what to tell.

    Whoever waited for others' yes was never promised to anybody: that is free. So it is when a
    coordinator says that the fault was ours. Of a replacement the fee it stood for is owed again.
    """
    network_id = caller.network_id
    gone = await end_booking(
        db, network_id=network_id, booking=booking, state="cancelled", why=given, now=now
    )
    notices = [booking_notice(gone, "booking.cancelled")]
    ours = caller.is_coordinator and given.reason_code in OUR_FAULT
    if booking.state == "held":
        return gone, notices
    if ours:
        await free_slot(db, network_id=network_id, booking=booking, costs=False, now=now)
        return gone, notices
    owing = await owing_of(db, network_id=network_id, request=request, booking=booking)
    if owing.replaced is None:
        fee = await record_late_cancellation(db, network_id=network_id, owing=owing, now=now)
    else:
        fee = await bring_back(
            db, network_id=network_id, fee=owing.replaced, booking=booking, now=now
        )
    costs = fee is not None
    await free_slot(db, network_id=network_id, booking=booking, costs=costs, now=now)
    return gone, [*notices, *([] if fee is None else [fee])]


async def _after_cancelled(
    db: Db,
    network_id: UUID,
    request: Request,
    given: Why,
    notices: list[Notice],
    now: datetime,
) -> None:
    made = await bookings.of_requests(db, network_id=network_id, request_ids=[request.id])
    if not any(one.state in STANDING for one in made):
        await _end_request(db, network_id, request, given, notices, now)
        return
    _, state = await fill_state(db, network_id=network_id, request=request)
    changed = msgspec.structs.replace(request, state=state)
    notices.append(state_notice(changed, request.state))
    await save_step(db, network_id=network_id, step=Step(request=changed, notices=notices), now=now)


async def _cancel_other_leg(
    db: Db, caller: Caller, request: Request, gone: Booking, given: Why, now: datetime
) -> list[Notice]:
    """Half of a relay helps nobody: the other leg is called off with it."""
    if not is_leg(seat=gone.seat, interpreters_needed=request.interpreters_needed):
        return []
    network_id = caller.network_id
    made = await bookings.of_requests(db, network_id=network_id, request_ids=[request.id])
    notices = []
    for one in made:
        if one.state in ("held", "confirmed"):
            other, told = await _call_off(db, caller, request, one, given, now)
            await _set_seat(db, network_id, other, "cancelled")
            notices += told
    return notices


async def _end_request(
    db: Db,
    network_id: UUID,
    request: Request,
    given: Why,
    notices: Sequence[Notice],
    now: datetime,
) -> Request:
    ended = await offers.close(db, network_id=network_id, request_id=request.id, state="withdrawn")
    await request_seats.set_all(
        db, network_id=network_id, request_id=request.id, state="cancelled",
        was=["open", "held", "filled", "unfilled"],
    )  # fmt: skip
    await set_offers_due(db, network_id=network_id, request_id=request.id, at=None)
    _, state = await fill_state(db, network_id=network_id, request=request)
    gone = msgspec.structs.replace(
        request,
        state=state,
        next_step_at=None,
        cancelled_at=now,
        cancel_reason=given.reason,
        cancel_reason_code=given.reason_code,
    )
    told = [
        *notices,
        *(offer_notice(one, "offer.withdrawn") for one in ended),
        request_notice(gone, "request.cancelled"),
    ]
    return await save_step(
        db, network_id=network_id, step=Step(request=gone, notices=told), now=now
    )


async def _set_seat(db: Db, network_id: UUID, booking: Booking, state: str) -> None:
    await request_seats.set_state(
        db, network_id=network_id, request_id=booking.request_id, seat=booking.seat,
        state=state, was=["held", "filled"],  # type: ignore[arg-type]  # a CHECK holds the states
    )  # fmt: skip
