"""Proposing a plan: what is open is read, solved together, and kept if it still holds.

Solving takes seconds at worst, so it holds no transaction: one reads the question, a thread of its
own solves it, another one stores what still holds. Few open requests are planned while the caller
waits; more become an operation that the worker carries out.
"""

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from interpreters.application.operations import Operation, start_operation
from interpreters.application.plan_checks import lost_since
from interpreters.application.plan_questions import Posed, places_of, pose, rules_of
from interpreters.application.plan_seats import Seats, seats_of
from interpreters.application.plans import ShownPlan, show_plan
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.ids import new_id
from interpreters.domain.planning import Figures, Solution
from interpreters.domain.windows import Window
from interpreters.sql import audit, due, networks, open_requests, plan_places, plans
from interpreters.sql.networks import Network
from interpreters.sql.plan_places import PlanPlace
from interpreters.sql.plans import Plan

T = TypeVar("T")
AT_ONCE: Final = 40  # requests planned while the caller waits
TRIES: Final = 3  # after which what no longer holds is left out
KIND: Final = "plan"


class PlanOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions that start from `since` (now) up to `until` (as far as the network plans)."""

    since: datetime | None = None
    until: datetime | None = None


class PlanJob(msgspec.Struct, frozen=True, kw_only=True):
    """What an operation keeps: who asked, and for which time."""

    caller: Caller
    window: Window


class Solved(NamedTuple):
    """A question and its answer; with `last` what no longer holds is left out of the plan."""

    posed: Posed
    solution: Solution
    last: bool


class Unsolved(Exception):
    """The question was read, or what was solved no longer holds: solve this, and come again.

    It ends a transaction that has written nothing.
    """

    def __init__(self, posed: Posed) -> None:
        super().__init__()
        self.posed = posed


async def with_solution(attempt: Callable[[Solved | None], Awaitable[T]]) -> T:
    """Run `attempt`, a transaction around `propose_plan`, until what it is given still holds."""
    solved: Solved | None = None
    for left in range(TRIES, 0, -1):
        try:
            return await attempt(solved)
        except Unsolved as question:
            solution = await solved_aside(question.posed)
            solved = Solved(question.posed, solution, last=left == 1)
    return await attempt(solved)


async def propose_plan(
    db: Db,
    caller: Caller,
    *,
    wanted: Callable[[], PlanOrder],
    now: datetime,
    solved: Solved | None = None,
) -> ShownPlan | Operation:
    """Plan the open seats together; many of them become an operation.

    What was proposed for any of this time before, and is not decided on whole, is superseded.

    Raises:
        Forbidden: only coordinators may.
        Invalid: the end is not after the beginning, or in the past.
        Unsolved: there is a question to be solved first, outside of the transaction.
    """
    permit(caller, "requests:write", "coordinator")
    network = await networks.get(db, network_id=caller.network_id)
    window = _window(wanted(), network, now)
    if solved is not None:
        plan = await store_plan(db, caller, solved=solved, window=window, now=now)
        if plan is not None:
            return await show_plan(db, caller, plan_id=plan.id)
    ids = await open_requests.starting(
        db, network_id=caller.network_id, since=window.starts_at, until=window.ends_at
    )
    if len(ids) > AT_ONCE:
        given = msgspec.msgpack.encode(PlanJob(caller=caller, window=window))
        return await start_operation(db, caller, kind=KIND, total=len(ids), given=given, now=now)
    found: list[Seats] = []
    for one in ids:
        found += await seats_of(db, network_id=caller.network_id, request_id=one, now=now)
    raise Unsolved(await pose(db, network=network, found=found, window=window))


async def solved_aside(posed: Posed) -> Solution:
    """Solve the question beside everything else that this process does."""
    return await asyncio.to_thread(_solved, posed)


async def store_plan(
    db: Db, caller: Caller, *, solved: Solved, window: Window, now: datetime
) -> Plan | None:
    """Keep the answer as a plan, in place of what is proposed; None where it no longer holds.

    At the last try the requests that changed are left out instead. The network's row is held, so
    that of two plans made at once the later one sees the other, and supersedes it.
    """
    network_id, figures = caller.network_id, _figures(solved)
    plan = Plan(
        id=new_id(now),
        state="proposed",
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        made_at=now,
        made_by=caller.owner_id,
        figures=figures,
    )
    places = places_of(solved.posed, solved.solution.answer, plan_id=plan.id, now=now)
    await networks.hold(db, network_id=network_id)
    lost = await lost_since(db, network_id=network_id, posed=solved.posed, places=places)
    if lost and not solved.last:
        return None
    kept = [one for one in places if one.request_id not in lost]
    plan = msgspec.structs.replace(
        plan, figures=msgspec.structs.replace(figures, planned=len(kept))
    )
    await _keep(db, caller, plan, kept, now)
    return plan


async def _keep(db: Db, caller: Caller, plan: Plan, places: list[PlanPlace], now: datetime) -> None:
    network_id = caller.network_id
    await plans.supersede(
        db, network_id=network_id, since=plan.starts_at, until=plan.ends_at, now=now
    )
    await plans.insert(db, network_id=network_id, plan=plan)
    await plan_places.insert(db, network_id=network_id, places=places)
    if plan.made_by is None and places:  # whoever asked for it sees it
        await due.set_at(db, network_id=network_id, kind="plan", id=plan.id, at=now)
    await audit.write(
        db, caller=caller, action="created", subject_kind="plan", subject_ids=[plan.id], now=now
    )


def _window(order: PlanOrder, network: Network, now: datetime) -> Window:
    since = max(now, order.since or now)
    until = order.until or since + timedelta(days=rules_of(network).days_ahead)
    if until <= since:
        detail = "The end must come after the beginning, and after now"
        raise Invalid([FieldError(pointer="/to", code="out-of-range", detail=detail)])
    return Window(starts_at=since, ends_at=until)


def _solved(posed: Posed) -> Solution:
    """Solve it. The solver's library takes a second and tens of megabytes to load: only here."""
    solving: Any = importlib.import_module("interpreters.domain.plan_solving")
    solution: Solution = solving.solve_beside(posed.question)
    return solution


def _figures(solved: Solved) -> Figures:
    answer = solved.solution.answer
    return Figures(
        open=sum(one.seats for one in solved.posed.question.jobs),
        planned=len(answer.chosen),
        bound=answer.most_seats,
        gap=round(answer.gap, 6),
        arrival_order=solved.solution.arrival_order,
        scarcest_first=solved.solution.scarcest_first,
    )
