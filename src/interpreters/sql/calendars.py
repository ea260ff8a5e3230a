"""Bookings as calendars show them: read from `bookings` and what they refer to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.bookings import BookingState
from interpreters.domain.windows import Window


class CalendarBooking(msgspec.Struct, frozen=True, kw_only=True):
    """One booking; `kind` is the institution's, `site_name` and `city` are the site's."""

    id: UUID
    state: BookingState
    from_language: str
    to_language: str
    mode: str
    topic: str
    emergency: bool
    session: Window
    time_zone: str
    kind: str
    site_name: str | None
    city: str | None
    updated_at: datetime
    version: int
    briefing_minutes: int = 0


# $1 network_id, $2 interpreter_id (null = of all), $3 institution_id (null = of all),
# $4 starts from, $5 starts before, $6 called off since, $7 limit
FEED: Final[LiteralString] = """
    SELECT b.id, b.state, b.from_language, b.to_language, b.mode, b.topic, r.emergency, b.session,
           b.time_zone, n.kind, s.name AS site_name, s.city, b.updated_at, b.version,
           b.briefing_minutes
    FROM bookings b
    JOIN requests r ON r.network_id = $1 AND r.id = b.request_id
    JOIN institutions n ON n.network_id = $1 AND n.id = b.institution_id
    LEFT JOIN sites s ON s.network_id = $1 AND s.id = b.site_id
    WHERE b.network_id = $1
      AND ($2::uuid IS NULL OR b.interpreter_id = $2)
      AND ($3::uuid IS NULL OR b.institution_id = $3)
      AND b.starts_at >= $4 AND b.starts_at < $5
      AND (b.state IN ('held', 'confirmed', 'in_progress', 'completed', 'client_no_show')
           OR b.closed_at >= $6)
    ORDER BY b.starts_at DESC, b.id LIMIT $7
"""


async def feed(
    db: Db,
    *,
    network_id: UUID,
    interpreter_id: UUID | None,
    institution_id: UUID | None,
    starts: Window,
    called_off_since: datetime,
    limit: int,
) -> list[CalendarBooking]:
    """Return somebody's bookings that begin within `starts`, the latest first."""
    rows = await db.fetch(
        FEED, network_id, interpreter_id, institution_id, starts.starts_at, starts.ends_at,
        called_off_since, limit,
    )  # fmt: skip
    return [_booking(row) for row in rows]


# $1 network_id, $2 ids
OF_IDS: Final[LiteralString] = """
    SELECT b.id, b.state, b.from_language, b.to_language, b.mode, b.topic, r.emergency, b.session,
           b.time_zone, n.kind, s.name AS site_name, s.city, b.updated_at, b.version,
           b.briefing_minutes
    FROM bookings b
    JOIN requests r ON r.network_id = $1 AND r.id = b.request_id
    JOIN institutions n ON n.network_id = $1 AND n.id = b.institution_id
    LEFT JOIN sites s ON s.network_id = $1 AND s.id = b.site_id
    WHERE b.network_id = $1 AND b.id = ANY ($2::uuid[])
    ORDER BY b.id
"""


async def of_ids(db: Db, *, network_id: UUID, ids: Sequence[UUID]) -> list[CalendarBooking]:
    """Return the bookings of these ids."""
    return [_booking(row) for row in await db.fetch(OF_IDS, network_id, list(ids))]


def _booking(row: Row) -> CalendarBooking:
    session = Window(starts_at=row["session"].lower, ends_at=row["session"].upper)
    return CalendarBooking(**{**row, "session": session})
