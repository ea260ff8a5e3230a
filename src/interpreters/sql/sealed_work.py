"""The sealed columns of what people do and are told, and the statements that seal them again."""

from typing import Final, LiteralString

from interpreters.domain.sealed_columns import FIRST, Column, Table

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
    SELECT m.id, m.recipient, m.subject, m.body, m.attachment FROM messages m
    WHERE m.network_id = $1 AND m.id > $2 ORDER BY m.id LIMIT $3
"""
# $1 network_id, $2 id, $3 to $6 new, $7 to $10 old
WRITE_MESSAGES: Final[LiteralString] = """
    UPDATE messages AS m SET recipient = $3, subject = $4, body = $5, attachment = $6
    WHERE m.network_id = $1 AND m.id = $2 AND m.recipient IS NOT DISTINCT FROM $7
      AND m.subject IS NOT DISTINCT FROM $8 AND m.body IS NOT DISTINCT FROM $9
      AND m.attachment IS NOT DISTINCT FROM $10
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
READ_EXPORTS: Final[LiteralString] = """
    SELECT e.id, e.content FROM export_parts e
    WHERE e.network_id = $1 AND e.id > $2 ORDER BY e.id LIMIT $3
"""
# $1 network_id, $2 id, $3 new, $4 old
WRITE_EXPORTS: Final[LiteralString] = """
    UPDATE export_parts AS e SET content = $3
    WHERE e.network_id = $1 AND e.id = $2 AND e.content = $4
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
# $1 network_id, $2 after id, $3 limit
READ_PLAN_PLACES: Final[LiteralString] = """
    SELECT p.id, p.reasons FROM plan_places p
    WHERE p.network_id = $1 AND p.id > $2 ORDER BY p.id LIMIT $3
"""
# $1 network_id, $2 id, $3 new, $4 old
WRITE_PLAN_PLACES: Final[LiteralString] = """
    UPDATE plan_places AS p SET reasons = $3
    WHERE p.network_id = $1 AND p.id = $2 AND p.reasons IS NOT DISTINCT FROM $4
"""

WORK: Final = (
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
    Table("plan_places", (Column("reasons"),), READ_PLAN_PLACES, WRITE_PLAN_PLACES),
    Table(
        "idempotency_keys", (Column("answer", "bytes"),), READ_ANSWERS, WRITE_ANSWERS,
        begin=(FIRST, ""),
    ),
    Table(
        "messages",
        (Column("recipient"), Column("subject"), Column("body"), Column("attachment")),
        READ_MESSAGES, WRITE_MESSAGES,
    ),
    Table("client_voices", (Column("said"), Column("answer")), READ_VOICES, WRITE_VOICES),
    Table(
        "webhook_endpoints", (Column("url"), Column("secret"), Column("old_secret")),
        READ_WEBHOOKS, WRITE_WEBHOOKS,
    ),
    Table(
        "operations", (Column("input", "bytes"), Column("result", "bytes")),
        READ_OPERATIONS, WRITE_OPERATIONS, batch=5,  # a row may hold a whole file
    ),
    Table(
        "export_parts", (Column("content", "bytes"),), READ_EXPORTS, WRITE_EXPORTS, batch=5,
    ),
)  # fmt: skip
