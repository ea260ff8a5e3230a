"""Emptying what is known of a person, in every table that holds something of them.

Rows stay where something is counted or owed; their ids then lead to nobody.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.vault import vault_of

# Of requests that were stored before their parties were known by id, the details are opened.
# $1 network_id, $2 institution_id, $3 client ids, $4 after id, $5 limit
PARTIES: Final[LiteralString] = """
    SELECT r.id, CASE WHEN r.party_ids IS NULL THEN r.details END AS details FROM requests r
    WHERE r.network_id = $1 AND r.institution_id = $2 AND r.id > $4
      AND (r.party_ids IS NULL OR r.party_ids <> '{}')
      AND (r.party_ids IS NULL OR r.party_ids && $3::uuid[])
    ORDER BY r.id LIMIT $5
"""
BATCH: Final = 2000
FIRST: Final = UUID(int=0)


async def naming_parties(
    db: Db, *, network_id: UUID, institution_id: UUID, references: Mapping[UUID, str]
) -> list[UUID]:
    """Return the institution's requests that name one of its clients as a party.

    `references` are theirs by their ids.
    """
    found: list[UUID] = []
    after, ids = FIRST, list(references)
    while rows := await db.fetch(PARTIES, network_id, institution_id, ids, after, BATCH):
        after = rows[-1]["id"]
        for row in rows:
            sealed = row["details"]
            if sealed is None or _names(db, network_id, sealed, set(references.values())):
                found.append(row["id"])
    return found


def _names(db: Db, network_id: UUID, details: str, references: set[str]) -> bool:
    stored = msgspec.json.decode(details)
    if isinstance(stored, str):
        stored = msgspec.json.decode(vault_of(db).unseal(network_id, stored))
    return bool(references & {one["reference"] for one in stored.get("parties") or ()})


# $1 network_id, $2 client ids, $3 references of the same clients
CALLED_LIKE: Final[LiteralString] = """
    SELECT DISTINCT r.id
    FROM unnest($2::uuid[], $3::text[]) AS n (client_id, reference)
    JOIN request_clients rc ON rc.network_id = $1 AND rc.client_id = n.client_id
    JOIN requests r ON r.network_id = $1 AND r.id = rc.request_id
    WHERE r.external_reference = n.reference
"""


async def called_like(db: Db, *, network_id: UUID, references: dict[UUID, str]) -> list[UUID]:
    """Return the clients' requests that have the person's reference as their own, too."""
    rows = await db.fetch(CALLED_LIKE, network_id, list(references), list(references.values()))
    return [row["id"] for row in rows]


# $1 network_id, $2 request_id, $3 old, $4 new
RENAME_BOOKINGS: Final[LiteralString] = """
    UPDATE bookings AS b SET external_reference = $4, version = b.version + 1
    WHERE b.network_id = $1 AND b.request_id = $2 AND b.external_reference = $3
"""


async def rename_bookings(
    db: Db, *, network_id: UUID, request_id: UUID, was: str, becomes: str
) -> None:
    """Give a request's bookings another external reference; the caller holds the request."""
    await db.execute(RENAME_BOOKINGS, network_id, request_id, was, becomes)


# $1 network_id, $2 client ids, $3 now. Of a request for several people the texts stay for them.
PAST_TEXTS: Final[LiteralString] = """
    UPDATE requests AS r
    SET instructions = NULL, connect = NULL, cancel_reason = NULL, details = '{}',
        receiving_id = NULL, channel = NULL, party_ids = '{}', version = r.version + 1
    WHERE r.network_id = $1 AND upper(r.session) <= $3 AND r.id = ANY (ARRAY(
        SELECT rc.request_id FROM request_clients rc
        WHERE rc.network_id = $1 AND rc.client_id = ANY ($2::uuid[])
          AND NOT EXISTS (
              SELECT FROM request_clients o
              WHERE o.network_id = $1 AND o.request_id = rc.request_id
                AND o.client_id <> ALL ($2::uuid[]))
    ))
    RETURNING r.id
"""
# $1 network_id, $2 request ids
PAST_REASONS: Final[LiteralString] = """
    UPDATE bookings AS b SET close_reason = NULL, version = b.version + 1
    WHERE b.network_id = $1 AND b.request_id = ANY ($2::uuid[]) AND b.close_reason IS NOT NULL
"""
# $1 network_id, $2 client ids, $3 now
LINKS: Final[LiteralString] = """
    UPDATE client_links AS l SET revoked_at = $3
    WHERE l.network_id = $1 AND l.client_id = ANY ($2::uuid[]) AND l.revoked_at IS NULL
"""
# $1 network_id, $2 client ids
VOICES: Final[LiteralString] = """
    UPDATE client_voices AS v SET said = NULL, answer = NULL, version = v.version + 1
    WHERE v.network_id = $1 AND v.client_id = ANY ($2::uuid[])
      AND (v.said IS NOT NULL OR v.answer IS NOT NULL)
"""
# $1 network_id, $2 client ids
CONFLICTS_WITH: Final[LiteralString] = """
    DELETE FROM conflicts AS c WHERE c.network_id = $1 AND c.client_id = ANY ($2::uuid[])
"""


