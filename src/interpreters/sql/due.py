"""Every statement about the `due` table: what is to be looked at, and when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, LiteralString, TypeAlias
from uuid import UUID

import msgspec

from interpreters.database import Db

Kind: TypeAlias = Literal[
    "outbox", "ladder", "offers", "urgent", "retention", "message", "scenario", "operation",
    "webhook", "reminder", "calendar", "approval", "expense", "plan",
]  # fmt: skip


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to be looked at."""

    network_id: UUID
    kind: Kind
    id: UUID


# $1 network_id, $2 kind, $3 id, $4 at
SET_AT: Final[LiteralString] = """
    INSERT INTO due (network_id, kind, id, at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (network_id, kind, id) DO UPDATE SET at = excluded.at
"""


async def set_at(
    db: Db,
    *,
    network_id: UUID,
    kind: Kind,
    id: UUID,  # noqa: A002 - the column
    at: datetime,
) -> None:
    """Have the thing looked at, at `at`; a later call moves it."""
    await db.execute(SET_AT, network_id, kind, id, at)


# $1 network_id, $2 kind, $3 id, $4 at
SET_ONCE: Final[LiteralString] = """
    INSERT INTO due (network_id, kind, id, at) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING
"""


async def set_once(
    db: Db,
    *,
    network_id: UUID,
    kind: Kind,
    id: UUID,  # noqa: A002 - the column
    at: datetime,
) -> None:
    """Have the thing looked at, at `at`, unless that is arranged already."""
    await db.execute(SET_ONCE, network_id, kind, id, at)


# $1 network_id, $2 kind, $3 id, $4 at
POSTPONE: Final[LiteralString] = """
    UPDATE due AS d SET at = $4 WHERE d.network_id = $1 AND d.kind = $2 AND d.id = $3
"""


async def postpone(
    db: Db,
    *,
    network_id: UUID,
    kind: Kind,
    id: UUID,  # noqa: A002 - the column
    at: datetime,
) -> None:
    """Have the thing looked at later, if it is to be looked at at all."""
    await db.execute(POSTPONE, network_id, kind, id, at)


# $1 network_id, $2 kind, $3 id
CLEAR: Final[LiteralString] = """
    DELETE FROM due AS d WHERE d.network_id = $1 AND d.kind = $2 AND d.id = $3
"""


async def clear(db: Db, *, network_id: UUID, kind: Kind, id: UUID) -> None:  # noqa: A002 - the column
    """Have the thing not looked at any more."""
    await db.execute(CLEAR, network_id, kind, id)


# $1 network_id
CLEAR_ALL: Final[LiteralString] = """
    DELETE FROM due AS d WHERE d.network_id = $1
"""


async def clear_all(db: Db, *, network_id: UUID) -> None:
    """Have nothing of the network looked at any more."""
    await db.execute(CLEAR_ALL, network_id)


# Over all networks, therefore without network_id and without a lock: $1 kinds, $2 now, $3 limit
LIST: Final[LiteralString] = """
    SELECT d.network_id, d.kind, d.id
    FROM due d
    WHERE d.at <= $2 AND d.kind = ANY ($1)
    ORDER BY d.at LIMIT $3
"""


async def list_due(db: Db, *, kinds: Sequence[Kind], now: datetime, limit: int) -> list[Due]:
    """Return what is to be looked at by `now`, in any network, the longest due first."""
    return [Due(**dict(row)) for row in await db.fetch(LIST, list(kinds), now, limit)]


# $1 network_id, $2 kind, $3 ids, $4 now, $5 until
LEASE: Final[LiteralString] = """
    UPDATE due AS d SET at = $5
    WHERE d.network_id = $1 AND d.kind = $2 AND d.id = ANY (ARRAY(
        SELECT p.id FROM due p
        WHERE p.network_id = $1 AND p.kind = $2 AND p.id = ANY ($3) AND p.at <= $4
        FOR UPDATE SKIP LOCKED
    ))
    RETURNING d.id
"""


async def lease(
    db: Db, *, network_id: UUID, kind: Kind, ids: Sequence[UUID], now: datetime, until: datetime
) -> list[UUID]:
    """Take those of `ids` that are still due for us alone, until `until`; return them."""
    rows = await db.fetch(LEASE, network_id, kind, list(ids), now, until)
    return [row["id"] for row in rows]


# $1 network_id, $2 kind, $3 id
CLAIM: Final[LiteralString] = """
    SELECT d.id FROM due d
    WHERE d.network_id = $1 AND d.kind = $2 AND d.id = $3
    FOR UPDATE SKIP LOCKED
"""


async def claim(db: Db, *, network_id: UUID, kind: Kind, id: UUID) -> bool:  # noqa: A002 - the column
    """Lock the thing until the transaction ends; False when it is done, or another has it."""
    return await db.fetchval(CLAIM, network_id, kind, id) is not None


# $1 network_id, $2 request_id
CLEAR_REQUEST: Final[LiteralString] = """
    DELETE FROM due AS d
    WHERE d.network_id = $1 AND d.kind = ANY ('{ladder,offers,urgent}'::text[]) AND d.id = $2
"""


async def clear_request(db: Db, *, network_id: UUID, request_id: UUID) -> None:
    """Have nothing of the request's search looked at any more."""
    await db.execute(CLEAR_REQUEST, network_id, request_id)
