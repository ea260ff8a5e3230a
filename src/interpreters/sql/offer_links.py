"""Every statement about the `offer_links` table: one-tap links, known by their hash alone."""

from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db

# $1 network_id, $2 id, $3 offer_id, $4 token_hash, $5 created_at
INSERT: Final[LiteralString] = """
    INSERT INTO offer_links (network_id, id, offer_id, token_hash, created_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING
"""


async def insert(
    db: Db, *, network_id: UUID, link_id: UUID, offer_id: UUID, token_hash: bytes, now: datetime
) -> None:
    """Add a link to an offer."""
    await db.execute(INSERT, network_id, link_id, offer_id, token_hash, now)


# $1 network_id, $2 token_hash
FIND: Final[LiteralString] = """
    SELECT l.offer_id FROM offer_links l WHERE l.network_id = $1 AND l.token_hash = $2
"""


async def find(db: Db, *, network_id: UUID, token_hash: bytes) -> UUID | None:
    """Return the offer that a link is to."""
    found: UUID | None = await db.fetchval(FIND, network_id, token_hash)
    return found


# $1 network_id, $2 offer_id
IS_OPEN: Final[LiteralString] = """
    SELECT EXISTS (
        SELECT 1 FROM offers o WHERE o.network_id = $1 AND o.id = $2 AND o.state = 'open'
    )
"""


async def is_open(db: Db, *, network_id: UUID, offer_id: UUID) -> bool:
    """Tell whether an answer to the offer is still waited for."""
    return bool(await db.fetchval(IS_OPEN, network_id, offer_id))