async def empty_clients(
    db: Db, *, network_id: UUID, client_ids: Sequence[UUID], now: datetime
) -> list[UUID]:
    """Empty what was written for the clients in the past, and by them; end their links.

    Returns the requests of the past that were theirs alone.
    """
    ids = list(client_ids)
    past = await db.fetch(PAST_TEXTS, network_id, ids, now)
    await db.execute(PAST_REASONS, network_id, [row["id"] for row in past])
    await db.execute(LINKS, network_id, ids, now)
    await db.execute(VOICES, network_id, ids)
    await db.execute(CONFLICTS_WITH, network_id, ids)
    return [row["id"] for row in past]


# $1 network_id, $2 id, $3 what stands for the name, $4 now
INTERPRETER: Final[LiteralString] = """
    UPDATE interpreters AS i
    SET display_name = $3, phone = NULL, email = NULL, phone_mark = NULL, email_mark = NULL,
        gender = NULL, latitude = NULL, longitude = NULL, city = NULL, topics = '{}',
        quiet_hours = NULL, available_until = NULL, external_reference = NULL,
        stage_reason = NULL, language = NULL, notify = NULL, auto_assign = false,
        active = false, erased_at = $4, version = i.version + 1
    WHERE i.network_id = $1 AND i.id = $2 AND i.erased_at IS NULL
"""
# $1 network_id, $2 interpreter_id
SUPPLY: Final[LiteralString] = """
    DELETE FROM supply AS s WHERE s.network_id = $1 AND s.interpreter_id = $2
"""
# $1 network_id, $2 interpreter_id
HOURS: Final[LiteralString] = """
    DELETE FROM availability AS a WHERE a.network_id = $1 AND a.interpreter_id = $2
"""
# $1 network_id, $2 interpreter_id
ABSENCES: Final[LiteralString] = """
    DELETE FROM absences AS a WHERE a.network_id = $1 AND a.interpreter_id = $2
"""
# $1 network_id, $2 interpreter_id
FREED_SLOTS: Final[LiteralString] = """
    DELETE FROM freed_slots AS f WHERE f.network_id = $1 AND f.interpreter_id = $2
"""
# $1 network_id, $2 interpreter_id
CREDENTIALS: Final[LiteralString] = """
    UPDATE credentials AS c SET number = NULL
    WHERE c.network_id = $1 AND c.interpreter_id = $2 AND c.number IS NOT NULL
"""
# $1 network_id, $2 interpreter_id
DECLINED: Final[LiteralString] = """
    UPDATE offers AS o SET decline_reason = NULL, seen_at = NULL, version = o.version + 1
    WHERE o.network_id = $1 AND o.interpreter_id = $2
      AND (o.decline_reason IS NOT NULL OR o.seen_at IS NOT NULL)
"""
# $1 network_id, $2 interpreter_id
PLANNED: Final[LiteralString] = """
    UPDATE plan_places AS p SET reasons = NULL
    WHERE p.network_id = $1 AND p.interpreter_id = $2 AND p.reasons IS NOT NULL
"""
# $1 network_id, $2 interpreter_id
CONFLICTS: Final[LiteralString] = """
    DELETE FROM conflicts AS c WHERE c.network_id = $1 AND c.interpreter_id = $2
"""
# $1 network_id, $2 interpreter_id: their own words, when they gave a booking back
GIVEN_BACK: Final[LiteralString] = """
    UPDATE bookings AS b SET close_reason = NULL, version = b.version + 1
    WHERE b.network_id = $1 AND b.interpreter_id = $2 AND b.state = 'given_back'
      AND b.close_reason IS NOT NULL
"""
# $1 network_id, $2 interpreter_id: what they wrote, and what they were told
EXPENSES: Final[LiteralString] = """
    UPDATE expenses AS e SET receipt = NULL, note = NULL, version = e.version + 1
    WHERE e.network_id = $1 AND e.interpreter_id = $2
      AND (e.receipt IS NOT NULL OR e.note IS NOT NULL)
"""
# $1 network_id, $2 interpreter_id
CALENDAR_LINKS: Final[LiteralString] = """
    DELETE FROM calendar_links AS c WHERE c.network_id = $1 AND c.interpreter_id = $2
"""
# $1 network_id, $2 interpreter_id
EXTERNAL_CALENDAR: Final[LiteralString] = """
    DELETE FROM external_calendars AS c WHERE c.network_id = $1 AND c.interpreter_id = $2
"""
# $1 network_id, $2 interpreter_id, $3 user_id
MESSAGES: Final[LiteralString] = """
    UPDATE messages AS m
    SET recipient = NULL, subject = NULL, body = NULL, attachment = NULL,
        state = CASE WHEN m.state = 'waiting' THEN 'dropped' ELSE m.state END
    WHERE m.network_id = $1 AND (m.interpreter_id = $2 OR m.user_id = $3)
"""


