"""Statements about offers that were on their interpreter's screen.

Looking changes nothing else of an offer: neither its version nor when it ends.
"""

from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db

# $1 network_id, $2 id, $3 interpreter_id, $4 seen at
SEE: Final[LiteralString] = """
    UPDATE offers AS o SET seen_at = $4
    WHERE o.network_id = $1 AND o.id = $2 AND o.interpreter_id = $3
      AND (o.seen_at IS NULL OR o.seen_at > $4)
    RETURNING o.id
"""


async def note(
    db: Db, *, network_id: UUID, offer_id: UUID, interpreter_id: UUID, at: datetime
) -> bool:
    """Note that the interpreter saw the offer; the earliest time stays, False when it stood."""
    made = await db.fetchval(SEE, network_id, offer_id, interpreter_id, at)
    return made is not None


# $1 network_id, $2 asked by, $3 limit
FORGET: Final[LiteralString] = """
    UPDATE offers AS o SET seen_at = NULL
    WHERE o.network_id = $1 AND o.id = ANY (ARRAY(
        SELECT p.id FROM offers p
        WHERE p.network_id = $1 AND p.created_at <= $2 AND p.seen_at IS NOT NULL
        ORDER BY p.id LIMIT $3
        FOR NO KEY UPDATE SKIP LOCKED
    ))
    RETURNING o.id
"""


async def forget(db: Db, *, network_id: UUID, before: datetime, limit: int) -> bool:
    """Forget when at most `limit` offers of that age were seen; tell whether that was all."""
    return len(await db.fetch(FORGET, network_id, before, limit)) < limit
