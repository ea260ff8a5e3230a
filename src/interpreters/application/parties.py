"""Supervised contact: the parties are known as clients, and their room is theirs alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.briefings import attended, briefing_of, refuse_late_briefing
from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.ids import new_id
from interpreters.domain.parties import (
    PARTIES,
    Party,
    RoomIsTaken,
    parties_of,
    refuse_parties,
    refuse_shift,
    room_time,
)
from interpreters.domain.windows import Window, at_place
from interpreters.sql import clients, room_uses, rooms
from interpreters.sql.clients import Client
from interpreters.sql.requests import Request

OVER: Final = ("cancelled", "closed")


def refuse_details(request: Request, *, now: datetime) -> None:
    """Do nothing when the request's parties can be kept apart and there is time to brief.

    Raises:
        Invalid: see `domain/parties.py` and `domain/briefings.py`.
    """
    parties = parties_of(request.details)
    refuse_parties(parties, session=request.session)
    minutes = request.fallbacks.get("shift_minutes", 0)
    refuse_shift(parties, minutes=minutes, pointer="/fallbacks")
    refuse_late_briefing(
        session=request.session, briefing_minutes=briefing_of(request.details), now=now
    )


async def with_parties(db: Db, *, network_id: UUID, request: Request, now: datetime) -> Request:
    """Return the request with the ids of its parties, so that conflicts are known of each."""
    parties = parties_of(request.details)
    if not parties:
        return request
    known = await party_clients(
        db,
        network_id=network_id,
        institution_id=request.institution_id,
        parties=parties,
        languages=request.languages,
        now=now,
    )
    named = [{**one, "client_id": str(key)} for one, key in zip(parties, known, strict=True)]
    return msgspec.structs.replace(request, details={**request.details, PARTIES: named})


async def party_clients(
    db: Db,
    *,
    network_id: UUID,
    institution_id: UUID,
    parties: Sequence[Party],
    languages: Sequence[str] = (),
    now: datetime,
) -> list[UUID]:
    """Return the parties' ids, in their order; an unknown reference becomes a client.

    It is nobody whom the session is counted for, only somebody a conflict can be noted about.
    """
    references = [one["reference"] for one in parties]
    known = await clients.by_references(
        db, network_id=network_id, institution_id=institution_id, references=references
    )
    for reference in sorted(set(references) - known.keys()):
        new = Client(
            id=new_id(now),
            institution_id=institution_id,
            reference=reference,
            languages=languages,
            created_at=now,
        )
        await clients.insert(db, network_id=network_id, client=new)
    if set(references) - known.keys():
        known = await clients.by_references(
            db, network_id=network_id, institution_id=institution_id, references=references
        )
    return [known[one].id for one in references]


async def take_room(db: Db, *, network_id: UUID, request: Request) -> None:
    """Have the room for the parties alone; nothing for a request without parties or room.

    Raises:
        RoomIsTaken: others who must not be met have it then.
    """
    used = _room_time(request)
    if used is None or request.room_id is None:
        return
    if not await room_uses.insert(
        db, network_id=network_id, request_id=request.id, room_id=request.room_id, used=used
    ):
        begins = at_place(instant=request.session.starts_at, time_zone=request.time_zone)
        raise RoomIsTaken(f"The room is taken on {begins:%Y-%m-%d} at {begins:%H:%M}, or in part")


async def keep_room(db: Db, *, network_id: UUID, request: Request, until: datetime) -> None:
    """Have the room for longer, when a session of the request is made longer.

    Raises:
        RoomIsTaken: others who must not be met have it afterwards.
    """
    used = None
    if request.room_id is not None and _room_time(request) is not None:
        used = await room_uses.delete(db, network_id=network_id, request_id=request.id)
    if used is None or request.room_id is None:
        return
    longer = Window(starts_at=used.starts_at, ends_at=max(used.ends_at, until))
    if not await room_uses.insert(
        db, network_id=network_id, request_id=request.id, room_id=request.room_id, used=longer
    ):
        raise RoomIsTaken("Others have the room afterwards")


async def leave_room(db: Db, *, network_id: UUID, request: Request) -> None:
    """Leave the room, once the request is called off or all is done."""
    if request.state in OVER and _room_time(request) is not None:
        await room_uses.delete(db, network_id=network_id, request_id=request.id)


async def regrouped(
    db: Db, *, network_id: UUID, was: Request, changed: Request, now: datetime
) -> Request:
    """Return the changed request with its parties known and its room moved.

    Raises:
        Invalid: the parties would meet, the briefing would have begun, there is no such room.
        RoomIsTaken: others who must not be met have the room then.
    """
    if _asked(changed) == _asked(was):
        return changed
    if _there(changed) == _there(was):
        now = min(now, _there(was).starts_at)  # a briefing that has begun was asked in time
    refuse_details(changed, now=now)
    if changed.room_id != was.room_id:
        await refuse_unknown_room(db, network_id=network_id, request=changed)
    known = await with_parties(db, network_id=network_id, request=changed, now=now)
    if (_room_time(known), known.room_id) != (_room_time(was), was.room_id):
        await room_uses.delete(db, network_id=network_id, request_id=was.id)
        await take_room(db, network_id=network_id, request=known)
    return known


async def refuse_unknown_room(db: Db, *, network_id: UUID, request: Request) -> None:
    """Do nothing when the room is at the request's site, or there is none.

    Raises:
        Invalid: the site has no such room, or there is no site.
    """
    if request.room_id is None:
        return
    site_ids = [] if request.site_id is None else [request.site_id]
    there = await rooms.of_sites(db, network_id=network_id, site_ids=site_ids)
    if all(request.room_id != one.id for found in there.values() for one in found):
        detail = "The site has no such room"
        raise Invalid([FieldError(pointer="/room_id", code="unknown-room", detail=detail)])


def _asked(request: Request) -> tuple[object, ...]:
    """What parties, room and briefing depend on."""
    parties = parties_of(request.details)
    return (_there(request), parties, request.room_id, request.fallbacks)


def _there(request: Request) -> Window:
    return attended(session=request.session, briefing_minutes=briefing_of(request.details))


def _room_time(request: Request) -> Window | None:
    parties = parties_of(request.details)
    if not parties or request.room_id is None:
        return None
    return room_time(
        session=request.session,
        parties=parties,
        briefing_minutes=briefing_of(request.details),
    )
