"""Every statement about the `interpreters` table.

Addresses are sealed, and found by their marks; so is what was written of somebody's stage.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.stages import Stage
from interpreters.vault import vault_of


class Interpreter(msgspec.Struct, frozen=True, kw_only=True):
    """Who interprets. What they speak stands in `interpreter_languages`.

    `quiet_hours` is `{"from": "22:00", "to": "07:00"}` by the interpreter's own clock;
    `available_until` is the end of an "I am available now", maybe past; `stage_reason` is what an
    applicant wrote, or why the network put them where they are.
    """

    id: UUID
    display_name: str
    phone: str | None = None
    email: str | None = None
    gender: str | None = None
    time_zone: str
    latitude: float | None = None
    longitude: float | None = None
    city: str | None = None
    travel_radius_km: int = 50
    modes: Sequence[str] = ("in_person", "phone", "video")
    qualification: str = "language_speaker"
    topics: Sequence[str] = ()
    urgent_opt_in: bool = True
    quiet_hours: dict[str, str] | None = None
    engagement: str = "freelance"
    active: bool = True
    outside_hours: str = "ask"
    available_until: datetime | None = None
    stage: Stage = "active"
    stage_reason: str | None = None
    auto_assign: bool = False
    created_at: datetime
    version: int = 1


# $1 network_id, $2 id, $3 display_name, $4 phone, $5 email, $6 gender, $7 time_zone, $8 latitude,
# $9 longitude, $10 city, $11 travel_radius_km, $12 modes, $13 qualification, $14 topics,
# $15 urgent_opt_in, $16 quiet_hours, $17 engagement, $18 active, $19 outside_hours,
# $20 available_until, $21 created_at, $22 version, $23 email_mark, $24 phone_mark, $25 stage,
# $26 stage_reason, $27 auto_assign
INSERT: Final[LiteralString] = """
    INSERT INTO interpreters (network_id, id, display_name, phone, email, gender, time_zone,
        latitude, longitude, city, travel_radius_km, modes, qualification, topics, urgent_opt_in,
        quiet_hours, engagement, active, outside_hours, available_until, created_at, version,
        email_mark, phone_mark, stage, stage_reason, auto_assign)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16::text::jsonb,
            $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, interpreter: Interpreter) -> None:
    """Add an interpreter."""
    await db.execute(INSERT, network_id, *_values(db, network_id, interpreter))


# $1 network_id, $2 id
FIND: Final[LiteralString] = """
    SELECT i.id, i.display_name, i.phone, i.email, i.gender, i.time_zone, i.latitude, i.longitude,
           i.city, i.travel_radius_km, i.modes, i.qualification, i.topics, i.urgent_opt_in,
           i.quiet_hours, i.engagement, i.active, i.outside_hours, i.available_until,
           i.stage, i.stage_reason, i.created_at, i.version, i.auto_assign
    FROM interpreters i
    WHERE i.network_id = $1 AND i.id = $2
"""


async def find(db: Db, *, network_id: UUID, interpreter_id: UUID) -> Interpreter | None:
    """Return the interpreter, if the network has them."""
    row = await db.fetchrow(FIND, network_id, interpreter_id)
    return None if row is None else _interpreter(db, network_id, row)


# $1 network_id, $2 id
LOCK: Final[LiteralString] = FIND + "AND i.erased_at IS NULL FOR NO KEY UPDATE"
LOCK_IF_FREE: Final[LiteralString] = LOCK + " SKIP LOCKED"


async def lock(
    db: Db, *, network_id: UUID, interpreter_id: UUID, wait: bool = True
) -> Interpreter | None:
    """Return the interpreter as they are now, and keep others from changing them or their travel.

    Rows that only refer to the interpreter may still be added meanwhile. None when they were
    erased, also just now: nobody changes or books them any more. And when not to `wait` for others.
    """
    row = await db.fetchrow(LOCK if wait else LOCK_IF_FREE, network_id, interpreter_id)
    return None if row is None else _interpreter(db, network_id, row)


# $1 network_id, $2 ids
MANY: Final[LiteralString] = """
    SELECT i.id, i.display_name, i.phone, i.email, i.gender, i.time_zone, i.latitude, i.longitude,
           i.city, i.travel_radius_km, i.modes, i.qualification, i.topics, i.urgent_opt_in,
           i.quiet_hours, i.engagement, i.active, i.outside_hours, i.available_until,
           i.stage, i.stage_reason, i.created_at, i.version, i.auto_assign
    FROM interpreters i
    WHERE i.network_id = $1 AND i.id = ANY ($2::uuid[])
"""


