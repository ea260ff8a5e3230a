"""Every statement about the `events` and `event_places` tables: the feed and its sequencer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, at its place in the network's feed (from 1, without gaps).

    `recorded_at` is when it happened, `placed_at` when the feed took it; the latter never falls
    from one place to the next and is never before the former.
    """

    id: UUID
    place: int
    type: str
    subject_kind: str
    subject_id: UUID
    request_id: UUID | None
    booking_id: UUID | None
    offer_id: UUID | None
    institution_id: UUID | None
    interpreter_id: UUID | None
    state: str | None
    recorded_at: datetime
    placed_at: datetime
    receiving_id: UUID | None = None  # whom it concerns besides; it is written, not read


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """The last place that was given in a network, and when."""

    place: int
    placed_at: datetime


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A subject, and the place and time of its latest event."""

    subject_id: UUID
    place: int
    placed_at: datetime


# $1 network_id
LOCK_PLACES: Final[LiteralString] = """
    SELECT p.place, p.placed_at FROM event_places p WHERE p.network_id = $1 FOR UPDATE
"""


async def lock_places(db: Db, *, network_id: UUID) -> Places:
    """Wait for the network's counter and hold it until the transaction ends."""
    row = await db.fetchrow(LOCK_PLACES, network_id)
    assert row is not None  # a network is opened with its counter
    return Places(**dict(row))


# $1 network_id
LAST_PLACE: Final[LiteralString] = """
    SELECT p.place FROM event_places p WHERE p.network_id = $1
"""


async def last_place(db: Db, *, network_id: UUID) -> int:
    """Return the last place that was given; whatever stands before it is there to be read."""
    return int(await db.fetchval(LAST_PLACE, network_id))


# $1 network_id, $2 place, $3 placed_at
SET_PLACES: Final[LiteralString] = """
    UPDATE event_places AS p SET place = $2, placed_at = $3 WHERE p.network_id = $1
"""


async def set_places(db: Db, *, network_id: UUID, places: Places) -> None:
    """Note the last place that was given."""
    await db.execute(SET_PLACES, network_id, places.place, places.placed_at)


# $1 network_id, then arrays of one length: $2 places, $3 ids, $4 types, $5 subject kinds,
# $6 subject ids, $7 request ids, $8 booking ids, $9 offer ids, $10 institution ids,
# $11 interpreter ids, $12 states, $13 recorded at, $14 placed at, $15 receiving institutions' ids
INSERT: Final[LiteralString] = """
    INSERT INTO events AS e (network_id, place, id, type, subject_kind, subject_id, request_id,
        booking_id, offer_id, institution_id, interpreter_id, state, recorded_at, placed_at,
        receiving_id)
    SELECT $1, n.place, n.id, n.type, n.subject_kind, n.subject_id, n.request_id, n.booking_id,
           n.offer_id, n.institution_id, n.interpreter_id, n.state, n.recorded_at, n.placed_at,
           n.receiving_id
    FROM unnest($2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::uuid[],
                $8::uuid[], $9::uuid[], $10::uuid[], $11::uuid[], $12::text[],
                $13::timestamptz[], $14::timestamptz[], $15::uuid[])
         AS n (place, id, type, subject_kind, subject_id, request_id, booking_id, offer_id,
               institution_id, interpreter_id, state, recorded_at, placed_at, receiving_id)
    RETURNING e.place
"""


async def insert(db: Db, *, network_id: UUID, events: Sequence[Event]) -> None:
    """Add events to the end of the feed; the counter must be locked."""
    columns = [
        [getattr(one, name) for one in events]
        for name in (
            "place", "id", "type", "subject_kind", "subject_id", "request_id", "booking_id",
            "offer_id", "institution_id", "interpreter_id", "state", "recorded_at", "placed_at",
            "receiving_id",
        )
    ]  # fmt: skip
    await db.fetch(INSERT, network_id, *columns)


# $1 network_id, $2 id
FIND_PLACE: Final[LiteralString] = """
    SELECT e.place FROM events e WHERE e.network_id = $1 AND e.id = $2
"""


async def find_place(db: Db, *, network_id: UUID, event_id: UUID) -> int | None:
    """Return the place of an event, if the network has it."""
    place: int | None = await db.fetchval(FIND_PLACE, network_id, event_id)
    return place


# $1 network_id, $2 since
PLACE_SINCE: Final[LiteralString] = """
    SELECT e.place FROM events e
    WHERE e.network_id = $1 AND e.placed_at >= $2
    ORDER BY e.placed_at, e.place LIMIT 1
"""


async def find_place_since(db: Db, *, network_id: UUID, since: datetime) -> int | None:
    """Return the first place given at `since` or later: times never fall along the feed."""
    place: int | None = await db.fetchval(PLACE_SINCE, network_id, since)
    return place


