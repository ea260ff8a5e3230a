"""Telling interpreters of offers: that they are asked, and how it ended if they had been told."""

from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.ladders import ladder_of
from interpreters.application.messages import OFFER
from interpreters.application.offer_links import link_offer, told_offer
from interpreters.application.offers import ShownOffer
from interpreters.application.people_messages import (
    Letter,
    Outgoing,
    is_reachable,
    reader_of,
    send_letter,
    session_letter,
)
from interpreters.database import Db
from interpreters.domain import ids, ladders
from interpreters.domain.ids import show_id
from interpreters.domain.notices_to_people import TOLD
from interpreters.domain.quiet_hours import notice_at
from interpreters.domain.told_sessions import ToldSession, tell_offer, tell_shortly
from interpreters.sql import institutions, messages, offers, sites, told_people
from interpreters.sql.networks import Network
from interpreters.sql.offers import Offer
from interpreters.sql.outbox import Written
from interpreters.sql.requests import Request
from interpreters.sql.told_people import ToldInterpreter


class About(msgspec.Struct, frozen=True, kw_only=True):
    """A notice with what it is about; of a series maybe for several `dates` at once."""

    network: Network
    notice: Written
    request: Request
    dates: int = 1


async def tell_asked(db: Db, out: Outgoing, about: About, now: datetime) -> None:
    """Tell the interpreter who is asked; of an end only who had been told of the offer."""
    notice, network_id = about.notice, about.network.network_id
    assert notice.offer_id is not None  # an offer's notice has it
    offer = await offers.find(
        db, network_id=network_id, offer_id=notice.offer_id, interpreter_id=None
    )
    if offer is None:
        return
    if notice.type == "offer.sent":
        if offer.state == "open" and offer.answer_by > now:
            await _ask(db, out, about, offer, now)
        return
    await messages.drop_unsent(db, network_id=network_id, offer_ids=[offer.id], purpose=OFFER)
    told = await messages.told_of(db, network_id=network_id, offer_ids=[offer.id], purpose=OFFER)
    if offer.id in told:
        for one in TOLD[notice.type]:
            await _tell_end(db, out, about, offer, one.purpose, now)


async def _ask(db: Db, out: Outgoing, about: About, offer: Offer, now: datetime) -> None:
    network_id = about.network.network_id
    person = await find_interpreter(db, network_id, offer.interpreter_id)
    if person is None:
        return
    reader = reader_of(person, about.network)
    if not await is_reachable(db, out, network_id=network_id, reader=reader, purpose=OFFER):
        return  # no link that nobody gets
    told = await _told_offer(db, about, offer)
    token = await link_offer(db, network_id=network_id, offer_id=offer.id, now=now)
    link = f"{out.base_url}/o/{token}"
    mail, text = (
        tell_offer(reader.language, told, answer_by=offer.answer_by, link=link, short=short)
        for short in (False, True)
    )
    letter = Letter(
        purpose=OFFER, mail=f"{mail}\n", text=text, expires_at=offer.answer_by,
        push=tell_shortly(reader.language, told, with_place=True), link=link,
        tag=show_id(ids.OFFER, offer.id), offer_id=offer.id,
    )  # fmt: skip
    at = await _when(db, about, person, now)
    await send_letter(db, out, network_id=network_id, reader=reader, letter=letter, now=now, at=at)


async def _tell_end(
    db: Db, out: Outgoing, about: About, offer: Offer, purpose: str, now: datetime
) -> None:
    network_id = about.network.network_id
    person = await find_interpreter(db, network_id, offer.interpreter_id)
    if person is None:
        return
    reader = reader_of(person, about.network)
    letter = session_letter(
        out, reader, purpose=purpose, told=await _told_offer(db, about, offer),
        offer_id=offer.id,
    )  # fmt: skip
    at = await _when(db, about, person, now)
    await send_letter(db, out, network_id=network_id, reader=reader, letter=letter, now=now, at=at)


async def _when(db: Db, about: About, person: ToldInterpreter, now: datetime) -> datetime:
    """Return when they may be told of an offer: now, or after their quiet hours."""
    request = about.request
    institution = await institutions.find(
        db, network_id=about.network.network_id, institution_id=request.institution_id
    )
    ladder = ladder_of(about.network, institution)
    urgent = request.emergency or ladders.is_urgent(
        now=now,
        starts_at=request.session.starts_at,
        urgent_now=request.starts_now,
        ladder=ladder,
    )
    return notice_at(
        now, person.quiet_hours, person.time_zone, urgent=urgent,
        opt_in=person.urgent_opt_in, policy=ladder.quiet_hours,
    )  # fmt: skip


async def _told_offer(db: Db, about: About, offer: Offer) -> ToldSession:
    site = None
    if about.request.site_id is not None:
        site = await sites.find(
            db, network_id=about.network.network_id, site_id=about.request.site_id
        )
    return told_offer(ShownOffer(offer=offer, request=about.request, site=site))


async def find_interpreter(
    db: Db, network_id: UUID, interpreter_id: UUID
) -> ToldInterpreter | None:
    """Return the interpreter, if they are active."""
    found = await told_people.interpreters(db, network_id=network_id, ids=[interpreter_id])
    return found.get(interpreter_id)
