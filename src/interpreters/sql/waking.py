"""Statements that find and wake the searches to which somebody's free time is of use."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from asyncpg import Range

from interpreters.database import Db
from interpreters.domain.waking import LONGEST
from interpreters.domain.windows import Window

# $1 network_id, $2 the time, $3 its interpreter's languages, $4 from, $5 until, $6 what was given
# up starts after, $7 limit. A team of which all must come is not begun again for one of them.
WAITING: Final[LiteralString] = """
    SELECT r.id FROM requests r
    WHERE r.network_id = $1 AND r.starts_at >= $4 AND r.starts_at < $5
      AND r.state = ANY ('{searching,partly_filled,unfilled}'::text[])
      AND (r.unfilled_reason IS NULL
           OR r.starts_at > $6 AND (r.interpreters_needed = 1 OR r.partial_ok))
      AND r.session && $2::tstzrange AND r.languages && $3::text[]
      AND r.working_language = ANY ($3::text[])
    ORDER BY r.starts_at, r.id LIMIT $7
"""


async def waiting(
    db: Db,
    *,
    network_id: UUID,
    time: Window,
    languages: Sequence[str],
    given_up_after: datetime,
    limit: int,
) -> list[UUID]:
    """Return requests that touch the time, in these languages, the first to start first.

    Those that are searched; and those that were given up and start after `given_up_after`.
    """
    rows = await db.fetch(
        WAITING, network_id, Range(time.starts_at, time.ends_at), list(languages),
        time.starts_at - LONGEST, time.ends_at, given_up_after, limit,
    )  # fmt: skip
    return [row["id"] for row in rows]


# $1 network_id, $2 ids
HOLD: Final[LiteralString] = """
    SELECT r.id FROM requests r
    WHERE r.network_id = $1 AND r.id = ANY ($2::uuid[])
    ORDER BY r.id FOR NO KEY UPDATE
"""


async def hold(db: Db, *, network_id: UUID, ids: Sequence[UUID]) -> None:
    """Hold the requests, in order; the next statement sees them as they are then."""
    await db.fetch(HOLD, network_id, list(ids))


# $1 network_id, $2 ids, $3 now, $4 what was given up starts after
WAKE: Final[LiteralString] = """
    UPDATE requests AS r SET next_step_at = $3
    WHERE r.network_id = $1 AND r.id = ANY ($2::uuid[])
      AND r.state = ANY ('{searching,partly_filled,unfilled}'::text[])
      AND (r.unfilled_reason IS NULL
           OR r.starts_at > $4 AND (r.interpreters_needed = 1 OR r.partial_ok))
      AND (r.next_step_at IS NULL OR r.next_step_at > $3)
    RETURNING r.id
"""


async def wake(
    db: Db, *, network_id: UUID, ids: Sequence[UUID], given_up_after: datetime, now: datetime
) -> list[UUID]:
    """Let the searches, which are held, take their next step now, if they still wait for one."""
    rows = await db.fetch(WAKE, network_id, list(ids), now, given_up_after)
    return [row["id"] for row in rows]
