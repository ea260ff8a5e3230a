"""Every statement about the `absences` table: when an interpreter is away."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, LiteralString, TypeAlias
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.ids import new_id
from interpreters.domain.windows import Window

Source: TypeAlias = Literal["own", "calendar"]


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    """From `starts_at` up to, not including, `ends_at`; said by themselves or another calendar."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    source: Source = "own"


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
    SELECT a.id, lower(a.absent) AS starts_at, upper(a.absent) AS ends_at, a.source
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
    SELECT a.id, lower(a.absent) AS starts_at, upper(a.absent) AS ends_at, a.source
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
FIND: Final[LiteralString] = """
    SELECT a.id, lower(a.absent) AS starts_at, upper(a.absent) AS ends_at, a.source
    FROM absences a
    WHERE a.network_id = $1 AND a.interpreter_id = $2 AND a.id = $3
"""


async def find(
    db: Db, *, network_id: UUID, interpreter_id: UUID, absence_id: UUID
) -> Absence | None:
    """Return an absence of the interpreter's."""
    row = await db.fetchrow(FIND, network_id, interpreter_id, absence_id)
    return None if row is None else _absence(row)


# $1 network_id, $2 interpreter_id
OF_CALENDAR: Final[LiteralString] = """
    SELECT a.id, lower(a.absent) AS starts_at, upper(a.absent) AS ends_at, a.source
    FROM absences a
    WHERE a.network_id = $1 AND a.interpreter_id = $2 AND a.source = 'calendar'
    ORDER BY a.absent, a.id
"""


async def of_calendar(db: Db, *, network_id: UUID, interpreter_id: UUID) -> list[Absence]:
    """Return what another calendar says, in order."""
    return [_absence(row) for row in await db.fetch(OF_CALENDAR, network_id, interpreter_id)]


# $1 network_id, $2 interpreter_id, $3 created_at, $4 ids, $5 starts, $6 ends
INSERT_OF_CALENDAR: Final[LiteralString] = """
    INSERT INTO absences (network_id, id, interpreter_id, absent, created_at, source)
    SELECT $1, n.id, $2, tstzrange(n.starts_at, n.ends_at), $3, 'calendar'
    FROM unnest($4::uuid[], $5::timestamptz[], $6::timestamptz[]) AS n (id, starts_at, ends_at)
    ON CONFLICT DO NOTHING
"""


async def insert_of_calendar(
    db: Db, *, network_id: UUID, interpreter_id: UUID, busy: Sequence[Window], now: datetime
) -> None:
    """Add what another calendar says."""
    await db.execute(
        INSERT_OF_CALENDAR, network_id, interpreter_id, now, [new_id(now) for _ in busy],
        [one.starts_at for one in busy], [one.ends_at for one in busy],
    )  # fmt: skip


# $1 network_id, $2 interpreter_id, $3 ids
DELETE: Final[LiteralString] = """
    DELETE FROM absences AS a
    WHERE a.network_id = $1 AND a.interpreter_id = $2 AND a.id = ANY ($3::uuid[])
"""


async def delete(
    db: Db, *, network_id: UUID, interpreter_id: UUID, absence_ids: Sequence[UUID]
) -> None:
    """Take absences back."""
    await db.execute(DELETE, network_id, interpreter_id, list(absence_ids))


def _absence(row: Row) -> Absence:
    return Absence(**dict(row))