async def get_many(db: Db, *, network_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Interpreter]:
    """Return those of the ids that the network has."""
    rows = await db.fetch(MANY, network_id, list(ids))
    return {row["id"]: _interpreter(db, network_id, row) for row in rows}


# $1 network_id, $2 only this id (null = all), $3 active (null = both), $4 language (null = any),
# $5 known to this institution: booked for it or on its behalf, or preferred (null = all),
# $6 before this id (null = from the newest), $7 limit, $8 stage (null = any)
PAGE: Final[LiteralString] = """
    SELECT i.id, i.display_name, i.phone, i.email, i.gender, i.time_zone, i.latitude, i.longitude,
           i.city, i.travel_radius_km, i.modes, i.qualification, i.topics, i.urgent_opt_in,
           i.quiet_hours, i.engagement, i.active, i.outside_hours, i.available_until,
           i.stage, i.stage_reason, i.created_at, i.version, i.auto_assign
    FROM interpreters i
    WHERE i.network_id = $1
      AND ($2::uuid IS NULL OR i.id = $2)
      AND ($3::boolean IS NULL OR i.active = $3)
      AND ($4::text IS NULL OR EXISTS (
          SELECT 1 FROM interpreter_languages l
          WHERE l.network_id = $1 AND l.interpreter_id = i.id AND l.language = $4))
      AND ($5::uuid IS NULL
           OR EXISTS (SELECT 1 FROM institutions n WHERE n.network_id = $1 AND n.id = $5
                      AND i.id = ANY (n.preferred_interpreter_ids))
           OR EXISTS (SELECT 1 FROM bookings b WHERE b.network_id = $1 AND b.institution_id = $5
                      AND b.interpreter_id = i.id AND b.state NOT IN ('held', 'released'))
           OR EXISTS (
               SELECT 1 FROM requests r JOIN bookings b ON b.network_id = $1 AND b.request_id = r.id
               WHERE r.network_id = $1 AND r.receiving_id = $5 AND b.interpreter_id = i.id
                 AND b.state NOT IN ('held', 'released')))
      AND ($6::uuid IS NULL OR i.id < $6)
      AND ($8::text IS NULL OR i.stage = $8)
    ORDER BY i.id DESC LIMIT $7
"""


async def page(
    db: Db,
    *,
    network_id: UUID,
    only: UUID | None = None,
    active: bool | None = None,
    language: str | None = None,
    known_to: UUID | None = None,
    stage: Stage | None = None,
    before: UUID | None = None,
    limit: int,
) -> list[Interpreter]:
    """Return interpreters, newest first."""
    rows = await db.fetch(PAGE, network_id, only, active, language, known_to, before, limit, stage)
    return [_interpreter(db, network_id, row) for row in rows]


# $1 network_id, $2 id, $3 to $27 as in INSERT; $22 is the new version, the old one $22 - 1
UPDATE: Final[LiteralString] = """
    UPDATE interpreters AS i
    SET display_name = $3, phone = $4, email = $5, gender = $6, time_zone = $7, latitude = $8,
        longitude = $9, city = $10, travel_radius_km = $11, modes = $12, qualification = $13,
        topics = $14, urgent_opt_in = $15, quiet_hours = $16::text::jsonb, engagement = $17,
        active = $18, outside_hours = $19, available_until = $20, created_at = $21, version = $22,
        email_mark = $23, phone_mark = $24, stage = $25, stage_reason = $26, auto_assign = $27
    WHERE i.network_id = $1 AND i.id = $2 AND i.version = $22 - 1
    RETURNING i.id
"""


async def update(db: Db, *, network_id: UUID, interpreter: Interpreter) -> bool:
    """Write the next version; False when somebody else wrote it first."""
    return await db.fetchval(UPDATE, network_id, *_values(db, network_id, interpreter)) is not None


# $1 network_id, $2 email marks, $3 phone marks. Joins, so that a thousand marks at once are looked
# up in the indexes under every plan: of an import.
OF_MARKS: Final[LiteralString] = """
    SELECT i.id, i.display_name, i.phone, i.email, i.gender, i.time_zone, i.latitude, i.longitude,
           i.city, i.travel_radius_km, i.modes, i.qualification, i.topics, i.urgent_opt_in,
           i.quiet_hours, i.engagement, i.active, i.outside_hours, i.available_until,
           i.stage, i.stage_reason, i.created_at, i.version, i.auto_assign
    FROM interpreters i
    WHERE i.network_id = $1 AND i.id = ANY (ARRAY(
        SELECT e.id FROM unnest($2::bytea[]) AS m (mark)
        JOIN interpreters e ON e.network_id = $1 AND e.email_mark = m.mark
        UNION
        SELECT p.id FROM unnest($3::bytea[]) AS n (mark)
        JOIN interpreters p ON p.network_id = $1 AND p.phone_mark = n.mark
    ))
    ORDER BY i.id
"""


