"""Widening a search by hand: what else may be offered, from now on."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.by_hand import note_by_hand
from interpreters.application.confirming import fill_state, reopen_seats
from interpreters.application.dispatch import save_step, take_step
from interpreters.application.escalations import watch
from interpreters.application.fallbacks import with_consent
from interpreters.application.giving_up import is_too_late
from interpreters.application.notices import request_notice, state_notice
from interpreters.application.shown_requests import ASKERS, ShownRequest, own_request, shown
from interpreters.application.wanting import wanted_of
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import Stale, WrongState
from interpreters.domain.fallbacks import Allowed, allowed, is_relay, merged
from interpreters.domain.parties import parties_of, refuse_shift
from interpreters.domain.requests import refuse_wrong_state
from interpreters.sql import requests
from interpreters.sql.requests import Request


async def widen_request(
    db: Db,
    caller: Caller,
    *,
    request_id: UUID,
    more: Callable[[], Allowed],
    if_match: int | None = None,
    now: datetime,
) -> ShownRequest:
    """Allow more than before and go on at once; what was allowed already changes nothing.

    Raises:
        NotFound: there is none such in what the caller may see.
        Invalid: another time, for people who were told when to come so that they do not meet.
        Stale: it was changed since the version in If-Match.
        WrongState: it is filled, closed or cancelled, or its time is over and may not be moved.
    """
    permit(caller, "requests:write", *ASKERS)
    await own_request(db, caller, request_id=request_id)
    added = more()
    network_id = caller.network_id
    request = await requests.lock(db, network_id=network_id, request_id=request_id)
    assert request is not None  # it was just read, and requests are not deleted
    if if_match not in (None, request.version):
        raise Stale
    refuse_wrong_state(state=request.state, verb="widen")
    have = allowed(request.fallbacks)
    may = merged(have, added)
    refuse_shift(parties_of(request.details), minutes=added.shift_minutes, pointer="")
    if may == have:
        return (await shown(db, network_id, [request]))[0]
    if is_too_late(request, now) and may.shift_minutes == have.shift_minutes:
        raise WrongState("Its time is over: ask for another one", state=request.state)
    wide = msgspec.structs.replace(request, fallbacks=msgspec.to_builtins(may))
    saved = await _go_on(db, network_id, with_consent(wide, caller, now=now), now)
    await note_by_hand(db, caller, request_id=request_id, action="widened", now=now)
    return (await shown(db, network_id, [saved]))[0]


async def _go_on(db: Db, network_id: UUID, request: Request, now: datetime) -> Request:
    """Look at all steps again, also those before the one it was at: nobody is asked twice.

    A relay that is being asked stays; when it comes to nothing, everything is looked at again.
    """
    notices = [request_notice(request, "request.changed")]
    await reopen_seats(db, network_id=network_id, request=request)
    _, state = await fill_state(db, network_id=network_id, request=request)
    anew = msgspec.structs.replace(
        request,
        state=state,
        fallback=request.fallback if is_relay(request.fallback) else None,
        unfilled_reason=None,
        excluded=None,
    )
    wanted = await wanted_of(db, network_id=network_id, request=anew)
    await watch(db, wanted=wanted, now=now)  # it may have been given up before it was urgent
    step = await take_step(db, wanted=wanted, now=now)
    if step.request.state == state != request.state:  # else it was given up, and that is told
        notices.append(state_notice(anew, request.state))
    step.notices = [*notices, *step.notices]
    return await save_step(db, network_id=network_id, step=step, now=now)
