"""Every statement about the `webhook_deliveries` table: what endpoints are sent, and how it went.

An endpoint's row is locked by whoever writes its deliveries or takes them to send.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, LiteralString, TypeAlias
from uuid import UUID

import msgspec

from interpreters.database import Db

State: TypeAlias = Literal["waiting", "delivered", "failed"]


class WebhookDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one endpoint: an event, or (no `event_id`) a ping.

    What is about one `subject_id` is sent in the order of `place`. `status` is the HTTP status of
    the last answer, `error` why there was none.
    """

    id: UUID
    event_id: UUID | None
    place: int
    type: str
    body: bytes
    subject_id: UUID
    state: State = "waiting"
    tries: int = 0
    next_try_at: datetime | None
    status: int | None = None
    error: str | None = None
    created_at: datetime
    delivered_at: datetime | None = None


# $1 network_id, $2 endpoint_id, $3 created_at and next try, then arrays of one length: $4 ids,
# $5 event ids, $6 places, $7 types, $8 bodies, $9 subject ids
INSERT: Final[LiteralString] = """
    INSERT INTO webhook_deliveries (network_id, id, endpoint_id, event_id, place, type, body,
        subject_id, state, tries, next_try_at, created_at)
    SELECT $1, n.id, $2, n.event_id, n.place, n.type, n.body, n.subject_id, 'waiting', 0, $3, $3
    FROM unnest($4::uuid[], $5::uuid[], $6::bigint[], $7::text[], $8::bytea[], $9::uuid[])
         AS n (id, event_id, place, type, body, subject_id)
    ON CONFLICT DO NOTHING
"""


async def insert(
    db: Db,
    *,
    network_id: UUID,
    endpoint_id: UUID,
    deliveries: Sequence[WebhookDelivery],
    now: datetime,
) -> None:
    """Write down what an endpoint is to be sent, at once."""
    columns = [
        [getattr(one, name) for one in deliveries]
        for name in ("id", "event_id", "place", "type", "body", "subject_id")
    ]
    await db.execute(INSERT, network_id, endpoint_id, now, *columns)


# $1 network_id, $2 endpoint_id, $3 event ids
WAITING: Final[LiteralString] = """
    SELECT d.event_id FROM webhook_deliveries d
    WHERE d.network_id = $1 AND d.endpoint_id = $2 AND d.state = 'waiting'
      AND d.event_id = ANY ($3)
"""


async def waiting(
    db: Db, *, network_id: UUID, endpoint_id: UUID, event_ids: Sequence[UUID]
) -> set[UUID]:
    """Return those of the events that wait to be sent already."""
    rows = await db.fetch(WAITING, network_id, endpoint_id, list(event_ids))
    return {row["event_id"] for row in rows}


# $1 network_id, $2 endpoint_id
COUNT_WAITING: Final[LiteralString] = """
    SELECT count(*) FROM webhook_deliveries d
    WHERE d.network_id = $1 AND d.endpoint_id = $2 AND d.state = 'waiting'
"""


async def count_waiting(db: Db, *, network_id: UUID, endpoint_id: UUID) -> int:
    """Return how many wait to be sent."""
    return int(await db.fetchval(COUNT_WAITING, network_id, endpoint_id))


# Only the first of each subject: the later ones wait for it.
# $1 network_id, $2 endpoint_id, $3 now, $4 until, $5 limit
TAKE: Final[LiteralString] = """
    UPDATE webhook_deliveries AS d SET tries = d.tries + 1, next_try_at = $4
    WHERE d.network_id = $1 AND d.id = ANY (ARRAY(
        SELECT w.id FROM webhook_deliveries w
        WHERE w.network_id = $1 AND w.endpoint_id = $2 AND w.state = 'waiting'
          AND w.next_try_at <= $3
          AND NOT EXISTS (
            SELECT 1 FROM webhook_deliveries b
            WHERE b.network_id = $1 AND b.endpoint_id = $2 AND b.state = 'waiting'
              AND b.subject_id = w.subject_id AND b.place < w.place
          )
        ORDER BY w.place LIMIT $5
    ))
    RETURNING d.id, d.event_id, d.place, d.type, d.body, d.subject_id, d.state, d.tries,
              d.next_try_at, d.status, d.error, d.created_at, d.delivered_at
"""


