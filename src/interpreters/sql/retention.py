"""What is forgotten by age: for each kind of rule a statement or several, of one form.

Each takes network_id, the age up to which it forgets, and how many rows at most; what somebody
else holds just then is left for the next time.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.retention import Kind

# $1 network_id, $2 session over by, $3 limit
INSTRUCTIONS: Final[LiteralString] = """
    UPDATE requests AS r SET instructions = NULL, details = '{}', receiving_id = NULL,
        channel = NULL, party_ids = '{}', version = r.version + 1
    WHERE r.network_id = $1 AND r.id = ANY (ARRAY(
        SELECT p.id FROM requests p
        WHERE p.network_id = $1 AND p.starts_at < $2 AND upper(p.session) <= $2
          AND (p.instructions IS NOT NULL OR p.details <> '{}')
        ORDER BY p.starts_at LIMIT $3
        FOR NO KEY UPDATE SKIP LOCKED
    ))
    RETURNING r.id
"""
# $1 network_id, $2 session over by, $3 limit
CONNECTION_DETAILS: Final[LiteralString] = """
    UPDATE requests AS r SET connect = NULL, version = r.version + 1
    WHERE r.network_id = $1 AND r.id = ANY (ARRAY(
        SELECT p.id FROM requests p
        WHERE p.network_id = $1 AND p.starts_at < $2 AND upper(p.session) <= $2
          AND p.connect IS NOT NULL
        ORDER BY p.starts_at LIMIT $3
        FOR NO KEY UPDATE SKIP LOCKED
    ))
    RETURNING r.id
"""
# $1 network_id, $2 cancelled by, $3 limit
CANCEL_REASONS: Final[LiteralString] = """
    UPDATE requests AS r SET cancel_reason = NULL, version = r.version + 1
    WHERE r.network_id = $1 AND r.id = ANY (ARRAY(
        SELECT p.id FROM requests p
        WHERE p.network_id = $1 AND p.cancelled_at <= $2 AND p.cancel_reason IS NOT NULL
        ORDER BY p.id LIMIT $3
        FOR NO KEY UPDATE SKIP LOCKED
    ))
    RETURNING r.id
"""
# $1 network_id, $2 closed by, $3 limit
CLOSE_REASONS: Final[LiteralString] = """
    UPDATE bookings AS b SET close_reason = NULL, version = b.version + 1
    WHERE b.network_id = $1 AND b.id = ANY (ARRAY(
        SELECT p.id FROM bookings p
        WHERE p.network_id = $1 AND p.closed_at <= $2 AND p.close_reason IS NOT NULL
        ORDER BY p.id LIMIT $3
        FOR NO KEY UPDATE SKIP LOCKED
    ))
    RETURNING b.id
"""
# $1 network_id, $2 answered by, $3 limit
DECLINE_REASONS: Final[LiteralString] = """
    UPDATE offers AS o SET decline_reason = NULL, version = o.version + 1
    WHERE o.network_id = $1 AND o.id = ANY (ARRAY(
        SELECT p.id FROM offers p
        WHERE p.network_id = $1 AND p.answered_at <= $2 AND p.decline_reason IS NOT NULL
        ORDER BY p.id LIMIT $3
        FOR NO KEY UPDATE SKIP LOCKED
    ))
    RETURNING o.id
"""
# $1 network_id, $2 said by, $3 limit
VOICES: Final[LiteralString] = """
    UPDATE client_voices AS v SET said = NULL, answer = NULL, version = v.version + 1
    WHERE v.network_id = $1 AND v.id = ANY (ARRAY(
        SELECT p.id FROM client_voices p
        WHERE p.network_id = $1 AND p.created_at <= $2
          AND (p.said IS NOT NULL OR p.answer IS NOT NULL)
        ORDER BY p.id LIMIT $3
        FOR NO KEY UPDATE SKIP LOCKED
    ))
    RETURNING v.id
"""
# $1 network_id, $2 ended by, $3 limit
LINKS: Final[LiteralString] = """
    DELETE FROM client_links AS l
    WHERE l.network_id = $1 AND l.id = ANY (ARRAY(
        SELECT p.id FROM client_links p
        WHERE p.network_id = $1 AND (p.expires_at <= $2 OR p.revoked_at <= $2)
        ORDER BY p.id LIMIT $3
        FOR UPDATE SKIP LOCKED
    ))
    RETURNING l.id
"""
# $1 network_id, $2 written by, $3 limit. One that waits is for the job that sends to end.
MESSAGES: Final[LiteralString] = """
    DELETE FROM messages AS m
    WHERE m.network_id = $1 AND m.id = ANY (ARRAY(
        SELECT p.id FROM messages p
        WHERE p.network_id = $1 AND p.created_at <= $2 AND p.state <> 'waiting'
        ORDER BY p.created_at LIMIT $3
        FOR UPDATE SKIP LOCKED
    ))
    RETURNING m.id
