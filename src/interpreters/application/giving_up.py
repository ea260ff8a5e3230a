"""The end of a ladder: nobody is left to ask, or the time is over."""

from datetime import datetime

import msgspec

from interpreters.application.confirming import seat_states
from interpreters.application.fallbacks import asked_about
from interpreters.application.notices import state_notice
from interpreters.application.relays import release_held
from interpreters.application.searching import Result, funnel, search
from interpreters.application.seating import hold_people
from interpreters.application.wanting import Wanted
from interpreters.database import Db
from interpreters.domain.requests import request_state
from interpreters.sql import offers, request_seats
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request


async def give_up(
    db: Db, *, wanted: Wanted, result: Result | None, now: datetime
) -> tuple[Request, list[Notice]]:
    """Leave the open seats empty, let go a team that did not come about, and say why.

    `result` is what the search as asked found just now; None has it look again. Returns the
    request, not yet saved, and what is to be told.
    """
    network_id, request = wanted.network.network_id, wanted.request
    if result is None:
        made = await offers.of_request(db, network_id=network_id, request_id=request.id)
        result = await search(db, wanted=wanted, asked=asked_about(request, made), now=now)
    seats = await seat_states(db, network_id=network_id, request=request)
    empty = [seat for seat, state in seats.items() if state in ("open", "held")]
    await request_seats.set_all(
        db, network_id=network_id, request_id=request.id, state="unfilled", was=["open", "held"]
    )
    await hold_people(db, network_id=network_id, request_id=request.id)
    notices = await release_held(db, network_id=network_id, request_id=request.id, now=now)
    states = ["unfilled" if seat in empty else state for seat, state in seats.items()]
    given_up = msgspec.structs.replace(
        request,
        state=request_state(states),  # type: ignore[arg-type]  # a CHECK holds the states
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
