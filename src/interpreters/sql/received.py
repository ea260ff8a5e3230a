"""What was asked for on behalf of an institution by another one: little, by an index of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db

# $1 network_id, $2 request ids
RECEIVERS: Final[LiteralString] = """
    SELECT r.id, r.receiving_id FROM requests r
    WHERE r.network_id = $1 AND r.id = ANY ($2::uuid[]) AND r.receiving_id IS NOT NULL
"""


async def receivers(db: Db, *, network_id: UUID, request_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the requests that were made on behalf of another institution, with that one."""
    rows = await db.fetch(RECEIVERS, network_id, list(request_ids))
    return {row["id"]: row["receiving_id"] for row in rows}


# $1 network_id, $2 receiving_id, $3 before id, $4 limit, $5 state, $6 language, $7 starts_after,
# $8 starts_before, $9 series_id
REQUESTS: Final[LiteralString] = """
    SELECT r.id FROM requests r
    WHERE r.network_id = $1 AND r.receiving_id = $2
      AND ($3::uuid IS NULL OR r.id < $3)
      AND ($5::text IS NULL OR r.state = $5)
      AND ($6::text IS NULL OR $6 = ANY (r.languages))
      AND ($7::timestamptz IS NULL OR r.starts_at >= $7)
      AND ($8::timestamptz IS NULL OR r.starts_at < $8)
      AND ($9::uuid IS NULL OR r.series_id = $9)
    ORDER BY r.id DESC LIMIT $4
"""


async def request_ids(
    db: Db,
    *,
    network_id: UUID,
    receiving_id: UUID,
    state: str | None,
    language: str | None,
    starts_after: datetime | None,
    starts_before: datetime | None,
    series_id: UUID | None,
    before: UUID | None,
    limit: int,
) -> list[UUID]:
    """Return the ids of requests made on behalf of the institution, newest first."""
    rows = await db.fetch(
        REQUESTS, network_id, receiving_id, before, limit, state, language, starts_after,
        starts_before, series_id,
    )  # fmt: skip
    return [row["id"] for row in rows]


# $1 network_id, $2 receiving_id, $3 before id, $4 limit, $5 state, $6 interpreter_id,
# $7 starts_after
BOOKINGS: Final[LiteralString] = """
    SELECT b.id FROM requests r
    JOIN bookings b ON b.network_id = $1 AND b.request_id = r.id
    WHERE r.network_id = $1 AND r.receiving_id = $2
      AND ($3::uuid IS NULL OR b.id < $3)
      AND ($5::text IS NULL OR b.state = $5)
      AND ($6::uuid IS NULL OR b.interpreter_id = $6)
      AND ($7::timestamptz IS NULL OR b.starts_at >= $7)
    ORDER BY b.id DESC LIMIT $4
"""


async def booking_ids(
    db: Db,
    *,
    network_id: UUID,
    receiving_id: UUID,
    state: str | None,
    interpreter_id: UUID | None,
    starts_after: datetime | None,
    before: UUID | None,
    limit: int,
) -> list[UUID]:
    """Return the ids of bookings for such requests, newest first."""
    rows = await db.fetch(
        BOOKINGS, network_id, receiving_id, before, limit, state, interpreter_id, starts_after
    )
    return [row["id"] for row in rows]
