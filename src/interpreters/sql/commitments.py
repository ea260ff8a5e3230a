"""Statements about what interpreters are committed to around a session, and were before it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec
from asyncpg import Range

from interpreters.database import Db
from interpreters.domain.briefings import attended
from interpreters.domain.travel import Point
from interpreters.domain.windows import Window


class Commitment(msgspec.Struct, frozen=True, kw_only=True):
    """A booking of one interpreter, as its neighbours in time see it; `is_live` blocks time.

    `session` is the time that they are there: from the briefing on, where there is one.
    """

    id: UUID
    interpreter_id: UUID
    session: Window
    blocked: Window
    place: Point | None
    is_live: bool


# $1 network_id, $2 interpreter_ids, $3 the time around the session
AROUND: Final[LiteralString] = """
    SELECT b.id, b.interpreter_id, b.session, b.briefing_minutes, b.blocked, b.latitude,
           b.longitude, b.state IN ('held', 'confirmed', 'in_progress') AS is_live
    FROM bookings b
    WHERE b.network_id = $1 AND b.interpreter_id = ANY ($2::uuid[]) AND b.blocked && $3::tstzrange
      AND b.state IN ('held', 'confirmed', 'in_progress', 'completed', 'client_no_show')
    ORDER BY b.interpreter_id, lower(b.session)
"""


async def around(
    db: Db, *, network_id: UUID, interpreter_ids: Sequence[UUID], window: Window
) -> dict[UUID, list[Commitment]]:
    """Return each interpreter's bookings that touch the window, in order of time."""
    found: dict[UUID, list[Commitment]] = {one: [] for one in interpreter_ids}
    asked = Range(window.starts_at, window.ends_at)
    for row in await db.fetch(AROUND, network_id, list(interpreter_ids), asked):
        remote = row["latitude"] is None
        found[row["interpreter_id"]].append(
            Commitment(
                id=row["id"],
                interpreter_id=row["interpreter_id"],
                session=attended(
                    session=Window(starts_at=row["session"].lower, ends_at=row["session"].upper),
                    briefing_minutes=row["briefing_minutes"],
                ),
                blocked=Window(starts_at=row["blocked"].lower, ends_at=row["blocked"].upper),
                place=None
                if remote
                else Point(latitude=row["latitude"], longitude=row["longitude"]),
                is_live=row["is_live"],
            )
        )
    return found


# $1 network_id, $2 ids, $3 starts, $4 ends of what they now block
SET_BLOCKED: Final[LiteralString] = """
    UPDATE bookings AS b SET blocked = tstzrange(n.starts_at, n.ends_at, '[)')
    FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[]) AS n (id, starts_at, ends_at)
    WHERE b.network_id = $1 AND b.id = n.id
"""


async def set_blocked(db: Db, *, network_id: UUID, blocked: dict[UUID, Window]) -> None:
    """Change what bookings block: the caller holds the interpreter's row."""
    await db.execute(
        SET_BLOCKED, network_id, list(blocked),
        [one.starts_at for one in blocked.values()], [one.ends_at for one in blocked.values()],
    )  # fmt: skip


# $1 network_id, $2 ids of live bookings: of those no two overlap, so what begins later follows
FOLLOWING: Final[LiteralString] = """
    SELECT b.id, min(lower(n.blocked)) AS starts_at
    FROM bookings b
    JOIN bookings n ON n.network_id = $1 AND n.interpreter_id = b.interpreter_id
    WHERE b.network_id = $1 AND b.id = ANY ($2::uuid[]) AND n.id <> b.id
      AND n.state IN ('held', 'confirmed', 'in_progress') AND n.starts_at >= b.starts_at
    GROUP BY b.id
"""


async def following(
    db: Db, *, network_id: UUID, booking_ids: Sequence[UUID]
) -> dict[UUID, datetime]:
    """Return when the same interpreter's next booking begins, with the way there, where one is."""
    rows = await db.fetch(FOLLOWING, network_id, list(booking_ids))
    return {row["id"]: row["starts_at"] for row in rows}


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What an interpreter did so far, as far as a score asks.

    `late_given_back` is after the network's deadline; where it had none, within 24 hours of the
    start. A conflict of interest or a wrong dialect never is.
    """

    completed: int = 0
    late_given_back: int = 0
    no_shows: int = 0
    topic_jobs: int = 0
    sessions_with_client: int = 0
    recent_minutes: int = 0


# $1 network_id, $2 interpreter_ids, $3 since (12 months ago), $4 topic, $5 client_ids,
# $6 recently (28 days ago)
HISTORY: Final[LiteralString] = """
    SELECT b.interpreter_id,
           count(*) FILTER (WHERE b.state = 'completed') AS completed,
           count(*) FILTER (WHERE b.state = 'given_back'
                            AND coalesce(b.given_back_late,
                                         b.closed_at > b.starts_at - interval '24 hours'))
               AS late_given_back,
           count(*) FILTER (WHERE b.state = 'interpreter_no_show') AS no_shows,
           count(*) FILTER (WHERE b.state = 'completed' AND b.topic = $4) AS topic_jobs,
           count(*) FILTER (WHERE b.state = 'completed' AND b.request_id = ANY (ARRAY(
               SELECT rc.request_id FROM request_clients rc
               WHERE rc.network_id = $1 AND rc.client_id = ANY ($5::uuid[]))))
               AS sessions_with_client,
           coalesce(sum(extract(epoch FROM upper(b.session) - b.starts_at) / 60) FILTER (
               WHERE b.starts_at >= $6
                 AND b.state IN ('held', 'confirmed', 'in_progress', 'completed')), 0)::integer
               AS recent_minutes
    FROM bookings b
    WHERE b.network_id = $1 AND b.interpreter_id = ANY ($2::uuid[]) AND b.starts_at >= $3
    GROUP BY b.interpreter_id
"""


async def history(
    db: Db,
    *,
    network_id: UUID,
    interpreter_ids: Sequence[UUID],
    since: datetime,
    recently: datetime,
    topic: str,
    client_ids: Sequence[UUID],
) -> dict[UUID, History]:
    """Return what each interpreter did since `since`; no entry for those who did nothing."""
    rows = await db.fetch(
        HISTORY, network_id, list(interpreter_ids), since, topic, list(client_ids), recently
    )
    found = {}
    for row in rows:
        fields = dict(row)
        interpreter_id = fields.pop("interpreter_id")
        found[interpreter_id] = History(**fields)
    return found
