"""`/finance`: the months, and what waits for finance."""

from typing import Any

from litestar import Request, Response, get

from interpreters.application.month_overviews import list_waiting, show_overview
from interpreters.domain.ids import BOOKING, show_id
from interpreters.domain.statements import show_month
from interpreters.web.finance_words import dated
from interpreters.web.workplace import WORKPLACE_ERRORS, visiting

AnyRequest = Request[Any, Any, Any]


@get("/finance", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_finance(request: AnyRequest) -> Response[str]:
    """Show how the last months stand, and what has to be looked at."""
    visit = await visiting(request, "finance", "coordinator")
    found = await visit.ask(lambda db, caller: show_overview(db, caller, now=visit.now))
    return visit.page("finance.html", found=found, show_month=show_month)


@get("/finance/waiting", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_waiting(request: AnyRequest) -> Response[str]:
    """Show sessions without a price, and those that their grant does not pay for."""
    visit = await visiting(request, "finance", "coordinator")
    found = await visit.ask(list_waiting)
    return visit.page(
        "finance_waiting.html",
        found=found,
        dated=dated(visit.language),
        booking_id=lambda one: show_id(BOOKING, one.booking_id),
    )


ROUTES = (show_finance, show_waiting)
