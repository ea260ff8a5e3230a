"""Every statement about the `passkeys` table: keys by which people prove who they are."""

from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.vault import vault_of


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """A person's key pair: the public half, and how often its holder says it was used.

    `credential_id` is the name its holder gave it; `name`, the person's own for it, is sealed.
    """

    id: UUID
    user_id: UUID
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str | None
    last_used_at: datetime | None = None
    created_at: datetime


# $1 network_id, $2 id, $3 user_id, $4 credential_id, $5 public_key, $6 sign_count, $7 name,
# $8 created_at
INSERT: Final[LiteralString] = """
    INSERT INTO passkeys (network_id, id, user_id, credential_id, public_key, sign_count, name,
                          created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT DO NOTHING
    RETURNING id
"""


async def insert(db: Db, *, network_id: UUID, passkey: Passkey) -> bool:
    """Add a passkey; False when the network knows it already."""
    made = await db.fetchval(
        INSERT, network_id, passkey.id, passkey.user_id, passkey.credential_id, passkey.public_key,
        passkey.sign_count, vault_of(db).seal_or_none(network_id, passkey.name),
        passkey.created_at,
    )  # fmt: skip
    return made is not None


# $1 network_id, $2 credential_id
FIND: Final[LiteralString] = """
    SELECT p.id, p.user_id, p.credential_id, p.public_key, p.sign_count, p.name, p.last_used_at,
           p.created_at
    FROM passkeys p
    WHERE p.network_id = $1 AND p.credential_id = $2
"""


async def find(db: Db, *, network_id: UUID, credential_id: bytes) -> Passkey | None:
    """Return the passkey its holder calls so, if the network knows it."""
    row = await db.fetchrow(FIND, network_id, credential_id)
    return None if row is None else _passkey(db, network_id, row)


# $1 network_id, $2 user_id
OF_USER: Final[LiteralString] = """
    SELECT p.id, p.user_id, p.credential_id, p.public_key, p.sign_count, p.name, p.last_used_at,
           p.created_at
    FROM passkeys p
    WHERE p.network_id = $1 AND p.user_id = $2
    ORDER BY p.id DESC
"""


async def of_user(db: Db, *, network_id: UUID, user_id: UUID) -> list[Passkey]:
    """Return a person's passkeys, newest first."""
    rows = await db.fetch(OF_USER, network_id, user_id)
    return [_passkey(db, network_id, row) for row in rows]


# $1 network_id, $2 id, $3 sign_count, $4 now
# Holders that do not count always say nought (WebAuthn level 3 section 6.1.1).
USE: Final[LiteralString] = """
    UPDATE passkeys AS p SET sign_count = $3, last_used_at = $4
    WHERE p.network_id = $1 AND p.id = $2
      AND (p.sign_count < $3 OR (p.sign_count = 0 AND $3 = 0))
    RETURNING p.id
"""


async def use(
    db: Db, *, network_id: UUID, passkey_id: UUID, sign_count: int, now: datetime
) -> bool:
    """Note a use; False when it was counted before: there is a second holder of the key."""
    return await db.fetchval(USE, network_id, passkey_id, sign_count, now) is not None


# $1 network_id, $2 user_id, $3 id
DELETE: Final[LiteralString] = """
    DELETE FROM passkeys p WHERE p.network_id = $1 AND p.user_id = $2 AND p.id = $3 RETURNING p.id
"""


async def delete(db: Db, *, network_id: UUID, user_id: UUID, passkey_id: UUID) -> bool:
    """Take one of a person's passkeys away; False when they have no such one."""
    return await db.fetchval(DELETE, network_id, user_id, passkey_id) is not None


def _passkey(db: Db, network_id: UUID, row: Row) -> Passkey:
    name = vault_of(db).unseal_or_none(network_id, row["name"])
    return Passkey(**{**row, "name": name})
