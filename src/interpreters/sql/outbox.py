"""Every statement about the `outbox` table: what a transaction wants told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened: ids and a state, never anything personal.

    `type` is the public event type; one that is not public (`booking.checked_in`) still moves
    the subject in `updated_since`. `institution_id` and `interpreter_id` say whose feed it is in.
    """

    type: str
    subject_kind: str  # request, offer, booking or usage_entry
    subject_id: UUID
    request_id: UUID | None = None
    booking_id: UUID | None = None
    offer_id: UUID | None = None
    institution_id: UUID | None = None
    interpreter_id: UUID | None = None
    state: str | None = None


class Written(Notice, frozen=True, kw_only=True):
    """A notice in the outbox; `event_id` once it has its place in the feed."""

    id: UUID
    recorded_at: datetime
    event_id: UUID | None


# $1 network_id, $2 batch_id, $3 recorded_at, then arrays of one length: $4 ids, $5 positions,
# $6 types, $7 subject kinds, $8 subject ids, $9 request ids, $10 booking ids, $11 offer ids,
# $12 institution ids, $13 interpreter ids, $14 states
PUT: Final[LiteralString] = """
    INSERT INTO outbox (network_id, id, batch_id, position, type, subject_kind, subject_id,
        request_id, booking_id, offer_id, institution_id, interpreter_id, state, recorded_at,
        placed)
    SELECT $1, n.id, $2, n.position, n.type, n.subject_kind, n.subject_id, n.request_id,
           n.booking_id, n.offer_id, n.institution_id, n.interpreter_id, n.state, $3, false
    FROM unnest($4::uuid[], $5::smallint[], $6::text[], $7::text[], $8::uuid[], $9::uuid[],
                $10::uuid[], $11::uuid[], $12::uuid[], $13::uuid[], $14::text[])
         AS n (id, position, type, subject_kind, subject_id, request_id, booking_id, offer_id,
               institution_id, interpreter_id, state)
    ON CONFLICT DO NOTHING
"""


async def put(
    db: Db,
    *,
    network_id: UUID,
    batch_id: UUID,
    ids: Sequence[UUID],
    notices: Sequence[Notice],
    now: datetime,
) -> None:
    """Write the notices of one transaction, in their order."""
    await db.execute(
        PUT, network_id, batch_id, now, list(ids), list(range(len(notices))),
        [one.type for one in notices], [one.subject_kind for one in notices],
        [one.subject_id for one in notices], [one.request_id for one in notices],
        [one.booking_id for one in notices], [one.offer_id for one in notices],
        [one.institution_id for one in notices], [one.interpreter_id for one in notices],
        [one.state for one in notices],
    )  # fmt: skip


# $1 network_id
ANY_NOT_PLACED: Final[LiteralString] = """
    SELECT EXISTS (SELECT 1 FROM outbox o WHERE o.network_id = $1 AND NOT o.placed)
"""


async def any_not_placed(db: Db, *, network_id: UUID) -> bool:
    """Tell whether some notice waits for its place in the feed; takes no lock."""
    return bool(await db.fetchval(ANY_NOT_PLACED, network_id))


# $1 network_id, $2 limit
NOT_PLACED: Final[LiteralString] = """
    SELECT o.id, o.type, o.subject_kind, o.subject_id, o.request_id, o.booking_id, o.offer_id,
           o.institution_id, o.interpreter_id, o.state, o.recorded_at, o.event_id
    FROM outbox o
    WHERE o.network_id = $1 AND NOT o.placed
    ORDER BY o.written LIMIT $2
"""


async def not_placed(db: Db, *, network_id: UUID, limit: int) -> list[Written]:
    """Return what waits for its place, in the order of writing."""
    return [Written(**dict(row)) for row in await db.fetch(NOT_PLACED, network_id, limit)]


# $1 network_id, then arrays of one length: $2 ids, $3 event ids
MARK_PLACED: Final[LiteralString] = """
    UPDATE outbox AS o SET placed = true, event_id = n.event_id
    FROM unnest($2::uuid[], $3::uuid[]) AS n (id, event_id)
    WHERE o.network_id = $1 AND o.id = n.id
"""


async def mark_placed(
    db: Db, *, network_id: UUID, ids: Sequence[UUID], event_ids: Sequence[UUID]
) -> None:
    """Note which events the notices became."""
    await db.execute(MARK_PLACED, network_id, list(ids), list(event_ids))


# $1 network_id, $2 batch_id
NOT_DONE: Final[LiteralString] = """
    SELECT o.id, o.type, o.subject_kind, o.subject_id, o.request_id, o.booking_id, o.offer_id,
           o.institution_id, o.interpreter_id, o.state, o.recorded_at, o.event_id
    FROM outbox o
    WHERE o.network_id = $1 AND o.batch_id = $2 AND o.done_at IS NULL
    ORDER BY o.position
"""


async def not_done(db: Db, *, network_id: UUID, batch_id: UUID) -> list[Written]:
    """Return what of a batch is not told yet, in its order."""
    return [Written(**dict(row)) for row in await db.fetch(NOT_DONE, network_id, batch_id)]


# $1 network_id, $2 batch_id, $3 now
MARK_DONE: Final[LiteralString] = """
    UPDATE outbox AS o SET done_at = $3
    WHERE o.network_id = $1 AND o.batch_id = $2 AND o.done_at IS NULL
"""


async def mark_done(db: Db, *, network_id: UUID, batch_id: UUID, now: datetime) -> None:
    """Note that the batch is told."""
    await db.execute(MARK_DONE, network_id, batch_id, now)


# $1 network_id, $2 now
MARK_ALL_DONE: Final[LiteralString] = """
    UPDATE outbox AS o SET done_at = $2 WHERE o.network_id = $1 AND o.done_at IS NULL
"""


async def mark_all_done(db: Db, *, network_id: UUID, now: datetime) -> None:
    """Note that everything is told: for a past that is replayed and tells nobody."""
    await db.execute(MARK_ALL_DONE, network_id, now)
