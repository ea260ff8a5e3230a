"""`/board/roster`: everybody who interprets, looked through by name, language and papers."""

from typing import Any, Final

from litestar import Request, Response, get

from interpreters.application.interpreters import InterpreterFilter
from interpreters.application.roster_lists import list_roster
from interpreters.domain.errors import Invalid
from interpreters.domain.ids import INTERPRETER, show_id
from interpreters.http.interpreters import InterpreterQuery
from interpreters.http.reading import read_query
from interpreters.web.fields import asked_fields
from interpreters.web.finance_words import dated
from interpreters.web.workplace import WORKPLACE_ERRORS, visiting

AnyRequest = Request[Any, Any, Any]
MOST: Final = 300
NOBODY: Final = InterpreterFilter(language="zxx")


@get("/board/roster", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_roster(request: AnyRequest) -> Response[str]:
    """Show the roster, or the part of it that is looked for."""
    visit = await visiting(request, "coordinator")
    asked = asked_fields(request)
    query = {name: asked.get(name) for name in ("language", "stage") if asked.get(name)} | (
        {"active": "true"} if asked.get("active", "yes") == "yes" else {}
    )
    errors: dict[str, str] = {}
    try:
        wanted = read_query(InterpreterQuery, query, now=visit.now).filter()
    except Invalid as wrong:
        errors, wanted = visit.trouble(wrong), NOBODY
    found = await visit.ask(
        lambda db, caller: list_roster(
            db, caller, wanted=wanted, named=asked.get("name"),
            expiring=asked.get("papers") == "yes", most=MOST, now=visit.now,
        )
    )  # fmt: skip
    return visit.page(
        "roster.html",
        422 if errors else 200,
        found=found,
        said=asked,
        errors=errors,
        active=asked.get("active", "yes"),
        interpreter_id=lambda one: show_id(INTERPRETER, one.profile.id),
        dated=dated(visit.language),
        done=asked.get("done"),
    )


ROUTES = (show_roster,)
