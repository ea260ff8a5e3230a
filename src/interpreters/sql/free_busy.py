"""The time that bookings take from an interpreter: sessions with their travel."""

from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.windows import Window

# $1 network_id, $2 interpreter_id, $3 from, $4 to
BLOCKED: Final[LiteralString] = """
    SELECT lower(b.blocked) AS starts_at, upper(b.blocked) AS ends_at
    FROM bookings b
    WHERE b.network_id = $1 AND b.interpreter_id = $2
      AND b.blocked && tstzrange($3, $4)
      AND b.state IN ('held', 'confirmed', 'in_progress')
    ORDER BY b.blocked
"""


async def blocked(
    db: Db, *, network_id: UUID, interpreter_id: UUID, window: Window
) -> list[Window]:
    """Return the blocked times that share an instant with the window, whole, in order."""
    rows = await db.fetch(BLOCKED, network_id, interpreter_id, window.starts_at, window.ends_at)
    return [Window(starts_at=row["starts_at"], ends_at=row["ends_at"]) for row in rows]
