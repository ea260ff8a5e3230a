"""Offers: seen, accepted and declined by the interpreter who was asked."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application import relays
from interpreters.application.confirming import confirm_team, fill_state
from interpreters.application.dispatch import Step, go_on, save_step, set_offers_due
from interpreters.application.escalations import watch
from interpreters.application.fallbacks import at_offered_time
from interpreters.application.notices import (
    booking_notice,
    offer_notice,
    request_notice,
    state_notice,
)
from interpreters.application.offer_pay import offers_pay
from interpreters.application.only_seat import take_only_seat
from interpreters.application.relay_answers import take_leg
from interpreters.application.seat_bookings import offered_booking
from interpreters.application.seating import hold_people, seat_interpreter
from interpreters.application.wanting import wanted_of
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import NotFound
from interpreters.domain.fallbacks import is_leg, is_relay
from interpreters.domain.offers import REFUSALS, OfferTaken, answered
from interpreters.domain.requests import SeatState
from interpreters.sql import bookings, networks, offers, request_seats, requests, sites
from interpreters.sql.bookings import Booking
from interpreters.sql.offers import Offer
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request
from interpreters.sql.sites import Site


class ShownOffer(msgspec.Struct, frozen=True, kw_only=True):
    """An offer with its request, the site it is at, and what it would earn, if that is known."""

    offer: Offer
    request: Request
    site: Site | None
    pay_minor: int | None = None
    currency: str = ""


async def list_offers(
    db: Db, caller: Caller, *, state: str | None, before: UUID | None, limit: int
) -> list[ShownOffer]:
    """Return the interpreter's offers, newest first; a coordinator sees everybody's."""
    permit(caller, "offers:read", "interpreter", "coordinator")
    found = await offers.page(
        db,
        network_id=caller.network_id,
        interpreter_id=caller.interpreter_id,
        state=state,
        before=before,
        limit=limit,
    )
    return await _shown(db, caller.network_id, found)


async def show_offer(db: Db, caller: Caller, *, offer_id: UUID) -> ShownOffer:
    """Return one offer.

    Raises:
        NotFound: there is none, or it is another interpreter's.
    """
    permit(caller, "offers:read", "interpreter", "coordinator")
    found = await _find(db, caller, offer_id)
    return (await _shown(db, caller.network_id, [found]))[0]


async def accept_offer(db: Db, caller: Caller, *, offer_id: UUID, now: datetime) -> Booking:
    """Say yes: the first valid yes is the booking. Saying it again returns the same booking.

    The request's row is held first, then the seat is taken, then the interpreter's time: so many
    taps at once wait in one line and nobody deadlocks.

    Raises:
        NotFound: there is no such offer, or it is another interpreter's.
        OfferTaken, OfferExpired, OfferWithdrawn: too late for it.
        InterpreterIsBusy: session or travel overlap with another live booking.
    """
    permit(caller, "offers:write", "interpreter")
    found = await _find(db, caller, offer_id)
    network_id = caller.network_id
    request = await requests.lock(db, network_id=network_id, request_id=found.request_id)
    assert request is not None  # the foreign key holds it
    if found.state == "open" and now < found.answer_by and _is_plain(request, found):
        booking = await take_only_seat(
            db, network_id=network_id, request=request, offer=found, now=now
        )
        if booking is not None:
            return booking
    offer = await _find(db, caller, offer_id)
    answered(state=offer.state, answer="accept", answer_by=offer.answer_by, now=now)
    if offer.state == "accepted":
        return await _booking_of(db, network_id, offer)
    if is_leg(seat=offer.seat, interpreters_needed=request.interpreters_needed):
        await take_leg(db, network_id=network_id, request=request, offer=offer, now=now)
        return await _booking_of(db, network_id, offer)
    moved = at_offered_time(request, offer)
    seat = await _take_seat(db, network_id, request, offer.seat)
    await hold_people(db, network_id=network_id, request_id=request.id, also=[offer.interpreter_id])
    booking = await offered_booking(
        db, network_id=network_id, request=moved, offer=offer, seat=seat, now=now
    )
    seated = await seat_interpreter(db, network_id=network_id, booking=booking)
    await offers.answer(
        db, network_id=network_id, offer_id=offer.id, state="accepted", seat=seat, now=now
    )
    return await _after_yes(db, network_id, moved, offer, seated, now)


async def decline_offer(
    db: Db,
    caller: Caller,
    *,
    offer_id: UUID,
    reason: Callable[[], str | None],
    now: datetime,
) -> ShownOffer:
    """Say no; when nobody is being asked any more, the next wave goes out at once.

    Raises:
        NotFound: there is no such offer, or it is another interpreter's.
        OfferTaken, OfferExpired, OfferWithdrawn, WrongState: it is not open any more.
    """
    permit(caller, "offers:write", "interpreter")
    found = await _find(db, caller, offer_id)
    why = reason()
    network_id = caller.network_id
    request = await requests.lock(db, network_id=network_id, request_id=found.request_id)
    assert request is not None  # the foreign key holds it
    offer = await _find(db, caller, offer_id)
    if answered(state=offer.state, answer="decline", answer_by=offer.answer_by, now=now) == (
        offer.state
    ):
        return (await _shown(db, network_id, [offer]))[0]
    await offers.answer(
        db, network_id=network_id, offer_id=offer.id, state="declined", seat=offer.seat, now=now,
        reason=why,
    )  # fmt: skip
    wanted = await wanted_of(db, network_id=network_id, request=request)
    notices = [offer_notice(offer, "offer.declined")]
    step = await go_on(db, wanted=wanted, notices=notices, now=now)
    await save_step(db, network_id=network_id, step=step, now=now)
    return (await _shown(db, network_id, [await _find(db, caller, offer_id)]))[0]


async def _after_yes(
    db: Db, network_id: UUID, request: Request, offer: Offer, seated: Booking, now: datetime
) -> Booking:
    """Tell the losers once no seat is open, else go on; and say how full the request is.

    A relay that was being looked for is let go, and whoever was asked about another time than the
    one that now stands is not asked any more.
    """
    moved = await _other_times(db, network_id, request, seated)
    moved += await relays.end(
        db, network_id=network_id, request=request, now=now, offers_are="taken"
    )
    _, confirmed = await confirm_team(db, network_id=network_id, request=request, now=now)
    if not confirmed:
        confirmed = [seated] if seated.state == "confirmed" else []
    notices = [offer_notice(offer, "offer.accepted"), *moved]
    notices += [booking_notice(one, "booking.confirmed") for one in confirmed]
    if not confirmed:
        notices.append(booking_notice(seated, "booking.held"))
    open_left, state = await fill_state(db, network_id=network_id, request=request)
    changed = msgspec.structs.replace(request, state=state)
    notices.append(state_notice(changed, request.state))
    if open_left:
        wanted = await wanted_of(db, network_id=network_id, request=changed)
        if request.fallbacks.get("shift_minutes"):
            await watch(db, wanted=wanted, now=now)  # moved, it may be urgent earlier
        step = await go_on(db, wanted=wanted, notices=notices, now=now)
    else:
        lost = await offers.close(db, network_id=network_id, request_id=request.id, state="taken")
        notices += [offer_notice(one, "offer.taken") for one in lost]
        await set_offers_due(db, network_id=network_id, request_id=request.id, at=None)
        step = Step(request=msgspec.structs.replace(changed, next_step_at=None), notices=notices)
    await save_step(db, network_id=network_id, step=step, now=now)
    return await _booking_of(db, network_id, offer)


async def _other_times(db: Db, network_id: UUID, request: Request, seated: Booking) -> list[Notice]:
    """Withdraw what was offered about other times; tell who asked when theirs was moved."""
    if not any(request.fallbacks.values()):
        return []
    ended = await offers.close(
        db, network_id=network_id, request_id=request.id, state="withdrawn",
        not_at=seated.session,
    )  # fmt: skip
    notices = [offer_notice(one, "offer.withdrawn") for one in ended]
    before = await requests.find(db, network_id=network_id, request_id=request.id)
    if before is not None and before.session != request.session:
        notices.append(request_notice(request, "request.changed"))
    return notices


def _is_plain(request: Request, offer: Offer) -> bool:
    """Say whether a yes is to what was asked: one interpreter, at that time, with no relay."""
    return (
        request.interpreters_needed == 1
        and offer.session in (None, request.session)
        and not is_relay(request.fallback)
    )


async def _take_seat(db: Db, network_id: UUID, request: Request, wished: int) -> int:
    """Take the wished seat, or another open one of the team."""
    all_or_none = request.interpreters_needed > 1 and not request.partial_ok
    state: SeatState = "held" if all_or_none else "filled"
    others = [seat for seat in range(1, request.interpreters_needed + 1) if seat != wished]
    for seat in [wished, *others]:
        if await request_seats.set_state(
            db, network_id=network_id, request_id=request.id, seat=seat, state=state, was=["open"]
        ):
            return seat
    raise OfferTaken if request.state != "cancelled" else REFUSALS["withdrawn"]


async def _find(db: Db, caller: Caller, offer_id: UUID) -> Offer:
    found = await offers.find(
        db,
        network_id=caller.network_id,
        offer_id=offer_id,
        interpreter_id=caller.interpreter_id,
    )
    if found is None:
        raise NotFound
    return found


async def _booking_of(db: Db, network_id: UUID, offer: Offer) -> Booking:
    made = await bookings.of_requests(db, network_id=network_id, request_ids=[offer.request_id])
    return next(one for one in made if one.offer_id == offer.id)


async def _shown(db: Db, network_id: UUID, found: Sequence[Offer]) -> list[ShownOffer]:
    wanted = await requests.get_many(
        db, network_id=network_id, ids=[one.request_id for one in found]
    )
    places = await sites.get_many(
        db,
        network_id=network_id,
        ids=[one.site_id for one in wanted.values() if one.site_id is not None],
    )
    asked = [
        (one, wanted[one.request_id], places.get(wanted[one.request_id].site_id or one.id))
        for one in found
    ]
    pay = await offers_pay(db, network_id=network_id, asked=asked)
    network = await networks.get(db, network_id=network_id)
    return [
        ShownOffer(
            offer=one,
            request=request,
            site=site,
            pay_minor=pay.get(one.id),
            currency=network.currency,
        )
        for one, request, site in asked
    ]
