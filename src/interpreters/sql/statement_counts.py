"""Every statement that counts `statements` and what is on none of them."""

from datetime import date
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.statements import Side

# $1 network_id, $2 from month
ISSUED: Final[LiteralString] = """
    SELECT s.month, s.side, count(*) AS issued
    FROM statements s
    WHERE s.network_id = $1 AND s.state = 'issued' AND s.month >= $2
    GROUP BY s.month, s.side
"""


async def issued(db: Db, *, network_id: UUID, since: date) -> dict[tuple[date, Side], int]:
    """Return how many statements of each month and side are issued, from a month on."""
    rows = await db.fetch(ISSUED, network_id, since)
    return {(row["month"], row["side"]): row["issued"] for row in rows}


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that finance should look at before it is charged.

    `unpriced` has no rate in any tariff; otherwise it names a grant that does not pay for it.
    """

    id: UUID
    booking_id: UUID
    institution_id: UUID
    kind: str
    language: str
    mode: str
    booked_on: date
    billable_minutes: int
    unpriced: bool
    funding_id: UUID | None


# $1 network_id, $2 at most so many
WAITING: Final[LiteralString] = """
    SELECT u.id, u.booking_id, u.institution_id, u.kind, u.language, u.mode, u.booked_on,
           u.billable_minutes, u.rule IS NULL AS unpriced, u.funding_id
    FROM usage_entries u
    WHERE u.network_id = $1 AND u.kind NOT IN ('adjustment', 'late_cancellation')
      AND (u.rule IS NULL OR (u.funding_id IS NOT NULL AND u.funding_shares = '[]'::jsonb))
      AND NOT EXISTS (
          SELECT 1 FROM statement_entries s
          WHERE s.network_id = $1 AND s.entry_id = u.id AND s.side = 'charge')
    ORDER BY u.booked_on, u.id
    LIMIT $2
"""


async def waiting(db: Db, *, network_id: UUID, limit: int) -> list[Waiting]:
    """Return entries on no issued statement that have no price, or whose grant does not pay."""
    rows = await db.fetch(WAITING, network_id, limit)
    return [Waiting(**dict(row)) for row in rows]
