"""Every statement about the `absences` table: when an interpreter is away."""

from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.windows import Window


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    """From `starts_at` up to, not including, `ends_at`."""

    id: UUID
    starts_at: datetime
    ends_at: datetime


# $1 network_id, $2 id, $3 interpreter_id, $4 starts_at, $5 ends_at, $6 created_at
INSERT: Final[LiteralString] = """
    INSERT INTO absences (network_id, id, interpreter_id, absent, created_at)
    VALUES ($1, $2, $3, tstzrange($4, $5), $6)
    ON CONFLICT DO NOTHING
"""


async def insert(
    db: Db, *, network_id: UUID, interpreter_id: UUID, absence: Absence, now: datetime
) -> None:
    """Add an absence."""
    await db.execute(
        INSERT,
        network_id,
        absence.id,
        interpreter_id,
        absence.starts_at,
        absence.ends_at,
        now,
    )


# $1 network_id, $2 interpreter_id, $3 before this id (null = from the newest), $4 limit
PAGE: Final[LiteralString] = """
    SELECT a.id, lower(a.absent) AS starts_at, upper(a.absent) AS ends_at
    FROM absences a
    WHERE a.network_id = $1 AND a.interpreter_id = $2 AND ($3::uuid IS NULL OR a.id < $3)
    ORDER BY a.id DESC LIMIT $4
"""


async def page(
    db: Db, *, network_id: UUID, interpreter_id: UUID, before: UUID | None, limit: int
) -> list[Absence]:
    """Return the interpreter's absences, the newest entry first."""
    rows = await db.fetch(PAGE, network_id, interpreter_id, before, limit)
    return [_absence(row) for row in rows]


# $1 network_id, $2 interpreter_id, $3 from, $4 to
WITHIN: Final[LiteralString] = """
    SELECT a.id, lower(a.absent) AS starts_at, upper(a.absent) AS ends_at
    FROM absences a
    WHERE a.network_id = $1 AND a.interpreter_id = $2 AND a.absent && tstzrange($3, $4)
    ORDER BY a.absent, a.id
"""


async def within(
    db: Db, *, network_id: UUID, interpreter_id: UUID, window: Window
) -> list[Absence]:
    """Return the absences that share an instant with the window, whole, in order."""
    rows = await db.fetch(WITHIN, network_id, interpreter_id, window.starts_at, window.ends_at)
    return [_absence(row) for row in rows]


# $1 network_id, $2 interpreter_id, $3 id
DELETE: Final[LiteralString] = """
    DELETE FROM absences AS a
    WHERE a.network_id = $1 AND a.interpreter_id = $2 AND a.id = $3
    RETURNING a.id
"""


async def delete(db: Db, *, network_id: UUID, interpreter_id: UUID, absence_id: UUID) -> bool:
    """Take an absence back; False when the interpreter has none such."""
    return await db.fetchval(DELETE, network_id, interpreter_id, absence_id) is not None


def _absence(row: Row) -> Absence:
    return Absence(**dict(row))
