"""Urgent searches that have found nobody yet: the requester may widen, who is on call is rung.

Every function holds the request's row first and may run twice: the second time finds nothing to
do. The clock is the `due` row `urgent` of the request.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.giving_up import is_too_late
from interpreters.application.ladders import ladder_of
from interpreters.application.notices import request_notice
from interpreters.application.on_call import whom_to_ring
from interpreters.application.shown_requests import ShownRequest, own_request, shown
from interpreters.application.telling import tell
from interpreters.application.wanting import Wanted
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.escalations import (
    RINGS,
    Escalation,
    Next,
    NobodyWasCalled,
    next_escalations,
    urgent_from,
)
from interpreters.domain.ladders import Ladder
from interpreters.sql import due, escalations, institutions, networks, requests
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request

WAITING: Final = ("searching", "partly_filled", "unfilled")
# Silent: in no feed, but whoever syncs sees the request. Its state names kind and round.
ESCALATED: Final = "request.escalated"
ACKNOWLEDGED: Final = "request.acknowledged"


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be told: to the users who are rung, or where there are none to who asked."""

    request: Request
    escalation: Escalation
    user_ids: Sequence[UUID]


async def watch(db: Db, *, wanted: Wanted, now: datetime) -> None:
    """Have a search that begins looked at when it is urgent; in an emergency ring at once.

    The caller holds the request, and saves it.
    """
    network_id, request = wanted.network.network_id, wanted.request
    if is_too_late(request, now):
        return
    ladder = ladder_of(wanted.network, wanted.institution)
    step = await _next(db, network_id, request, ladder, now)
    await _escalate(db, network_id, request, step, now)


async def step_urgent(db: Db, *, network_id: UUID, request_id: UUID, now: datetime) -> None:
    """Do what it is time for: offer to widen, ring the next of those on call."""
    request = await requests.lock(db, network_id=network_id, request_id=request_id)
    if request is None or not await _is_waiting(db, network_id, request, now):
        await due.clear(db, network_id=network_id, kind="urgent", id=request_id)
        return
    step = await _next(db, network_id, request, await _ladder(db, network_id, request), now)
    if step.now:
        await _touch(db, network_id, request, now)
    await _escalate(db, network_id, request, step, now)


async def acknowledge_escalations(
    db: Db, caller: Caller, *, request_id: UUID, now: datetime
) -> ShownRequest:
    """Say that one takes care of it: nobody else is rung. Said again, it changes nothing.

    Raises:
        Forbidden: only coordinators are rung.
        NotFound: there is no such request.
        NobodyWasCalled: there is nothing to acknowledge.
    """
    permit(caller, "requests:write", "coordinator")
    await own_request(db, caller, request_id=request_id)
    network_id = caller.network_id
    request = await requests.lock(db, network_id=network_id, request_id=request_id)
    assert request is not None  # it was just read, and requests are not deleted
    made = await _made(db, network_id, request)
    if not any(one.kind in RINGS for one in made):
        raise NobodyWasCalled
    if await escalations.acknowledge(
        db, network_id=network_id, request_id=request.id, kinds=RINGS, user_id=caller.user_id,
        now=now,
    ):  # fmt: skip
        request = await _touch(db, network_id, request, now)
        notices = [request_notice(request, ACKNOWLEDGED)]
        await tell(db, network_id=network_id, notices=notices, now=now)
    return (await shown(db, network_id, [request]))[0]


async def call_of(db: Db, *, network_id: UUID, notice: Notice) -> Call | None:
    """Return whom a notice `request.escalated` has told of what; None when it is over by now.

    It is over when somebody was found, said that they take care of it, or it was called off.
    """
    request = await requests.find(db, network_id=network_id, request_id=notice.subject_id)
    if request is None or request.state not in (*WAITING, "filled"):
        return None
    made = await _made(db, network_id, request)
    found = next((one for one in made if _name(one) == notice.state), None)
    if found is None or found.acknowledged_at is not None:
        return None
    if found.kind != "emergency" and request.state == "filled":
        return None
    people: Sequence[UUID] = ()
    if found.kind in RINGS:
        people = await whom_to_ring(db, network_id=network_id, round_=found.round, at=found.at)
    return Call(request=request, escalation=found, user_ids=people)


def _name(one: Escalation) -> str:
    return f"{one.kind}-{one.round}"


async def _next(db: Db, network_id: UUID, request: Request, ladder: Ladder, now: datetime) -> Next:
    return next_escalations(
        made=await _made(db, network_id, request),
        since=_since(request, ladder),
        emergency=request.emergency,
        ladder=ladder,
        now=now,
    )


async def _escalate(db: Db, network_id: UUID, request: Request, step: Next, now: datetime) -> None:
    """Write down what happens now, have it told, and look again in time."""
    for one in step.now:
        await escalations.insert(db, network_id=network_id, request_id=request.id, escalation=one)
    notice = request_notice(request, ESCALATED)
    notices = [msgspec.structs.replace(notice, state=_name(one)) for one in step.now]
    await tell(db, network_id=network_id, notices=notices, now=now)
    if step.at is None:
        await due.clear(db, network_id=network_id, kind="urgent", id=request.id)
    else:
        await due.set_at(db, network_id=network_id, kind="urgent", id=request.id, at=step.at)


async def _is_waiting(db: Db, network_id: UUID, request: Request, now: datetime) -> bool:
    """Say whether somebody is still needed, and it is not too late.

    A search that was given up before it was urgent is over: who asked has known it since.
    """
    if request.state not in WAITING or is_too_late(request, now):
        return False
    ladder = await _ladder(db, network_id, request)
    return request.state != "unfilled" or request.updated_at >= _since(request, ladder)


async def _ladder(db: Db, network_id: UUID, request: Request) -> Ladder:
    institution = await institutions.find(
        db, network_id=network_id, institution_id=request.institution_id
    )
    return ladder_of(await networks.get(db, network_id=network_id), institution)


def _since(request: Request, ladder: Ladder) -> datetime:
    return urgent_from(
        began=request.ladder_started_at,
        starts_at=request.session.starts_at,
        urgent_now=request.starts_now,
        emergency=request.emergency,
        ladder=ladder,
    )


async def _made(db: Db, network_id: UUID, request: Request) -> Sequence[Escalation]:
    found = await escalations.of_requests(db, network_id=network_id, request_ids=[request.id])
    return found[request.id]


async def _touch(db: Db, network_id: UUID, request: Request, now: datetime) -> Request:
    """Write the request's next version: what is shown of it has changed."""
    changed = msgspec.structs.replace(request, updated_at=now, version=request.version + 1)
    written = await requests.update(db, network_id=network_id, request=changed)
    assert written  # the row is held
    return changed
