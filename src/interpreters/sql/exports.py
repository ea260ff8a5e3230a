"""All rows that refer to a client or an interpreter, for an export.

Each statement takes network_id and the person's id, and gives whole rows; what an export shows of
them is `domain/exports.py`'s.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db

# $1 network_id, $2 client_id
CLIENT: Final[LiteralString] = """
    SELECT to_jsonb(c) AS held FROM clients c WHERE c.network_id = $1 AND c.id = $2
"""
# $1 network_id, $2 client_id
CLIENT_REQUESTS: Final[LiteralString] = """
    SELECT to_jsonb(r) AS held FROM request_clients rc
    JOIN requests r ON r.network_id = $1 AND r.id = rc.request_id
    WHERE rc.network_id = $1 AND rc.client_id = $2
    ORDER BY r.id
"""
# $1 network_id, $2 client_id. Requests whose parties are not known by id are not here.
CAME_AS_PARTY: Final[LiteralString] = """
    SELECT to_jsonb(r) AS held FROM clients c
    JOIN requests r ON r.network_id = $1 AND r.institution_id = c.institution_id
    WHERE c.network_id = $1 AND c.id = $2
      AND (r.party_ids IS NULL OR r.party_ids <> '{}') AND $2 = ANY (r.party_ids)
    ORDER BY r.id
"""
# $1 network_id, $2 client_id
CLIENT_BOOKINGS: Final[LiteralString] = """
    SELECT to_jsonb(b) AS held FROM request_clients rc
    JOIN bookings b ON b.network_id = $1 AND b.request_id = rc.request_id
    WHERE rc.network_id = $1 AND rc.client_id = $2
    ORDER BY b.id
"""
# $1 network_id, $2 client_id
CLIENT_LINKS: Final[LiteralString] = """
    SELECT to_jsonb(l) AS held FROM client_links l
    WHERE l.network_id = $1 AND l.client_id = $2
    ORDER BY l.id
"""
# $1 network_id, $2 client_id
CLIENT_VOICES: Final[LiteralString] = """
    SELECT to_jsonb(v) AS held FROM client_voices v
    WHERE v.network_id = $1 AND v.client_id = $2
    ORDER BY v.id
"""
# $1 network_id, $2 client_id
CLIENT_USAGE: Final[LiteralString] = """
    SELECT to_jsonb(u) AS held FROM usage_entries u
    WHERE u.network_id = $1 AND $2 = ANY (u.client_ids)
    ORDER BY u.id
"""
# $1 network_id, $2 the person's id
AUDIT_OF: Final[LiteralString] = """
    SELECT to_jsonb(a) AS held FROM audit a
    WHERE a.network_id = $1 AND a.subject_id = $2
    ORDER BY a.id
"""
# $1 network_id, $2 interpreter_id
INTERPRETER: Final[LiteralString] = """
    SELECT to_jsonb(i) AS held FROM interpreters i WHERE i.network_id = $1 AND i.id = $2
"""
# $1 network_id, $2 interpreter_id
LANGUAGES: Final[LiteralString] = """
    SELECT to_jsonb(l) AS held FROM interpreter_languages l
    WHERE l.network_id = $1 AND l.interpreter_id = $2
    ORDER BY l.position
"""
# $1 network_id, $2 interpreter_id
AVAILABILITY: Final[LiteralString] = """
    SELECT to_jsonb(a) AS held FROM availability a
    WHERE a.network_id = $1 AND a.interpreter_id = $2
    ORDER BY a.day, a.from_minute
"""
# $1 network_id, $2 interpreter_id
ABSENCES: Final[LiteralString] = """
    SELECT to_jsonb(a) AS held FROM absences a
    WHERE a.network_id = $1 AND a.interpreter_id = $2
    ORDER BY a.id
"""
# $1 network_id, $2 interpreter_id
CALENDAR_LINKS: Final[LiteralString] = """
    SELECT to_jsonb(l) AS held FROM calendar_links l
    WHERE l.network_id = $1 AND l.interpreter_id = $2
    ORDER BY l.id
