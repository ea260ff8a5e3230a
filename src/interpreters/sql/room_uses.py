"""Every statement about the `room_uses` table: rooms of people who must not meet others."""

from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from asyncpg import Range

from interpreters.database import Db
from interpreters.domain.windows import Window

# $1 network_id, $2 request_id, $3 room_id, $4 used
INSERT: Final[LiteralString] = """
    INSERT INTO room_uses (network_id, request_id, room_id, used)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING
    RETURNING request_id
"""


async def insert(
    db: Db, *, network_id: UUID, request_id: UUID, room_id: UUID, used: Window
) -> bool:
    """Take the room; False when others have it then: the constraint decides."""
    taken = Range(used.starts_at, used.ends_at)
    return await db.fetchval(INSERT, network_id, request_id, room_id, taken) is not None


# $1 network_id, $2 request_id
DELETE: Final[LiteralString] = """
    DELETE FROM room_uses AS u WHERE u.network_id = $1 AND u.request_id = $2
    RETURNING u.used
"""


async def delete(db: Db, *, network_id: UUID, request_id: UUID) -> Window | None:
    """Leave the room that the request has; return for how long it had one."""
    used = await db.fetchval(DELETE, network_id, request_id)
    return None if used is None else Window(starts_at=used.lower, ends_at=used.upper)


# $1 network_id, $2 now
FORGET: Final[LiteralString] = """
    DELETE FROM room_uses AS u WHERE u.network_id = $1 AND upper(u.used) <= $2
"""


async def forget(db: Db, *, network_id: UUID, now: datetime) -> None:
    """Forget what rooms were used for: nothing there is left to keep apart."""
    await db.execute(FORGET, network_id, now)