async def is_erased(db: Db, *, network_id: UUID, interpreter_id: UUID) -> bool:
    """Tell whether the interpreter was erased before."""
    return bool(await db.fetchval(ERASED, network_id, interpreter_id))


# $1 network_id, $2 id
ERASED: Final[LiteralString] = """
    SELECT i.erased_at IS NOT NULL FROM interpreters i WHERE i.network_id = $1 AND i.id = $2
"""


async def empty_interpreter(
    db: Db, *, network_id: UUID, interpreter_id: UUID, name: str, now: datetime
) -> None:
    """Empty what is known of an interpreter, whose row the caller holds."""
    await db.execute(INTERPRETER, network_id, interpreter_id, name, now)
    for statement in (
        SUPPLY, HOURS, ABSENCES, FREED_SLOTS, CREDENTIALS, DECLINED, CONFLICTS, GIVEN_BACK,
    ):  # fmt: skip
        await db.execute(statement, network_id, interpreter_id)
    for statement in (EXPENSES, CALENDAR_LINKS, EXTERNAL_CALENDAR, PLANNED):
        await db.execute(statement, network_id, interpreter_id)
    await db.execute(MESSAGES, network_id, interpreter_id, None)


# $1 network_id, $2 id
USER: Final[LiteralString] = """
    UPDATE users AS u
    SET display_name = NULL, email = NULL, phone = NULL, email_mark = NULL, phone_mark = NULL,
        language = NULL, notify = NULL, identity_provider_id = NULL, provider_subject = NULL,
        active = false, version = u.version + 1
    WHERE u.network_id = $1 AND u.id = $2
"""
# $1 network_id, $2 user_id
SIGN_INS: Final[LiteralString] = """
    DELETE FROM sign_ins AS s WHERE s.network_id = $1 AND s.user_id = $2
"""
# $1 network_id, $2 user_id
PASSKEYS: Final[LiteralString] = """
    DELETE FROM passkeys AS p WHERE p.network_id = $1 AND p.user_id = $2
"""
# $1 network_id, $2 user_id
BROWSERS: Final[LiteralString] = """
    DELETE FROM push_subscriptions AS p WHERE p.network_id = $1 AND p.user_id = $2
"""
# $1 network_id, $2 user_id
CHALLENGES: Final[LiteralString] = """
    DELETE FROM passkey_challenges AS c WHERE c.network_id = $1 AND c.user_id = $2
"""
# $1 network_id, $2 user_id
ON_CALL: Final[LiteralString] = """
    DELETE FROM on_call AS o WHERE o.network_id = $1 AND o.user_id = $2
"""
# $1 network_id, $2 user_id
INVITATIONS: Final[LiteralString] = """
    DELETE FROM invitations AS i WHERE i.network_id = $1 AND i.user_id = $2
"""
# $1 network_id, $2 marks of addresses
ATTEMPTS: Final[LiteralString] = """
    DELETE FROM sign_in_attempts AS a
    WHERE a.network_id = $1 AND a.person_mark = ANY ($2::bytea[])
"""


async def empty_user(db: Db, *, network_id: UUID, user_id: UUID, addresses: Sequence[str]) -> None:
    """Empty what is known of a user, end their sign-ins, and forget who tried with `addresses`."""
    await db.execute(USER, network_id, user_id)
    for statement in (SIGN_INS, PASSKEYS, BROWSERS, CHALLENGES, ON_CALL, INVITATIONS):
        await db.execute(statement, network_id, user_id)
    await db.execute(MESSAGES, network_id, None, user_id)
    marks = vault_of(db).marks
    await db.execute(
        ATTEMPTS, network_id, [mark for one in addresses for mark in marks(network_id, one)]
    )
