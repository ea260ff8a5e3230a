"""Events: given their places in the feed, read as a feed, and as what changed since.

Writers only put notices in the outbox. Places are given afterwards, by whoever comes first: the
worker, or anybody about to read. So a read is complete when every worker is dead, and as places
are given after commit and under one lock, a slow transaction is placed behind what was read.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.events import event_id, types_for
from interpreters.sql import events, outbox, received
from interpreters.sql.events import Changed, Event, Places
from interpreters.sql.outbox import Written

__all__ = [
    "BATCH", "Changed", "Event", "FeedOrder", "changed_subjects", "list_events", "place_all",
    "place_events", "place_of", "receivers_of",
]  # fmt: skip
RECEIVED: Final = ("request", "booking")  # what an institution hears of that receives them
BATCH: Final = 500  # notices placed in one transaction: bounds how long the counter is held


class FeedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A wish to read the feed: what follows the event `after`, from the beginning if none."""

    after: UUID | None
    limit: int


async def place_events(db: Db, *, network_id: UUID, now: datetime) -> int:
    """Give what waits in the outbox its places in the feed; return how many were placed.

    At most `BATCH`: fewer means that nothing is left. Where nothing waits, it is one read
    without a lock. The counter is locked before anything else, so it never waits in a circle.
    """
    if not await outbox.any_not_placed(db, network_id=network_id):
        return 0
    last = await events.lock_places(db, network_id=network_id)
    waiting = await outbox.not_placed(db, network_id=network_id, limit=BATCH)
    if not waiting:
        return 0
    placed = _placed(waiting, last, now, await receivers_of(db, network_id, waiting))
    await events.insert(db, network_id=network_id, events=placed)
    await outbox.mark_placed(
        db,
        network_id=network_id,
        ids=[one.id for one in waiting],
        event_ids=[one.id for one in placed],
    )
    end = Places(place=placed[-1].place, placed_at=placed[-1].placed_at)
    await events.set_places(db, network_id=network_id, places=end)
    return len(placed)


async def list_events(
    db: Db, caller: Caller, *, order: Callable[[], FeedOrder], now: datetime
) -> list[Event]:
    """Return the next events that the caller may see, ascending.

    Raises:
        Forbidden: the role has no feed, or the key not the scope.
        Invalid: there is no event `after`.
    """
    permit(caller, "events:read", "coordinator", "consultant", "institution", "interpreter")
    wanted = order()
    await place_all(db, network_id=caller.network_id, now=now)
    return await events.feed(
        db,
        network_id=caller.network_id,
        types=types_for(caller.role),
        after_place=await place_of(db, caller.network_id, wanted.after),
        institution_id=caller.institution_id,
        interpreter_id=caller.interpreter_id,
        limit=wanted.limit,
    )


async def changed_subjects(
    db: Db,
    *,
    network_id: UUID,
    kind: str,
    since: datetime | None,
    after_place: int | None,
    institution_id: UUID | None,
    interpreter_id: UUID | None,
    limit: int,
    now: datetime,
) -> list[Changed]:
    """Return the subjects of a kind that changed, each once, ascending by their latest event.

    `since` is an instant, `after_place` where the page before ended. Whoever pages on and then
    asks again `since` the newest time they saw misses nothing: a subject that changes meanwhile
    comes again, and what commits late is placed late. `institution_id` and `interpreter_id`
    restrict to what is theirs.
    """
    await place_all(db, network_id=network_id, now=now)
    start = after_place or 0
    if since is not None:
        first = await events.find_place_since(db, network_id=network_id, since=since)
        if first is None:
            return []
        start = max(start, first - 1)
    return await events.changed(
        db,
        network_id=network_id,
        kind=kind,
        after_place=start,
        institution_id=institution_id,
        interpreter_id=interpreter_id,
        limit=limit,
    )


async def place_all(db: Db, *, network_id: UUID, now: datetime) -> None:
    """Give places until nothing is left that was waiting when this began."""
    while await place_events(db, network_id=network_id, now=now) == BATCH:
        pass


async def place_of(db: Db, network_id: UUID, after: UUID | None) -> int:
    """Return the place of the event `after`, 0 without one.

    Raises:
        Invalid: there is no such event.
    """
    if after is None:
        return 0
    place = await events.find_place(db, network_id=network_id, event_id=after)
    if place is None:
        detail = "There is no such event; use an id from this feed"
        raise Invalid([FieldError(pointer="/after", code="invalid", detail=detail)])
    return place


async def receivers_of(db: Db, network_id: UUID, notices: Sequence[Written]) -> Mapping[UUID, UUID]:
    """Return the requests among them that were made on behalf of another institution, with it."""
    named = {one.request_id for one in notices if one.request_id is not None}
    return await received.receivers(db, network_id=network_id, request_ids=sorted(named))


def _placed(
    waiting: Sequence[Written], last: Places, now: datetime, receivers: Mapping[UUID, UUID]
) -> list[Event]:
    """Number the notices on from `last`; times never fall, whatever the clocks say.

    A place's time is also never before what it tells of: else one who saw an event and asks on
    from its time could miss another that is placed later by a process whose clock is behind.
    """
    made: list[Event] = []
    placed_at = max(last.placed_at, now)
    for place, one in enumerate(waiting, start=last.place + 1):
        placed_at = max(placed_at, one.recorded_at)
        made.append(
            Event(
                id=event_id(placed_at, place),
                place=place,
                type=one.type,
                subject_kind=one.subject_kind,
                subject_id=one.subject_id,
                request_id=one.request_id,
                booking_id=one.booking_id,
                offer_id=one.offer_id,
                institution_id=one.institution_id,
                interpreter_id=one.interpreter_id,
                state=one.state,
                recorded_at=one.recorded_at,
                placed_at=placed_at,
                receiving_id=_receiver(one, receivers),
            )
        )
    return made


def _receiver(one: Written, receivers: Mapping[UUID, UUID]) -> UUID | None:
    """What a session costs is between the network and whoever asked."""
    if one.request_id is None or one.subject_kind not in RECEIVED:
        return None
    return receivers.get(one.request_id)
