"""A team that need not be whole any more: whoever said yes is booked, the others are looked for."""

from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.by_hand import note_by_hand
from interpreters.application.confirming import confirm_held, fill_state, reopen_seats, seat_states
from interpreters.application.dispatch import Step, go_on, save_step, take_step
from interpreters.application.giving_up import is_too_late
from interpreters.application.notices import booking_notice, request_notice, state_notice
from interpreters.application.seating import hold_people
from interpreters.application.shown_requests import ASKERS, ShownRequest, own_request, shown
from interpreters.application.wanting import wanted_of
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import Stale, WrongState
from interpreters.domain.requests import refuse_wrong_state
from interpreters.sql import requests
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request


async def split_team(
    db: Db, caller: Caller, *, request_id: UUID, if_match: int | None = None, now: datetime
) -> ShownRequest:
    """Book who said yes so far; from now on each yes counts by itself (`partial_ok`).

    The search for the others goes on; one that had ended begins anew. Saying it again, or of what
    was so from the beginning, changes nothing.

    Raises:
        NotFound: there is none such in what the caller may see.
        Stale: it was changed since the version in If-Match.
        WrongState: it is filled, closed or cancelled, is for one interpreter, or its time is over.
    """
    permit(caller, "requests:write", *ASKERS)
    await own_request(db, caller, request_id=request_id)
    network_id = caller.network_id
    request = await requests.lock(db, network_id=network_id, request_id=request_id)
    assert request is not None  # it was just read, and requests are not deleted
    if request.interpreters_needed == 1:
        raise WrongState("It is for one interpreter: there is no team", state=request.state)
    if request.partial_ok:
        return (await shown(db, network_id, [request]))[0]
    if if_match not in (None, request.version):
        raise Stale
    refuse_wrong_state(state=request.state, verb="split")
    saved = await _split(db, network_id, request, now)
    await note_by_hand(db, caller, request_id=request_id, action="split", now=now)
    return (await shown(db, network_id, [saved]))[0]


async def _split(db: Db, network_id: UUID, request: Request, now: datetime) -> Request:
    states = (await seat_states(db, network_id=network_id, request=request)).values()
    if "held" not in states and is_too_late(request, now):
        raise WrongState("Its time is over: ask for another one", state=request.state)
    await hold_people(db, network_id=network_id, request_id=request.id)
    booked = await confirm_held(db, network_id=network_id, request=request, now=now)
    apart = msgspec.structs.replace(request, partial_ok=True)
    notices = [request_notice(apart, "request.changed")]
    notices += [booking_notice(one, "booking.confirmed") for one in booked]
    if "open" not in states:
        apart = msgspec.structs.replace(
            apart, ladder_started_at=now, wave=0, fallback=None, unfilled_reason=None,
            excluded=None,
        )  # fmt: skip
    return await _look_on(db, network_id, apart, notices, now)


async def _look_on(
    db: Db, network_id: UUID, request: Request, notices: list[Notice], now: datetime
) -> Request:
    """Go on with the search for the seats that are empty, or begin it; say how full it is."""
    await reopen_seats(db, network_id=network_id, request=request)
    _, state = await fill_state(db, network_id=network_id, request=request)
    changed = msgspec.structs.replace(request, state=state)
    wanted = await wanted_of(db, network_id=network_id, request=changed)
    if request.wave == 0:
        step = await take_step(db, wanted=wanted, now=now)
    else:
        step = await go_on(db, wanted=wanted, notices=[], now=now)
    if step.request.state == state != request.state:  # else another one came of it, which is told
        notices.append(state_notice(changed, request.state))
    told = Step(request=step.request, notices=[*notices, *step.notices])
    return await save_step(db, network_id=network_id, step=told, now=now)