"""
# $1 network_id, $2 made by, $3 limit
ATTEMPTS: Final[LiteralString] = """
    DELETE FROM sign_in_attempts AS a
    WHERE a.network_id = $1 AND a.id = ANY (ARRAY(
        SELECT p.id FROM sign_in_attempts p
        WHERE p.network_id = $1 AND p.created_at <= $2
        ORDER BY p.created_at LIMIT $3
        FOR UPDATE SKIP LOCKED
    ))
    RETURNING a.id
"""
# $1 network_id, $2 ended by, $3 limit
SIGN_INS: Final[LiteralString] = """
    DELETE FROM sign_ins AS s
    WHERE s.network_id = $1 AND s.id = ANY (ARRAY(
        SELECT p.id FROM sign_ins p
        WHERE p.network_id = $1 AND (p.expires_at <= $2 OR p.revoked_at <= $2)
        ORDER BY p.id LIMIT $3
        FOR UPDATE SKIP LOCKED
    ))
    RETURNING s.id
"""
# $1 network_id, $2 ended by, $3 limit
CALENDAR_LINKS: Final[LiteralString] = """
    DELETE FROM calendar_links AS c
    WHERE c.network_id = $1 AND c.id = ANY (ARRAY(
        SELECT p.id FROM calendar_links p
        WHERE p.network_id = $1 AND p.revoked_at <= $2
        ORDER BY p.id LIMIT $3
        FOR UPDATE SKIP LOCKED
    ))
    RETURNING c.id
"""
# $1 network_id, $2 ended by, $3 limit
INVITATIONS: Final[LiteralString] = """
    DELETE FROM invitations AS i
    WHERE i.network_id = $1 AND i.id = ANY (ARRAY(
        SELECT p.id FROM invitations p
        WHERE p.network_id = $1 AND (p.expires_at <= $2 OR p.used_at <= $2)
        ORDER BY p.id LIMIT $3
        FOR UPDATE SKIP LOCKED
    ))
    RETURNING i.id
"""
# $1 network_id, $2 ended by, $3 limit
CHALLENGES: Final[LiteralString] = """
    DELETE FROM passkey_challenges AS c
    WHERE c.network_id = $1 AND c.id = ANY (ARRAY(
        SELECT p.id FROM passkey_challenges p
        WHERE p.network_id = $1 AND p.expires_at <= $2
        ORDER BY p.expires_at LIMIT $3
        FOR UPDATE SKIP LOCKED
    ))
    RETURNING c.id
"""
# $1 network_id, $2 ended by, $3 limit
OPERATIONS: Final[LiteralString] = """
    UPDATE operations AS o SET input = NULL, result = NULL
    WHERE o.network_id = $1 AND o.id = ANY (ARRAY(
        SELECT p.id FROM operations p
        WHERE p.network_id = $1 AND coalesce(p.finished_at, p.created_at) <= $2
          AND (p.input IS NOT NULL OR p.result IS NOT NULL)
        ORDER BY p.created_at LIMIT $3
        FOR NO KEY UPDATE SKIP LOCKED
    ))
    RETURNING o.id
"""
# $1 network_id, $2 written by, $3 limit
EXPORT_PARTS: Final[LiteralString] = """
    DELETE FROM export_parts AS e
    WHERE e.network_id = $1 AND e.id = ANY (ARRAY(
        SELECT p.id FROM export_parts p WHERE p.network_id = $1 AND p.created_at <= $2 LIMIT $3))
    RETURNING e.id
"""
# $1 network_id, $2 answered by, $3 limit
ANSWERS: Final[LiteralString] = """
    DELETE FROM idempotency_keys AS i
    WHERE i.network_id = $1 AND (i.key_id, i.idempotency_key) IN (
        SELECT p.key_id, p.idempotency_key FROM idempotency_keys p
        WHERE p.network_id = $1 AND p.created_at <= $2 LIMIT $3
    )
    RETURNING i.key_id
"""
# $1 network_id, $2 told by, $3 limit
NOTICES: Final[LiteralString] = """
    DELETE FROM outbox AS o
    WHERE o.network_id = $1 AND o.id = ANY (ARRAY(
        SELECT p.id FROM outbox p WHERE p.network_id = $1 AND p.done_at <= $2 LIMIT $3
    ))
    RETURNING o.id
