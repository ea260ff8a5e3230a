"""Every sealed column, and the statements that seal it again under a newer secret key.

Rows are read in batches by their keys and written only where they still hold what was read, so
what others write meanwhile is never lost: it is found in the next round.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Literal, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row

FIRST: Final = UUID(int=0)


class Column(msgspec.Struct, frozen=True):
    """A sealed column. `mark` is the column by which an equal text is found."""

    name: str
    kind: Literal["text", "json", "bytes"] = "text"
    mark: str | None = None
    folded: bool = False  # capitals mean nothing: an e-mail address


class Table(msgspec.Struct, frozen=True):
    """A table with sealed columns.

    `read` takes network_id, the key to begin after, and how many rows; it gives key and columns.
    `write` takes network_id, key, the columns' new values, the new marks, the columns' old values.
    `begin` is a key before all keys.
    """

    name: str
    columns: tuple[Column, ...]
    read: LiteralString
    write: LiteralString
    begin: tuple[object, ...] = (FIRST,)
    batch: int = 100


# $1 network_id, $2 after network_id, $3 limit
READ_NETWORKS: Final[LiteralString] = """
    SELECT n.network_id, n.sealed_check FROM networks n
    WHERE n.network_id = $1 AND n.network_id > $2 ORDER BY n.network_id LIMIT $3
"""
# $1 network_id, $2 its key: the same, $3 new, $4 old
WRITE_NETWORKS: Final[LiteralString] = """
    UPDATE networks AS n SET sealed_check = $3
    WHERE n.network_id = $1 AND n.network_id = $2 AND n.sealed_check IS NOT DISTINCT FROM $4
"""
# $1 network_id, $2 after id, $3 limit
READ_INTERPRETERS: Final[LiteralString] = """
    SELECT i.id, i.phone, i.email, i.stage_reason FROM interpreters i
    WHERE i.network_id = $1 AND i.id > $2 ORDER BY i.id LIMIT $3
"""
# $1 network_id, $2 id, $3 to $5 new, $6 and $7 marks, $8 to $10 old
WRITE_INTERPRETERS: Final[LiteralString] = """
    UPDATE interpreters AS i
    SET phone = $3, email = $4, stage_reason = $5, phone_mark = $6, email_mark = $7
    WHERE i.network_id = $1 AND i.id = $2 AND i.phone IS NOT DISTINCT FROM $8
      AND i.email IS NOT DISTINCT FROM $9 AND i.stage_reason IS NOT DISTINCT FROM $10
"""
# $1 network_id, $2 after id, $3 limit
READ_USERS: Final[LiteralString] = """
    SELECT u.id, u.display_name, u.phone, u.email FROM users u
    WHERE u.network_id = $1 AND u.id > $2 ORDER BY u.id LIMIT $3
"""
# $1 network_id, $2 id, $3 to $5 new, $6 and $7 marks, $8 to $10 old
WRITE_USERS: Final[LiteralString] = """
    UPDATE users AS u
    SET display_name = $3, phone = $4, email = $5, phone_mark = $6, email_mark = $7
    WHERE u.network_id = $1 AND u.id = $2 AND u.display_name IS NOT DISTINCT FROM $8
      AND u.phone IS NOT DISTINCT FROM $9 AND u.email IS NOT DISTINCT FROM $10
"""
# $1 network_id, $2 after id, $3 limit
READ_SITES: Final[LiteralString] = """
    SELECT s.id, s.address, s.phone, s.email FROM sites s
    WHERE s.network_id = $1 AND s.id > $2 ORDER BY s.id LIMIT $3
"""
# $1 network_id, $2 id, $3 to $5 new, $6 to $8 old
WRITE_SITES: Final[LiteralString] = """
    UPDATE sites AS s SET address = $3, phone = $4, email = $5
    WHERE s.network_id = $1 AND s.id = $2 AND s.address IS NOT DISTINCT FROM $6
      AND s.phone IS NOT DISTINCT FROM $7 AND s.email IS NOT DISTINCT FROM $8
"""
# $1 network_id, $2 after id, $3 limit
READ_REQUESTS: Final[LiteralString] = """
    SELECT r.id, r.instructions, r.cancel_reason, r.connect, r.requirements, r.details
    FROM requests r WHERE r.network_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3
"""
# $1 network_id, $2 id, $3 to $7 new, $8 to $12 old
WRITE_REQUESTS: Final[LiteralString] = """
    UPDATE requests AS r
    SET instructions = $3, cancel_reason = $4, connect = $5::text::jsonb,
        requirements = $6::text::jsonb, details = $7::text::jsonb
    WHERE r.network_id = $1 AND r.id = $2 AND r.instructions IS NOT DISTINCT FROM $8
      AND r.cancel_reason IS NOT DISTINCT FROM $9
      AND r.connect IS NOT DISTINCT FROM $10::text::jsonb
      AND r.requirements = $11::text::jsonb AND r.details = $12::text::jsonb
"""
# $1 network_id, $2 after id, $3 limit
READ_OFFERS: Final[LiteralString] = """
    SELECT o.id, o.decline_reason, o.reasons FROM offers o
    WHERE o.network_id = $1 AND o.id > $2 ORDER BY o.id LIMIT $3
