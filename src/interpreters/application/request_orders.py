"""What a requester may ask for, and the checks that need the network to be known."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.application.fallbacks import with_consent
from interpreters.application.opening_hours import refuse_closed
from interpreters.application.parties import refuse_details
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, Invalid
from interpreters.domain.ids import INSTITUTION, new_id, read_id
from interpreters.domain.parties import parties_of
from interpreters.domain.requests import is_emergency
from interpreters.domain.windows import Window, at_place
from interpreters.sql import clients, institutions, rooms, sites
from interpreters.sql.clients import Client
from interpreters.sql.institutions import Institution
from interpreters.sql.requests import Request
from interpreters.sql.sites import Site

# What a request takes over from its order as it is.
AS_ORDERED: Final = (
    "site_id", "room_id", "languages", "modes", "duration_minutes", "topic",
    "interpreters_needed", "partial_ok", "priority", "external_reference", "cost_centre",
    "funding_id", "instructions", "connect", "fallbacks", "details",
)  # fmt: skip


class ClientOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A client of a request, by the institution's own reference."""

    reference: str
    nationality: str | None = None
    languages: Sequence[str] = ()


class RequestOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted. `starts_at` None is now; `details` holds what no search asks for.

    With `recurrence` it is a series (`application/series.py`); `replaces` is a booking that was
    called off late (`application/replacements.py`).
    """

    institution_id: UUID | None = None
    languages: Sequence[str]
    dialect: str | None = None
    working_language: str | None = None
    modes: Sequence[str]
    starts_at: datetime | None
    duration_minutes: int
    site_id: UUID | None = None
    room_id: UUID | None = None
    clients: Sequence[ClientOrder]
    topic: str
    requirements: Mapping[str, Any] = {}
    fallbacks: Mapping[str, Any] = {}
    interpreters_needed: int = 1
    partial_ok: bool = False
    priority: str = "routine"
    external_reference: str | None = None
    cost_centre: str | None = None
    funding_id: UUID | None = None
    require_funding: bool = False
    connect: Mapping[str, Any] | None = None
    instructions: str | None = None
    details: Mapping[str, Any] = {}
    refuse_duplicates: bool = False
    recurrence: str | None = None
    recurrence_skips: str | None = None
    replaces: UUID | None = None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """The institution a request is for, and the site it is at."""

    institution: Institution
    site: Site | None


async def place_of_order(db: Db, caller: Caller, *, order: RequestOrder) -> Place:
    """Find the institution and the site that an order names.

    Raises:
        Forbidden: another institution than the caller's own.
        Invalid: an institution or site that is not there, none where one is needed, or a site
            that is closed then.
    """
    institution_id = order.institution_id
    if caller.institution_id is not None:
        if institution_id not in (None, caller.institution_id):
            raise Forbidden("You may ask for your own institution only")
        institution_id = caller.institution_id
    if institution_id is None:
        raise Invalid([_error("/institution_id", "required", "Say which institution asks")])
    institution = await institutions.find(
        db, network_id=caller.network_id, institution_id=institution_id
    )
    if institution is None:
        raise Invalid([_error("/institution_id", "unknown-institution", "There is none such")])
    await _refuse_unknown_receiver(db, caller, order)
    site = await _site(db, caller, institution_id, order)
    if order.recurrence is None:  # a series looks at each of its dates
        refuse_closed(
            caller, institution=institution, site=site, modes=order.modes,
            starts_at=order.starts_at, duration_minutes=order.duration_minutes,
        )  # fmt: skip
    return Place(institution=institution, site=site)


async def _refuse_unknown_receiver(db: Db, caller: Caller, order: RequestOrder) -> None:
    """A coordinator may ask on behalf of an institution; to others it is as if there were none."""
    named = (order.details.get("on_behalf_of") or {}).get("institution_id")
    if named is None:
        return
    found = None
    if caller.is_coordinator:
        found = await institutions.find(
            db, network_id=caller.network_id, institution_id=read_id(INSTITUTION, named)
        )
    if found is None:
        pointer = "/on_behalf_of/institution_id"
        raise Invalid([_error(pointer, "unknown-institution", "There is none such")])


async def _site(db: Db, caller: Caller, institution_id: UUID, order: RequestOrder) -> Site | None:
    if order.site_id is None:
        if order.room_id is not None:
            raise Invalid([_error("/room_id", "unknown-room", "A room is at a site: say which")])
        return None
    site = await sites.find(db, network_id=caller.network_id, site_id=order.site_id)
    if site is None or site.institution_id != institution_id:
        raise Invalid([_error("/site_id", "unknown-site", "The institution has no such site")])
    if order.room_id is not None:
        there = await rooms.of_sites(db, network_id=caller.network_id, site_ids=[site.id])
        if order.room_id not in {one.id for one in there[site.id]}:
            raise Invalid([_error("/room_id", "unknown-room", "The site has no such room")])
    return site


def new_request(caller: Caller, *, order: RequestOrder, place: Place, now: datetime) -> Request:
    """Return the request of an order, before it was planned.

    Raises:
        Invalid: client and working language are the same, parties would meet, or the briefing
            would have begun.
    """
    working_language = order.working_language or place.institution.working_language
    if working_language in order.languages:
        detail = "The client's language and the working language are the same"
        raise Invalid([_error("/language", "same-language", detail)])
    starts_at = order.starts_at or now
    time_zone = place.site.time_zone if place.site else place.institution.time_zone
    request = Request(
        id=new_id(now),
        institution_id=place.institution.id,
        state="searching",
        working_language=working_language,
        session=Window(
            starts_at=starts_at, ends_at=starts_at + timedelta(minutes=order.duration_minutes)
        ),
        starts_now=order.starts_at is None,
        wall_starts_at=wall_time(starts_at, time_zone),
        time_zone=time_zone,
        requirements=_requirements(order),
        emergency=is_emergency(priority=order.priority, topic=order.topic),
        ladder_started_at=now,
        replaces_id=order.replaces,
        created_by=caller.owner_id,
        created_at=now,
        updated_at=now,
        **{name: getattr(order, name) for name in AS_ORDERED},
    )
    refuse_details(request, now=now)
    return with_consent(request, caller, now=now)


def wall_time(instant: datetime, time_zone: str) -> datetime:
    """Return what the clock at the place shows: kept, so that a change of its rules moves it."""
    return at_place(instant=instant, time_zone=time_zone).replace(tzinfo=None)


async def clients_of_order(
    db: Db, caller: Caller, *, order: RequestOrder, institution_id: UUID, now: datetime
) -> list[UUID]:
    """Return the clients' ids; an unknown reference becomes a client of the institution.

    Those of the parties do too, all in one order: two orders that name the same people crosswise
    would wait for each other.
    """
    network_id = caller.network_id
    wanted = {one.reference: one for one in order.clients}
    named = {
        **{one["reference"]: ClientOrder(reference=one["reference"])
           for one in parties_of(order.details)},
        **wanted,
    }  # fmt: skip
    known = await _known(db, network_id, institution_id, named)
    for reference in sorted(named.keys() - known.keys()):
        one = named[reference]
        await clients.insert(
            db,
            network_id=network_id,
            client=Client(
                id=new_id(now),
                institution_id=institution_id,
                reference=reference,
                languages=one.languages or order.languages,
                nationality=one.nationality,
                created_at=now,
            ),
        )
    if named.keys() - known.keys():
        known = await _known(db, network_id, institution_id, named)
    return [known[reference].id for reference in wanted]


async def _known(
    db: Db, network_id: UUID, institution_id: UUID, wanted: Mapping[str, ClientOrder]
) -> dict[str, Client]:
    return await clients.by_references(
        db, network_id=network_id, institution_id=institution_id, references=list(wanted)
    )


def _requirements(order: RequestOrder) -> dict[str, Any]:
    """A member that was folded into the language it is booked as stays as a wished dialect."""
    demands = dict(order.requirements)
    if order.dialect is not None and demands.get("dialect") is None:
        demands["dialect"] = {"value": order.dialect, "strict": False}
    return demands


def _error(pointer: str, code: str, detail: str) -> FieldError:
    return FieldError(pointer=pointer, code=code, detail=detail)
