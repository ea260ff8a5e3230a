"""The end of a ladder: nobody is left to ask, or the time is over."""

from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.notices import booking_notice, state_notice
from interpreters.application.searching import Result, funnel
from interpreters.application.seating import hold_people, unseat
from interpreters.application.wanting import Wanted
from interpreters.database import Db
from interpreters.domain.requests import SeatState, request_state
from interpreters.sql import bookings, request_seats
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request


async def give_up(
    db: Db, *, wanted: Wanted, seats: dict[int, SeatState], result: Result, now: datetime
) -> tuple[Request, list[Notice]]:
    """Leave the open seats empty, let go a team that did not come about, and say why.

    Returns the request, not yet saved, and what is to be told.
    """
    network_id, request = wanted.network.network_id, wanted.request
    empty = [seat for seat, state in seats.items() if state in ("open", "held")]
    for seat in empty:
        await request_seats.set_state(
            db, network_id=network_id, request_id=request.id, seat=seat, state="unfilled",
            was=["open", "held"],
        )  # fmt: skip
    notices = await _release_held(db, network_id, request, now)
    states: list[SeatState] = [
        "unfilled" if seat in empty else state for seat, state in seats.items()
    ]
    given_up = msgspec.structs.replace(
        request,
        state=request_state(states),
        next_step_at=None,
        unfilled_reason=_reason(request, result, now),
        excluded=await funnel(db, wanted=wanted, result=result),
    )
    return given_up, [*notices, state_notice(given_up, request.state)]


def is_too_late(request: Request, now: datetime) -> bool:
    """Say whether nobody can be asked any more: it has begun, or for `now` is over."""
    session = request.session
    return now >= (session.ends_at if request.starts_now else session.starts_at)


def _reason(request: Request, result: Result, now: datetime) -> str:
    if request.wave > 0:
        return "nobody-accepted"
    return "too-late" if result.candidates and is_too_late(request, now) else "nobody-fits"


async def _release_held(db: Db, network_id: UUID, request: Request, now: datetime) -> list[Notice]:
    """Let go those who said yes: their time is theirs again, and their neighbours travel anew."""
    await hold_people(db, network_id=network_id, request_id=request.id)
    made = await bookings.of_requests(db, network_id=network_id, request_ids=[request.id])
    notices = []
    for one in made:
        if one.state == "held":
            released = msgspec.structs.replace(
                one, state="released", closed_at=now, updated_at=now, version=one.version + 1
            )
            await bookings.update(db, network_id=network_id, booking=released)
            await unseat(db, network_id=network_id, booking=released)
            notices.append(booking_notice(released, "booking.cancelled"))
    return notices
