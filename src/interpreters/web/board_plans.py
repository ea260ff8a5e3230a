"""`/board/plans`: open requests planned together, to be accepted whole or in part."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post

from interpreters.application import plans
from interpreters.application.board import rows_of
from interpreters.application.operations import Operation, show_operation
from interpreters.application.plan_acceptances import accept_plan
from interpreters.application.plan_proposals import (
    PlanOrder,
    Solved,
    propose_plan,
    with_solution,
)
from interpreters.application.plans import PlanSearch, ShownPlan
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, Invalid, NotFound, NotSignedIn, Refusal
from interpreters.domain.wording import say
from interpreters.http.doors import NOTHING
from interpreters.web.board import row_words
from interpreters.web.board_words import told_reason
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields, asked_fields, own_fields
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, Work, visiting

LATEST: Final = 10  # plans that are listed
DAYS: Final = {"1": 1, "7": 7, "28": 28}
OVER: Final = "This plan is over. Please look at the newest one."
NOT_DONE: Final = "This could not be done. Please look again."
PAGE: Final = "/board/plans/{id:str}"
NOBODY: Final = "Please tick whom to ask."
SAID: Final = (OVER, NOT_DONE, NOBODY)


@get("/board/plans", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def plans_page(request: Request[Any, Any, Any]) -> Response[str]:
    """List the newest plans, and offer to make one."""
    visit = await visiting(request, "coordinator")
    search = PlanSearch(state=None, before=None, limit=LATEST)
    found = await visit.ask(lambda db, caller: plans.list_plans(db, caller, wanted=lambda: search))
    making = await _operation(visit, "making")
    return visit.page("board_plans.html", plans=found, making=making, plan_id=_plan_id)


@post("/board/plans", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def propose(request: Request[Any, Any, Any]) -> Response[Any]:
    """Plan what is open; much of it is planned by the worker, and takes a while."""
    visit = await visiting(request, "coordinator")
    said = await own_fields(request)
    days = DAYS.get(said.get("days"))
    until = None if days is None else visit.now + timedelta(days=days)
    order = PlanOrder(until=until)

    def shape(made: ShownPlan | Operation, _: Caller) -> str:
        if isinstance(made, Operation):
            return f"?making={ids.show_id(ids.OPERATION, made.id)}"
        return f"/{_plan_id(made.id)}"

    async def attempt(solved: Solved | None) -> Any:
        return await visit.once(
            said,
            lambda db, caller: propose_plan(
                db, caller, wanted=lambda: order, solved=solved, now=visit.now
            ),
            shape,
        )

    return see_other(f"/board/plans{await with_solution(attempt)}")


@get(PAGE, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def plan_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Show a plan: each place with its reasons, and what the order of arrival would come to."""
    return await _shown(await visiting(request, "coordinator"))


@post(f"{PAGE}/accept", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def accept(request: Request[Any, Any, Any]) -> Response[Any]:
    """Ask the people of the places that are ticked: at least one."""
    visit = await visiting(request, "coordinator")
    if "place" not in await own_fields(request):
        return await _shown(visit, 422, refused=NOBODY)

    def work(visit: Visit, said: Fields) -> Work[Any]:
        chosen = [_read(ids.PLAN_PLACE, one) for one in said.all("place")]
        return lambda db, caller: accept_plan(
            db, caller, plan_id=_id(visit), places=lambda: chosen, now=visit.now
        )

    return await _do(request, work)


@post(f"{PAGE}/dismiss", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def dismiss(request: Request[Any, Any, Any]) -> Response[Any]:
    """Put the plan aside."""
    return await _do(
        request,
        lambda visit, _: (
            lambda db, caller: plans.dismiss_plan(db, caller, plan_id=_id(visit), now=visit.now)
        ),
    )


async def _do(
    request: Request[Any, Any, Any], work: Callable[[Visit, Fields], Work[Any]]
) -> Response[Any]:
    visit = await visiting(request, "coordinator")
    said = await own_fields(request)
    try:
        asking = await visit.once(said, work(visit, said), lambda made, _: _operation_id(made))
    except (NotFound, Forbidden, NotSignedIn):
        raise
    except Invalid:
        return await _shown(visit, 422, refused=NOT_DONE)
    except Refusal as refusal:
        told = OVER if refusal.code == "plan-is-over" else NOT_DONE
        return await _shown(visit, 409, refused=told)
    path = visit.request.url.path.rpartition("/")[0]
    return see_other(path if asking is None else f"{path}?asking={asking}")


async def _shown(visit: Visit, status: int = 200, *, refused: str | None = None) -> Response[str]:
    async def work(db: Db, caller: Caller) -> tuple[ShownPlan, dict[UUID, Any]]:
        shown = await plans.show_plan(db, caller, plan_id=_id(visit))
        rows = await rows_of(db, caller, ids=_requests(shown), now=visit.now)
        return shown, {one.shown.request.id: one for one in rows}

    shown, rows = await visit.ask(work)
    asking = await _operation(visit, "asking")
    return visit.page(
        "board_plan.html",
        status,
        shown=shown,
        rows=rows,
        asking=asking,
        left=[one for one in shown.places if one.state == "proposed"],
        decidable=shown.plan.state in ("proposed", "partly_accepted"),
        refused=None if refused is None else say(visit.language, refused),
        plan_id=_plan_id,
        place_id=lambda one: ids.show_id(ids.PLAN_PLACE, one),
        told_reason=lambda detail: told_reason(visit.language, detail),
        **row_words(visit),
    )


async def _operation(visit: Visit, name: str) -> Operation | None:
    """Return the operation that the address names, if it names one."""
    running = asked_fields(visit.request).get(name)
    if not running:
        return None
    key = _read(ids.OPERATION, running)
    return await visit.ask(lambda db, caller: show_operation(db, caller, operation_id=key))


def _operation_id(made: ShownPlan | Operation) -> str | None:
    return ids.show_id(ids.OPERATION, made.id) if isinstance(made, Operation) else None


def _requests(shown: ShownPlan) -> Sequence[UUID]:
    return list(dict.fromkeys(one.request_id for one in shown.places))


def _plan_id(one: UUID) -> str:
    return ids.show_id(ids.PLAN, one)


def _id(visit: Visit) -> UUID:
    return _read(ids.PLAN, visit.request.path_params["id"])


def _read(prefix: str, text: str) -> UUID:
    try:
        return ids.read_id(prefix, text)
    except NotFound:
        return NOTHING


ROUTES = (plans_page, propose, plan_page, accept, dismiss)