async def of_marks(
    db: Db, *, network_id: UUID, emails: Iterable[str] = (), phones: Iterable[str] = ()
) -> list[Interpreter]:
    """Return whoever has one of the e-mail addresses or telephone numbers (E.164).

    Capitals in an address mean nothing. Rows written before there was a vault have no marks: they
    are found once they are sealed (`interpreters keys rotate`).
    """
    marks, mails, numbers = vault_of(db).marks, {one.casefold() for one in emails}, set(phones)
    rows = await db.fetch(
        OF_MARKS,
        network_id,
        [mark for one in mails for mark in marks(network_id, one)],
        [mark for one in numbers for mark in marks(network_id, one)],
    )
    found = [_interpreter(db, network_id, row) for row in rows]
    return [one for one in found if (one.email or "").casefold() in mails or one.phone in numbers]


# $1 network_id, $2 since, $3 limit
COUNT_APPLIED: Final[LiteralString] = """
    SELECT count(*) FROM (
        SELECT 1 FROM interpreters i
        WHERE i.network_id = $1 AND i.stage = 'applied' AND i.created_at >= $2 LIMIT $3
    ) a
"""


async def count_applied(db: Db, *, network_id: UUID, since: datetime, limit: int) -> int:
    """Return how many applied since, counting no further than `limit`."""
    found: int = await db.fetchval(COUNT_APPLIED, network_id, since, limit)
    return found


async def of_email(db: Db, *, network_id: UUID, email: str) -> list[Interpreter]:
    """Return whoever has the e-mail address: several people may read one mailbox."""
    return await of_marks(db, network_id=network_id, emails=[email])


async def of_phone(db: Db, *, network_id: UUID, phone: str) -> list[Interpreter]:
    """Return whoever has the telephone number (E.164)."""
    return await of_marks(db, network_id=network_id, phones=[phone])


async def insert_many(db: Db, *, network_id: UUID, interpreters: Sequence[Interpreter]) -> None:
    """Add interpreters."""
    rows = [(network_id, *_values(db, network_id, one)) for one in interpreters]
    await db.executemany(INSERT, rows)


# $1 network_id, $2 ids
LOCK_MANY: Final[LiteralString] = """
    SELECT i.id, i.version FROM interpreters i
    WHERE i.network_id = $1 AND i.id = ANY ($2::uuid[])
    ORDER BY i.id FOR NO KEY UPDATE
"""


async def lock_many(db: Db, *, network_id: UUID, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Keep others from changing the interpreters; return their versions."""
    rows = await db.fetch(LOCK_MANY, network_id, list(ids))
    return {row["id"]: row["version"] for row in rows}


async def update_many(db: Db, *, network_id: UUID, interpreters: Sequence[Interpreter]) -> None:
    """Write the next versions. The caller holds the rows (`lock_many`) and knows the old ones."""
    rows = [(network_id, *_values(db, network_id, one)) for one in interpreters]
    await db.executemany(UPDATE, rows)


def _values(db: Db, network_id: UUID, one: Interpreter) -> tuple[object, ...]:
    vault = vault_of(db)
    quiet = None if one.quiet_hours is None else msgspec.json.encode(one.quiet_hours).decode()
    return (
        one.id, one.display_name, vault.seal_or_none(network_id, one.phone),
        vault.seal_or_none(network_id, one.email), one.gender, one.time_zone, one.latitude,
        one.longitude, one.city, one.travel_radius_km, list(one.modes), one.qualification,
        list(one.topics), one.urgent_opt_in, quiet, one.engagement, one.active,
        one.outside_hours, one.available_until, one.created_at, one.version,
        None if one.email is None else vault.mark(network_id, one.email.casefold()),
        None if one.phone is None else vault.mark(network_id, one.phone),
        one.stage, vault.seal_or_none(network_id, one.stage_reason), one.auto_assign,
    )  # fmt: skip


def _interpreter(db: Db, network_id: UUID, row: Row) -> Interpreter:
    fields, vault = dict(row), vault_of(db)
    for name in ("phone", "email", "stage_reason"):
        fields[name] = vault.unseal_or_none(network_id, fields[name])
    if fields["quiet_hours"] is not None:
        fields["quiet_hours"] = msgspec.json.decode(fields["quiet_hours"])
    return Interpreter(**fields)
