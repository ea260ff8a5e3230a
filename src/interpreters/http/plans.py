"""`/v1/plans`: what competes for the same people, assigned as one, for a coordinator to accept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import plan_acceptances, plan_proposals, plans
from interpreters.application.operations import Operation
from interpreters.application.plan_proposals import PlanOrder, Solved, with_solution
from interpreters.application.plans import PlanPlace, PlanSearch, ShownPlan
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound
from interpreters.domain.planning import Figures, PlaceState, PlanIsOver, PlanState
from interpreters.http.booking_views import InterpreterView
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import In, Instant, Mode, utc
from interpreters.http.lists import List, ListQuery, page_of
from interpreters.http.operations import OperationView
from interpreters.http.request_views import ReasonView
from interpreters.http.views import LanguageView

TAG = "Plans"
PlaceId = Annotated[str, Meta(pattern=ids.id_pattern(ids.PLAN_PLACE), max_length=30)]


class PlanIn(In, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Which sessions: those that start from `from` (now) up to `to` (as far as is planned)."""

    from_: Instant | None = None
    to: Instant | None = None

    def order(self) -> PlanOrder:
        """Return it in the application's words."""
        return PlanOrder(
            since=None if self.from_ is None else utc(self.from_),
            until=None if self.to is None else utc(self.to),
        )


class AcceptIn(In, frozen=True, kw_only=True):
    """Which places; left out, all that are still proposed."""

    places: Annotated[list[PlaceId], Meta(min_length=1, max_length=10_000)] | None = None


class PlanQuery(ListQuery, frozen=True, kw_only=True):
    """Which plans."""

    state: PlanState | None = None

    def search(self) -> PlanSearch:
        """Return the search in the application's words."""
        before, limit = self.slice
        return PlanSearch(state=self.state, before=before, limit=limit)


class PlaceView(msgspec.Struct, frozen=True, kw_only=True):
    """One interpreter for one seat. `offer_id` is the offer that went out for it.

    What had changed when it was accepted is told by its `state`.
    """

    id: str
    request_id: str
    seat: int
    interpreter: InterpreterView
    mode: Mode
    from_language: LanguageView
    to_language: LanguageView
    starts_at: datetime
    ends_at: datetime
    score: float
    distance_km: float | None
    reasons: list[ReasonView]
    state: PlaceState
    offer_id: str | None

    @classmethod
    def of(cls, one: PlanPlace, name: str) -> "PlaceView":
        """Shape a place."""
        parts: Sequence[Any] = one.reasons
        return cls(
            id=ids.show_id(ids.PLAN_PLACE, one.id),
            request_id=ids.show_id(ids.REQUEST, one.request_id),
            seat=one.seat,
            interpreter=InterpreterView(
                id=ids.show_id(ids.INTERPRETER, one.interpreter_id), display_name=name
            ),
            mode=one.mode,  # type: ignore[arg-type]  # one of the modes
            from_language=LanguageView.of(one.from_language),
            to_language=LanguageView.of(one.to_language),
            starts_at=one.session.starts_at,
            ends_at=one.session.ends_at,
            score=round(one.score, 1),
            distance_km=None if one.distance_km is None else round(one.distance_km, 1),
            reasons=[ReasonView(**part) for part in parts],
            state=one.state,
            offer_id=ids.show_some(ids.OFFER, one.offer_id),
        )


