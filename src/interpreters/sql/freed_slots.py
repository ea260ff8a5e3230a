"""Every statement about the `freed_slots` table: time left to interpreters by a late call-off.

And which searches it is of use to.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec
from asyncpg import Range

from interpreters.database import Db, Row
from interpreters.domain.windows import Window


class FreedSlot(msgspec.Struct, frozen=True, kw_only=True):
    """What the booking blocked; `request_id` is the request for which it was used again."""

    id: UUID
    booking_id: UUID
    interpreter_id: UUID
    slot: Window
    mode: str
    city: str | None = None
    request_id: UUID | None = None
    created_at: datetime


# $1 network_id, $2 id, $3 booking_id, $4 interpreter_id, $5 slot, $6 mode, $7 city, $8 created_at
INSERT: Final[LiteralString] = """
    INSERT INTO freed_slots (network_id, id, booking_id, interpreter_id, slot, mode, city,
        created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT DO NOTHING
    RETURNING id
"""


async def insert(db: Db, *, network_id: UUID, slot: FreedSlot) -> bool:
    """Add a slot; False when its booking has one."""
    made = await db.fetchval(
        INSERT, network_id, slot.id, slot.booking_id, slot.interpreter_id, _range(slot.slot),
        slot.mode, slot.city, slot.created_at,
    )  # fmt: skip
    return made is not None


# $1 network_id, $2 a time, $3 interpreter_ids
COVERING: Final[LiteralString] = """
    SELECT DISTINCT f.interpreter_id
    FROM freed_slots f
    WHERE f.network_id = $1 AND f.slot @> $2::tstzrange AND f.interpreter_id = ANY ($3::uuid[])
      AND f.request_id IS NULL
"""


async def covering(
    db: Db, *, network_id: UUID, window: Window, interpreter_ids: Collection[UUID]
) -> frozenset[UUID]:
    """Return who of these has a slot, not used yet, that holds the whole time."""
    rows = await db.fetch(COVERING, network_id, _range(window), list(interpreter_ids))
    return frozenset(row["interpreter_id"] for row in rows)


# $1 network_id, $2 interpreter_id, $3 session, $4 request_id
USE: Final[LiteralString] = """
    UPDATE freed_slots AS f SET request_id = $4
    WHERE f.network_id = $1 AND f.slot @> $3::tstzrange AND f.interpreter_id = $2
      AND f.request_id IS NULL
"""


async def use(
    db: Db, *, network_id: UUID, interpreter_id: UUID, session: Window, request_id: UUID
) -> None:
    """Note that the time is used for the request. The caller holds the interpreter."""
    await db.execute(USE, network_id, interpreter_id, _range(session), request_id)


# $1 network_id, $2 a time it touches, $3 before id (null = from the newest), $4 limit
PAGE: Final[LiteralString] = """
    SELECT f.id, f.booking_id, f.interpreter_id, f.slot, f.mode, f.city, f.request_id, f.created_at
    FROM freed_slots f
    WHERE f.network_id = $1 AND f.slot && $2::tstzrange AND ($3::uuid IS NULL OR f.id < $3)
    ORDER BY f.id DESC LIMIT $4
"""


async def page(
    db: Db,
    *,
    network_id: UUID,
    since: datetime,
    until: datetime | None,
    before: UUID | None,
    limit: int,
) -> list[FreedSlot]:
    """Return the slots that touch the time, the newest first."""
    rows = await db.fetch(PAGE, network_id, Range(since, until), before, limit)
    return [_slot(row) for row in rows]


# $1 network_id, $2 the slot, $3 its interpreter's languages, $4 now, $5 from, $6 until, $7 limit
WAITING: Final[LiteralString] = """
    SELECT r.id FROM requests r
    WHERE r.network_id = $1 AND r.starts_at >= $5 AND r.starts_at < $6
      AND r.state = ANY ('{searching,partly_filled}'::text[])
      AND (r.next_step_at IS NULL OR r.next_step_at > $4)
      AND r.session <@ $2::tstzrange AND r.languages && $3::text[]
      AND r.working_language = ANY ($3::text[])
    ORDER BY r.starts_at, r.id LIMIT $7
"""


async def waiting(
    db: Db,
    *,
    network_id: UUID,
    slot: Window,
    languages: Sequence[str],
    now: datetime,
    limit: int,
) -> list[UUID]:
    """Return searches within the slot, in these languages, that are not about to take a step."""
    rows = await db.fetch(
        WAITING, network_id, _range(slot), list(languages), now, slot.starts_at, slot.ends_at, limit
    )
    return [row["id"] for row in rows]


def _range(window: Window) -> "Range[datetime]":
    return Range(window.starts_at, window.ends_at)


def _slot(row: Row) -> FreedSlot:
    fields = dict(row)
    fields["slot"] = Window(starts_at=row["slot"].lower, ends_at=row["slot"].upper)
    return FreedSlot(**fields)
