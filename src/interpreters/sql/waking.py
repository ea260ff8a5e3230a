"""Statements that find and wake the searches to which somebody's free time is of use."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from asyncpg import Range

from interpreters.database import Db
from interpreters.domain.waking import LONGEST
from interpreters.domain.windows import Window

# $1 network_id, $2 the time, $3 its interpreter's languages, $4 now, $5 from, $6 until, $7 what was
# given up starts after, $8 limit. A team of which all must come is not begun again for one of them.
WAITING: Final[LiteralString] = """
    SELECT r.id FROM requests r
    WHERE r.network_id = $1 AND r.starts_at >= $5 AND r.starts_at < $6
      AND r.state = ANY ('{searching,partly_filled,unfilled}'::text[])
      AND (r.unfilled_reason IS NULL
           OR r.starts_at > $7 AND (r.interpreters_needed = 1 OR r.partial_ok))
      AND (r.next_step_at IS NULL OR r.next_step_at > $4)
      AND r.session && $2::tstzrange AND r.languages && $3::text[]
      AND r.working_language = ANY ($3::text[])
    ORDER BY r.starts_at, r.id LIMIT $8
"""


async def waiting(
    db: Db,
    *,
    network_id: UUID,
    time: Window,
    languages: Sequence[str],
    now: datetime,
    given_up_after: datetime,
    limit: int,
) -> list[UUID]:
    """Return requests that touch the time, in these languages, the first to start first.

    Those that are searched and not about to take a step; and those that were given up and start
    after `given_up_after`.
    """
    rows = await db.fetch(
        WAITING, network_id, Range(time.starts_at, time.ends_at), list(languages), now,
        time.starts_at - LONGEST, time.ends_at, given_up_after, limit,
    )  # fmt: skip
    return [row["id"] for row in rows]


# $1 network_id, $2 ids, $3 now
WAKE: Final[LiteralString] = """
    UPDATE requests AS r SET next_step_at = $3
    WHERE r.network_id = $1 AND (r.next_step_at IS NULL OR r.next_step_at > $3)
      AND r.id = ANY (ARRAY(
        SELECT p.id FROM requests p
        WHERE p.network_id = $1 AND p.id = ANY ($2::uuid[])
          AND p.state = ANY ('{searching,partly_filled,unfilled}'::text[])
        ORDER BY p.id FOR NO KEY UPDATE SKIP LOCKED
    ))
    RETURNING r.id
"""


async def wake(db: Db, *, network_id: UUID, ids: Sequence[UUID], now: datetime) -> list[UUID]:
    """Let the searches take their next step now; those that are being worked on do so anyway."""
    return [row["id"] for row in await db.fetch(WAKE, network_id, list(ids), now)]