class PlanView(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A plan for the open seats whose session starts from `from` up to `to`.

    `figures` count seats: `open`, `planned`, and the most any plan could fill (`bound`); `gap` is
    how far below the best possible value this one is at most, as a share; `arrival_order` and
    `scarcest_first` are how many would be filled one by one, as they came or the scarcest first.
    """

    id: str
    state: PlanState
    made_at: datetime
    from_: datetime
    to: datetime
    decided_at: datetime | None
    places: list[PlaceView]
    figures: Figures

    @classmethod
    def of(cls, one: ShownPlan, _: Caller) -> "PlanView":
        """Shape a plan."""
        plan = one.plan
        return cls(
            id=ids.show_id(ids.PLAN, plan.id),
            state=plan.state,
            made_at=plan.made_at,
            from_=plan.starts_at,
            to=plan.ends_at,
            decided_at=plan.decided_at,
            places=[PlaceView.of(each, one.names[each.interpreter_id]) for each in one.places],
            figures=plan.figures,
        )


@door("POST", "/v1/plans", body=PlanIn, answer=PlanView, status=201, accepted=OperationView,
      refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def propose_plan(call: NamedDependency[Call]) -> Response[bytes]:
    """Assign what competes as one; nobody is asked before it is accepted.

    Many open requests become an operation (202), whose `plan_id` names the plan in the end.
    """
    body = call.body(PlanIn)

    async def attempt(solved: Solved | None) -> Response[bytes]:
        async def work(db: Db, caller: Caller) -> ShownPlan | Operation:
            return await plan_proposals.propose_plan(
                db, caller, wanted=lambda: body().order(), solved=solved, now=call.now
            )

        return await call.once(work, _view, status=lambda made: _status(made, 201))

    return await with_solution(attempt)


@door("GET", "/v1/plans", query=PlanQuery, answer=List[PlanView], refusals=(Forbidden,), tag=TAG)
async def list_plans(call: NamedDependency[Call]) -> Response[bytes]:
    """Plans with their places, newest first."""
    query = call.query(PlanQuery)

    def shape(found: Sequence[ShownPlan], caller: Caller) -> Page:
        return page_of(found, query(), lambda one: PlanView.of(one, caller))

    return await call.ask(
        lambda db, caller: plans.list_plans(db, caller, wanted=lambda: query().search()), shape
    )


@door("GET", "/v1/plans/{id:str}", answer=PlanView, refusals=(Forbidden, NotFound), tag=TAG)
async def show_plan(call: NamedDependency[Call]) -> Response[bytes]:
    """One plan."""
    return await call.ask(
        lambda db, caller: plans.show_plan(db, caller, plan_id=call.id(ids.PLAN)), PlanView.of
    )


@door("POST", "/v1/plans/{id:str}/accept", body=AcceptIn, answer=PlanView, accepted=OperationView,
      refusals=(Forbidden, NotFound, PlanIsOver), tag=TAG)  # fmt: skip
async def accept_plan(call: NamedDependency[Call]) -> Response[bytes]:
    """Ask the people of these places, or of all that are left; each gets an ordinary offer.

    Many places become an operation (202), which asks about one request after the other.
    """
    body = call.body(AcceptIn)

    async def work(db: Db, caller: Caller) -> ShownPlan | Operation:
        return await plan_acceptances.accept_plan(
            db, caller, plan_id=call.id(ids.PLAN), places=lambda: _places(body()), now=call.now
        )

    return await call.once(work, _view, status=lambda made: _status(made, 200))


@door("POST", "/v1/plans/{id:str}/dismiss", answer=PlanView,
      refusals=(Forbidden, NotFound, PlanIsOver), tag=TAG)  # fmt: skip
async def dismiss_plan(call: NamedDependency[Call]) -> Response[bytes]:
    """Put a plan aside; what was accepted of it stays."""
    return await call.once(
        lambda db, caller: plans.dismiss_plan(db, caller, plan_id=call.id(ids.PLAN), now=call.now),
        PlanView.of,
    )


def _view(made: ShownPlan | Operation, caller: Caller) -> PlanView | OperationView:
    if isinstance(made, Operation):
        return OperationView.of(made, caller)
    return PlanView.of(made, caller)


def _status(made: ShownPlan | Operation, done: int) -> int:
    return 202 if isinstance(made, Operation) else done


def _places(body: AcceptIn) -> list[UUID] | None:
    """Return the places that are named; one that is no id of this kind cannot come in."""
    if body.places is None:
        return None
    return [ids.read_id(ids.PLAN_PLACE, one) for one in body.places]


ROUTES = (propose_plan, list_plans, show_plan, accept_plan, dismiss_plan)
