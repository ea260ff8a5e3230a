"""Plans: what competes is assigned as one, and a coordinator accepts it, whole or in part.

A plan only proposes. What is accepted goes out as ordinary offers, and people may refuse.
Few open requests are planned in the call itself; more become an operation that the worker carries
out. Solving happens in a thread of its own: it takes seconds, and the library that does it is only
loaded where a plan is made.
"""

import asyncio
import importlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.application.operations import Operation, start_operation
from interpreters.application.plan_offers import offer_places
from interpreters.application.plan_questions import Posed, places_of, pose, rules_of
from interpreters.application.plan_seats import Seats, seats_of
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Invalid, NotFound
from interpreters.domain.ids import new_id
from interpreters.domain.planning import Figures, PlanIsOver, PlanState, Solution, outcome
from interpreters.domain.windows import Window
from interpreters.sql import audit, interpreters, networks, open_requests, plan_places, plans
from interpreters.sql.networks import Network
from interpreters.sql.plan_places import PlanPlace
from interpreters.sql.plans import Plan

__all__ = [
    "Operation",
    "PlanJob",
    "PlanOrder",
    "PlanPlace",
    "PlanSearch",
    "ShownPlan",
    "accept_plan",
    "dismiss_plan",
    "list_plans",
    "propose_plan",
    "show_plan",
]

AT_ONCE: Final = 40  # requests planned in the call itself
KIND: Final = "plan"


class PlanOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions that start from `since` (now) up to `until` (as far as the network plans)."""

    since: datetime | None = None
    until: datetime | None = None


class PlanSearch(msgspec.Struct, frozen=True, kw_only=True):
    """Which plans: of this state, or of any."""

    state: PlanState | None
    before: UUID | None
    limit: int


class PlanJob(msgspec.Struct, frozen=True, kw_only=True):
    """What an operation keeps: who asked, and for which time."""

    caller: Caller
    window: Window


class ShownPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan with its places, in order of time, and the names of the people in them."""

    plan: Plan
    places: Sequence[PlanPlace]
    names: Mapping[UUID, str]

    @property
    def id(self) -> UUID:
        """The plan's id."""
        return self.plan.id


async def propose_plan(
    db: Db, caller: Caller, *, wanted: Callable[[], PlanOrder], now: datetime
) -> ShownPlan | Operation:
    """Plan the open seats together; many of them become an operation.

    What was proposed for any of this time before, and nobody decided on, is superseded.

    Raises:
        Forbidden: only coordinators may.
        Invalid: the end is not after the beginning, or in the past.
    """
    permit(caller, "requests:write", "coordinator")
    network = await networks.get(db, network_id=caller.network_id)
    window = _window(wanted(), network, now)
    ids = await open_requests.starting(
        db, network_id=caller.network_id, since=window.starts_at, until=window.ends_at
    )
    if len(ids) > AT_ONCE:
        given = msgspec.msgpack.encode(PlanJob(caller=caller, window=window))
        return await start_operation(db, caller, kind=KIND, total=len(ids), given=given, now=now)
    found: list[Seats] = []
    for one in ids:
        found += await seats_of(db, network_id=caller.network_id, request_id=one, now=now)
    posed = await pose(db, network=network, found=found, window=window)
    solved = await solved_aside(posed)
    plan = await store_plan(db, caller, posed=posed, solved=solved, window=window, now=now)
    return await show_plan(db, caller, plan_id=plan.id)


async def solved_aside(posed: Posed) -> Solution:
    """Solve the question beside everything else that this process does."""
    return await asyncio.to_thread(_solved, posed)


async def store_plan(
    db: Db, caller: Caller, *, posed: Posed, solved: Solution, window: Window, now: datetime
) -> Plan:
    """Keep the answer as a plan, in place of what is proposed and nobody decided on."""
    network_id = caller.network_id
    plan = Plan(
        id=new_id(now),
        state="proposed",
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        made_at=now,
        made_by=caller.owner_id,
        figures=_figures(posed, solved),
    )
    places = places_of(posed, solved.answer, plan_id=plan.id, now=now)
    await plans.supersede(
        db, network_id=network_id, since=window.starts_at, until=window.ends_at, now=now
    )
    await plans.insert(db, network_id=network_id, plan=plan)
    await plan_places.insert(db, network_id=network_id, places=places)
    await audit.write(
        db, caller=caller, action="created", subject_kind="plan", subject_ids=[plan.id], now=now
    )
    return plan


