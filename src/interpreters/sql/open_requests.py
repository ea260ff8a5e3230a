"""Which requests have a seat that nobody has: those that can be planned together."""

from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db

# $1 network_id, $2 from, $3 until. What starts now and emergencies are the ladder's alone.
OPEN: Final[LiteralString] = """
    SELECT r.id FROM requests r
    WHERE r.network_id = $1 AND r.starts_at >= $2 AND r.starts_at < $3
      AND r.state = ANY ('{searching,partly_filled,unfilled}'::text[])
      AND NOT r.starts_now AND NOT r.emergency
      AND EXISTS (
          SELECT FROM request_seats s
          WHERE s.network_id = $1 AND s.request_id = r.id
            AND s.state = ANY ('{open,unfilled}'::text[]))
    ORDER BY r.id
"""


async def starting(db: Db, *, network_id: UUID, since: datetime, until: datetime) -> list[UUID]:
    """Return the requests with an open seat whose session starts in this time, as they came."""
    return [row["id"] for row in await db.fetch(OPEN, network_id, since, until)]
