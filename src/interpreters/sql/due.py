"""Every statement about the `due` table: what is to be looked at, and when."""

from datetime import datetime
from typing import Final, Literal, LiteralString, TypeAlias
from uuid import UUID

from interpreters.database import Db

Kind: TypeAlias = Literal["outbox", "ladder", "offers", "held", "retention"]

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


# $1 network_id, $2 kind, $3 id
CLEAR: Final[LiteralString] = """
    DELETE FROM due AS d WHERE d.network_id = $1 AND d.kind = $2 AND d.id = $3
"""


async def clear(db: Db, *, network_id: UUID, kind: Kind, id: UUID) -> None:  # noqa: A002 - the column
    """Have the thing not looked at any more."""
    await db.execute(CLEAR, network_id, kind, id)
