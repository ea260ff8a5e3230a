"""What both sides wrote about bookings that are over, emptied: with a person, or by age.

States, stars, times and who it was stay.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db

# $1 network_id, $2 request ids
REQUESTS_DISPUTES: Final[LiteralString] = """
    UPDATE disputes AS d SET reason = NULL, answer = NULL
    FROM bookings b
    WHERE d.network_id = $1 AND b.network_id = $1 AND b.id = d.booking_id
      AND b.request_id = ANY ($2::uuid[])
"""
# $1 network_id, $2 request ids
REQUESTS_NOTES: Final[LiteralString] = """
    UPDATE ratings AS r SET note = NULL
    FROM bookings b
    WHERE r.network_id = $1 AND b.network_id = $1 AND b.id = r.booking_id
      AND b.request_id = ANY ($2::uuid[])
"""
# $1 network_id, $2 request ids
REQUESTS_TIME_CHANGES: Final[LiteralString] = """
    UPDATE time_changes AS t SET reason = NULL
    FROM bookings b
    WHERE t.network_id = $1 AND b.network_id = $1 AND b.id = t.booking_id
      AND b.request_id = ANY ($2::uuid[])
"""
# $1 network_id, $2 request ids: why somebody was chosen names what the client wanted
REQUESTS_PLANNED: Final[LiteralString] = """
    UPDATE plan_places AS p SET reasons = NULL
    WHERE p.network_id = $1 AND p.request_id = ANY ($2::uuid[]) AND p.reasons IS NOT NULL
"""


async def empty_requests(db: Db, *, network_id: UUID, request_ids: Sequence[UUID]) -> None:
    """Empty what was written about the bookings of requests."""
    for statement in (
        REQUESTS_DISPUTES, REQUESTS_NOTES, REQUESTS_TIME_CHANGES, REQUESTS_PLANNED,
    ):  # fmt: skip
        await db.execute(statement, network_id, list(request_ids))


# $1 network_id, $2 interpreter_id
INTERPRETERS_DISPUTES: Final[LiteralString] = """
    UPDATE disputes AS d SET reason = NULL, answer = NULL
    FROM bookings b
    WHERE d.network_id = $1 AND b.network_id = $1 AND b.id = d.booking_id
      AND b.interpreter_id = $2
"""
# $1 network_id, $2 interpreter_id
INTERPRETERS_NOTES: Final[LiteralString] = """
    UPDATE ratings AS r SET note = NULL
    FROM bookings b
    WHERE r.network_id = $1 AND b.network_id = $1 AND b.id = r.booking_id
      AND b.interpreter_id = $2
"""
# $1 network_id, $2 interpreter_id
INTERPRETERS_TIME_CHANGES: Final[LiteralString] = """
    UPDATE time_changes AS t SET reason = NULL
    FROM bookings b
    WHERE t.network_id = $1 AND b.network_id = $1 AND b.id = t.booking_id
      AND b.interpreter_id = $2
"""


async def empty_interpreter(db: Db, *, network_id: UUID, interpreter_id: UUID) -> None:
    """Empty what was written about an interpreter's bookings, by them and about them."""
    for statement in (INTERPRETERS_DISPUTES, INTERPRETERS_NOTES, INTERPRETERS_TIME_CHANGES):
        await db.execute(statement, network_id, interpreter_id)


# $1 network_id, $2 closed by, $3 limit. What is open waits for its answer.
OLD_DISPUTES: Final[LiteralString] = """
    UPDATE disputes AS d SET reason = NULL, answer = NULL
    WHERE d.network_id = $1 AND d.id = ANY (ARRAY(
        SELECT p.id FROM disputes p
        WHERE p.network_id = $1 AND p.closed_at <= $2
          AND (p.reason IS NOT NULL OR p.answer IS NOT NULL)
        ORDER BY p.id LIMIT $3
        FOR NO KEY UPDATE SKIP LOCKED
    ))
    RETURNING d.id
"""
# $1 network_id, $2 given by, $3 limit
OLD_NOTES: Final[LiteralString] = """
    UPDATE ratings AS r SET note = NULL
    WHERE r.network_id = $1 AND (r.booking_id, r.rated_by) IN (
        SELECT p.booking_id, p.rated_by FROM ratings p
        WHERE p.network_id = $1 AND p.created_at <= $2 AND p.note IS NOT NULL
        ORDER BY p.booking_id, p.rated_by LIMIT $3
    )
    RETURNING r.booking_id
"""
# $1 network_id, $2 recorded by, $3 limit
OLD_TIME_CHANGES: Final[LiteralString] = """
    UPDATE time_changes AS t SET reason = NULL
    WHERE t.network_id = $1 AND t.id = ANY (ARRAY(
        SELECT p.id FROM time_changes p
        WHERE p.network_id = $1 AND p.recorded_at <= $2 AND p.reason IS NOT NULL
        ORDER BY p.id LIMIT $3
        FOR NO KEY UPDATE SKIP LOCKED
    ))
    RETURNING t.id
"""


async def forget(db: Db, *, network_id: UUID, before: datetime, limit: int) -> bool:
    """Forget at most `limit` of each thing up to that age; tell whether that was all."""
    gone = [
        len(await db.fetch(statement, network_id, before, limit))
        for statement in (OLD_DISPUTES, OLD_NOTES, OLD_TIME_CHANGES)
    ]
    return all(one < limit for one in gone)
