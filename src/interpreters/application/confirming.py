"""How full a request is, and the last yes of a team, which confirms them all."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.requests import RequestState, request_state
from interpreters.sql import bookings, request_seats
from interpreters.sql.bookings import Booking
from interpreters.sql.requests import Request


async def confirm_team(
    db: Db, *, network_id: UUID, request: Request, now: datetime
) -> tuple[bool, list[Booking]]:
    """When no seat of an all-or-nothing team is empty, confirm those that are held.

    The caller holds the request and its people. Returns whether it did, and the bookings that
    became `confirmed`: not those of a coordinator's choice, or of a team that was whole before.
    """
    if request.interpreters_needed == 1 or request.partial_ok:
        return False, []
    states = await seat_states(db, network_id=network_id, request=request)
    wanted = {state for state in states.values() if state != "cancelled"}
    if "held" not in wanted or not wanted <= {"held", "filled", "closed"}:
        return False, []
    return True, await confirm_held(db, network_id=network_id, request=request, now=now)


async def confirm_held(
    db: Db, *, network_id: UUID, request: Request, now: datetime
) -> list[Booking]:
    """Confirm everybody who waits for the team, and return their bookings.

    The caller holds the request and its people.
    """
    await request_seats.set_all(
        db, network_id=network_id, request_id=request.id, state="filled", was=["held"]
    )
    confirmed = []
    made = await bookings.of_requests(db, network_id=network_id, request_ids=[request.id])
    for one in made:
        if one.state == "held":
            changed = msgspec.structs.replace(
                one, state="confirmed", updated_at=now, version=one.version + 1
            )
            await bookings.update(db, network_id=network_id, booking=changed)
            confirmed.append(changed)
    return confirmed


async def fill_state(db: Db, *, network_id: UUID, request: Request) -> tuple[bool, RequestState]:
    """Return whether a seat is still open, and the state of the request with its seats."""
    states = await seat_states(db, network_id=network_id, request=request)
    return "open" in states.values(), request_state(list(states.values()))  # type: ignore[arg-type]  # a CHECK holds the states


async def reopen_seats(
    db: Db, *, network_id: UUID, request: Request, seats: Collection[int] | None = None
) -> None:
    """Have the seats searched again: those named, or all that stayed empty."""
    for seat in seats or range(1, request.interpreters_needed + 1):
        await request_seats.set_state(
            db, network_id=network_id, request_id=request.id, seat=seat, state="open",
            was=["unfilled", "filled", "held"] if seats else ["unfilled"],
        )  # fmt: skip


async def seat_states(db: Db, *, network_id: UUID, request: Request) -> dict[int, str]:
    """Return the states of the request's seats."""
    found = await request_seats.states(db, network_id=network_id, request_ids=[request.id])
    return dict(found[request.id])
