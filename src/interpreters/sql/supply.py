"""Writing the `supply` table: what a search needs of an interpreter, for each pair of languages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import asyncpg
import msgspec

from interpreters.database import Db


class SupplyRow(msgspec.Struct, frozen=True, kw_only=True):
    """An interpreter between two languages.

    `pair` is both ISO 639-3 codes in alphabetical order, "lav:prs"; `level` the lower of the two,
    1 working to 3 native; `modes` the sum of 1 in person, 2 phone, 4 video; `qualification` 1
    language speaker to 3 certified; `week` 768 times 0 or 1 (`domain.availability.week_bits`);
    `cell` is H3 of resolution 4, None without a known home; until
    `available_until` any hour is within the hours.
    """

    pair: str
    active: bool
    level: int
    modes: int
    gender: str | None
    qualification: int
    credentials: Sequence[str]
    dialects: Sequence[str]
    topics: Sequence[str]
    time_zone: str
    week: str
    outside_hours: str
    urgent_opt_in: bool
    latitude: float | None
    longitude: float | None
    cell: int | None
    travel_radius_km: int
    static_score: float
    available_until: datetime | None = None


# $1 network_id, $2 pair
HAS_PAIR: Final[LiteralString] = """
    SELECT EXISTS (SELECT FROM supply s WHERE s.network_id = $1 AND s.pair = $2)
"""


async def has_pair(db: Db, *, network_id: UUID, pair: str) -> bool:
    """Tell whether anybody interprets between the two languages."""
    found: bool = await db.fetchval(HAS_PAIR, network_id, pair)
    return found


# $1 network_id, $2 interpreter_id, $3 pairs that stay
DELETE: Final[LiteralString] = """
    DELETE FROM supply AS s
    WHERE s.network_id = $1 AND s.interpreter_id = $2 AND s.pair <> ALL ($3::text[])
"""
# $1 network_id, $2 interpreter_id, $3 pair, $4 active, $5 level, $6 modes, $7 gender,
# $8 qualification, $9 credentials, $10 dialects, $11 topics, $12 time_zone, $13 week,
# $14 outside_hours, $15 urgent_opt_in, $16 latitude, $17 longitude, $18 cell,
# $19 travel_radius_km, $20 static_score, $21 available_until
# DO UPDATE is safe here: whoever writes holds the interpreter's row, so nobody else writes these.
UPSERT: Final[LiteralString] = """
    INSERT INTO supply (network_id, interpreter_id, pair, active, level, modes, gender,
        qualification, credentials, dialects, topics, time_zone, week, outside_hours,
        urgent_opt_in, latitude, longitude, cell, travel_radius_km, static_score,
        available_until)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
            $20, $21)
    ON CONFLICT (network_id, pair, interpreter_id) DO UPDATE
    SET active = $4, level = $5, modes = $6, gender = $7, qualification = $8, credentials = $9,
        dialects = $10, topics = $11, time_zone = $12, week = $13, outside_hours = $14,
        urgent_opt_in = $15, latitude = $16, longitude = $17, cell = $18, travel_radius_km = $19,
        static_score = $20, available_until = $21
"""


async def replace(
    db: Db, *, network_id: UUID, interpreter_id: UUID, rows: Sequence[SupplyRow]
) -> None:
    """Make these the interpreter's rows. The caller holds the interpreter's row (`lock`)."""
    await db.execute(DELETE, network_id, interpreter_id, [row.pair for row in rows])
    await db.executemany(UPSERT, [(network_id, interpreter_id, *_values(row)) for row in rows])


# $1 network_id, $2 interpreter ids
DELETE_MANY: Final[LiteralString] = """
    DELETE FROM supply AS s WHERE s.network_id = $1 AND s.interpreter_id = ANY ($2::uuid[])
"""


async def replace_many(
    db: Db, *, network_id: UUID, rows: Mapping[UUID, Sequence[SupplyRow]]
) -> None:
    """Make these each one's rows. The caller holds their rows, or has just made them."""
    await db.execute(DELETE_MANY, network_id, list(rows))
    await db.executemany(
        UPSERT,
        [(network_id, whose, *_values(row)) for whose, all_of in rows.items() for row in all_of],
    )


def _values(row: SupplyRow) -> tuple[object, ...]:
    return (
        row.pair, row.active, row.level, row.modes, row.gender, row.qualification,
        list(row.credentials), list(row.dialects), list(row.topics), row.time_zone,
        asyncpg.BitString.from_int(int(row.week, 2), len(row.week)), row.outside_hours,
        row.urgent_opt_in, row.latitude, row.longitude, row.cell, row.travel_radius_km,
        row.static_score, row.available_until,
    )  # fmt: skip
