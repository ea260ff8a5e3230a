"""The yes to a leg of a relay: the first one holds it, the last one confirms both."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.confirming import fill_state, seat_states
from interpreters.application.dispatch import Step, go_on, save_step, set_offers_due
from interpreters.application.notices import booking_notice, offer_notice, state_notice
from interpreters.application.seat_bookings import offered_booking
from interpreters.application.seating import hold_people, seat_interpreter
from interpreters.application.wanting import wanted_of
from interpreters.database import Db
from interpreters.domain.fallbacks import DIRECT, LEGS
from interpreters.domain.offers import OfferTaken
from interpreters.sql import bookings, offers, request_seats
from interpreters.sql.bookings import Booking
from interpreters.sql.offers import Offer
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request

SAID_YES: Final = {"held", "filled", "closed"}  # closed: its session was held already


async def take_leg(
    db: Db, *, network_id: UUID, request: Request, offer: Offer, now: datetime
) -> None:
    """Take the leg: the caller holds the request, and the offer is open and in time.

    The seat is taken first, then the interpreter's time. Whoever else was asked about this leg has
    lost it; when both legs are taken, so have all others.

    Raises:
        OfferTaken: somebody else has the leg.
        InterpreterIsBusy: session or travel overlap with another live booking.
    """
    if not await request_seats.set_state(
        db, network_id=network_id, request_id=request.id, seat=offer.seat, state="held",
        was=["open"],
    ):  # fmt: skip
        raise OfferTaken
    await hold_people(db, network_id=network_id, request_id=request.id, also=[offer.interpreter_id])
    booking = await offered_booking(
        db, network_id=network_id, request=request, offer=offer, seat=offer.seat, now=now
    )
    seated = await seat_interpreter(db, network_id=network_id, booking=booking)
    await offers.answer(
        db, network_id=network_id, offer_id=offer.id, state="accepted", seat=offer.seat, now=now
    )
    notices = [offer_notice(offer, "offer.accepted")]
    seats = await seat_states(db, network_id=network_id, request=request)
    if {seats[leg] for leg in LEGS} <= SAID_YES:
        step = await _confirm(db, network_id, request, notices, now)
    else:
        step = await _wait(db, network_id, request, seated, notices, now)
    await save_step(db, network_id=network_id, step=step, now=now)


async def _confirm(
    db: Db, network_id: UUID, request: Request, notices: list[Notice], now: datetime
) -> Step:
    """Both legs are taken: both are confirmed, and the request's own seat is not needed."""
    for leg in LEGS:
        await request_seats.set_state(
            db, network_id=network_id, request_id=request.id, seat=leg, state="filled",
            was=["held"],
        )  # fmt: skip
    await request_seats.set_state(
        db, network_id=network_id, request_id=request.id, seat=DIRECT, state="cancelled",
        was=["open", "unfilled"],
    )  # fmt: skip
    made = await bookings.of_requests(db, network_id=network_id, request_ids=[request.id])
    for one in made:
        if one.state == "held":
            sure = msgspec.structs.replace(
                one, state="confirmed", updated_at=now, version=one.version + 1
            )
            await bookings.update(db, network_id=network_id, booking=sure)
            notices.append(booking_notice(sure, "booking.confirmed"))
    lost = await offers.close(db, network_id=network_id, request_id=request.id, state="taken")
    notices += [offer_notice(one, "offer.taken") for one in lost]
    await set_offers_due(db, network_id=network_id, request_id=request.id, at=None)
    _, state = await fill_state(db, network_id=network_id, request=request)
    filled = msgspec.structs.replace(request, state=state, next_step_at=None)
    notices.append(state_notice(filled, request.state))
    return Step(request=filled, notices=notices)


async def _wait(
    db: Db,
    network_id: UUID,
    request: Request,
    seated: Booking,
    notices: list[Notice],
    now: datetime,
) -> Step:
    """The other leg is still open: go on with it."""
    notices.append(booking_notice(seated, "booking.held"))
    lost = await offers.close(
        db, network_id=network_id, request_id=request.id, state="taken", seats=[seated.seat]
    )
    notices += [offer_notice(one, "offer.taken") for one in lost]
    notices.append(state_notice(request, request.state))
    wanted = await wanted_of(db, network_id=network_id, request=request)
    return await go_on(db, wanted=wanted, notices=notices, now=now)
