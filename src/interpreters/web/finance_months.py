"""`/finance/months/{month}`: one month of everybody, closed with one button."""

from datetime import date
from typing import Any

from litestar import Request, Response, get, post

from interpreters.application.statement_issuing import close_month
from interpreters.application.statement_months import Standing, show_month
from interpreters.domain import statements
from interpreters.domain.ids import show_id
from interpreters.domain.statements import MonthNotOver, Side, month_before, next_month, read_month
from interpreters.http.reading import read_body
from interpreters.http.statements import PREFIX, ClosedView, ClosingIn
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields, asked_fields, body_of, own_fields
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
ROLES = ("finance", "coordinator")
PATH = "/finance/months/{month:str}"


@get(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_closing(request: AnyRequest) -> Response[str]:
    """Show the month's statements of one side: issued ones, drafts, and what they wait for."""
    month = request.path_params["month"]
    visit = await visiting(request, "finance", "coordinator")
    asked = asked_fields(request)
    return await _shown(visit, read_month(month), _side(asked), done=asked.get("done"))


@post(f"{PATH}/close", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def close(request: AnyRequest) -> Response[Any]:
    """Issue every statement of the month and of those before, as far as nothing waits."""
    month = request.path_params["month"]
    visit = await visiting(request, "finance", "coordinator")
    fields, of = await own_fields(request), read_month(month)
    side = _side(fields)
    body = read_body(
        ClosingIn,
        body_of(
            {
                "month": month,
                "side": side,
                "early": fields.ticked("early"),
                "leave_open": fields.ticked("leave_open"),
            }
        ),
        now=visit.now,
    )
    try:
        await visit.once(
            fields,
            lambda db, caller: close_month(db, caller, order=body.order, now=visit.now),
            ClosedView.of,
        )
    except MonthNotOver:
        return await _shown(visit, of, side, refused="month-not-over", status=409)
    return see_other(f"/finance/months/{month}?side={side}&done=closed")


async def _shown(
    visit: Visit, month: date, side: Side, *, done: str = "", refused: str = "", status: int = 200
) -> Response[str]:
    found = await visit.ask(
        lambda db, caller: show_month(db, caller, side=side, month=lambda: month)
    )
    return visit.page(
        "finance_month.html",
        status,
        month=statements.show_month(month),
        before=statements.show_month(month_before(month)),
        after=statements.show_month(next_month(month)),
        side=side,
        found=found,
        drafts=[one for one in found if one.state == "draft"],
        sums=_sums(found),
        party_id=lambda one: show_id(PREFIX[side], one.party.id),
        show_month=statements.show_month,
        done=done,
        refused=refused,
    )


def _side(fields: Fields) -> Side:
    return "pay" if fields.get("side") == "pay" else "charge"


def _sums(found: Any) -> dict[str, int]:
    sums: dict[str, int] = {}
    one: Standing
    for one in found:
        for currency, amount in one.totals.amounts.items():
            sums[currency] = sums.get(currency, 0) + amount
    return sums


ROUTES = (show_closing, close)
