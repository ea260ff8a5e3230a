"""All rows that refer to somebody who signs in, for an export.

Each statement takes network_id and the user's id, and gives whole rows; what an export shows of
them is `domain/exports.py`'s.
"""

from collections.abc import Mapping
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db

# $1 network_id, $2 user_id
AUDIT_OF: Final[LiteralString] = """
    SELECT to_jsonb(a) AS held FROM audit a
    WHERE a.network_id = $1 AND a.subject_id = $2
    ORDER BY a.id
"""
# $1 network_id, $2 user_id
USER: Final[LiteralString] = """
    SELECT to_jsonb(u) AS held FROM users u WHERE u.network_id = $1 AND u.id = $2
"""
# $1 network_id, $2 user_id
INVITATIONS: Final[LiteralString] = """
    SELECT to_jsonb(i) AS held FROM invitations i
    WHERE i.network_id = $1 AND i.user_id = $2
    ORDER BY i.id
"""
# $1 network_id, $2 user_id
SIGN_INS: Final[LiteralString] = """
    SELECT to_jsonb(s) AS held FROM sign_ins s
    WHERE s.network_id = $1 AND s.user_id = $2
    ORDER BY s.id
"""
# $1 network_id, $2 user_id
PASSKEYS: Final[LiteralString] = """
    SELECT to_jsonb(p) AS held FROM passkeys p
    WHERE p.network_id = $1 AND p.user_id = $2
    ORDER BY p.id
"""
# $1 network_id, $2 user_id
CHALLENGES: Final[LiteralString] = """
    SELECT to_jsonb(c) AS held FROM passkey_challenges c
    WHERE c.network_id = $1 AND c.user_id = $2
    ORDER BY c.id
"""
# $1 network_id, $2 user_id
BROWSERS: Final[LiteralString] = """
    SELECT to_jsonb(p) AS held FROM push_subscriptions p
    WHERE p.network_id = $1 AND p.user_id = $2
    ORDER BY p.id
"""
# $1 network_id, $2 user_id
MESSAGES_TO_USER: Final[LiteralString] = """
    SELECT to_jsonb(m) AS held FROM messages m
    WHERE m.network_id = $1 AND m.user_id = $2
    ORDER BY m.id
"""
# $1 network_id, $2 user_id
AUDIT_BY: Final[LiteralString] = """
    SELECT to_jsonb(a) AS held FROM audit a
    WHERE a.network_id = $1 AND a.user_id = $2
    ORDER BY a.id
"""
# $1 network_id, $2 user_id
ASKED: Final[LiteralString] = """
    SELECT to_jsonb(r) AS held FROM requests r
    WHERE r.network_id = $1 AND r.created_by = $2
    ORDER BY r.id
"""
# $1 network_id, $2 user_id
KEYS_MADE: Final[LiteralString] = """
    SELECT to_jsonb(k) AS held FROM keys k
    WHERE k.network_id = $1 AND k.made_by = $2
    ORDER BY k.id
"""
# $1 network_id, $2 user_id
OPERATIONS: Final[LiteralString] = """
    SELECT to_jsonb(o) AS held FROM operations o
    WHERE o.network_id = $1 AND o.owner_id = $2
    ORDER BY o.id
"""
# $1 network_id, $2 user_id
ANSWERS: Final[LiteralString] = """
    SELECT to_jsonb(i) AS held FROM idempotency_keys i
    WHERE i.network_id = $1 AND i.key_id = $2
    ORDER BY i.created_at
"""
# $1 network_id, $2 user_id
ON_CALL: Final[LiteralString] = """
    SELECT to_jsonb(o) AS held FROM on_call o
    WHERE o.network_id = $1 AND o.user_id = $2
    ORDER BY o.id
"""
# $1 network_id, $2 user_id
ACKNOWLEDGED: Final[LiteralString] = """
    SELECT to_jsonb(e) AS held FROM escalations e
    WHERE e.network_id = $1 AND e.acknowledged_by = $2
    ORDER BY e.at
"""
# $1 network_id, $2 user_id
APPROVED: Final[LiteralString] = """
    SELECT to_jsonb(a) AS held FROM approvals a
    WHERE a.network_id = $1 AND a.decided_by = $2
    ORDER BY a.booking_id
"""
# $1 network_id, $2 user_id
ISSUED: Final[LiteralString] = """
    SELECT to_jsonb(s) AS held FROM statements s
    WHERE s.network_id = $1 AND s.issued_by = $2
    ORDER BY s.id
"""
# $1 network_id, $2 user_id
DECIDED: Final[LiteralString] = """
    SELECT to_jsonb(e) AS held FROM expenses e
    WHERE e.network_id = $1 AND e.decided_by = $2
    ORDER BY e.id
"""
# $1 network_id, $2 user_id
PLANNED: Final[LiteralString] = """
    SELECT to_jsonb(p) AS held FROM plans p
    WHERE p.network_id = $1 AND p.made_by = $2
    ORDER BY p.id
"""
# $1 network_id, $2 user_id
PLANS_DECIDED: Final[LiteralString] = """
    SELECT to_jsonb(p) AS held FROM plans p
    WHERE p.network_id = $1 AND p.decided_by = $2
    ORDER BY p.id
"""
STATEMENTS: Final[Mapping[str, LiteralString]] = {
    "user": USER,
    "invitations": INVITATIONS,
    "sign_ins": SIGN_INS,
    "passkeys": PASSKEYS,
    "push_subscriptions": BROWSERS,
    "challenges": CHALLENGES,
    "messages": MESSAGES_TO_USER,
    "audit": AUDIT_OF,
    "did": AUDIT_BY,
    "asked": ASKED,
    "keys_made": KEYS_MADE,
    "operations": OPERATIONS,
    "calls": ANSWERS,
    "approved": APPROVED,
    "issued": ISSUED,
    "decided": DECIDED,
    "planned": PLANNED,
    "plans_decided": PLANS_DECIDED,
    "on_call": ON_CALL,
    "acknowledged": ACKNOWLEDGED,
}


async def held_about_user(
    db: Db, *, network_id: UUID, user_id: UUID
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows that refer to a user, as they are stored, by `name`."""
    found = {}
    for name, statement in STATEMENTS.items():
        rows = await db.fetch(statement, network_id, user_id)
        found[name] = [msgspec.json.decode(row["held"]) for row in rows]
    return found
