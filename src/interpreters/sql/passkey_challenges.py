"""Every statement about the `passkey_challenges` table: questions that a passkey has to answer."""

from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """What a passkey has to sign, once. Without `user_id` it is to sign in, by whomever."""

    id: UUID
    user_id: UUID | None
    challenge: bytes
    expires_at: datetime


# $1 network_id, $2 now, $3 the most
# Those that others are just deleting are passed over: nobody waits for this.
SWEEP: Final[LiteralString] = """
    DELETE FROM passkey_challenges c
    WHERE c.network_id = $1 AND c.id = ANY (ARRAY(
        SELECT o.id FROM passkey_challenges o
        WHERE o.network_id = $1 AND o.expires_at <= $2
        ORDER BY o.expires_at LIMIT $3 FOR UPDATE SKIP LOCKED
    ))
"""
# $1 network_id, $2 id, $3 user_id, $4 challenge, $5 expires_at
INSERT: Final[LiteralString] = """
    INSERT INTO passkey_challenges (network_id, id, user_id, challenge, expires_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, challenge: Challenge, now: datetime) -> None:
    """Keep a question until it is answered; two of those nobody answered go for it."""
    await db.execute(SWEEP, network_id, now, 2)
    await db.execute(
        INSERT, network_id, challenge.id, challenge.user_id, challenge.challenge,
        challenge.expires_at,
    )  # fmt: skip


# $1 network_id, $2 id, $3 challenge, $4 user_id (null = to sign in)
TAKE: Final[LiteralString] = """
    DELETE FROM passkey_challenges c
    WHERE c.network_id = $1 AND c.id = $2 AND c.challenge = $3
      AND c.user_id IS NOT DISTINCT FROM $4
    RETURNING c.expires_at
"""


async def take(db: Db, *, network_id: UUID, challenge: Challenge, now: datetime) -> bool:
    """Use the question up; tell whether it was asked, of this person, and not too long ago."""
    expires_at: datetime | None = await db.fetchval(
        TAKE, network_id, challenge.id, challenge.challenge, challenge.user_id
    )
    return expires_at is not None and expires_at > now
