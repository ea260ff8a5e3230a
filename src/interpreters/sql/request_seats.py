"""Every statement about the `request_seats` table: one seat is one interpreter wanted."""

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString
from uuid import UUID

import msgspec

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


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """One interpreter wanted. Only the legs of a relay have languages of their own."""

    seat: int
    state: SeatState
    from_language: str | None = None
    to_language: str | None = None


# $1 network_id, $2 request_ids
OF_REQUESTS: Final[LiteralString] = """
    SELECT s.request_id, s.seat, s.state, s.from_language, s.to_language FROM request_seats s
    WHERE s.network_id = $1 AND s.request_id = ANY ($2::uuid[])
    ORDER BY s.request_id, s.seat
"""


async def of_requests(
    db: Db, *, network_id: UUID, request_ids: Sequence[UUID]
) -> dict[UUID, list[Seat]]:
    """Return each request's seats, in their order."""
    found: dict[UUID, list[Seat]] = {one: [] for one in request_ids}
    for row in await db.fetch(OF_REQUESTS, network_id, list(request_ids)):
        fields = dict(row)
        found[fields.pop("request_id")].append(Seat(**fields))
    return found


async def states(
    db: Db, *, network_id: UUID, request_ids: Sequence[UUID]
) -> dict[UUID, dict[int, SeatState]]:
    """Return the states of each request's seats, by seat."""
    found = await of_requests(db, network_id=network_id, request_ids=request_ids)
    return {key: {one.seat: one.state for one in seats} for key, seats in found.items()}


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


# $1 network_id, $2 request_id, $3 new state, $4 states they may have now
SET_ALL: Final[LiteralString] = """
    UPDATE request_seats AS s SET state = $3
    WHERE s.network_id = $1 AND s.request_id = $2 AND s.state = ANY ($4::text[])
"""


async def set_all(
    db: Db, *, network_id: UUID, request_id: UUID, state: SeatState, was: Sequence[SeatState]
) -> None:
    """Change every seat that is in one of the states `was`."""
    await db.execute(SET_ALL, network_id, request_id, state, list(was))


# $1 network_id, $2 request_id, then arrays of one length: $3 seats, $4 from, $5 to languages
ADD_LEGS: Final[LiteralString] = """
    INSERT INTO request_seats (network_id, request_id, seat, state, from_language, to_language)
    SELECT $1, $2, n.seat, 'open', n.from_language, n.to_language
    FROM unnest($3::smallint[], $4::text[], $5::text[]) AS n (seat, from_language, to_language)
    ON CONFLICT DO NOTHING
"""
# $1 to $5 as above
OPEN_LEGS: Final[LiteralString] = """
    UPDATE request_seats AS s
    SET state = 'open', from_language = n.from_language, to_language = n.to_language
    FROM unnest($3::smallint[], $4::text[], $5::text[]) AS n (seat, from_language, to_language)
    WHERE s.network_id = $1 AND s.request_id = $2 AND s.seat = n.seat AND s.state = 'cancelled'
"""


async def open_legs(
    db: Db, *, network_id: UUID, request_id: UUID, legs: Mapping[int, tuple[str, str]]
) -> None:
    """Open a relay's legs, by seat, from one language to another; the request is held.

    The seats are made the first time, and are cancelled ones after that.
    """
    values = (
        list(legs), [source for source, _ in legs.values()], [into for _, into in legs.values()],
    )  # fmt: skip
    await db.execute(ADD_LEGS, network_id, request_id, *values)
    await db.execute(OPEN_LEGS, network_id, request_id, *values)
