"""Every statement about the `messages` table: what people are sent. Everything in it is sealed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, Literal, LiteralString, TypeAlias
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.push import Pushing
from interpreters.vault import vault_of

Channel: TypeAlias = Literal["mail", "text", "push"]
State: TypeAlias = Literal["waiting", "sent", "kept", "failed", "dropped"]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One mail, text or push to one person. After `expires_at` it is of no use any more.

    A push's `recipient` is the id of a browser's subscription and `body` what it is sent; `push`,
    which is not stored, is known when it is to go out.
    """

    id: UUID
    channel: Channel
    purpose: str
    language: str
    recipient: str
    body: str
    subject: str | None = None
    attachment: str | None = None  # a mail's calendar entry
    user_id: UUID | None = None
    interpreter_id: UUID | None = None
    offer_id: UUID | None = None
    booking_id: UUID | None = None
    state: State = "waiting"
    tries: int = 0
    expires_at: datetime | None = None
    created_at: datetime
    push: Pushing | None = None


# $1 network_id, $2 id, $3 channel, $4 purpose, $5 language, $6 user_id, $7 interpreter_id,
# $8 recipient, $9 subject, $10 body, $11 state, $12 tries, $13 expires_at, $14 created_at,
# $15 offer_id, $16 booking_id, $17 attachment
INSERT: Final[LiteralString] = """
    INSERT INTO messages (network_id, id, channel, purpose, language, user_id, interpreter_id,
                          recipient, subject, body, state, tries, expires_at, created_at,
                          offer_id, booking_id, attachment)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
            $17)
    ON CONFLICT DO NOTHING
    RETURNING id
"""


async def insert(db: Db, *, network_id: UUID, message: Message) -> bool:
    """Keep a message until it is sent; False when one with its id was kept before."""
    vault = vault_of(db)
    made = await db.fetchval(
        INSERT, network_id, message.id, message.channel, message.purpose, message.language,
        message.user_id, message.interpreter_id, vault.seal(network_id, message.recipient),
        vault.seal_or_none(network_id, message.subject), vault.seal(network_id, message.body),
        message.state, message.tries, message.expires_at, message.created_at,
        message.offer_id, message.booking_id,
        vault.seal_or_none(network_id, message.attachment),
    )  # fmt: skip
    return made is not None


# $1 network_id, $2 id
TAKE: Final[LiteralString] = """
    UPDATE messages AS m SET tries = m.tries + 1
    WHERE m.network_id = $1 AND m.id = $2 AND m.state = 'waiting'
    RETURNING m.id, m.channel, m.purpose, m.language, m.user_id, m.interpreter_id, m.recipient,
              m.subject, m.body, m.state, m.tries, m.expires_at, m.created_at, m.offer_id,
              m.booking_id, m.attachment
"""


async def take(db: Db, *, network_id: UUID, message_id: UUID) -> Message | None:
    """Return a message that waits, one try on; None when it was sent or given up."""
    row = await db.fetchrow(TAKE, network_id, message_id)
    return None if row is None else _message(db, network_id, row)


# $1 network_id, $2 id, $3 state, $4 provider_reference, $5 now
# What was sent, or never will be, is of no use here any more; the demonstration shows it.
CLOSE: Final[LiteralString] = """
    UPDATE messages AS m SET state = $3, provider_reference = $4, sent_at = $5,
        recipient = CASE WHEN $3 = 'kept' THEN m.recipient END,
        subject = CASE WHEN $3 = 'kept' THEN m.subject END,
        body = CASE WHEN $3 = 'kept' THEN m.body END,
        attachment = CASE WHEN $3 = 'kept' THEN m.attachment END
    WHERE m.network_id = $1 AND m.id = $2 AND m.state = 'waiting'
"""


async def close(
    db: Db,
    *,
    network_id: UUID,
    message_id: UUID,
    state: State,
    provider_reference: str | None,
    now: datetime,
) -> None:
    """Note how it ended; who and what is forgotten, unless it is kept to be shown."""
    await db.execute(CLOSE, network_id, message_id, state, provider_reference, now)


