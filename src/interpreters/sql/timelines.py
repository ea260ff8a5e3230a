"""Statements about many people's time at once: who there is, when they are away, booked, asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec
from asyncpg import Range

from interpreters.database import Db
from interpreters.domain.timelines import Job, Question
from interpreters.domain.windows import Window


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is active on the roster."""

    id: UUID
    display_name: str
    time_zone: str


# $1 network_id, $2 language (null = any), $3 and $4 after this name and id (null = from the first),
# $5 limit
PEOPLE: Final[LiteralString] = """
    SELECT i.id, i.display_name, i.time_zone
    FROM interpreters i
    WHERE i.network_id = $1 AND i.active AND i.stage = 'active'
      AND ($2::text IS NULL OR EXISTS (
          SELECT FROM interpreter_languages l
          WHERE l.network_id = $1 AND l.interpreter_id = i.id AND l.language = $2))
      AND ($3::text IS NULL OR (i.display_name, i.id) > ($3, $4))
    ORDER BY i.display_name, i.id LIMIT $5
"""


async def people(
    db: Db, *, network_id: UUID, language: str | None, after: Person | None, limit: int
) -> list[Person]:
    """Return who is active, by name, after somebody."""
    name, key = (None, None) if after is None else (after.display_name, after.id)
    rows = await db.fetch(PEOPLE, network_id, language, name, key, limit)
    return [Person(**dict(row)) for row in rows]


# $1 network_id, $2 interpreter_ids, $3 the time
AWAY: Final[LiteralString] = """
    SELECT a.interpreter_id, lower(a.absent) AS starts_at, upper(a.absent) AS ends_at
    FROM absences a
    WHERE a.network_id = $1 AND a.interpreter_id = ANY ($2::uuid[]) AND a.absent && $3::tstzrange
    ORDER BY a.absent, a.id
"""


async def away(
    db: Db, *, network_id: UUID, interpreter_ids: Sequence[UUID], window: Window
) -> dict[UUID, list[Window]]:
    """Return each one's absences that touch the time, whole, in order."""
    found: dict[UUID, list[Window]] = {one: [] for one in interpreter_ids}
    for row in await db.fetch(AWAY, network_id, list(interpreter_ids), _range(window)):
        one = Window(starts_at=row["starts_at"], ends_at=row["ends_at"])
        found[row["interpreter_id"]].append(one)
    return found


# $1 network_id, $2 interpreter_ids, $3 the time
JOBS: Final[LiteralString] = """
    SELECT b.interpreter_id, b.request_id, b.session, b.blocked, n.name AS institution
    FROM bookings b
    JOIN institutions n ON n.network_id = $1 AND n.id = b.institution_id
    WHERE b.network_id = $1 AND b.interpreter_id = ANY ($2::uuid[]) AND b.blocked && $3::tstzrange
      AND b.state IN ('held', 'confirmed', 'in_progress')
    ORDER BY b.session, b.id
"""


async def jobs(
    db: Db, *, network_id: UUID, interpreter_ids: Sequence[UUID], window: Window
) -> dict[UUID, list[Job]]:
    """Return each one's live bookings that touch the time, in order."""
    found: dict[UUID, list[Job]] = {one: [] for one in interpreter_ids}
    for row in await db.fetch(JOBS, network_id, list(interpreter_ids), _range(window)):
        found[row["interpreter_id"]].append(
            Job(
                request_id=row["request_id"],
                session=Window(starts_at=row["session"].lower, ends_at=row["session"].upper),
                blocked=Window(starts_at=row["blocked"].lower, ends_at=row["blocked"].upper),
                institution=row["institution"],
            )
        )
    return found


# $1 network_id, $2 interpreter_ids, $3 the time
QUESTIONS: Final[LiteralString] = """
    SELECT o.interpreter_id, o.request_id, coalesce(o.session, r.session) AS session
    FROM offers o
    JOIN requests r ON r.network_id = $1 AND r.id = o.request_id
    WHERE o.network_id = $1 AND o.interpreter_id = ANY ($2::uuid[]) AND o.state = 'open'
      AND coalesce(o.session, r.session) && $3::tstzrange
    ORDER BY coalesce(o.session, r.session), o.id
"""


async def questions(
    db: Db, *, network_id: UUID, interpreter_ids: Sequence[UUID], window: Window
) -> dict[UUID, list[Question]]:
    """Return what each one is asked about at that time and has not answered, in order."""
    found: dict[UUID, list[Question]] = {one: [] for one in interpreter_ids}
    for row in await db.fetch(QUESTIONS, network_id, list(interpreter_ids), _range(window)):
        session = Window(starts_at=row["session"].lower, ends_at=row["session"].upper)
        found[row["interpreter_id"]].append(Question(request_id=row["request_id"], session=session))
    return found


def _range(window: Window) -> "Range[datetime]":
    return Range(window.starts_at, window.ends_at)
