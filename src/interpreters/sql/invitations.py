"""Every statement about the `invitations` table: links of one use, each for one user."""

from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """A link: whose it is and until when. The token itself is not kept."""

    id: UUID
    user_id: UUID
    expires_at: datetime


# $1 network_id, $2 id, $3 user_id, $4 token_hash, $5 expires_at, $6 now
INSERT: Final[LiteralString] = """
    INSERT INTO invitations (network_id, id, user_id, token_hash, expires_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING
"""


async def insert(
    db: Db, *, network_id: UUID, invitation: Invitation, token_hash: bytes, now: datetime
) -> None:
    """Keep a new link."""
    await db.execute(
        INSERT, network_id, invitation.id, invitation.user_id, token_hash, invitation.expires_at,
        now,
    )  # fmt: skip


# $1 network_id, $2 token_hash, $3 now
FIND: Final[LiteralString] = """
    SELECT n.id, n.user_id, n.expires_at
    FROM invitations n
    WHERE n.network_id = $1 AND n.token_hash = $2 AND n.used_at IS NULL AND n.expires_at > $3
"""


async def find(db: Db, *, network_id: UUID, token_hash: bytes, now: datetime) -> Invitation | None:
    """Return the link's invitation; None when it is unknown, used or over."""
    row = await db.fetchrow(FIND, network_id, token_hash, now)
    return None if row is None else Invitation(**dict(row))


# $1 network_id, $2 token_hash, $3 now
USE: Final[LiteralString] = """
    UPDATE invitations AS n SET used_at = $3
    WHERE n.network_id = $1 AND n.token_hash = $2 AND n.used_at IS NULL AND n.expires_at > $3
    RETURNING n.id, n.user_id, n.expires_at
"""


async def use(db: Db, *, network_id: UUID, token_hash: bytes, now: datetime) -> Invitation | None:
    """Use a link up; None when it is unknown, used or over: of two at once one gets it."""
    row = await db.fetchrow(USE, network_id, token_hash, now)
    return None if row is None else Invitation(**dict(row))


# $1 network_id, $2 user_id, $3 now
END: Final[LiteralString] = """
    UPDATE invitations AS n SET expires_at = $3
    WHERE n.network_id = $1 AND n.user_id = $2 AND n.used_at IS NULL AND n.expires_at > $3
"""


async def end(db: Db, *, network_id: UUID, user_id: UUID, now: datetime) -> None:
    """End all the user's links that were not used."""
    await db.execute(END, network_id, user_id, now)
