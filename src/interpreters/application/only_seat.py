"""The yes to a request for one interpreter, which nearly all are: the fewest statements."""

from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.notices import booking_notice, offer_notice, state_notice
from interpreters.application.seat_bookings import offered_booking
from interpreters.application.seating import seat_interpreter
from interpreters.application.telling import tell
from interpreters.database import Db
from interpreters.domain.offers import OfferTaken, answered
from interpreters.sql import due, offers, request_seats, requests
from interpreters.sql.bookings import Booking
from interpreters.sql.offers import Offer
from interpreters.sql.requests import Request

ONLY = 1


async def take_only_seat(
    db: Db, *, network_id: UUID, request: Request, offer: Offer, now: datetime
) -> Booking | None:
    """Take the seat, book it, and tell everybody else; None when it was not open any more.

    The caller holds the request; the offer was open when it was read, maybe before that.

    Raises:
        OfferTaken, OfferExpired, OfferWithdrawn, WrongState: the offer was answered meanwhile.
        InterpreterIsBusy: session or travel overlap with another live booking.
    """
    if not await request_seats.set_state(
        db, network_id=network_id, request_id=request.id, seat=ONLY, state="filled", was=["open"]
    ):
        return None
    ended = await offers.settle(
        db, network_id=network_id, request_id=request.id, accepted=offer.id, now=now
    )
    if all(one.id != offer.id for one in ended):
        await _refuse(db, network_id, offer, now)
    booking = await offered_booking(
        db, network_id=network_id, request=request, offer=offer, seat=ONLY, now=now
    )
    seated = await seat_interpreter(db, network_id=network_id, booking=booking)
    await requests.fill(db, network_id=network_id, request=request, now=now)
    filled = msgspec.structs.replace(request, state="filled")
    await due.clear_request(db, network_id=network_id, request_id=request.id)
    lost = [one for one in ended if one.id != offer.id]
    notices = [
        offer_notice(offer, "offer.accepted"),
        booking_notice(seated, "booking.confirmed"),
        state_notice(filled, request.state),
        *(offer_notice(one, "offer.taken") for one in lost),
    ]
    await tell(db, network_id=network_id, notices=notices, now=now)
    return seated


async def _refuse(db: Db, network_id: UUID, offer: Offer, now: datetime) -> None:
    """Say why the offer no longer stands; what was done so far is rolled back."""
    fresh = await offers.find(
        db, network_id=network_id, offer_id=offer.id, interpreter_id=offer.interpreter_id
    )
    assert fresh is not None  # offers are not deleted
    answered(state=fresh.state, answer="accept", answer_by=fresh.answer_by, now=now)
    raise OfferTaken
