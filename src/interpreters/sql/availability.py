"""Every statement about the `availability` table: weekly hours by the interpreter's own clock."""

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.availability import DAYS, WeeklyRow

# $1 network_id, $2 interpreter ids
OF: Final[LiteralString] = """
    SELECT a.interpreter_id, a.day, a.from_minute, a.to_minute
    FROM availability a
    WHERE a.network_id = $1 AND a.interpreter_id = ANY ($2::uuid[])
    ORDER BY a.interpreter_id, a.day, a.from_minute
"""


async def of_interpreters(
    db: Db, *, network_id: UUID, interpreter_ids: Sequence[UUID]
) -> dict[UUID, list[WeeklyRow]]:
    """Return each one's rows in order of the week; every id asked for has an entry."""
    found: dict[UUID, list[WeeklyRow]] = {one: [] for one in interpreter_ids}
    for row in await db.fetch(OF, network_id, list(interpreter_ids)):
        found[row["interpreter_id"]].append(
            WeeklyRow(day=DAYS[row["day"]], from_=row["from_minute"], to=row["to_minute"])
        )
    return found


# $1 network_id, $2 interpreter_id
DELETE: Final[LiteralString] = """
    DELETE FROM availability AS a WHERE a.network_id = $1 AND a.interpreter_id = $2
"""
# $1 network_id, $2 interpreter_id, $3 days from Monday = 0, $4 from minutes, $5 to minutes
INSERT: Final[LiteralString] = """
    INSERT INTO availability (network_id, interpreter_id, day, from_minute, to_minute)
    SELECT $1, $2, w.day, w.from_minute, w.to_minute
    FROM unnest($3::smallint[], $4::smallint[], $5::smallint[]) AS w (day, from_minute, to_minute)
    ON CONFLICT DO NOTHING
"""


async def replace(
    db: Db, *, network_id: UUID, interpreter_id: UUID, rows: Sequence[WeeklyRow]
) -> None:
    """Make these the interpreter's weekly hours. The caller holds the interpreter's row."""
    await db.execute(DELETE, network_id, interpreter_id)
    await db.execute(
        INSERT,
        network_id,
        interpreter_id,
        [DAYS.index(row.day) for row in rows],
        [row.from_ for row in rows],
        [row.to for row in rows],
    )


# $1 network_id, $2 interpreter ids
DELETE_MANY: Final[LiteralString] = """
    DELETE FROM availability AS a
    WHERE a.network_id = $1 AND a.interpreter_id = ANY ($2::uuid[])
"""
# $1 network_id, then arrays of one length: $2 interpreter ids, $3 days from Monday = 0,
# $4 from minutes, $5 to minutes
INSERT_MANY: Final[LiteralString] = """
    INSERT INTO availability (network_id, interpreter_id, day, from_minute, to_minute)
    SELECT $1, w.interpreter_id, w.day, w.from_minute, w.to_minute
    FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::smallint[])
        AS w (interpreter_id, day, from_minute, to_minute)
    ON CONFLICT DO NOTHING
"""


async def replace_many(
    db: Db, *, network_id: UUID, weekly: Mapping[UUID, Sequence[WeeklyRow]]
) -> None:
    """Make these each one's weekly hours. The caller holds their rows, or has just made them."""
    rows = [(whose, row) for whose, hours in weekly.items() for row in hours]
    await db.execute(DELETE_MANY, network_id, list(weekly))
    await db.execute(
        INSERT_MANY,
        network_id,
        [whose for whose, _ in rows],
        [DAYS.index(row.day) for _, row in rows],
        [row.from_ for _, row in rows],
        [row.to for _, row in rows],
    )
