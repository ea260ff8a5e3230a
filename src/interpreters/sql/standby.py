"""Statements about offers whose interpreters said yes when somebody else had it already."""

from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db

# $1 network_id, $2 id, $3 interpreter_id, $4 now
STAND_BY: Final[LiteralString] = """
    UPDATE offers AS o SET standby_at = $4, version = o.version + 1
    WHERE o.network_id = $1 AND o.id = $2 AND o.interpreter_id = $3 AND o.state = 'taken'
      AND coalesce(o.standby_at, $4) >= $4
    RETURNING o.id
"""


async def note(
    db: Db, *, network_id: UUID, offer_id: UUID, interpreter_id: UUID, now: datetime
) -> bool:
    """Note that the interpreter would still do what somebody else took; False when it was noted."""
    made = await db.fetchval(STAND_BY, network_id, offer_id, interpreter_id, now)
    return made is not None


# $1 network_id, $2 request_id
STANDING_BY: Final[LiteralString] = """
    SELECT o.interpreter_id FROM offers o
    WHERE o.network_id = $1 AND o.request_id = $2 AND o.state = 'taken'
      AND o.standby_at IS NOT NULL
      AND NOT EXISTS (
          SELECT 1 FROM offers n
          WHERE n.network_id = $1 AND n.request_id = $2 AND n.interpreter_id = o.interpreter_id
            AND n.created_at > o.created_at)
    ORDER BY o.standby_at, o.interpreter_id
"""


async def of_request(db: Db, *, network_id: UUID, request_id: UUID) -> list[UUID]:
    """Return who would still do it, the first to say so first; whoever was asked since is not."""
    rows = await db.fetch(STANDING_BY, network_id, request_id)
    return [row["interpreter_id"] for row in rows]