"""
# $1 network_id, $2 id, $3 and $4 new, $5 and $6 old
WRITE_OFFERS: Final[LiteralString] = """
    UPDATE offers AS o SET decline_reason = $3, reasons = $4::text::jsonb
    WHERE o.network_id = $1 AND o.id = $2 AND o.decline_reason IS NOT DISTINCT FROM $5
      AND o.reasons = $6::text::jsonb
"""
# $1 network_id, $2 after id, $3 limit
READ_BOOKINGS: Final[LiteralString] = """
    SELECT b.id, b.close_reason FROM bookings b
    WHERE b.network_id = $1 AND b.id > $2 ORDER BY b.id LIMIT $3
"""
# $1 network_id, $2 id, $3 new, $4 old
WRITE_BOOKINGS: Final[LiteralString] = """
    UPDATE bookings AS b SET close_reason = $3
    WHERE b.network_id = $1 AND b.id = $2 AND b.close_reason IS NOT DISTINCT FROM $4
"""
# $1 network_id, $2 after id, $3 limit
READ_CREDENTIALS: Final[LiteralString] = """
    SELECT c.id, c.number FROM credentials c
    WHERE c.network_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3
"""
# $1 network_id, $2 id, $3 new, $4 old
WRITE_CREDENTIALS: Final[LiteralString] = """
    UPDATE credentials AS c SET number = $3
    WHERE c.network_id = $1 AND c.id = $2 AND c.number IS NOT DISTINCT FROM $4
"""
# $1 network_id, $2 after key_id, $3 and idempotency_key, $4 limit
READ_ANSWERS: Final[LiteralString] = """
    SELECT k.key_id, k.idempotency_key, k.answer FROM idempotency_keys k
    WHERE k.network_id = $1 AND (k.key_id, k.idempotency_key) > ($2, $3)
    ORDER BY k.key_id, k.idempotency_key LIMIT $4
"""
# $1 network_id, $2 key_id, $3 idempotency_key, $4 new, $5 old
WRITE_ANSWERS: Final[LiteralString] = """
    UPDATE idempotency_keys AS k SET answer = $4
    WHERE k.network_id = $1 AND k.key_id = $2 AND k.idempotency_key = $3
      AND k.answer IS NOT DISTINCT FROM $5
"""
# $1 network_id, $2 after id, $3 limit
READ_MESSAGES: Final[LiteralString] = """
    SELECT m.id, m.recipient, m.subject, m.body FROM messages m
    WHERE m.network_id = $1 AND m.id > $2 ORDER BY m.id LIMIT $3
"""
# $1 network_id, $2 id, $3 to $5 new, $6 to $8 old
WRITE_MESSAGES: Final[LiteralString] = """
    UPDATE messages AS m SET recipient = $3, subject = $4, body = $5
    WHERE m.network_id = $1 AND m.id = $2 AND m.recipient IS NOT DISTINCT FROM $6
      AND m.subject IS NOT DISTINCT FROM $7 AND m.body IS NOT DISTINCT FROM $8
"""
# $1 network_id, $2 after id, $3 limit
READ_ATTEMPTS: Final[LiteralString] = """
    SELECT a.id, a.recipient FROM sign_in_attempts a
    WHERE a.network_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3
"""
# $1 network_id, $2 id, $3 new, $4 mark, $5 old
WRITE_ATTEMPTS: Final[LiteralString] = """
    UPDATE sign_in_attempts AS a SET recipient = $3, person_mark = $4
    WHERE a.network_id = $1 AND a.id = $2 AND a.recipient = $5
"""
# $1 network_id, $2 after id, $3 limit
READ_PROVIDERS: Final[LiteralString] = """
    SELECT p.id, p.client_secret FROM identity_providers p
    WHERE p.network_id = $1 AND p.id > $2 ORDER BY p.id LIMIT $3
"""
# $1 network_id, $2 id, $3 new, $4 old
WRITE_PROVIDERS: Final[LiteralString] = """
    UPDATE identity_providers AS p SET client_secret = $3
    WHERE p.network_id = $1 AND p.id = $2 AND p.client_secret IS NOT DISTINCT FROM $4
"""
# $1 network_id, $2 after id, $3 limit
READ_PASSKEYS: Final[LiteralString] = """
    SELECT p.id, p.name FROM passkeys p
    WHERE p.network_id = $1 AND p.id > $2 ORDER BY p.id LIMIT $3
"""
# $1 network_id, $2 id, $3 new, $4 old
WRITE_PASSKEYS: Final[LiteralString] = """
    UPDATE passkeys AS p SET name = $3
    WHERE p.network_id = $1 AND p.id = $2 AND p.name IS NOT DISTINCT FROM $4
"""
# $1 network_id, $2 after id, $3 limit
READ_VOICES: Final[LiteralString] = """
    SELECT v.id, v.said, v.answer FROM client_voices v
    WHERE v.network_id = $1 AND v.id > $2 ORDER BY v.id LIMIT $3