# $1 network_id, $2 offer_ids, $3 purpose
DROP_UNSENT: Final[LiteralString] = """
    UPDATE messages AS m SET state = 'dropped', recipient = NULL, subject = NULL, body = NULL,
        attachment = NULL
    WHERE m.network_id = $1 AND m.offer_id = ANY ($2::uuid[]) AND m.purpose = $3
      AND m.state = 'waiting' AND m.tries = 0
"""


async def drop_unsent(db: Db, *, network_id: UUID, offer_ids: Sequence[UUID], purpose: str) -> None:
    """Give up what was not tried yet of this kind about the offers."""
    await db.execute(DROP_UNSENT, network_id, list(offer_ids), purpose)


# One that a process sent and died before noting it was tried before it was dropped: twice by then.
# $1 network_id, $2 offer_ids, $3 purpose
TOLD_OF: Final[LiteralString] = """
    SELECT m.offer_id FROM messages m
    WHERE m.network_id = $1 AND m.offer_id = ANY ($2::uuid[]) AND m.purpose = $3
      AND (m.state IN ('sent', 'kept') OR (m.state = 'waiting' AND m.tries > 0)
           OR (m.state = 'dropped' AND m.tries > 1))
"""


async def told_of(
    db: Db, *, network_id: UUID, offer_ids: Sequence[UUID], purpose: str
) -> frozenset[UUID]:
    """Return which of the offers somebody was sent a message of this kind about, or may have."""
    rows = await db.fetch(TOLD_OF, network_id, list(offer_ids), purpose)
    return frozenset(row["offer_id"] for row in rows)


# $1 network_id, $2 ids
WENT_OUT: Final[LiteralString] = """
    SELECT m.id FROM messages m
    WHERE m.network_id = $1 AND m.id = ANY ($2::uuid[]) AND m.state IN ('sent', 'kept')
    LIMIT 1
"""


async def went_out(db: Db, *, network_id: UUID, ids: Sequence[UUID]) -> bool:
    """Tell whether any of the messages was sent."""
    return await db.fetchval(WENT_OUT, network_id, list(ids)) is not None


# $1 network_id, $2 limit
KEPT: Final[LiteralString] = """
    SELECT m.id, m.channel, m.purpose, m.language, m.user_id, m.interpreter_id, m.recipient,
           m.subject, m.body, m.state, m.tries, m.expires_at, m.created_at, m.offer_id,
           m.booking_id, m.attachment
    FROM messages m
    WHERE m.network_id = $1 AND m.state = 'kept'
    ORDER BY m.created_at DESC, m.id DESC LIMIT $2
"""


async def kept(db: Db, *, network_id: UUID, limit: int) -> list[Message]:
    """Return the newest messages that were kept instead of sent."""
    return [_message(db, network_id, row) for row in await db.fetch(KEPT, network_id, limit)]


# $1 network_id, $2 country, $3 day, $4 the most
COUNT_TEXT: Final[LiteralString] = """
    INSERT INTO text_counts AS c (network_id, country, day, sent) VALUES ($1, $2, $3, 1)
    ON CONFLICT (network_id, country, day) DO UPDATE SET sent = c.sent + 1 WHERE c.sent < $4
    RETURNING c.sent
"""


async def count_text(db: Db, *, network_id: UUID, country: str, day: date, most: int) -> bool:
    """Count one more text to the country that day; False when there were `most` already."""
    return await db.fetchval(COUNT_TEXT, network_id, country, day, most) is not None


def _message(db: Db, network_id: UUID, row: Row) -> Message:
    vault = vault_of(db)
    sealed: dict[str, Any] = {
        name: vault.unseal_or_none(network_id, row[name])
        for name in ("recipient", "subject", "body", "attachment")
    }
    return Message(**{**row, **sealed})