"""
# $1 network_id, $2 interpreter_id
EXTERNAL_CALENDAR: Final[LiteralString] = """
    SELECT to_jsonb(c) AS held FROM external_calendars c
    WHERE c.network_id = $1 AND c.interpreter_id = $2
"""
# $1 network_id, $2 interpreter_id
CREDENTIALS: Final[LiteralString] = """
    SELECT to_jsonb(c) AS held FROM credentials c
    WHERE c.network_id = $1 AND c.interpreter_id = $2
    ORDER BY c.id
"""
# $1 network_id, $2 interpreter_id
SUPPLY: Final[LiteralString] = """
    SELECT to_jsonb(s) AS held FROM supply s
    WHERE s.network_id = $1 AND s.interpreter_id = $2
    ORDER BY s.pair
"""
# $1 network_id, $2 interpreter_id
OFFERS: Final[LiteralString] = """
    SELECT to_jsonb(o) AS held FROM offers o
    WHERE o.network_id = $1 AND o.interpreter_id = $2
    ORDER BY o.id
"""
# $1 network_id, $2 interpreter_id
BOOKINGS: Final[LiteralString] = """
    SELECT to_jsonb(b) AS held FROM bookings b
    WHERE b.network_id = $1 AND b.interpreter_id = $2
    ORDER BY b.id
"""
# $1 network_id, $2 interpreter_id
USAGE: Final[LiteralString] = """
    SELECT to_jsonb(u) AS held FROM usage_entries u
    WHERE u.network_id = $1 AND u.interpreter_id = $2
    ORDER BY u.id
"""
# $1 network_id, $2 interpreter_id
MESSAGES_TO_INTERPRETER: Final[LiteralString] = """
    SELECT to_jsonb(m) AS held FROM messages m
    WHERE m.network_id = $1 AND m.interpreter_id = $2
    ORDER BY m.id
"""
# $1 network_id, $2 interpreter_id
KEYS: Final[LiteralString] = """
    SELECT to_jsonb(k) AS held FROM keys k
    WHERE k.network_id = $1 AND k.interpreter_id = $2
    ORDER BY k.id
"""
# $1 network_id, $2 interpreter_id
SIGNS_IN_AS: Final[LiteralString] = """
    SELECT to_jsonb(u) AS held FROM users u WHERE u.network_id = $1 AND u.interpreter_id = $2
"""
# $1 network_id, $2 interpreter_id
PREFERRED_BY: Final[LiteralString] = """
    SELECT to_jsonb(n) AS held FROM institutions n
    WHERE n.network_id = $1 AND $2 = ANY (n.preferred_interpreter_ids)
    ORDER BY n.id
"""
# $1 network_id, $2 interpreter_id
BLOCKED_BY: Final[LiteralString] = """
    SELECT to_jsonb(n) AS held FROM institutions n
    WHERE n.network_id = $1 AND $2 = ANY (n.blocked_interpreter_ids)
    ORDER BY n.id
"""
# $1 network_id, $2 interpreter_id
FREED_SLOTS: Final[LiteralString] = """
    SELECT to_jsonb(f) AS held FROM freed_slots f
    WHERE f.network_id = $1 AND f.interpreter_id = $2
    ORDER BY f.id
"""
# $1 network_id, $2 interpreter_id
PLANNED: Final[LiteralString] = """
    SELECT to_jsonb(p) AS held FROM plan_places p
    WHERE p.network_id = $1 AND p.interpreter_id = $2
    ORDER BY p.id
"""
# $1 network_id, $2 interpreter_id
CONFLICTS: Final[LiteralString] = """
    SELECT to_jsonb(c) AS held FROM conflicts c
    WHERE c.network_id = $1 AND c.interpreter_id = $2
    ORDER BY c.client_id
"""

# $1 network_id, $2 interpreter_id
EXPENSES: Final[LiteralString] = """
    SELECT to_jsonb(e) AS held FROM expenses e
    WHERE e.network_id = $1 AND e.interpreter_id = $2
    ORDER BY e.id
