"""Every statement about the `idempotency_keys` table. The answers kept in it are sealed."""

from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.vault import vault_of


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """The answer that was given the first time; `answer` is JSON."""

    request_hash: bytes
    status: int | None
    answer: bytes | None


# $1 lock number
TRY_LOCK: Final[LiteralString] = "SELECT pg_try_advisory_xact_lock($1)"


async def try_lock(db: Db, *, number: int) -> bool:
    """Tell at once whether a twin is running: only for a quick answer, the key decides."""
    return bool(await db.fetchval(TRY_LOCK, number))


# $1 network_id, $2 key_id, $3 idempotency_key, $4 request_hash, $5 now
CLAIM: Final[LiteralString] = """
    INSERT INTO idempotency_keys (network_id, key_id, idempotency_key, request_hash, created_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING
    RETURNING idempotency_key
"""

# $1 network_id, $2 key_id, $3 idempotency_key
FIND: Final[LiteralString] = """
    SELECT i.request_hash, i.status, i.answer
    FROM idempotency_keys i
    WHERE i.network_id = $1 AND i.key_id = $2 AND i.idempotency_key = $3
"""


async def claim(
    db: Db, *, network_id: UUID, key_id: UUID, key: str, request_hash: bytes, now: datetime
) -> Stored | None:
    """Claim the key for this transaction; return the stored answer when it was used before."""
    if await db.fetchval(CLAIM, network_id, key_id, key, request_hash, now) is not None:
        return None
    row = await db.fetchrow(FIND, network_id, key_id, key)
    assert row is not None  # the key conflicted, and keys are deleted only after days
    fields = dict(row)
    if fields["answer"] is not None:
        fields["answer"] = vault_of(db).unseal_bytes(network_id, fields["answer"])
    return Stored(**fields)


# $1 network_id, $2 key_id, $3 idempotency_key, $4 status, $5 answer
STORE: Final[LiteralString] = """
    UPDATE idempotency_keys AS i SET status = $4, answer = $5
    WHERE i.network_id = $1 AND i.key_id = $2 AND i.idempotency_key = $3
"""


async def store(
    db: Db, *, network_id: UUID, key_id: UUID, key: str, status: int, answer: bytes
) -> None:
    """Keep the answer beside the key."""
    sealed = vault_of(db).seal_bytes(network_id, answer)
    await db.execute(STORE, network_id, key_id, key, status, sealed)
