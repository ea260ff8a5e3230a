"""Plans: what competes is assigned as one, and a coordinator accepts it, whole or in part.

A plan only proposes. What is accepted goes out as ordinary offers, and people may refuse.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import NotFound
from interpreters.domain.planning import PlanIsOver, PlanState
from interpreters.sql import audit, interpreters, plan_places, plans
from interpreters.sql.plan_places import PlanPlace
from interpreters.sql.plans import Plan

__all__ = ["PlanPlace", "PlanSearch", "ShownPlan", "dismiss_plan", "list_plans", "show_plan"]


class PlanSearch(msgspec.Struct, frozen=True, kw_only=True):
    """Which plans: of this state, or of any."""

    state: PlanState | None
    before: UUID | None
    limit: int


class ShownPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan with its places, in order of time, and the names of the people in them."""

    plan: Plan
    places: Sequence[PlanPlace]
    names: Mapping[UUID, str]

    @property
    def id(self) -> UUID:
        """The plan's id."""
        return self.plan.id


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


async def _shown(db: Db, network_id: UUID, found: Sequence[Plan]) -> list[ShownPlan]:
    ids = [one.id for one in found]
    places = await plan_places.of_plans(db, network_id=network_id, plan_ids=ids)
    people = {one.interpreter_id for some in places.values() for one in some}
    known = await interpreters.get_many(db, network_id=network_id, ids=sorted(people))
    names = {key: one.display_name for key, one in known.items()}
    return [ShownPlan(plan=one, places=places[one.id], names=names) for one in found]
