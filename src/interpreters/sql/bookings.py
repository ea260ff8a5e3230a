"""Every statement about the `bookings` table: an interpreter committed to a seat.

Why one was closed is sealed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec
from asyncpg import Range

from interpreters.database import Db, Row
from interpreters.domain.bookings import BookingState
from interpreters.domain.windows import Window
from interpreters.vault import vault_of


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """An interpreter committed to one seat; `blocked` is the session, briefing and travel."""

    id: UUID
    request_id: UUID
    seat: int
    offer_id: UUID | None
    institution_id: UUID
    interpreter_id: UUID
    interpreter_name: str = ""
    site_id: UUID | None
    state: BookingState
    from_language: str
    to_language: str
    mode: str
    topic: str
    session: Window
    blocked: Window
    latitude: float | None
    longitude: float | None
    wall_starts_at: datetime
    time_zone: str
    external_reference: str | None
    briefing_minutes: int = 0
    checked_in_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    break_minutes: int = 0
    late_minutes: int | None = None
    no_conflict_at: datetime | None = None
    closed_at: datetime | None = None
    close_reason: str | None = None
    close_reason_code: str | None = None
    given_back_late: bool | None = None
    created_at: datetime
    updated_at: datetime
    version: int = 1


# $1 network_id, $2 id, $3 request_id, $4 seat, $5 offer_id, $6 institution_id, $7 interpreter_id,
# $8 site_id, $9 state, $10 from_language, $11 to_language, $12 mode, $13 session, $14 blocked,
# $15 latitude, $16 longitude, $17 wall_starts_at, $18 time_zone, $19 external_reference, $20 now,
# $21 topic, $22 briefing_minutes
INSERT: Final[LiteralString] = """
    INSERT INTO bookings (network_id, id, request_id, seat, offer_id, institution_id,
        interpreter_id, site_id, state, from_language, to_language, mode, session, blocked,
        latitude, longitude, wall_starts_at, time_zone, external_reference, created_at,
        updated_at, topic, version, briefing_minutes)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
        $20, $20, $21, 1, $22)
    ON CONFLICT DO NOTHING
    RETURNING id
"""


async def insert(db: Db, *, network_id: UUID, booking: Booking) -> bool:
    """Add a booking; False when the interpreter is not free: the constraint decides."""
    made = await db.fetchval(
        INSERT, network_id, booking.id, booking.request_id, booking.seat, booking.offer_id,
        booking.institution_id, booking.interpreter_id, booking.site_id, booking.state,
        booking.from_language, booking.to_language, booking.mode, _range(booking.session),
        _range(booking.blocked), booking.latitude, booking.longitude, booking.wall_starts_at,
        booking.time_zone, booking.external_reference, booking.created_at, booking.topic,
        booking.briefing_minutes,
    )  # fmt: skip
    return made is not None


# $1 network_id, $2 id
FIND: Final[LiteralString] = """
    SELECT b.id, b.request_id, b.seat, b.offer_id, b.institution_id, b.interpreter_id,
           i.display_name AS interpreter_name, b.site_id, b.state, b.from_language,
           b.to_language, b.mode, b.topic, b.session, b.blocked, b.latitude, b.longitude,
           b.wall_starts_at, b.time_zone, b.external_reference, b.checked_in_at, b.started_at,
           b.ended_at, b.break_minutes, b.late_minutes, b.briefing_minutes, b.no_conflict_at,
           b.closed_at,
           b.close_reason, b.close_reason_code, b.given_back_late, b.created_at, b.updated_at,
           b.version
    FROM bookings b
    JOIN interpreters i ON i.network_id = $1 AND i.id = b.interpreter_id
    WHERE b.network_id = $1 AND b.id = $2
"""


async def find(db: Db, *, network_id: UUID, booking_id: UUID) -> Booking | None:
    """Return the booking, if the network has it."""
    row = await db.fetchrow(FIND, network_id, booking_id)
    return None if row is None else _booking(db, network_id, row)


# $1 network_id, $2 ids
GET_MANY: Final[LiteralString] = """
    SELECT b.id, b.request_id, b.seat, b.offer_id, b.institution_id, b.interpreter_id,
           i.display_name AS interpreter_name, b.site_id, b.state, b.from_language,
           b.to_language, b.mode, b.topic, b.session, b.blocked, b.latitude, b.longitude,
           b.wall_starts_at, b.time_zone, b.external_reference, b.checked_in_at, b.started_at,
           b.ended_at, b.break_minutes, b.late_minutes, b.briefing_minutes, b.no_conflict_at,
           b.closed_at,
           b.close_reason, b.close_reason_code, b.given_back_late, b.created_at, b.updated_at,
           b.version
    FROM bookings b
    JOIN interpreters i ON i.network_id = $1 AND i.id = b.interpreter_id
    WHERE b.network_id = $1 AND b.id = ANY ($2::uuid[])
"""


async def get_many(db: Db, *, network_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Booking]:
    """Return the bookings by id."""
    rows = await db.fetch(GET_MANY, network_id, list(ids))
    return {row["id"]: _booking(db, network_id, row) for row in rows}


# $1 network_id, $2 request_ids
OF_REQUESTS: Final[LiteralString] = """
    SELECT b.id, b.request_id, b.seat, b.offer_id, b.institution_id, b.interpreter_id,
           i.display_name AS interpreter_name, b.site_id, b.state, b.from_language,
           b.to_language, b.mode, b.topic, b.session, b.blocked, b.latitude, b.longitude,
           b.wall_starts_at, b.time_zone, b.external_reference, b.checked_in_at, b.started_at,
           b.ended_at, b.break_minutes, b.late_minutes, b.briefing_minutes, b.no_conflict_at,
           b.closed_at,
           b.close_reason, b.close_reason_code, b.given_back_late, b.created_at, b.updated_at,
           b.version
    FROM bookings b
    JOIN interpreters i ON i.network_id = $1 AND i.id = b.interpreter_id
    WHERE b.network_id = $1 AND b.request_id = ANY ($2::uuid[])
    ORDER BY b.interpreter_id, b.id
