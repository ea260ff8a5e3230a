"""Every statement about the `ratings` table; notes are sealed."""

from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.approvals import Party
from interpreters.vault import vault_of


class Rating(msgspec.Struct, frozen=True, kw_only=True):
    """How content one side was with the other, in stars from 1 to 5."""

    booking_id: UUID
    rated_by: Party
    stars: int
    note: str | None
    created_at: datetime


# $1 network_id, $2 booking_id, $3 rated_by, $4 stars, $5 note, $6 created_at
INSERT: Final[LiteralString] = """
    INSERT INTO ratings (network_id, booking_id, rated_by, stars, note, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, rating: Rating) -> None:
    """Add a rating; the caller holds the booking's request, and there was none."""
    await db.execute(
        INSERT, network_id, rating.booking_id, rating.rated_by, rating.stars,
        vault_of(db).seal_or_none(network_id, rating.note), rating.created_at,
    )  # fmt: skip


# $1 network_id, $2 booking_id, $3 rated_by, $4 stars, $5 note
UPDATE: Final[LiteralString] = """
    UPDATE ratings AS r SET stars = $4, note = $5
    WHERE r.network_id = $1 AND r.booking_id = $2 AND r.rated_by = $3
"""


async def update(db: Db, *, network_id: UUID, rating: Rating) -> None:
    """Replace stars and note; when it was first given stays."""
    await db.execute(
        UPDATE, network_id, rating.booking_id, rating.rated_by, rating.stars,
        vault_of(db).seal_or_none(network_id, rating.note),
    )  # fmt: skip


# $1 network_id, $2 booking_id
OF_BOOKING: Final[LiteralString] = """
    SELECT r.booking_id, r.rated_by, r.stars, r.note, r.created_at FROM ratings r
    WHERE r.network_id = $1 AND r.booking_id = $2
    ORDER BY r.rated_by
"""


async def of_booking(db: Db, *, network_id: UUID, booking_id: UUID) -> list[Rating]:
    """Return what each side said about the other."""
    rows = await db.fetch(OF_BOOKING, network_id, booking_id)
    return [_rating(db, network_id, row) for row in rows]


# $1 network_id, $2 interpreter_id
OF_INTERPRETER: Final[LiteralString] = """
    SELECT count(*) AS count, coalesce(sum(r.stars), 0) AS stars
    FROM bookings b
    JOIN ratings r ON r.network_id = $1 AND r.booking_id = b.id AND r.rated_by = 'requester'
    WHERE b.network_id = $1 AND b.interpreter_id = $2
"""


async def of_interpreter(db: Db, *, network_id: UUID, interpreter_id: UUID) -> tuple[int, int]:
    """Return how many ratings an interpreter was given, and with how many stars together."""
    row = await db.fetchrow(OF_INTERPRETER, network_id, interpreter_id)
    assert row is not None  # a sum is one row
    return int(row["count"]), int(row["stars"])


def _rating(db: Db, network_id: UUID, row: Row) -> Rating:
    fields = dict(row)
    fields["note"] = vault_of(db).unseal_or_none(network_id, fields["note"])
    return Rating(**fields)