async def show_plan(db: Db, caller: Caller, *, plan_id: UUID) -> ShownPlan:
    """Return a plan with its places.

    Raises:
        Forbidden: only coordinators see whose time it is.
        NotFound: there is none such.
    """
    permit(caller, "requests:read", "coordinator")
    found = await plans.find(db, network_id=caller.network_id, plan_id=plan_id)
    if found is None:
        raise NotFound
    return (await _shown(db, caller.network_id, [found]))[0]


async def list_plans(
    db: Db, caller: Caller, *, wanted: Callable[[], PlanSearch]
) -> list[ShownPlan]:
    """Return plans with their places, newest first.

    Raises:
        Forbidden: only coordinators see whose time it is.
    """
    permit(caller, "requests:read", "coordinator")
    asked = wanted()
    found = await plans.page(
        db, network_id=caller.network_id, before=asked.before, state=asked.state,
        limit=asked.limit,
    )  # fmt: skip
    return await _shown(db, caller.network_id, found)


async def accept_plan(
    db: Db,
    caller: Caller,
    *,
    plan_id: UUID,
    places: Callable[[], Sequence[UUID] | None],
    now: datetime,
) -> ShownPlan:
    """Ask the people of these places, or of all that are left; saying it again changes nothing.

    What has changed since is told by the state of the place it concerns.

    Raises:
        Forbidden: only coordinators may.
        NotFound: there is no such plan.
        Invalid: a place is not the plan's.
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
    if plan.state in ("superseded", "dismissed"):
        raise PlanIsOver(state=plan.state)
    if wanted or plan.state == "proposed":
        await offer_places(db, network_id=network_id, places=wanted, now=now)
        after = await plan_places.of_plans(db, network_id=network_id, plan_ids=[plan_id])
        state = outcome([one.state for one in after[plan_id]])
        await plans.decide(
            db, network_id=network_id, plan_id=plan_id, state=state, by=caller.owner_id, now=now
        )
        await audit.write(
            db, caller=caller, action="accepted", subject_kind="plan", subject_ids=[plan_id],
            now=now,
        )  # fmt: skip
    return await show_plan(db, caller, plan_id=plan_id)


async def dismiss_plan(db: Db, caller: Caller, *, plan_id: UUID, now: datetime) -> ShownPlan:
    """Put the plan aside; what was accepted of it stays. Saying it again changes nothing.

    Raises:
        Forbidden: only coordinators may.
        NotFound: there is no such plan.
        PlanIsOver: all of it was accepted, or it was superseded.
    """
    permit(caller, "requests:write", "coordinator")
    network_id = caller.network_id
    plan = await plans.lock(db, network_id=network_id, plan_id=plan_id)
    if plan is None:
        raise NotFound
    if plan.state in ("superseded", "accepted"):
        raise PlanIsOver(state=plan.state)
    if plan.state != "dismissed":
        await plans.decide(
            db, network_id=network_id, plan_id=plan_id, state="dismissed", by=caller.owner_id,
            now=now,
        )  # fmt: skip
        await audit.write(
            db, caller=caller, action="dismissed", subject_kind="plan", subject_ids=[plan_id],
            now=now,
        )  # fmt: skip
    return await show_plan(db, caller, plan_id=plan_id)


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


def _figures(posed: Posed, solved: Solution) -> Figures:
    return Figures(
        open=sum(one.seats for one in posed.question.jobs),
        planned=len(solved.answer.chosen),
        bound=solved.answer.most_seats,
        gap=round(solved.answer.gap, 6),
        arrival_order=solved.arrival_order,
        scarcest_first=solved.scarcest_first,
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


async def _shown(db: Db, network_id: UUID, found: Sequence[Plan]) -> list[ShownPlan]:
    ids = [one.id for one in found]
    places = await plan_places.of_plans(db, network_id=network_id, plan_ids=ids)
    people = {one.interpreter_id for some in places.values() for one in some}
    known = await interpreters.get_many(db, network_id=network_id, ids=sorted(people))
    names = {key: one.display_name for key, one in known.items()}
    return [ShownPlan(plan=one, places=places[one.id], names=names) for one in found]
