"""`/desk/…/cancel`: calling off, with what it costs shown before the press."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response, get, post

from interpreters.application import cancelling, requests, series_changes
from interpreters.application.booking_money import show_priced
from interpreters.application.calling_off_costs import CallingOff, quote_calling_off
from interpreters.application.series_changes import Scope
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Invalid, Refusal, Stale
from interpreters.http.booking_views import BookingView
from interpreters.http.bookings import ReasonIn
from interpreters.http.reading import read_body
from interpreters.http.request_views import RequestView
from interpreters.http.requests import CancelIn
from interpreters.web import desk_words
from interpreters.web.desk_whose import Whose, at_desk, find_whose
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields, body_of, own_fields
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit

AnyRequest = Request[Any, Any, Any]


class Costs(msgspec.Struct, frozen=True, kw_only=True):
    """What is called off, and what each scope of it costs now."""

    whose: Whose
    view: RequestView | BookingView
    scopes: Mapping[Scope, CallingOff]
    back: str


@get(["/desk/requests/{id:str}/cancel", "/desk/bookings/{id:str}/cancel"],
     include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)  # fmt: skip
async def show_costs(request: AnyRequest) -> Response[str]:
    """Show what calling off costs now."""
    visit = await at_desk(request)
    return await _shown(visit, _finding(request, visit))


@post("/desk/requests/{id:str}/cancel", include_in_schema=False, status_code=200,
      exception_handlers=WORKPLACE_ERRORS)  # fmt: skip
async def cancel_request(request: AnyRequest) -> Response[Any]:
    """Call a request off, or more of its series."""
    visit, said = await at_desk(request), await own_fields(request)
    named = request.path_params["id"]
    raw = body_of({"reason": said.some("reason"), "scope": said.some("scope")})

    async def work(db: Db, caller: Caller) -> None:
        key = ids.read_id(ids.REQUEST, named)
        costs = await quote_calling_off(db, caller, request_id=key, now=visit.now)
        body = read_body(CancelIn, raw, now=visit.now)
        if body.scope in costs:
            _refuse_dearer(said, costs[body.scope].charge_minor, body.scope)
        await series_changes.cancel_requests(
            db, caller, request_id=key, scope=lambda: body.scope, why=body.why, now=visit.now
        )

    return await _called_off(request, visit, said, work, f"/desk/requests/{named}")


@post("/desk/bookings/{id:str}/cancel", include_in_schema=False, status_code=200,
      exception_handlers=WORKPLACE_ERRORS)  # fmt: skip
async def cancel_booking(request: AnyRequest) -> Response[Any]:
    """Call one booking off; the others of its request stay."""
    visit, said = await at_desk(request), await own_fields(request)
    named = request.path_params["id"]
    raw = body_of({"reason": said.some("reason")})

    async def work(db: Db, caller: Caller) -> None:
        key = ids.read_id(ids.BOOKING, named)
        _refuse_dearer(said, await _booking_cost(db, caller, visit, named), "this")
        await cancelling.cancel_booking(
            db, caller, booking_id=key,
            why=lambda: read_body(ReasonIn, raw, now=visit.now).why(), now=visit.now,
        )  # fmt: skip

    return await _called_off(request, visit, said, work, f"/desk/bookings/{named}")


async def _called_off(
    request: AnyRequest, visit: Visit, said: Fields, work: Any, address: str
) -> Response[Any]:
    try:
        await visit.once(said, work, lambda _, __: {})
    except Invalid as wrong:
        return await _shown(visit, _finding(request, visit), said, wrong=wrong)
    except Refusal as refusal:
        if refusal.code not in desk_words.REFUSED:
            raise
        told = desk_words.refused(visit, refusal)
        return await _shown(visit, _finding(request, visit), said, refused=told)
    return see_other(address)


def _refuse_dearer(said: Fields, charge_minor: int, scope: str) -> None:
    """Nobody pays more than what the page told them; it is shown again.

    Raises:
        Stale: it costs more by now.
    """
    told = said.number(f"charge-{scope}")
    if not isinstance(told, int) or charge_minor > told:
        raise Stale


def _finding(request: AnyRequest, visit: Visit) -> Any:
    """Return the use-case that finds what the address names, with what it costs."""
    named = request.path_params["id"]

    async def of_request(db: Db, caller: Caller) -> Costs:
        key = ids.read_id(ids.REQUEST, named)
        shown = await requests.show_request(db, caller, request_id=key)
        view = RequestView.of(shown, caller)
        return Costs(
            whose=await find_whose(db, caller, view.institution_id),
            view=view,
            scopes=await quote_calling_off(db, caller, request_id=key, now=visit.now),
            back=f"/desk/requests/{named}",
        )

    async def of_booking(db: Db, caller: Caller) -> Costs:
        shown = await show_priced(db, caller, ids.read_id(ids.BOOKING, named), visit.now)
        view = BookingView.of(shown, caller, visit.now)
        money = None if view.cancellation is None else view.cancellation.charge_now
        cost = CallingOff(
            dates=1, bookings=1, charge_minor=0 if money is None else money.amount_minor,
            currency=visit.me.network.currency,
        )  # fmt: skip
        return Costs(
            whose=await find_whose(db, caller, view.institution_id),
            view=view,
            scopes={"this": cost},
            back=f"/desk/bookings/{named}",
        )

    return of_booking if "/bookings/" in request.url.path else of_request


async def _booking_cost(db: Db, caller: Caller, visit: Visit, named: str) -> int:
    shown = await show_priced(db, caller, ids.read_id(ids.BOOKING, named), visit.now)
    calling = None if shown.money is None else shown.money.calling
    return 0 if calling is None else calling.fee.charge_minor


async def _shown(
    visit: Visit,
    finding: Any,
    said: Fields | None = None,
    *,
    wrong: Invalid | None = None,
    refused: str | None = None,
) -> Response[str]:
    costs: Costs = await visit.ask(finding)
    status = 422 if wrong is not None else 409 if refused is not None else 200
    return visit.page(
        "desk_cancel.html",
        status,
        whose=costs.whose,
        costs=costs,
        view=costs.view,
        said=said or Fields([]),
        errors={} if wrong is None else visit.trouble(wrong),
        refused=refused,
        words=desk_words,
    )


ROUTES = (show_costs, cancel_request, cancel_booking)
