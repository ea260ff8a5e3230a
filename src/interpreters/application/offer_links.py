"""One-tap links: whoever holds one answers its offer, without signing in.

A link is as good as its offer: once that is answered or over it only says so, and at no time it
shows where exactly, for whom or about what.
"""

from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

import msgspec

from interpreters.application.offers import ShownOffer, accept_offer, decline_offer, show_offer
from interpreters.application.standby import note_standby, stands_by
from interpreters.database import Db
from interpreters.domain.briefings import briefing_of
from interpreters.domain.callers import Caller
from interpreters.domain.errors import NotFound, WrongState
from interpreters.domain.ids import new_id
from interpreters.domain.offers import OfferExpired, OfferTaken, OfferWithdrawn, told_area
from interpreters.domain.tokens import new_token, token_hash
from interpreters.domain.told_sessions import ToldSession
from interpreters.domain.wording import ENGLISH, page_tag
from interpreters.sql import interpreters, networks, offer_links, offers, told_people

Answer: TypeAlias = Literal["yes", "no"]
SCOPES: Final = frozenset({"offers:read", "offers:write"})


class OpenedOffer(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows. `state` is the offer's; out of time it is `expired` though not marked.

    `told` is None of what is closed. With `standby` they said yes too late, and are asked first
    when it is free again.
    """

    state: str
    language: str
    told: ToldSession | None
    answer_by: datetime
    standby: bool = False


async def link_offer(db: Db, *, network_id: UUID, offer_id: UUID, now: datetime) -> str:
    """Make a link to an offer and return its token, which is kept nowhere."""
    token = new_token(network_id, "ol")
    await offer_links.insert(
        db, network_id=network_id, link_id=new_id(now), offer_id=offer_id,
        token_hash=token_hash(token), now=now,
    )  # fmt: skip
    return token


async def open_offer(db: Db, network_id: UUID, *, token: str, now: datetime) -> OpenedOffer | None:
    """Return what a link shows, and change nothing; None when there is no such link."""
    caller = await _holder(db, network_id, token)
    if caller is None:
        return None
    holder, offer_id = caller
    shown = await show_offer(db, holder, offer_id=offer_id)
    offer = shown.offer
    late = offer.state == "open" and now >= offer.answer_by
    state = "expired" if late else offer.state
    return OpenedOffer(
        state=state,
        language=await _language(db, network_id, offer.interpreter_id),
        told=told_offer(shown) if state in ("open", "accepted") else None,
        answer_by=offer.answer_by,
        standby=stands_by(offer),
    )


async def answer_offer(
    db: Db, network_id: UUID, *, token: str, answer: Answer, now: datetime
) -> None:
    """Say yes or no to the link's offer, as the interpreter would; again changes nothing.

    It is too late: nothing happens, and the page says what became of it. Raises:
        NotFound: there is no such link.
        InterpreterIsBusy: session or travel overlap with another live booking.
    """
    found = await _holder(db, network_id, token)
    if found is None:
        raise NotFound
    holder, offer_id = found
    if answer == "yes":
        await accept_offer(db, holder, offer_id=offer_id, now=now)
    else:
        await decline_offer(db, holder, offer_id=offer_id, reason=lambda: None, now=now)


async def wait_for_offer(db: Db, network_id: UUID, *, token: str, now: datetime) -> None:
    """Note that the link's holder said yes to what somebody else had taken."""
    found = await _holder(db, network_id, token)
    if found is not None:
        holder, offer_id = found
        await note_standby(db, holder, offer_id=offer_id, now=now)


def told_offer(shown: ShownOffer) -> ToldSession:
    """Return what is told of an offer before the yes: an area, no topic."""
    offer, request = shown.offer, shown.request
    city = None if shown.site is None else shown.site.city
    return ToldSession(
        from_language=offer.from_language,
        to_language=offer.to_language,
        mode=offer.mode,
        session=offer.session or request.session,
        time_zone=request.time_zone,
        place=told_area(city=city, mode=offer.mode, emergency=request.emergency),
        briefing_minutes=briefing_of(request.details),
    )


# What an answer meets that came too late; the page then shows how it ended.
TOO_LATE: Final = (OfferTaken, OfferExpired, OfferWithdrawn, WrongState)


async def _holder(db: Db, network_id: UUID, token: str) -> tuple[Caller, UUID] | None:
    """Return whom the link stands for, and the offer it is to."""
    offer_id = await offer_links.find(db, network_id=network_id, token_hash=token_hash(token))
    if offer_id is None:
        return None
    offer = await offers.find(db, network_id=network_id, offer_id=offer_id, interpreter_id=None)
    assert offer is not None  # the foreign key holds it
    who = await interpreters.find(db, network_id=network_id, interpreter_id=offer.interpreter_id)
    if who is None or who.stage != "active":  # suspended while the wave went out
        return None
    caller = Caller(
        network_id=network_id,
        role="interpreter",
        scopes=SCOPES,
        interpreter_id=offer.interpreter_id,
    )
    return caller, offer_id


async def _language(db: Db, network_id: UUID, interpreter_id: UUID) -> str:
    people = await told_people.interpreters(db, network_id=network_id, ids=[interpreter_id])
    own = people[interpreter_id].language if interpreter_id in people else None
    network = await networks.get(db, network_id=network_id)
    wanted = (own, network.working_language)
    return next((tag for one in wanted if one and (tag := page_tag(one))), ENGLISH)
