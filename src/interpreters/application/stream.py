"""The feed, followed: what came after a place, for one who stays."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.events import Event, place_all, place_of
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.events import types_for
from interpreters.sql import events

PORTION: Final = 100


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What a look found: events, the place it reached, and whether more stands there already."""

    caller: Caller
    events: list[Event]
    place: int
    more: bool


async def look(
    db: Db, caller: Caller, *, place: int | None, after: Callable[[], UUID | None], now: datetime
) -> Look:
    """Return what the caller may see after a place; at first after an event, or from now on.

    Raises:
        Forbidden: the role has no feed, or the key not the scope.
        Invalid: there is no event `after`.
    """
    permit(caller, "events:read", "coordinator", "consultant", "institution", "interpreter")
    event_id = after() if place is None else None
    last = await newest_place(db, network_id=caller.network_id, now=now)
    if place is None:
        place = last
        if event_id is not None:
            place = await place_of(db, caller.network_id, event_id)
    found = await events.feed(
        db,
        network_id=caller.network_id,
        types=types_for(caller.role),
        after_place=place,
        institution_id=caller.institution_id,
        interpreter_id=caller.interpreter_id,
        limit=PORTION,
    )
    more = len(found) == PORTION
    reached = found[-1].place if more else max(place, last, *(one.place for one in found))
    return Look(caller=caller, events=found, place=reached, more=more)


async def newest_place(db: Db, *, network_id: UUID, now: datetime) -> int:
    """Give what waits its place, and return the last one."""
    await place_all(db, network_id=network_id, now=now)
    return await events.last_place(db, network_id=network_id)
