"""`/board/fairness`: how the work of four weeks was shared."""

from datetime import date
from typing import Any

from litestar import Request, Response, get

from interpreters.application.fairness import report_fairness
from interpreters.web.fields import asked_fields
from interpreters.web.workplace import WORKPLACE_ERRORS, visiting


@get("/board/fairness", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def fairness_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Show what each was offered and worked for the hours they were there."""
    visit = await visiting(request, "coordinator")
    until = _day(asked_fields(request).get("to"))
    report = await visit.ask(
        lambda db, caller: report_fairness(db, caller, until=lambda: until, now=visit.now)
    )
    return visit.page("board_fairness.html", report=report, until=until)


def _day(text: str) -> date | None:
    """Return a day within reason; any other means today."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None  # noqa: PLR2004 - years that tables hold


ROUTES = (fairness_page,)
