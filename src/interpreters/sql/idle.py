"""Statements about how long interpreters have waited: whose turn it is."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db

LOOKED_BACK: Final = timedelta(days=28)  # who did nothing for so long waits longest
NEVER: Final = datetime(1, 1, 1, tzinfo=UTC)


class Idle(msgspec.Struct, frozen=True, kw_only=True):
    """Since when an interpreter waits (None: for long), and whether they said "available now"."""

    since: datetime | None
    is_available: bool

    @property
    def turn(self) -> tuple[bool, datetime]:
        """What to sort by: who is to be asked first comes first."""
        return (not self.is_available, self.since or NEVER)


# $1 network_id, $2 interpreter_ids, $3 now, $4 since when sessions are looked at
OF_INTERPRETERS: Final[LiteralString] = """
    SELECT i.id, coalesce(i.available_until > $3, false) AS is_available,
           greatest(
               (SELECT max(least(upper(b.session), $3::timestamptz)) FROM bookings b
                WHERE b.network_id = $1 AND b.interpreter_id = i.id
                  AND b.starts_at >= $4 AND b.starts_at <= $3
                  AND b.state IN ('confirmed', 'in_progress', 'completed', 'client_no_show')),
               (SELECT o.created_at FROM offers o
                WHERE o.network_id = $1 AND o.interpreter_id = i.id
                ORDER BY o.id DESC LIMIT 1)
           ) AS since
    FROM interpreters i
    WHERE i.network_id = $1 AND i.id = ANY ($2::uuid[])
"""


async def of_interpreters(
    db: Db, *, network_id: UUID, interpreter_ids: Sequence[UUID], now: datetime
) -> dict[UUID, Idle]:
    """Return how long each has waited: since a session of theirs ended, or they were asked."""
    rows = await db.fetch(
        OF_INTERPRETERS, network_id, list(interpreter_ids), now, now - LOOKED_BACK
    )
    return {row["id"]: Idle(since=row["since"], is_available=row["is_available"]) for row in rows}
