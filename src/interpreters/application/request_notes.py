"""What coordinators write to each other about a request; nobody else reads it.

Notes stand among the request's sealed details: they are forgotten, erased and exported with them.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.by_hand import note_by_hand
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import NotFound, Refusal
from interpreters.sql import requests, users
from interpreters.sql.requests import Request

NOTES: Final = "notes"
MOST: Final = 50


class TooManyNotes(Refusal):
    """The request has as many as it may."""

    code = "too-many-notes"
    title = "This request has as many notes as one may have"


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A note, who wrote it (None: software), and when."""

    text: str
    by: UUID | None
    at: datetime


class ShownNote(msgspec.Struct, frozen=True, kw_only=True):
    """A note with its writer's name, where it is known."""

    note: Note
    name: str | None


async def add_note(
    db: Db, caller: Caller, *, request_id: UUID, text: Callable[[], str], now: datetime
) -> None:
    """Write a note; whoever has the request open is told that it changed.

    Raises:
        Forbidden: only coordinators write them.
        NotFound: there is no such request.
        TooManyNotes: it has as many as it may.
    """
    permit(caller, "requests:write", "coordinator")
    network_id = caller.network_id
    if await requests.find(db, network_id=network_id, request_id=request_id) is None:
        raise NotFound
    written = text()
    request = await requests.lock(db, network_id=network_id, request_id=request_id)
    assert request is not None  # it was just read, and requests are not deleted
    had = request.details.get(NOTES, [])
    if len(had) >= MOST:
        raise TooManyNotes
    note = Note(text=written, by=caller.user_id, at=now)
    changed = msgspec.structs.replace(
        request,
        details={**request.details, NOTES: [*had, msgspec.to_builtins(note)]},
        updated_at=now,
        version=request.version + 1,
    )
    saved = await requests.update(db, network_id=network_id, request=changed)
    assert saved  # the row is held
    await note_by_hand(db, caller, request_id=request_id, action="noted", now=now)


async def notes_of(db: Db, *, network_id: UUID, request: Request) -> Sequence[ShownNote]:
    """Return the request's notes, the oldest first. For coordinators only."""
    notes = msgspec.convert(request.details.get(NOTES, []), list[Note])
    names: dict[UUID, str | None] = {}
    for one in {each.by for each in notes if each.by is not None}:
        user = await users.find(db, network_id=network_id, user_id=one)
        names[one] = None if user is None else user.display_name
    return [ShownNote(note=one, name=None if one.by is None else names[one.by]) for one in notes]