"""
# $1 network_id, $2 over by, $3 limit
FREED_SLOTS: Final[LiteralString] = """
    DELETE FROM freed_slots AS f
    WHERE f.network_id = $1 AND f.id = ANY (ARRAY(
        SELECT p.id FROM freed_slots p
        WHERE p.network_id = $1 AND upper(p.slot) <= $2
        ORDER BY p.id LIMIT $3
        FOR UPDATE SKIP LOCKED
    ))
    RETURNING f.id
"""
# $1 network_id, $2 made by, $3 limit
PLAN_PLACES: Final[LiteralString] = """
    DELETE FROM plan_places AS q
    WHERE q.network_id = $1 AND q.id = ANY (ARRAY(
        SELECT o.id FROM plan_places o
        JOIN plans p ON p.network_id = $1 AND p.id = o.plan_id
        WHERE o.network_id = $1 AND p.made_at <= $2
        ORDER BY o.id LIMIT $3)) RETURNING q.id
"""
# $1 network_id, $2 made by, $3 limit
PLANS: Final[LiteralString] = """
    DELETE FROM plans AS p
    WHERE p.network_id = $1 AND p.id = ANY (ARRAY(
        SELECT o.id FROM plans o
        WHERE o.network_id = $1 AND o.made_at <= $2 AND NOT EXISTS (
            SELECT FROM plan_places q WHERE q.network_id = $1 AND q.plan_id = o.id)
        ORDER BY o.id LIMIT $3 FOR UPDATE SKIP LOCKED)) RETURNING p.id
"""
STATEMENTS: Final[Mapping[Kind, tuple[LiteralString, ...]]] = {
    "instructions": (INSTRUCTIONS,),
    "connection_details": (CONNECTION_DETAILS,),
    "reasons": (CANCEL_REASONS, CLOSE_REASONS, DECLINE_REASONS),
    "client_voices": (VOICES,),
    "client_links": (LINKS,),
    "messages": (MESSAGES,),
    "sign_in_attempts": (ATTEMPTS,),
    "sign_ins": (SIGN_INS, INVITATIONS, CHALLENGES, CALENDAR_LINKS),
    "operations": (OPERATIONS, EXPORT_PARTS),
    "answers": (ANSWERS,),
    "notices": (NOTICES,),
    "freed_slots": (FREED_SLOTS,),
    "plans": (PLAN_PLACES, PLANS),
}


async def forget(db: Db, *, network_id: UUID, kind: Kind, before: datetime, limit: int) -> bool:
    """Forget at most `limit` of each thing of a kind up to that age; tell whether that was all."""
    gone = [
        len(await db.fetch(statement, network_id, before, limit)) for statement in STATEMENTS[kind]
    ]
    return all(one < limit for one in gone)


# $1 network_id, $2 nothing since, $3 limit
INACTIVE_CLIENTS: Final[LiteralString] = """
    SELECT c.id FROM clients c
    WHERE c.network_id = $1 AND c.erased_at IS NULL AND c.created_at <= $2
      AND NOT EXISTS (
          SELECT FROM request_clients rc
          JOIN requests r ON r.network_id = $1 AND r.id = rc.request_id
          WHERE rc.network_id = $1 AND rc.client_id = c.id AND upper(r.session) > $2)
    ORDER BY c.id LIMIT $3
"""


async def inactive_clients(db: Db, *, network_id: UUID, before: datetime, limit: int) -> list[UUID]:
    """Return clients for whom nothing was wanted since."""
    rows = await db.fetch(INACTIVE_CLIENTS, network_id, before, limit)
    return [row["id"] for row in rows]


# $1 network_id, $2 nothing since, $3 limit. A change of stage stands in the audit.
SUSPENDED_INTERPRETERS: Final[LiteralString] = """
    SELECT i.id FROM interpreters i
    WHERE i.network_id = $1 AND i.stage = 'suspended' AND i.erased_at IS NULL
      AND i.created_at <= $2
      AND NOT EXISTS (
          SELECT FROM bookings b
          WHERE b.network_id = $1 AND b.interpreter_id = i.id
            AND (upper(b.session) > $2 OR coalesce(b.closed_at, b.ended_at) IS NULL))
      AND NOT EXISTS (
          SELECT FROM offers o
          WHERE o.network_id = $1 AND o.interpreter_id = i.id AND o.created_at > $2)
      AND NOT EXISTS (
          SELECT FROM audit a
          WHERE a.network_id = $1 AND a.subject_id = i.id AND a.at > $2)
    ORDER BY i.id LIMIT $3
"""


async def suspended_interpreters(
    db: Db, *, network_id: UUID, before: datetime, limit: int
) -> list[UUID]:
    """Return suspended interpreters with whom nothing happened since."""
    rows = await db.fetch(SUSPENDED_INTERPRETERS, network_id, before, limit)
    return [row["id"] for row in rows]