# The feed, whole, of an institution, of what it receives and of an interpreter: each has its
# index whatever plan is kept, and one who sees little does not walk over everybody's events.
# $1 network_id, $2 types, $3 after place, $4 limit
FEED: Final[LiteralString] = """
    SELECT e.id, e.place, e.type, e.subject_kind, e.subject_id, e.request_id, e.booking_id,
           e.offer_id, e.institution_id, e.interpreter_id, e.state, e.recorded_at, e.placed_at
    FROM events e
    WHERE e.network_id = $1 AND e.type = ANY ($2) AND e.place > $3
    ORDER BY e.place LIMIT $4
"""
# $1 to $4 as in FEED, $5 institution_id
FEED_OF_INSTITUTION: Final[LiteralString] = """
    SELECT e.id, e.place, e.type, e.subject_kind, e.subject_id, e.request_id, e.booking_id,
           e.offer_id, e.institution_id, e.interpreter_id, e.state, e.recorded_at, e.placed_at
    FROM events e
    WHERE e.network_id = $1 AND e.institution_id = $5 AND e.type = ANY ($2) AND e.place > $3
    ORDER BY e.place LIMIT $4
"""
# $1 to $4 as in FEED, $5 the institution on whose behalf another one asks
FEED_OF_RECEIVER: Final[LiteralString] = """
    SELECT e.id, e.place, e.type, e.subject_kind, e.subject_id, e.request_id, e.booking_id,
           e.offer_id, e.institution_id, e.interpreter_id, e.state, e.recorded_at, e.placed_at
    FROM events e
    WHERE e.network_id = $1 AND e.receiving_id = $5 AND e.type = ANY ($2) AND e.place > $3
    ORDER BY e.place LIMIT $4
"""
# $1 to $4 as in FEED, $5 interpreter_id
FEED_OF_INTERPRETER: Final[LiteralString] = """
    SELECT e.id, e.place, e.type, e.subject_kind, e.subject_id, e.request_id, e.booking_id,
           e.offer_id, e.institution_id, e.interpreter_id, e.state, e.recorded_at, e.placed_at
    FROM events e
    WHERE e.network_id = $1 AND e.interpreter_id = $5 AND e.type = ANY ($2) AND e.place > $3
    ORDER BY e.place LIMIT $4
"""


async def feed(
    db: Db,
    *,
    network_id: UUID,
    types: Sequence[str],
    after_place: int,
    institution_id: UUID | None,
    interpreter_id: UUID | None,
    limit: int,
) -> list[Event]:
    """Return the events after a place, ascending: all, an institution's or an interpreter's."""
    values = (network_id, list(types), after_place, limit)
    if interpreter_id is not None:
        rows = await db.fetch(FEED_OF_INTERPRETER, *values, interpreter_id)
    elif institution_id is not None:
        own = await db.fetch(FEED_OF_INSTITUTION, *values, institution_id)
        received = await db.fetch(FEED_OF_RECEIVER, *values, institution_id)
        rows = _together(own, received, limit)
    else:
        rows = await db.fetch(FEED, *values)
    return [Event(**dict(row)) for row in rows]


# Each subject once, at its latest event: one that moves on while the list is read comes again.
# $1 network_id, $2 subject_kind, $3 after place, $4 limit
CHANGED: Final[LiteralString] = """
    SELECT e.subject_id, e.place, e.placed_at
    FROM events e
    WHERE e.network_id = $1 AND e.subject_kind = $2 AND e.place > $3
      AND NOT EXISTS (
        SELECT 1 FROM events l
        WHERE l.network_id = $1 AND l.subject_kind = $2 AND l.subject_id = e.subject_id
          AND l.place > e.place
      )
    ORDER BY e.place LIMIT $4
"""
# $1 to $4 as in CHANGED, $5 institution_id
CHANGED_OF_INSTITUTION: Final[LiteralString] = """
    SELECT e.subject_id, e.place, e.placed_at
    FROM events e
    WHERE e.network_id = $1 AND e.institution_id = $5 AND e.subject_kind = $2 AND e.place > $3
      AND NOT EXISTS (
        SELECT 1 FROM events l
        WHERE l.network_id = $1 AND l.subject_kind = $2 AND l.subject_id = e.subject_id
          AND l.place > e.place AND l.institution_id = $5
      )
    ORDER BY e.place LIMIT $4
"""
# $1 to $4 as in CHANGED, $5 the institution on whose behalf another one asks
CHANGED_OF_RECEIVER: Final[LiteralString] = """
    SELECT e.subject_id, e.place, e.placed_at
    FROM events e
    WHERE e.network_id = $1 AND e.receiving_id = $5 AND e.subject_kind = $2 AND e.place > $3
      AND NOT EXISTS (
        SELECT 1 FROM events l
        WHERE l.network_id = $1 AND l.subject_kind = $2 AND l.subject_id = e.subject_id
          AND l.place > e.place AND l.receiving_id = $5
      )
    ORDER BY e.place LIMIT $4
"""
# $1 to $4 as in CHANGED, $5 interpreter_id
CHANGED_OF_INTERPRETER: Final[LiteralString] = """
    SELECT e.subject_id, e.place, e.placed_at
    FROM events e
    WHERE e.network_id = $1 AND e.interpreter_id = $5 AND e.subject_kind = $2 AND e.place > $3
      AND NOT EXISTS (
        SELECT 1 FROM events l
        WHERE l.network_id = $1 AND l.subject_kind = $2 AND l.subject_id = e.subject_id
          AND l.place > e.place AND l.interpreter_id = $5
      )
    ORDER BY e.place LIMIT $4
"""


async def changed(
    db: Db,
    *,
    network_id: UUID,
    kind: str,
    after_place: int,
    institution_id: UUID | None,
    interpreter_id: UUID | None,
    limit: int,
) -> list[Changed]:
    """Return the subjects whose latest event stands after a place, ascending by that event."""
    values = (network_id, kind, after_place, limit)
    if interpreter_id is not None:
        rows = await db.fetch(CHANGED_OF_INTERPRETER, *values, interpreter_id)
    elif institution_id is not None:
        own = await db.fetch(CHANGED_OF_INSTITUTION, *values, institution_id)
        received = await db.fetch(CHANGED_OF_RECEIVER, *values, institution_id)
        rows = _together(own, received, limit)
    else:
        rows = await db.fetch(CHANGED, *values)
    return [Changed(**dict(row)) for row in rows]


def _together(own: Sequence[Row], received: Sequence[Row], limit: int) -> list[Row]:
    return sorted([*own, *received], key=lambda row: int(row["place"]))[:limit]
