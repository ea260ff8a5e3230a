"""Every statement about the `request_seats` table: one seat is one interpreter wanted."""

from collections.abc import Sequence
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.requests import SeatState

# $1 network_id, $2 request_id, $3 number of seats
INSERT: Final[LiteralString] = """
    INSERT INTO request_seats (network_id, request_id, seat, state)
    SELECT $1, $2, n.seat, 'open' FROM generate_series(1, $3::integer) AS n (seat)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, request_id: UUID, count: int) -> None:
    """Add the seats of a new request, numbered from 1."""
    await db.execute(INSERT, network_id, request_id, count)


# $1 network_id, $2 request_ids
STATES: Final[LiteralString] = """
    SELECT s.request_id, s.seat, s.state FROM request_seats s
    WHERE s.network_id = $1 AND s.request_id = ANY ($2::uuid[])
    ORDER BY s.request_id, s.seat
"""


async def states(
    db: Db, *, network_id: UUID, request_ids: Sequence[UUID]
) -> dict[UUID, dict[int, SeatState]]:
    """Return the states of each request's seats, by seat."""
    found: dict[UUID, dict[int, SeatState]] = {one: {} for one in request_ids}
    for row in await db.fetch(STATES, network_id, list(request_ids)):
        found[row["request_id"]][row["seat"]] = row["state"]
    return found


# $1 network_id, $2 request_id, $3 seat, $4 new state, $5 states it may have now
SET_STATE: Final[LiteralString] = """
    UPDATE request_seats AS s SET state = $4
    WHERE s.network_id = $1 AND s.request_id = $2 AND s.seat = $3 AND s.state = ANY ($5::text[])
    RETURNING s.seat
"""


async def set_state(
    db: Db,
    *,
    network_id: UUID,
    request_id: UUID,
    seat: int,
    state: SeatState,
    was: Sequence[SeatState],
) -> bool:
    """Change the seat's state; False when it was in none of the states `was`."""
    made = await db.fetchval(SET_STATE, network_id, request_id, seat, state, list(was))
    return made is not None