"""
# $1 network_id, $2 id, $3 and $4 new, $5 and $6 old
WRITE_VOICES: Final[LiteralString] = """
    UPDATE client_voices AS v SET said = $3, answer = $4
    WHERE v.network_id = $1 AND v.id = $2 AND v.said IS NOT DISTINCT FROM $5
      AND v.answer IS NOT DISTINCT FROM $6
"""
# $1 network_id, $2 after id, $3 limit
READ_OPERATIONS: Final[LiteralString] = """
    SELECT o.id, o.input, o.result FROM operations o
    WHERE o.network_id = $1 AND o.id > $2 ORDER BY o.id LIMIT $3
"""
# $1 network_id, $2 id, $3 and $4 new, $5 and $6 old
WRITE_OPERATIONS: Final[LiteralString] = """
    UPDATE operations AS o SET input = $3, result = $4
    WHERE o.network_id = $1 AND o.id = $2 AND o.input IS NOT DISTINCT FROM $5
      AND o.result IS NOT DISTINCT FROM $6
"""
# $1 network_id, $2 after id, $3 limit
READ_WEBHOOKS: Final[LiteralString] = """
    SELECT w.id, w.url, w.secret, w.old_secret FROM webhook_endpoints w
    WHERE w.network_id = $1 AND w.id > $2 ORDER BY w.id LIMIT $3
"""
# $1 network_id, $2 id, $3 to $5 new, $6 to $8 old
WRITE_WEBHOOKS: Final[LiteralString] = """
    UPDATE webhook_endpoints AS w SET url = $3, secret = $4, old_secret = $5
    WHERE w.network_id = $1 AND w.id = $2 AND w.url = $6 AND w.secret = $7
      AND w.old_secret IS NOT DISTINCT FROM $8
"""

PHONE: Final = Column("phone", mark="phone_mark")
EMAIL: Final = Column("email", mark="email_mark", folded=True)
TABLES: Final = (
    Table("networks", (Column("sealed_check"),), READ_NETWORKS, WRITE_NETWORKS),
    Table(
        "interpreters", (PHONE, EMAIL, Column("stage_reason")),
        READ_INTERPRETERS, WRITE_INTERPRETERS,
    ),
    Table("users", (Column("display_name"), PHONE, EMAIL), READ_USERS, WRITE_USERS),
    Table(
        "sites", (Column("address"), Column("phone"), Column("email")), READ_SITES, WRITE_SITES
    ),
    Table(
        "requests",
        (
            Column("instructions"), Column("cancel_reason"), Column("connect", "json"),
            Column("requirements", "json"), Column("details", "json"),
        ),
        READ_REQUESTS, WRITE_REQUESTS,
    ),
    Table(
        "offers", (Column("decline_reason"), Column("reasons", "json")), READ_OFFERS, WRITE_OFFERS
    ),
    Table("bookings", (Column("close_reason"),), READ_BOOKINGS, WRITE_BOOKINGS),
    Table("credentials", (Column("number"),), READ_CREDENTIALS, WRITE_CREDENTIALS),
    Table(
        "idempotency_keys", (Column("answer", "bytes"),), READ_ANSWERS, WRITE_ANSWERS,
        begin=(FIRST, ""),
    ),
    Table(
        "messages", (Column("recipient"), Column("subject"), Column("body")),
        READ_MESSAGES, WRITE_MESSAGES,
    ),
    Table(
        "sign_in_attempts", (Column("recipient", mark="person_mark"),),
        READ_ATTEMPTS, WRITE_ATTEMPTS,
    ),
    Table("identity_providers", (Column("client_secret"),), READ_PROVIDERS, WRITE_PROVIDERS),
    Table("passkeys", (Column("name"),), READ_PASSKEYS, WRITE_PASSKEYS),
    Table("client_voices", (Column("said"), Column("answer")), READ_VOICES, WRITE_VOICES),
    Table(
        "webhook_endpoints", (Column("url"), Column("secret"), Column("old_secret")),
        READ_WEBHOOKS, WRITE_WEBHOOKS,
    ),
    Table(
        "operations", (Column("input", "bytes"), Column("result", "bytes")),
        READ_OPERATIONS, WRITE_OPERATIONS, batch=5,  # a row may hold a whole file
    ),
)  # fmt: skip


async def read(db: Db, *, network_id: UUID, table: Table, after: Sequence[object]) -> list[Row]:
    """Return the next rows of a table: their keys first, then the columns as they are stored."""
    return await db.fetch(table.read, network_id, *after, table.batch)


async def write(
    db: Db, *, network_id: UUID, table: Table, rows: Iterable[Sequence[object]]
) -> None:
    """Write each row that is still as it was read; a row is key, new values, marks, old values."""
    await db.executemany(table.write, [(network_id, *row) for row in rows])


NUMBER: Final[LiteralString] = "SELECT pg_current_xact_id()::text::bigint"


async def transaction_number(db: Db) -> int:
    """Take a transaction's number: higher than of all that have written until now."""
    return int(await db.fetchval(NUMBER))


OLDEST: Final[LiteralString] = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


async def oldest_running(db: Db) -> int:
    """Return a number below which every transaction that wrote has ended."""
    return int(await db.fetchval(OLDEST))