"""


async def of_requests(db: Db, *, network_id: UUID, request_ids: Sequence[UUID]) -> list[Booking]:
    """Return all bookings of the requests, by interpreter: the order in which to lock them."""
    rows = await db.fetch(OF_REQUESTS, network_id, list(request_ids))
    return [_booking(db, network_id, row) for row in rows]


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which bookings a list holds; None asks for nothing."""

    state: str | None = None
    interpreter_id: UUID | None = None
    institution_id: UUID | None = None
    starts_after: datetime | None = None


# $1 network_id, $2 before id, $3 limit, $4 state, $5 interpreter_id, $6 institution_id,
# $7 starts_after
PAGE: Final[LiteralString] = """
    SELECT b.id, b.request_id, b.seat, b.offer_id, b.institution_id, b.interpreter_id,
           i.display_name AS interpreter_name, b.site_id, b.state, b.from_language,
           b.to_language, b.mode, b.topic, b.session, b.blocked, b.latitude, b.longitude,
           b.wall_starts_at, b.time_zone, b.external_reference, b.checked_in_at, b.started_at,
           b.ended_at, b.break_minutes, b.late_minutes, b.briefing_minutes, b.no_conflict_at,
           b.closed_at,
           b.close_reason, b.close_reason_code, b.given_back_late, b.created_at, b.updated_at,
           b.version
    FROM bookings b
    JOIN interpreters i ON i.network_id = $1 AND i.id = b.interpreter_id
    WHERE b.network_id = $1
      AND ($2::uuid IS NULL OR b.id < $2)
      AND ($4::text IS NULL OR b.state = $4)
      AND ($5::uuid IS NULL OR b.interpreter_id = $5)
      AND ($6::uuid IS NULL OR b.institution_id = $6)
      AND ($7::timestamptz IS NULL OR b.starts_at >= $7)
    ORDER BY b.id DESC LIMIT $3
"""


async def page(
    db: Db, *, network_id: UUID, wanted: Filter, before: UUID | None, limit: int
) -> list[Booking]:
    """Return bookings, newest first."""
    rows = await db.fetch(
        PAGE, network_id, before, limit, wanted.state, wanted.interpreter_id,
        wanted.institution_id, wanted.starts_after,
    )  # fmt: skip
    return [_booking(db, network_id, row) for row in rows]


def matches(booking: Booking, wanted: Filter) -> bool:
    """Tell whether a booking read by other means fits the filter."""
    return (
        wanted.state in (None, booking.state)
        and wanted.interpreter_id in (None, booking.interpreter_id)
        and wanted.institution_id in (None, booking.institution_id)
        and (wanted.starts_after is None or booking.session.starts_at >= wanted.starts_after)
    )


# $1 network_id, $2 id, $3 state, $4 checked_in_at, $5 started_at, $6 ended_at, $7 late_minutes,
# $8 closed_at, $9 close_reason, $10 close_reason_code, $11 updated_at, $12 new version,
# $13 no_conflict_at, $14 given_back_late, $15 break_minutes
UPDATE: Final[LiteralString] = """
    UPDATE bookings AS b
    SET state = $3, checked_in_at = $4, started_at = $5, ended_at = $6, late_minutes = $7,
        closed_at = $8, close_reason = $9, close_reason_code = $10, updated_at = $11,
        version = $12, no_conflict_at = $13, given_back_late = $14, break_minutes = $15
    WHERE b.network_id = $1 AND b.id = $2 AND b.version = $12 - 1
    RETURNING b.id
"""


async def update(db: Db, *, network_id: UUID, booking: Booking) -> bool:
    """Write the next version; False when somebody else wrote it first."""
    made = await db.fetchval(
        UPDATE, network_id, booking.id, booking.state, booking.checked_in_at,
        booking.started_at, booking.ended_at, booking.late_minutes, booking.closed_at,
        vault_of(db).seal_or_none(network_id, booking.close_reason), booking.close_reason_code,
        booking.updated_at, booking.version, booking.no_conflict_at, booking.given_back_late,
        booking.break_minutes,
    )  # fmt: skip
    return made is not None


# $1 network_id, $2 id, $3 session, $4 blocked, $5 updated_at, $6 new version
SET_SESSION: Final[LiteralString] = """
    UPDATE bookings AS b SET session = $3, blocked = $4, updated_at = $5, version = $6
    WHERE b.network_id = $1 AND b.id = $2 AND b.version = $6 - 1
    RETURNING b.id
"""


async def set_session(db: Db, *, network_id: UUID, booking: Booking) -> None:
    """Write a changed session and what it blocks: the caller holds request and interpreter."""
    made = await db.fetchval(
        SET_SESSION, network_id, booking.id, _range(booking.session), _range(booking.blocked),
        booking.updated_at, booking.version,
    )  # fmt: skip
    assert made is not None  # everybody who changes a booking holds its request


def _range(window: Window) -> "Range[datetime]":
    return Range(window.starts_at, window.ends_at)


def _booking(db: Db, network_id: UUID, row: Row) -> Booking:
    fields = dict(row)
    fields["close_reason"] = vault_of(db).unseal_or_none(network_id, row["close_reason"])
    for name in ("session", "blocked"):
        fields[name] = Window(starts_at=row[name].lower, ends_at=row[name].upper)
    return Booking(**fields)
