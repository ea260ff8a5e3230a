"""Every statement about the `keys` table."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import asyncpg
import msgspec

from interpreters.database import Db, Row
from interpreters.domain.callers import Caller, Mode, Role
from interpreters.domain.errors import NotFound


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """An API key as it is kept: without its token."""

    id: UUID
    role: Role
    institution_id: UUID | None
    interpreter_id: UUID | None
    scopes: Sequence[str]
    mode: Mode
    name: str | None = None
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime

    def holder(self, network_id: UUID) -> Caller:
        """Return who calls with this key."""
        return Caller(
            network_id=network_id,
            role=self.role,
            scopes=frozenset(self.scopes),
            key_id=self.id,
            institution_id=self.institution_id,
            interpreter_id=self.interpreter_id,
            mode=self.mode,
        )


# $1 network_id, $2 token_hash
FIND: Final[LiteralString] = """
    SELECT k.id, k.role, k.institution_id, k.interpreter_id, k.scopes, k.mode, k.name,
           k.expires_at,
           k.revoked_at, k.last_used_at, k.created_at
    FROM keys k
    WHERE k.network_id = $1 AND k.token_hash = $2
"""


async def find(db: Db, *, network_id: UUID, token_hash: bytes, now: datetime) -> Key | None:
    """Return the token's key; None when it is unknown, revoked or expired at `now`."""
    row = await db.fetchrow(FIND, network_id, token_hash)
    if row is None or row["revoked_at"] is not None:
        return None
    if row["expires_at"] is not None and row["expires_at"] <= now:
        return None
    return _key(row)


# $1 network_id, $2 id, $3 now
TOUCH: Final[LiteralString] = """
    UPDATE keys AS k SET last_used_at = $3
    WHERE k.network_id = $1 AND k.id = (
        SELECT l.id FROM keys l WHERE l.network_id = $1 AND l.id = $2
        FOR NO KEY UPDATE SKIP LOCKED
    )
"""


async def touch(db: Db, *, network_id: UUID, key_id: UUID, now: datetime) -> None:
    """Remember the use; never wait for another call of the same key that does so."""
    await db.execute(TOUCH, network_id, key_id, now)


# $1 network_id, $2 id, $3 token_hash, $4 role, $5 institution_id, $6 interpreter_id, $7 scopes,
# $8 mode, $9 expires_at, $10 now, $11 name, $12 made_by
INSERT: Final[LiteralString] = """
    INSERT INTO keys (network_id, id, token_hash, role, institution_id, interpreter_id, scopes,
                      mode, expires_at, created_at, name, made_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT DO NOTHING
    RETURNING id, role, institution_id, interpreter_id, scopes, mode, name, expires_at,
              revoked_at, last_used_at, created_at
"""


async def insert(db: Db, *, caller: Caller, id: UUID, token_hash: bytes,  # noqa: A002 - the column
                 expires_at: datetime | None, name: str | None, made_by: UUID | None,
                 now: datetime) -> Key:  # fmt: skip
    """Keep a new key for `caller`; the token itself is not kept.

    Raises:
        NotFound: the network has no such institution or interpreter.
    """
    try:
        row = await db.fetchrow(
            INSERT, caller.network_id, id, token_hash, caller.role, caller.institution_id,
            caller.interpreter_id, sorted(caller.scopes), caller.mode, expires_at, now,
            name, made_by,
        )  # fmt: skip
    except asyncpg.ForeignKeyViolationError as error:
        raise NotFound from error
    assert row is not None  # 160 random bits do not collide
    return _key(row)


# $1 network_id, $2 institution_id, $3 before this id (null = from the newest), $4 limit
OF_INSTITUTION: Final[LiteralString] = """
    SELECT k.id, k.role, k.institution_id, k.interpreter_id, k.scopes, k.mode, k.name,
           k.expires_at,
           k.revoked_at, k.last_used_at, k.created_at
    FROM keys k
    WHERE k.network_id = $1 AND k.institution_id = $2 AND ($3::uuid IS NULL OR k.id < $3)
    ORDER BY k.id DESC LIMIT $4
"""


async def of_institution(
    db: Db, *, network_id: UUID, institution_id: UUID, before: UUID | None, limit: int
) -> list[Key]:
    """Return the institution's keys, newest first."""
    rows = await db.fetch(OF_INSTITUTION, network_id, institution_id, before, limit)
    return [_key(row) for row in rows]


# $1 network_id, $2 institution_id, $3 name, $4 mode, $5 now
COUNT_LIVE: Final[LiteralString] = """
    SELECT count(*) FROM keys k
    WHERE k.network_id = $1 AND k.institution_id = $2 AND k.name = $3 AND k.mode = $4
      AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $5)
"""


async def count_live(
    db: Db, *, network_id: UUID, institution_id: UUID, name: str, mode: Mode, now: datetime
) -> int:
    """Return how many keys of this name work. The caller holds the institution's row."""
    found: int = await db.fetchval(COUNT_LIVE, network_id, institution_id, name, mode, now)
    return found


# $1 network_id, $2 now
LIVE: Final[LiteralString] = """
    SELECT k.id, k.role, k.institution_id, k.interpreter_id, k.scopes, k.mode, k.name,
           k.expires_at,
           k.revoked_at, k.last_used_at, k.created_at
    FROM keys k
    WHERE k.network_id = $1 AND k.revoked_at IS NULL
      AND (k.expires_at IS NULL OR k.expires_at > $2)
    ORDER BY k.id
"""


async def live(db: Db, *, network_id: UUID, now: datetime) -> list[Key]:
    """Return the network's keys that work, the oldest first."""
    return [_key(row) for row in await db.fetch(LIVE, network_id, now)]


# $1 network_id, $2 id, $3 scopes
SET_SCOPES: Final[LiteralString] = """
    UPDATE keys AS k SET scopes = $3 WHERE k.network_id = $1 AND k.id = $2
    RETURNING k.id, k.role, k.institution_id, k.interpreter_id, k.scopes, k.mode, k.name,
              k.expires_at, k.revoked_at, k.last_used_at, k.created_at
"""


async def set_scopes(db: Db, *, network_id: UUID, key_id: UUID, scopes: Collection[str]) -> Key:
    """Write what a key may do; it is there."""
    row = await db.fetchrow(SET_SCOPES, network_id, key_id, sorted(scopes))
    assert row is not None  # keys are never deleted
    return _key(row)


# $1 network_id, $2 institution_id, $3 id, $4 now
REVOKE: Final[LiteralString] = """
    UPDATE keys AS k SET revoked_at = coalesce(k.revoked_at, $4)
    WHERE k.network_id = $1 AND k.institution_id = $2 AND k.id = $3
    RETURNING k.id
"""


async def revoke(
    db: Db, *, network_id: UUID, institution_id: UUID, key_id: UUID, now: datetime
) -> bool:
    """End the key at once, if it has not ended; False when there is none such."""
    return await db.fetchval(REVOKE, network_id, institution_id, key_id, now) is not None


# $1 network_id, $2 interpreter_id, $3 now
REVOKE_OF_INTERPRETER: Final[LiteralString] = """
    UPDATE keys AS k SET revoked_at = $3
    WHERE k.network_id = $1 AND k.interpreter_id = $2 AND k.revoked_at IS NULL
"""


async def revoke_of_interpreter(
    db: Db, *, network_id: UUID, interpreter_id: UUID, now: datetime
) -> None:
    """End an interpreter's keys at once."""
    await db.execute(REVOKE_OF_INTERPRETER, network_id, interpreter_id, now)


def _key(row: Row) -> Key:
    return Key(**dict(row))
