"""Every statement about the `escalations` table: what an urgent search came to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.escalations import Escalation

# $1 network_id, $2 request_id, $3 kind, $4 round, $5 at
INSERT: Final[LiteralString] = """
    INSERT INTO escalations (network_id, request_id, kind, round, at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING
    RETURNING round
"""


async def insert(db: Db, *, network_id: UUID, request_id: UUID, escalation: Escalation) -> bool:
    """Write it down; False when it was before."""
    one = escalation
    made = await db.fetchval(INSERT, network_id, request_id, one.kind, one.round, one.at)
    return made is not None


# $1 network_id, $2 request_ids
OF_REQUESTS: Final[LiteralString] = """
    SELECT e.request_id, e.kind, e.round, e.at, e.acknowledged_at
    FROM escalations e
    WHERE e.network_id = $1 AND e.request_id = ANY ($2::uuid[])
    ORDER BY e.request_id, e.at, e.kind DESC, e.round
"""


async def of_requests(
    db: Db, *, network_id: UUID, request_ids: Sequence[UUID]
) -> dict[UUID, list[Escalation]]:
    """Return each request's escalations, the earliest first."""
    found: dict[UUID, list[Escalation]] = {one: [] for one in request_ids}
    for row in await db.fetch(OF_REQUESTS, network_id, list(request_ids)):
        fields = dict(row)
        found[fields.pop("request_id")].append(Escalation(**fields))
    return found


# $1 network_id, $2 request_id, $3 now, $4 user_id (null: a key), $5 kinds
ACKNOWLEDGE: Final[LiteralString] = """
    UPDATE escalations AS e SET acknowledged_at = $3, acknowledged_by = $4
    WHERE e.network_id = $1 AND e.request_id = $2 AND e.kind = ANY ($5::text[])
      AND e.acknowledged_at IS NULL
    RETURNING e.round
"""


async def acknowledge(
    db: Db,
    *,
    network_id: UUID,
    request_id: UUID,
    kinds: Sequence[str],
    user_id: UUID | None,
    now: datetime,
) -> bool:
    """Write that somebody takes care of what was rung; False when there was nothing open."""
    rows = await db.fetch(ACKNOWLEDGE, network_id, request_id, now, user_id, list(kinds))
    return bool(rows)
