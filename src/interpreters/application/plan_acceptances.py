"""Accepting a plan, whole or in part: few places in the call, many by the worker.

The worker asks about one request after the other, each in a transaction of its own, so that no yes
to the others waits. Wherever it stops, what is done is done and the rest is still proposed:
accepting again goes on there.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.calls import run
from interpreters.application.operations import Operation, finish_operation, start_operation
from interpreters.application.plan_offers import offer_places
from interpreters.application.plans import ShownPlan, show_plan
from interpreters.database import Db, Pool
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Invalid, NotFound
from interpreters.domain.imports import ImportInProgress
from interpreters.domain.planning import PlanIsOver, outcome
from interpreters.sql import audit, plan_places, plans
from interpreters.sql.plan_places import PlanPlace
from interpreters.sql.plans import Plan

AT_ONCE: Final = 20  # places accepted while the caller waits: a fifth of a second
KIND: Final = "plan:accept"
OVER: Final = ("superseded", "dismissed")


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """What an operation keeps: who accepts which places of which plan, in order of time."""

    caller: Caller
    plan_id: UUID
    places: Sequence[UUID]


async def accept_plan(
    db: Db,
    caller: Caller,
    *,
    plan_id: UUID,
    places: Callable[[], Sequence[UUID] | None],
    now: datetime,
) -> ShownPlan | Operation:
    """Ask the people of these places, or of all that are left; saying it again changes nothing.

    What has changed since is told by the state of the place it concerns. Many places become an
    operation.

    Raises:
        Forbidden: only coordinators may.
        NotFound: there is no such plan.
        Invalid: no places, or one that is not the plan's.
        PlanIsOver: it was superseded or dismissed.
    """
    permit(caller, "requests:write", "coordinator")
    network_id = caller.network_id
    if await plans.find(db, network_id=network_id, plan_id=plan_id) is None:
        raise NotFound
    chosen = places()
    plan = await plans.lock(db, network_id=network_id, plan_id=plan_id)
    assert plan is not None  # it was just read, and is kept for months
    made = (await plan_places.of_plans(db, network_id=network_id, plan_ids=[plan_id]))[plan_id]
    wanted = _chosen(made, chosen)
    if plan.state in OVER:
        raise PlanIsOver(state=plan.state)
    if wanted or plan.state == "proposed":
        await audit.write(
            db, caller=caller, action="accepted", subject_kind="plan", subject_ids=[plan_id],
            now=now,
        )  # fmt: skip
    if len(wanted) > AT_ONCE:
        return await _start(db, caller, plan_id, wanted, now)
    if wanted or plan.state == "proposed":
        await _accept(db, caller, plan, wanted, now)
    return await show_plan(db, caller, plan_id=plan_id)


def read_acceptance(given: bytes) -> Acceptance:
    """Return what an operation keeps."""
    return msgspec.msgpack.decode(given, type=Acceptance)


async def carry_out_acceptance(
    pool: Pool,
    *,
    job: Acceptance,
    operation_id: UUID,
    clock: Callable[[], datetime],
    tell: Callable[[int, int], None],
) -> None:
    """Ask about the places, request by request; `tell` hears done and total.

    It ends before all are asked when the plan is superseded or dismissed meanwhile.

    Raises:
        ImportInProgress: a twin has ended it.
    """
    network_id = job.caller.network_id
    by_request = await run(pool, network_id, partial(_by_request, job))
    done = len(job.places) - sum(len(some) for some in by_request)
    for some in by_request:
        if not await run(pool, network_id, partial(_accept_some, job, some, clock())):
            break
        done += len(some)
        tell(done, len(job.places))

    async def end(db: Db) -> None:
        ended = await finish_operation(
            db, network_id=network_id, operation_id=operation_id, succeeded=True,
            result=job.plan_id.bytes, now=clock(),
        )  # fmt: skip
        if not ended:
            raise ImportInProgress

    await run(pool, network_id, end)


async def _by_request(job: Acceptance, db: Db) -> list[list[UUID]]:
    """Return the places that are still proposed, those of one request together."""
    found: dict[UUID, list[UUID]] = {}
    network_id = job.caller.network_id
    for one in await plan_places.left(db, network_id=network_id, ids=job.places):
        found.setdefault(one.request_id, []).append(one.id)
    return list(found.values())


async def _accept_some(job: Acceptance, some: Sequence[UUID], now: datetime, db: Db) -> bool:
    """Accept these places; False when nobody may any more."""
    network_id = job.caller.network_id
    plan = await plans.lock(db, network_id=network_id, plan_id=job.plan_id)
    if plan is None or plan.state in OVER:
        return False
    wanted = await plan_places.left(db, network_id=network_id, ids=some)
    await _accept(db, job.caller, plan, wanted, now)
    return True


async def _start(
    db: Db, caller: Caller, plan_id: UUID, wanted: Sequence[PlanPlace], now: datetime
) -> Operation:
    """Leave the acceptance of these places to the worker."""
    ids = [one.id for one in wanted]
    given = msgspec.msgpack.encode(Acceptance(caller=caller, plan_id=plan_id, places=ids))
    return await start_operation(db, caller, kind=KIND, total=len(ids), given=given, now=now)


async def _accept(
    db: Db, caller: Caller, plan: Plan, wanted: Sequence[PlanPlace], now: datetime
) -> None:
    """Ask these people, and say how far the plan, which is held, is accepted now."""
    network_id = caller.network_id
    await offer_places(db, network_id=network_id, places=wanted, now=now)
    any_left = await plan_places.is_any_left(db, network_id=network_id, plan_id=plan.id)
    state = outcome(any_left=any_left)
    if state != plan.state:
        await plans.decide(
            db, network_id=network_id, plan_id=plan.id, state=state, by=caller.owner_id, now=now
        )


def _chosen(made: Sequence[PlanPlace], chosen: Sequence[UUID] | None) -> list[PlanPlace]:
    """Return those of the plan's places that are to be accepted, and were not yet."""
    known = {one.id for one in made}
    errors = [
        FieldError(
            pointer=f"/places/{place}", code="unknown-place", detail="The plan has no such place"
        )
        for place, one in enumerate(chosen or ())
        if one not in known
    ]
    if errors:
        raise Invalid(errors)
    wanted = known if chosen is None else set(chosen)
    return [one for one in made if one.id in wanted and one.state == "proposed"]
