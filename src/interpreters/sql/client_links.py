"""Every statement about the `client_links` table: the helped person's link to one booking."""

from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row


class ClientLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link as it is kept: without its token."""

    id: UUID
    booking_id: UUID
    client_id: UUID
    language: str  # of the page
    expires_at: datetime  # as the session was when it was made; the booking decides
    revoked_at: datetime | None = None
    opened_at: datetime | None = None
    created_at: datetime


# $1 network_id, $2 id, $3 booking_id, $4 client_id, $5 token_hash, $6 language, $7 expires_at,
# $8 created_at
INSERT: Final[LiteralString] = """
    INSERT INTO client_links (network_id, id, booking_id, client_id, token_hash, language,
                              expires_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, link: ClientLink, token_hash: bytes) -> None:
    """Keep a new link; the token itself is not kept."""
    await db.execute(
        INSERT, network_id, link.id, link.booking_id, link.client_id, token_hash, link.language,
        link.expires_at, link.created_at,
    )  # fmt: skip


# $1 network_id, $2 token_hash
FIND: Final[LiteralString] = """
    SELECT l.id, l.booking_id, l.client_id, l.language, l.expires_at, l.revoked_at, l.opened_at,
           l.created_at
    FROM client_links l
    WHERE l.network_id = $1 AND l.token_hash = $2 AND l.revoked_at IS NULL
"""


async def find(db: Db, *, network_id: UUID, token_hash: bytes) -> ClientLink | None:
    """Return the token's link; None when there is none, or it was revoked."""
    row = await db.fetchrow(FIND, network_id, token_hash)
    return None if row is None else _link(row)


# $1 network_id, $2 booking_id, $3 before this id (null = from the newest), $4 limit
OF_BOOKING: Final[LiteralString] = """
    SELECT l.id, l.booking_id, l.client_id, l.language, l.expires_at, l.revoked_at, l.opened_at,
           l.created_at
    FROM client_links l
    WHERE l.network_id = $1 AND l.booking_id = $2 AND ($3::uuid IS NULL OR l.id < $3)
    ORDER BY l.id DESC LIMIT $4
"""


async def of_booking(
    db: Db, *, network_id: UUID, booking_id: UUID, before: UUID | None, limit: int
) -> list[ClientLink]:
    """Return the booking's links, newest first."""
    rows = await db.fetch(OF_BOOKING, network_id, booking_id, before, limit)
    return [_link(row) for row in rows]


# $1 network_id, $2 booking_id, $3 client_id (null = of all), $4 now
REVOKE: Final[LiteralString] = """
    UPDATE client_links AS l SET revoked_at = $4
    WHERE l.network_id = $1 AND l.booking_id = $2 AND l.revoked_at IS NULL
      AND ($3::uuid IS NULL OR l.client_id = $3)
"""


async def revoke(
    db: Db, *, network_id: UUID, booking_id: UUID, client_id: UUID | None, now: datetime
) -> None:
    """End at once the links of a booking, or only those of one of its clients."""
    await db.execute(REVOKE, network_id, booking_id, client_id, now)


# $1 network_id, $2 id, $3 now
OPEN: Final[LiteralString] = """
    UPDATE client_links AS l SET opened_at = $3
    WHERE l.network_id = $1 AND l.id = $2 AND l.opened_at IS NULL
"""


async def note_opened(db: Db, *, network_id: UUID, link_id: UUID, now: datetime) -> None:
    """Remember when the link was opened first."""
    await db.execute(OPEN, network_id, link_id, now)


def _link(row: Row) -> ClientLink:
    return ClientLink(**dict(row))
