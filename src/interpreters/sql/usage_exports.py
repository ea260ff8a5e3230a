"""The statement that reads the whole ledger, a portion at a time."""

from datetime import date
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row

FIRST: Final = UUID(int=0)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """The last entry that was read: its day, then its id."""

    booked_on: date
    id: UUID = FIRST


# $1 network_id, $2 only this institution (null = all), $3 until day, $4 after this day, $5 and id,
# $6 limit
PORTION: Final[LiteralString] = """
    SELECT u.id, u.booked_on, u.booking_id, u.kind, u.institution_id, i.name AS institution,
           u.client_ids, u.interpreter_id, u.language, u.mode, u.site_id, u.topic, u.funding_id,
           u.booked_minutes, u.actual_minutes, u.billable_minutes, u.charge_minor, u.pay_minor,
           u.currency, u.corrects_id, u.reason_code, u.recorded_at, u.break_minutes
    FROM usage_entries u
    JOIN institutions i ON i.network_id = $1 AND i.id = u.institution_id
    WHERE u.network_id = $1 AND ($2::uuid IS NULL OR u.institution_id = $2)
      AND u.booked_on < $3 AND (u.booked_on, u.id) > ($4::date, $5::uuid)
    ORDER BY u.booked_on, u.id
    LIMIT $6
"""


# $1 network_id, $2 only this institution (null = all), $3 from day, $4 until day
COUNT: Final[LiteralString] = """
    SELECT count(*) FROM usage_entries u
    WHERE u.network_id = $1 AND ($2::uuid IS NULL OR u.institution_id = $2)
      AND u.booked_on >= $3 AND u.booked_on < $4
"""


async def count(db: Db, *, network_id: UUID, only: UUID | None, from_: date, until: date) -> int:
    """Return how many entries these days have."""
    found: int = await db.fetchval(COUNT, network_id, only, from_, until)
    return found


async def portion(
    db: Db, *, network_id: UUID, only: UUID | None, until: date, after: Place, limit: int
) -> list[Row]:
    """Return the next entries after a place, by day."""
    return await db.fetch(PORTION, network_id, only, until, after.booked_on, after.id, limit)
