"""Every statement about the `sign_in_attempts` table: codes that were sent, or seemed to be."""

from datetime import datetime
from typing import Final, Literal, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.vault import vault_of


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try to sign in by a code. `recipient` is where it went, if anybody is there."""

    id: UUID
    channel: Literal["mail", "text"]
    recipient: str
    code_hash: bytes
    expires_at: datetime


# $1 network_id, $2 id, $3 token_hash, $4 person_mark, $5 address_mark, $6 channel, $7 recipient,
# $8 code_hash, $9 expires_at, $10 now
INSERT: Final[LiteralString] = """
    INSERT INTO sign_in_attempts (network_id, id, token_hash, person_mark, address_mark, channel,
                                  recipient, code_hash, tries, expires_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10)
    ON CONFLICT DO NOTHING
"""


async def insert(
    db: Db, *, network_id: UUID, attempt: Attempt, token_hash: bytes, address: str, now: datetime
) -> None:
    """Keep an attempt; `address` is where on the network it was asked for."""
    vault = vault_of(db)
    await db.execute(
        INSERT, network_id, attempt.id, token_hash, vault.mark(network_id, attempt.recipient),
        vault.mark(network_id, address), attempt.channel,
        vault.seal(network_id, attempt.recipient), attempt.code_hash, attempt.expires_at, now,
    )  # fmt: skip


# $1 network_id, $2 marks of the person, $3 marks of the address, $4 since when together,
# $5 since when the person from anywhere
COUNT: Final[LiteralString] = """
    SELECT count(*) FILTER (WHERE a.address_mark = ANY ($3) AND a.created_at > $4) AS together,
           count(*) AS anywhere
    FROM sign_in_attempts a
    WHERE a.network_id = $1 AND a.person_mark = ANY ($2) AND a.created_at > $5
"""


async def count(
    db: Db, *, network_id: UUID, recipient: str, address: str, near: datetime, far: datetime
) -> tuple[int, int]:
    """Return how often the person was asked for: since `near` from here, since `far` from all."""
    vault = vault_of(db)
    row = await db.fetchrow(
        COUNT, network_id, vault.marks(network_id, recipient), vault.marks(network_id, address),
        near, far,
    )  # fmt: skip
    assert row is not None  # a count has a row
    return row["together"], row["anywhere"]


# $1 network_id, $2 token_hash, $3 now, $4 tries allowed
TRY: Final[LiteralString] = """
    UPDATE sign_in_attempts AS a SET tries = a.tries + 1
    WHERE a.network_id = $1 AND a.token_hash = $2 AND a.tries < $4 AND a.used_at IS NULL
      AND a.expires_at > $3
    RETURNING a.id, a.channel, a.recipient, a.code_hash, a.expires_at
"""


async def count_try(
    db: Db, *, network_id: UUID, token_hash: bytes, tries: int, now: datetime
) -> Attempt | None:
    """Count one more try and return the attempt; None when it is over or there is none."""
    row = await db.fetchrow(TRY, network_id, token_hash, now, tries)
    if row is None:
        return None
    recipient = vault_of(db).unseal(network_id, row["recipient"])
    return Attempt(**{**row, "recipient": recipient})


# $1 network_id, $2 id, $3 now
USE: Final[LiteralString] = """
    UPDATE sign_in_attempts AS a SET used_at = $3
    WHERE a.network_id = $1 AND a.id = $2 AND a.used_at IS NULL
    RETURNING a.id
"""


async def use(db: Db, *, network_id: UUID, attempt_id: UUID, now: datetime) -> bool:
    """End the attempt, once; False when it has ended."""
    return await db.fetchval(USE, network_id, attempt_id, now) is not None
