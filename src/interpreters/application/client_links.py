"""The helped person's link to one booking: made and revoked by the institution, opened by whoever
holds it. Opening reads; it notes only that it was opened.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypedDict
from uuid import UUID

import msgspec

from interpreters.application.bookings import find_own, hold
from interpreters.database import Db
from interpreters.domain.bookings import BookingState
from interpreters.domain.callers import Caller, permit
from interpreters.domain.client_links import initials, refuse_link, still_shows
from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.ids import new_id
from interpreters.domain.tokens import new_token, token_hash
from interpreters.domain.windows import Window
from interpreters.domain.wording import ENGLISH, page_tag
from interpreters.sql import (
    audit,
    bookings,
    client_links,
    client_voices,
    clients,
    institutions,
    interpreters,
    request_clients,
    requests,
    rooms,
    sites,
)
from interpreters.sql.bookings import Booking
from interpreters.sql.client_links import ClientLink
from interpreters.sql.client_voices import ClientVoice
from interpreters.sql.clients import Client
from interpreters.sql.institutions import Institution
from interpreters.sql.requests import Request

__all__ = ["Appointment", "ClientLink", "ClientVoice", "LinkOrder", "MadeLink", "OpenedLink"]
ASKERS: Final = ("coordinator", "consultant", "institution")


class _Facts(TypedDict):
    """What decides whether there may be a link."""

    wanted: bool
    kind: str
    topic: str
    priority: str
    state: BookingState


class LinkOrder(msgspec.Struct, frozen=True, kw_only=True):
    """For whom the link is: one of the request's clients, by id or reference, or its only one.

    `language` is a page language; None: the first of the client's that there are pages in.
    """

    client_id: UUID | None = None
    reference: str | None = None
    language: str | None = None


class MadeLink(msgspec.Struct, frozen=True, kw_only=True):
    """A new link with its token, which is told this once."""

    link: ClientLink
    token: str


class Appointment(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows of a booking: no names, no reference, no topic, no institution."""

    session: Window
    time_zone: str
    mode: str
    certain: bool
    place: str | None
    address: str | None
    room: str | None
    initials: str
    gender: str | None


class OpenedLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link that lives: who holds it, what it shows, and what was said through it."""

    link: ClientLink
    booking: Booking
    appointment: Appointment
    voices: list[ClientVoice]


async def create_link(
    db: Db, caller: Caller, *, booking_id: UUID, order: Callable[[], LinkOrder], now: datetime
) -> MadeLink:
    """Make a link for a client of the booking; the client's former one ends.

    Raises:
        NotFound: there is no such booking in what the caller may see.
        ClientLinkNotAllowed, ClientLinksOff, WrongState: see `domain/client_links.py`.
        Invalid: the booking has no such client, or several and none was named.
    """
    permit(caller, "bookings:write", *ASKERS)
    request, booking = await hold(db, caller, booking_id)
    institution = await _institution(db, caller.network_id, booking)
    refuse_link(**_facts(institution, request, booking))
    wanted = order()
    client = await _client(db, caller.network_id, request, wanted)
    token = new_token(caller.network_id, "cl")
    link = ClientLink(
        id=new_id(now),
        booking_id=booking.id,
        client_id=client.id,
        language=wanted.language or _language(client, request, institution),
        expires_at=booking.session.ends_at,
        created_at=now,
    )
    await client_links.revoke(
        db, network_id=caller.network_id, booking_id=booking.id, client_id=client.id, now=now
    )
    await client_links.insert(
        db, network_id=caller.network_id, link=link, token_hash=token_hash(token)
    )
    await audit.write(
        db, caller=caller, action="linked", subject_kind="client", subject_ids=[client.id], now=now
    )
    return MadeLink(link=link, token=token)


async def list_links(
    db: Db, caller: Caller, *, booking_id: UUID, page: Callable[[], tuple[UUID | None, int]]
) -> list[ClientLink]:
    """Return the booking's links, newest first, without their tokens; each ends with the session.

    Raises:
        NotFound: there is no such booking in what the caller may see.
    """
    permit(caller, "bookings:read", *ASKERS)
    booking = await find_own(db, caller, booking_id)
    before, limit = page()
    found = await client_links.of_booking(
        db, network_id=caller.network_id, booking_id=booking_id, before=before, limit=limit
    )
    ends_at = booking.session.ends_at
    return [msgspec.structs.replace(one, expires_at=ends_at) for one in found]


async def revoke_links(db: Db, caller: Caller, *, booking_id: UUID, now: datetime) -> None:
    """End every link of the booking at once.

    Raises:
        NotFound: there is no such booking in what the caller may see.
    """
    permit(caller, "bookings:write", *ASKERS)
    await find_own(db, caller, booking_id)
    await client_links.revoke(
        db, network_id=caller.network_id, booking_id=booking_id, client_id=None, now=now
    )


async def open_link(db: Db, network_id: UUID, *, token: str, now: datetime) -> OpenedLink | None:
    """Return what a link shows, and note that it was opened; None as `find_link`."""
    opened = await find_link(db, network_id, token=token, now=now)
    if opened is not None and opened.link.opened_at is None:
        await client_links.note_opened(db, network_id=network_id, link_id=opened.link.id, now=now)
        await audit.write_opened(db, network_id=network_id, link_id=opened.link.id, now=now)
    return opened


async def find_link(db: Db, network_id: UUID, *, token: str, now: datetime) -> OpenedLink | None:
    """Return what a link shows; None when it is unknown, revoked, over, or shows nothing any more.

    Nobody learns which: the booking may have been called off for the holder's own good.
    """
    link = await client_links.find(db, network_id=network_id, token_hash=token_hash(token))
    if link is None:
        return None
    booking = await bookings.find(db, network_id=network_id, booking_id=link.booking_id)
    client = await clients.find(db, network_id=network_id, client_id=link.client_id)
    if booking is None or client is None or client.erased_at is not None:
        return None
    request = await requests.find(db, network_id=network_id, request_id=booking.request_id)
    assert request is not None  # the foreign key holds it
    institution = await _institution(db, network_id, booking)
    facts = _facts(institution, request, booking)
    if not still_shows(**facts, session=booking.session, now=now):
        return None
    voices = await client_voices.of_client(
        db, network_id=network_id, booking_id=booking.id, client_id=client.id
    )
    shown = await _appointment(db, network_id, booking, request)
    return OpenedLink(link=link, booking=booking, appointment=shown, voices=voices)


async def _institution(db: Db, network_id: UUID, booking: Booking) -> Institution:
    found = await institutions.find(
        db, network_id=network_id, institution_id=booking.institution_id
    )
    assert found is not None  # the foreign key holds it
    return found


def _facts(institution: Institution, request: Request, booking: Booking) -> _Facts:
    return {
        "wanted": institution.client_links,
        "kind": institution.kind,
        "topic": request.topic,
        "priority": request.priority,
        "state": booking.state,
    }


async def _client(db: Db, network_id: UUID, request: Request, wanted: LinkOrder) -> Client:
    known = await request_clients.of_requests(db, network_id=network_id, request_ids=[request.id])
    people = known[request.id]
    if wanted.client_id is None and wanted.reference is None:
        if len(people) != 1:
            raise _wrong("/client_id", "required", "The booking has several clients: name one")
        client_id = next(iter(people))
    else:
        chosen = [
            one
            for one, reference in people.items()
            if wanted.client_id in (None, one) and wanted.reference in (None, reference)
        ]
        if not chosen:
            pointer = "/reference" if wanted.client_id is None else "/client_id"
            raise _wrong(pointer, "unknown-client", "The booking has no such client")
        client_id = chosen[0]
    found = await clients.find(db, network_id=network_id, client_id=client_id)
    if found is None or found.erased_at is not None:
        raise _wrong("/client_id", "unknown-client", "The client was erased")
    return found


def _wrong(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid([FieldError(pointer=pointer, code=code, detail=detail)])


def _language(client: Client, request: Request, institution: Institution) -> str:
    """Return the first language there are pages in: the client's, the session's, the house's."""
    spoken = (*client.languages, *request.languages, institution.working_language)
    return next((tag for one in spoken if (tag := page_tag(one))), ENGLISH)


async def _appointment(db: Db, network_id: UUID, booking: Booking, request: Request) -> Appointment:
    person = await interpreters.find(
        db, network_id=network_id, interpreter_id=booking.interpreter_id
    )
    assert person is not None  # the foreign key holds it
    site = room = None
    if booking.mode == "in_person" and booking.site_id is not None:
        site = await sites.find(db, network_id=network_id, site_id=booking.site_id)
        there = await rooms.of_sites(db, network_id=network_id, site_ids=[booking.site_id])
        names = {one.id: one.name for one in there[booking.site_id]}
        room = None if request.room_id is None else names.get(request.room_id)
    return Appointment(
        session=booking.session,
        time_zone=booking.time_zone,
        mode=booking.mode,
        certain=booking.state != "held",
        place=None if site is None else site.name,
        address=None if site is None else ", ".join(filter(None, (site.address, site.city))),
        room=room,
        initials=initials(person.display_name),
        gender=person.gender,
    )
