"""Every statement about the `sign_ins` table: the devices people are signed in on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, LiteralString, TypeAlias
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.callers import Role

How: TypeAlias = Literal["code", "invitation", "passkey", "provider"]


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """One device. `device` is the browser's family and system, nothing finer."""

    id: UUID
    user_id: UUID
    how: How
    device: str | None
    expires_at: datetime
    last_used_at: datetime | None
    created_at: datetime


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a token is, and what they may be at present."""

    id: UUID
    user_id: UUID
    roles: Sequence[Role]
    institution_id: UUID | None
    interpreter_id: UUID | None
    last_used_at: datetime | None


# $1 network_id, $2 token_hash, $3 now
FIND: Final[LiteralString] = """
    SELECT s.id, s.user_id, u.roles, u.institution_id, u.interpreter_id, s.last_used_at
    FROM sign_ins s
    JOIN users u ON u.network_id = $1 AND u.id = s.user_id
    WHERE s.network_id = $1 AND s.token_hash = $2 AND s.revoked_at IS NULL AND s.expires_at > $3
      AND u.active
"""


async def find(db: Db, *, network_id: UUID, token_hash: bytes, now: datetime) -> Holder | None:
    """Return whose token it is; None when it is unknown, ended, or the user is not active."""
    row = await db.fetchrow(FIND, network_id, token_hash, now)
    return None if row is None else Holder(**dict(row))


# $1 network_id, $2 id, $3 now
TOUCH: Final[LiteralString] = """
    UPDATE sign_ins AS s SET last_used_at = $3
    WHERE s.network_id = $1 AND s.id = (
        SELECT t.id FROM sign_ins t WHERE t.network_id = $1 AND t.id = $2
        FOR NO KEY UPDATE SKIP LOCKED
    )
"""


async def touch(db: Db, *, network_id: UUID, sign_in_id: UUID, now: datetime) -> None:
    """Remember the use; never wait for another call of the same device that does so."""
    await db.execute(TOUCH, network_id, sign_in_id, now)


# $1 network_id, $2 id, $3 user_id, $4 token_hash, $5 how, $6 device, $7 expires_at, $8 now
INSERT: Final[LiteralString] = """
    INSERT INTO sign_ins (network_id, id, user_id, token_hash, how, device, expires_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, sign_in: SignIn, token_hash: bytes) -> None:
    """Keep a new device; its token itself is not kept."""
    await db.execute(
        INSERT, network_id, sign_in.id, sign_in.user_id, token_hash, sign_in.how, sign_in.device,
        sign_in.expires_at, sign_in.created_at,
    )  # fmt: skip


# $1 network_id, $2 id
SIGNED_IN_AT: Final[LiteralString] = """
    SELECT s.created_at FROM sign_ins s WHERE s.network_id = $1 AND s.id = $2
"""


async def signed_in_at(db: Db, *, network_id: UUID, sign_in_id: UUID) -> datetime:
    """Return when somebody signed in."""
    at = await db.fetchval(SIGNED_IN_AT, network_id, sign_in_id)
    assert isinstance(at, datetime)  # whoever calls with it was just found by it
    return at


# $1 network_id, $2 user_id, $3 now, $4 before this id (null = from the newest), $5 limit
OF_USER: Final[LiteralString] = """
    SELECT s.id, s.user_id, s.how, s.device, s.expires_at, s.last_used_at, s.created_at
    FROM sign_ins s
    WHERE s.network_id = $1 AND s.user_id = $2 AND s.revoked_at IS NULL AND s.expires_at > $3
      AND ($4::uuid IS NULL OR s.id < $4)
    ORDER BY s.id DESC LIMIT $5
"""


async def of_user(
    db: Db, *, network_id: UUID, user_id: UUID, now: datetime, before: UUID | None, limit: int
) -> list[SignIn]:
    """Return the devices a person is signed in on, newest first."""
    rows = await db.fetch(OF_USER, network_id, user_id, now, before, limit)
    return [_sign_in(row) for row in rows]


# $1 network_id, $2 user_id, $3 id (null = all), $4 now
REVOKE: Final[LiteralString] = """
    UPDATE sign_ins AS s SET revoked_at = $4
    WHERE s.network_id = $1 AND s.user_id = $2 AND ($3::uuid IS NULL OR s.id = $3)
      AND s.revoked_at IS NULL
    RETURNING s.id
"""


async def revoke(
    db: Db, *, network_id: UUID, user_id: UUID, sign_in_id: UUID | None, now: datetime
) -> int:
    """End one of a person's devices, or all; return how many ended."""
    return len(await db.fetch(REVOKE, network_id, user_id, sign_in_id, now))


# $1 network_id, $2 identity_provider_id, $3 now
REVOKE_OF_PROVIDER: Final[LiteralString] = """
    UPDATE sign_ins AS s SET revoked_at = $3
    FROM users u
    WHERE s.network_id = $1 AND u.network_id = $1 AND u.id = s.user_id
      AND u.identity_provider_id = $2 AND s.how = 'provider' AND s.revoked_at IS NULL
"""


async def revoke_of_provider(
    db: Db, *, network_id: UUID, identity_provider_id: UUID, now: datetime
) -> None:
    """End every sign-in that an OpenID provider vouched for."""
    await db.execute(REVOKE_OF_PROVIDER, network_id, identity_provider_id, now)


def _sign_in(row: Row) -> SignIn:
    return SignIn(**dict(row))
