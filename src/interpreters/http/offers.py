"""`/v1/offers`: what an interpreter is asked, whether they saw it, and the answer."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import UNSET, UnsetType

from interpreters.application import bookings, offers
from interpreters.application.bookings import ShownBooking
from interpreters.application.offers import ShownOffer
from interpreters.application.seen_offers import see_offer
from interpreters.application.standby import note_standby, stands_by
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.briefings import briefing_of
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound, WrongState
from interpreters.domain.offers import (
    InterpreterIsBusy,
    OfferExpired,
    OfferState,
    OfferTaken,
    OfferWithdrawn,
    told_area,
    told_topic,
)
from interpreters.http.booking_views import BookingView
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import In, Mode, Text
from interpreters.http.lists import List, ListQuery, page_of
from interpreters.http.session_bodies import SaidIn
from interpreters.http.views import LanguageView, MoneyView

TAG = "Offers"
OPEN = ("open", "accepted")


class OfferQuery(ListQuery, frozen=True, kw_only=True):
    """Which offers."""

    state: OfferState | None = None


class DeclineIn(In, frozen=True, kw_only=True):
    """A reason may be given, never must."""

    reason: Text | None = None


class OfferView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An offer: an area and no address; once closed, no details at all.

    `briefing_minutes` and `standby` stand there only when there is a briefing, or a late yes that
    is remembered. `seen_at`, for coordinators, is when it was first on its interpreter's screen, as
    far as is known.
    """

    id: str
    request_id: str
    state: OfferState
    from_language: LanguageView
    to_language: LanguageView
    mode: Mode
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    duration_minutes: int
    briefing_minutes: int = 0
    area: str | None
    topic: str | None
    pay: MoneyView | None
    answer_by: datetime
    standby: bool = False
    seen_at: datetime | UnsetType | None = UNSET

    @classmethod
    def of(cls, one: ShownOffer, caller: Caller) -> "OfferView":
        """Shape an offer."""
        offer, request = one.offer, one.request
        session = offer.session or request.session
        shown = offer.state in OPEN
        return cls(
            id=ids.show_id(ids.OFFER, offer.id),
            request_id=ids.show_id(ids.REQUEST, offer.request_id),
            state=offer.state,
            from_language=LanguageView.of(offer.from_language),
            to_language=LanguageView.of(offer.to_language),
            mode=offer.mode,  # type: ignore[arg-type]  # the request's modes
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            time_zone=request.time_zone,
            duration_minutes=request.duration_minutes,
            briefing_minutes=briefing_of(request.details),
            area=told_area(city=one.site.city, mode=offer.mode, emergency=request.emergency)
            if shown and one.site
            else None,
            topic=told_topic(topic=request.topic, emergency=request.emergency) if shown else None,
            pay=_pay(one) if shown else None,
            answer_by=offer.answer_by,
            standby=stands_by(offer),
            seen_at=offer.seen_at if caller.role == "coordinator" else UNSET,
        )


@door("GET", "/v1/offers", query=OfferQuery, answer=List[OfferView], refusals=(Forbidden,),
      tag=TAG)  # fmt: skip
async def list_offers(call: NamedDependency[Call]) -> Response[bytes]:
    """Your offers, newest first."""
    query = call.query(OfferQuery)

    async def work(db: Db, caller: Caller) -> Page:
        asked = query()
        found = await offers.list_offers(
            db, caller, state=asked.state, before=asked.before, limit=asked.size + 1
        )
        return page_of(found, asked, lambda one: OfferView.of(one, caller))

    return await call.ask(work, lambda page, _: page)


@door("GET", "/v1/offers/{id:str}", answer=OfferView, refusals=(Forbidden, NotFound), tag=TAG)
async def show_offer(call: NamedDependency[Call]) -> Response[bytes]:
    """One offer."""
    return await call.ask(
        lambda db, caller: offers.show_offer(db, caller, offer_id=call.id(ids.OFFER)),
        OfferView.of,
    )


@door("POST", "/v1/offers/{id:str}/seen", body=SaidIn, answer=OfferView,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def offer_was_seen(call: NamedDependency[Call]) -> Response[bytes]:
    """Say that it was before your eyes, for coordinators to know; it answers nothing."""
    body = call.body(SaidIn)
    return await call.once(
        lambda db, caller: see_offer(
            db,
            caller,
            offer_id=call.id(ids.OFFER),
            said_at=lambda: body().said(),
            now=call.now,
        ),
        OfferView.of,
    )


@door("POST", "/v1/offers/{id:str}/accept", answer=BookingView,
      refusals=(Forbidden, NotFound, OfferTaken, OfferExpired, OfferWithdrawn, InterpreterIsBusy,
                WrongState), tag=TAG)  # fmt: skip
async def accept_offer(call: NamedDependency[Call]) -> Response[bytes]:
    """Say yes: the first valid yes is the booking; a later one is noted, and asked first again."""

    async def work(db: Db, caller: Caller) -> ShownBooking:
        made = await offers.accept_offer(db, caller, offer_id=call.id(ids.OFFER), now=call.now)
        return (await bookings.shown_bookings(db, caller.network_id, [made]))[0]

    def shape(one: ShownBooking, caller: Caller) -> Any:
        return BookingView.of(one, caller, call.now)

    try:
        return await call.once(work, shape)
    except OfferTaken:
        await call.ask(
            lambda db, caller: note_standby(db, caller, offer_id=call.id(ids.OFFER), now=call.now),
            lambda _, __: None,
        )
        raise


@door("POST", "/v1/offers/{id:str}/decline", body=DeclineIn, answer=OfferView,
      refusals=(Forbidden, NotFound, OfferTaken, OfferExpired, OfferWithdrawn, WrongState),
      tag=TAG)  # fmt: skip
async def decline_offer(call: NamedDependency[Call]) -> Response[bytes]:
    """Say no."""
    body = call.body(DeclineIn)
    return await call.once(
        lambda db, caller: offers.decline_offer(
            db,
            caller,
            offer_id=call.id(ids.OFFER),
            reason=lambda: body().reason,
            now=call.now,
        ),
        OfferView.of,
    )


def _pay(one: ShownOffer) -> MoneyView | None:
    if one.pay_minor is None:
        return None
    return MoneyView(amount_minor=one.pay_minor, currency=one.currency)


ROUTES = (list_offers, show_offer, offer_was_seen, accept_offer, decline_offer)
