"""Every statement about the `conflicts` table: who may not interpret for whom, in their own words.

Why is not kept.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db

# $1 network_id, $2 interpreter_id, $3 client_ids, $4 booking_id, $5 now
INSERT: Final[LiteralString] = """
    INSERT INTO conflicts (network_id, interpreter_id, client_id, booking_id, created_at)
    SELECT $1, $2, c.id, $4, $5 FROM unnest($3::uuid[]) AS c (id)
    ON CONFLICT DO NOTHING
    RETURNING client_id
"""


async def insert(
    db: Db,
    *,
    network_id: UUID,
    interpreter_id: UUID,
    client_ids: Collection[UUID],
    booking_id: UUID,
    now: datetime,
) -> None:
    """Note that the interpreter may not interpret for these clients; what is noted stays."""
    await db.fetch(INSERT, network_id, interpreter_id, sorted(client_ids), booking_id, now)


# $1 network_id, $2 client_ids
OF_CLIENTS: Final[LiteralString] = """
    SELECT DISTINCT c.interpreter_id FROM conflicts c
    WHERE c.network_id = $1 AND c.client_id = ANY ($2::uuid[])
    ORDER BY c.interpreter_id
"""


async def of_clients(db: Db, *, network_id: UUID, client_ids: Collection[UUID]) -> list[UUID]:
    """Return who may not interpret for at least one of the clients."""
    rows = await db.fetch(OF_CLIENTS, network_id, list(client_ids))
    return [row["interpreter_id"] for row in rows]
