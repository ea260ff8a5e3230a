"""Every statement about the `series` table, and which requests belong together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db

# $1 network_id, $2 id, $3 institution_id, $4 rule, $5 created_at
INSERT: Final[LiteralString] = """
    INSERT INTO series (network_id, id, institution_id, rule, created_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING
"""


async def insert(
    db: Db, *, network_id: UUID, series_id: UUID, institution_id: UUID, rule: str, now: datetime
) -> None:
    """Add a series."""
    await db.execute(INSERT, network_id, series_id, institution_id, rule, now)


# $1 network_id, $2 series_id
HOLD: Final[LiteralString] = """
    SELECT r.id FROM requests r
    WHERE r.network_id = $1 AND r.series_id = $2
    ORDER BY r.id
    FOR NO KEY UPDATE
"""


async def hold(db: Db, *, network_id: UUID, series_id: UUID) -> list[UUID]:
    """Hold every request of the series, in the order of their ids; return those."""
    return [row["id"] for row in await db.fetch(HOLD, network_id, series_id)]


# $1 network_id, $2 series_id, $3 type, $4 recorded_at, $5 and $6 between which ids of the outbox
# lie that were made in that millisecond, $7 now: nobody is told of what is over
TOGETHER: Final[LiteralString] = """
    SELECT DISTINCT r.series_position, r.id
    FROM outbox o
    JOIN requests r ON r.network_id = $1 AND r.id = o.request_id
    WHERE o.network_id = $1 AND o.id >= $5 AND o.id < $6 AND o.type = $3 AND o.recorded_at = $4
      AND r.series_id = $2 AND upper(r.session) > $7
    ORDER BY r.series_position
"""


async def told_together(
    db: Db, *, network_id: UUID, series_id: UUID, kind: str, recorded_at: datetime, now: datetime
) -> Sequence[UUID]:
    """Return the requests to which the same happened at once and which are not over, in order."""
    millisecond = int(recorded_at.timestamp() * 1000) & ((1 << 48) - 1)
    rows = await db.fetch(
        TOGETHER, network_id, series_id, kind, recorded_at,
        UUID(int=millisecond << 80), UUID(int=(millisecond + 1) << 80), now,
    )  # fmt: skip
    return [row["id"] for row in rows]
