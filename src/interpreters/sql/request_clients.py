"""Every statement about the `request_clients` table: whom a request is for."""

from collections.abc import Sequence
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db

# $1 network_id, $2 request_id, $3 client_ids
INSERT: Final[LiteralString] = """
    INSERT INTO request_clients (network_id, request_id, client_id)
    SELECT $1, $2, c.id FROM unnest($3::uuid[]) AS c (id)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, request_id: UUID, client_ids: Sequence[UUID]) -> None:
    """Note whom the request is for."""
    await db.execute(INSERT, network_id, request_id, list(client_ids))


# $1 network_id, $2 request_ids
OF_REQUESTS: Final[LiteralString] = """
    SELECT rc.request_id, rc.client_id, c.reference
    FROM request_clients rc
    JOIN clients c ON c.network_id = $1 AND c.id = rc.client_id
    WHERE rc.network_id = $1 AND rc.request_id = ANY ($2::uuid[])
    ORDER BY rc.request_id, c.id
"""


async def of_requests(
    db: Db, *, network_id: UUID, request_ids: Sequence[UUID]
) -> dict[UUID, dict[UUID, str]]:
    """Return each request's clients: their ids with their present references."""
    found: dict[UUID, dict[UUID, str]] = {one: {} for one in request_ids}
    for row in await db.fetch(OF_REQUESTS, network_id, list(request_ids)):
        found[row["request_id"]][row["client_id"]] = row["reference"]
    return found