async def take(
    db: Db, *, network_id: UUID, endpoint_id: UUID, now: datetime, until: datetime, limit: int
) -> list[WebhookDelivery]:
    """Return what is to be sent now, one try on; nobody else gets it before `until`."""
    rows = await db.fetch(TAKE, network_id, endpoint_id, now, until, limit)
    return sorted((WebhookDelivery(**dict(row)) for row in rows), key=lambda one: one.place)


# $1 network_id, $2 endpoint_id
NEXT_AT: Final[LiteralString] = """
    SELECT min(w.next_try_at) FROM webhook_deliveries w
    WHERE w.network_id = $1 AND w.endpoint_id = $2 AND w.state = 'waiting'
      AND NOT EXISTS (
        SELECT 1 FROM webhook_deliveries b
        WHERE b.network_id = $1 AND b.endpoint_id = $2 AND b.state = 'waiting'
          AND b.subject_id = w.subject_id AND b.place < w.place
      )
"""


async def next_at(db: Db, *, network_id: UUID, endpoint_id: UUID) -> datetime | None:
    """Return when something can be sent next; None when nothing waits."""
    at: datetime | None = await db.fetchval(NEXT_AT, network_id, endpoint_id)
    return at


# $1 network_id, $2 id, $3 tries: of whoever took it last, $4 state, $5 next_try_at, $6 status,
# $7 error, $8 delivered_at
NOTE: Final[LiteralString] = """
    UPDATE webhook_deliveries AS d
    SET state = $4, next_try_at = $5, status = $6, error = $7, delivered_at = $8
    WHERE d.network_id = $1 AND d.id = $2 AND d.state = 'waiting' AND d.tries = $3
"""


async def note(db: Db, *, network_id: UUID, deliveries: Sequence[WebhookDelivery]) -> None:
    """Write down how it went, unless somebody else took it meanwhile."""
    await db.executemany(
        NOTE,
        [
            (
                network_id, one.id, one.tries, one.state, one.next_try_at, one.status, one.error,
                one.delivered_at,
            )
            for one in deliveries
        ],
    )  # fmt: skip


# $1 network_id, $2 endpoint_id, $3 error
GIVE_UP: Final[LiteralString] = """
    UPDATE webhook_deliveries AS d SET state = 'failed', next_try_at = NULL, error = $3
    WHERE d.network_id = $1 AND d.endpoint_id = $2 AND d.state = 'waiting'
"""


async def give_up(db: Db, *, network_id: UUID, endpoint_id: UUID, error: str) -> None:
    """Send nothing more of what waits."""
    await db.execute(GIVE_UP, network_id, endpoint_id, error)


# $1 network_id, $2 endpoint_id, $3 before this id (null = from the newest), $4 limit
PAGE: Final[LiteralString] = """
    SELECT d.id, d.event_id, d.place, d.type, d.body, d.subject_id, d.state, d.tries,
           d.next_try_at, d.status, d.error, d.created_at, d.delivered_at
    FROM webhook_deliveries d
    WHERE d.network_id = $1 AND d.endpoint_id = $2 AND ($3::uuid IS NULL OR d.id < $3)
    ORDER BY d.id DESC LIMIT $4
"""


async def page(
    db: Db, *, network_id: UUID, endpoint_id: UUID, before: UUID | None, limit: int
) -> list[WebhookDelivery]:
    """Return what an endpoint was sent and is to be sent, newest first."""
    rows = await db.fetch(PAGE, network_id, endpoint_id, before, limit)
    return [WebhookDelivery(**dict(row)) for row in rows]


# $1 network_id, $2 endpoint_id, $3 before, as an id, $4 limit
FORGET: Final[LiteralString] = """
    DELETE FROM webhook_deliveries AS d
    WHERE d.network_id = $1 AND d.id = ANY (ARRAY(
        SELECT o.id FROM webhook_deliveries o
        WHERE o.network_id = $1 AND o.endpoint_id = $2 AND o.id < $3 AND o.state <> 'waiting'
        ORDER BY o.id LIMIT $4
    ))
"""


async def forget(
    db: Db, *, network_id: UUID, endpoint_id: UUID, before_id: UUID, limit: int
) -> None:
    """Delete a portion of what went out, or was given up, before an id was given."""
    await db.execute(FORGET, network_id, endpoint_id, before_id, limit)