"""
# $1 network_id, $2 interpreter_id
PAY_STATEMENTS: Final[LiteralString] = """
    SELECT to_jsonb(s) AS held FROM statements s
    WHERE s.network_id = $1 AND s.interpreter_id = $2
    ORDER BY s.id
"""
# $1 network_id, $2 interpreter_id: what they opened; the other side's words are not theirs
DISPUTED: Final[LiteralString] = """
    SELECT to_jsonb(d) AS held FROM disputes d
    JOIN bookings b ON b.network_id = $1 AND b.id = d.booking_id
    WHERE d.network_id = $1 AND b.interpreter_id = $2 AND d.opened_by = 'interpreter'
    ORDER BY d.id
"""
# $1 network_id, $2 interpreter_id: how they rated others
RATED: Final[LiteralString] = """
    SELECT to_jsonb(r) AS held FROM ratings r
    JOIN bookings b ON b.network_id = $1 AND b.id = r.booking_id
    WHERE r.network_id = $1 AND b.interpreter_id = $2 AND r.rated_by = 'interpreter'
    ORDER BY r.booking_id
"""
# $1 network_id, $2 interpreter_id
CORRECTED: Final[LiteralString] = """
    SELECT to_jsonb(t) AS held FROM time_changes t
    JOIN bookings b ON b.network_id = $1 AND b.id = t.booking_id
    WHERE t.network_id = $1 AND b.interpreter_id = $2 AND t.changed_by = 'interpreter'
    ORDER BY t.id
"""
STATEMENTS: Final[Mapping[str, Mapping[str, LiteralString]]] = {
    "client": {
        "client": CLIENT,
        "requests": CLIENT_REQUESTS,
        "came_as_party": CAME_AS_PARTY,
        "bookings": CLIENT_BOOKINGS,
        "links": CLIENT_LINKS,
        "said": CLIENT_VOICES,
        "usage": CLIENT_USAGE,
        "audit": AUDIT_OF,
    },
    "interpreter": {
        "interpreter": INTERPRETER,
        "languages": LANGUAGES,
        "availability": AVAILABILITY,
        "absences": ABSENCES,
        "calendar_links": CALENDAR_LINKS,
        "external_calendar": EXTERNAL_CALENDAR,
        "credentials": CREDENTIALS,
        "search": SUPPLY,
        "offers": OFFERS,
        "bookings": BOOKINGS,
        "planned": PLANNED,
        "freed": FREED_SLOTS,
        "expenses": EXPENSES,
        "disputed": DISPUTED,
        "rated": RATED,
        "corrected": CORRECTED,
        "statements": PAY_STATEMENTS,
        "conflicts": CONFLICTS,
        "usage": USAGE,
        "messages": MESSAGES_TO_INTERPRETER,
        "keys": KEYS,
        "user": SIGNS_IN_AS,
        "preferred_by": PREFERRED_BY,
        "blocked_by": BLOCKED_BY,
        "audit": AUDIT_OF,
    },
}


async def held_about(
    db: Db, *, network_id: UUID, person: str, person_id: UUID
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows that refer to a client or an interpreter, as they are stored, by `name`."""
    found = {}
    for name, statement in STATEMENTS[person].items():
        rows = await db.fetch(statement, network_id, person_id)
        found[name] = [msgspec.json.decode(row["held"]) for row in rows]
    return found


# $1 network_id, $2 request ids
SHARED: Final[LiteralString] = """
    SELECT rc.request_id, count(*) AS people FROM request_clients rc
    WHERE rc.network_id = $1 AND rc.request_id = ANY ($2::uuid[])
    GROUP BY rc.request_id
"""


async def shared(db: Db, *, network_id: UUID, request_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the requests that are for several clients."""
    rows = await db.fetch(SHARED, network_id, list(request_ids))
    return {row["request_id"] for row in rows if row["people"] > 1}
