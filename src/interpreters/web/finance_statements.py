"""`/finance/statements/{party}/{month}`: one statement, issued, opened again, kept as a file."""

from datetime import date
from typing import Any, Final, get_args
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post

from interpreters.application import statement_issuing, statements
from interpreters.application.statement_files import Format, file_name, file_of
from interpreters.application.statements import Document, Statement, StatementSearch, Wanted
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Invalid, NotFound, Refusal
from interpreters.domain.ids import BOOKING, INSTITUTION, INTERPRETER, read_id, show_id
from interpreters.domain.statements import (
    MonthHasOpenSessions,
    MonthNotOver,
    NotIssued,
    Side,
    read_month,
    show_month,
)
from interpreters.http.reading import read_body
from interpreters.http.statement_views import StatementView
from interpreters.http.statements import FILES, IssueIn, ReopenIn
from interpreters.http.tables import file_headers
from interpreters.web.entrance import see_other
from interpreters.web.fields import asked_fields, body_of, own_fields
from interpreters.web.finance_words import dated
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
PATH: Final = "/finance/statements/{party:str}/{month:str}"
JSON: Final = "application/json"
HISTORY: Final = 50


@get(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_statement(request: AnyRequest) -> Response[str]:
    """Show the lines, the sums and the history of a statement."""
    party = request.path_params["party"]
    month = request.path_params["month"]
    visit = await visiting(request, "finance", "coordinator")
    done = asked_fields(request).get("done")
    return await _shown(visit, *_named(party, month), done=done)


@get(f"{PATH}/file/{{kind:str}}", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def keep_statement(request: AnyRequest) -> Response[bytes]:
    """Return the statement as a file: PDF, XLSX, CSV or JSON of the same lines."""
    party = request.path_params["party"]
    month = request.path_params["month"]
    kind = request.path_params["kind"]
    visit = await visiting(request, "finance", "coordinator")
    side, party_id, of = _named(party, month)
    if kind != "json" and kind not in get_args(Format):
        raise NotFound
    found = await _asked(visit, side, party_id, of)
    if kind == "json":
        name = file_name(found, "csv").removesuffix("csv") + "json"
        body = msgspec.json.encode(StatementView.of(found))
        return Response(body, media_type=JSON, headers=file_headers(name))
    wanted: Any = kind
    media = next(one for one, made in FILES.items() if made == kind)
    data = await file_of(found, wanted)
    return Response(data, media_type=media, headers=file_headers(file_name(found, wanted)))


@post(f"{PATH}/issue", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def issue(request: AnyRequest) -> Response[Any]:
    """Give the statement its number."""
    party = request.path_params["party"]
    month = request.path_params["month"]
    visit = await visiting(request, "finance", "coordinator")
    fields, (side, party_id, of) = await own_fields(request), _named(party, month)
    said = {name: fields.ticked(name) for name in ("early", "leave_open")}
    body = read_body(IssueIn, body_of(said), now=visit.now)

    async def work(db: Db, caller: Caller) -> Document:
        return await statement_issuing.issue_statement(
            db, caller, side=side, party_id=party_id, month=lambda: of, order=body.order,
            now=visit.now,
        )  # fmt: skip

    try:
        await visit.once(fields, work, lambda found, _: StatementView.of(found))
    except (MonthNotOver, MonthHasOpenSessions) as refusal:
        return await _shown(visit, side, party_id, of, refused=refusal, status=409)
    return see_other(f"/finance/statements/{party}/{month}?done=issued")


@post(f"{PATH}/reopen", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def reopen(request: AnyRequest) -> Response[Any]:
    """Make it a draft again, for a reason that its history keeps."""
    party = request.path_params["party"]
    month = request.path_params["month"]
    visit = await visiting(request, "finance", "coordinator")
    fields, (side, party_id, of) = await own_fields(request), _named(party, month)

    async def work(db: Db, caller: Caller) -> Document:
        body = read_body(ReopenIn, body_of({"reason": fields.some("reason")}), now=visit.now)
        return await statement_issuing.reopen_statement(
            db, caller, side=side, party_id=party_id, month=lambda: of,
            reason=lambda: body.reason, now=visit.now,
        )  # fmt: skip

    try:
        await visit.once(fields, work, lambda found, _: StatementView.of(found))
    except Invalid as wrong:
        errors = visit.trouble(wrong)
        return await _shown(
            visit, side, party_id, of, errors=errors, reason=fields.get("reason"), status=422
        )
    except NotIssued:
        return see_other(f"/finance/statements/{party}/{month}")
    return see_other(f"/finance/statements/{party}/{month}?done=reopened")


def _named(party: str, month: str) -> tuple[Side, UUID, date]:
    """Return whose statement it is, by the id's prefix, and of which month.

    Raises:
        NotFound: there can be none such.
    """
    side: Side = "pay" if party.startswith(f"{INTERPRETER}_") else "charge"
    prefix = INTERPRETER if side == "pay" else INSTITUTION
    return side, read_id(prefix, party), read_month(month)


async def _asked(visit: Visit, side: Side, party_id: UUID, month: date) -> Document:
    return await visit.ask(
        lambda db, caller: statements.show_statement(
            db, caller, side=side, party_id=party_id, month=lambda: month
        )
    )


async def _shown(
    visit: Visit, side: Side, party_id: UUID, month: date, *, status: int = 200,
    refused: Refusal | None = None, errors: dict[str, str] | None = None, reason: str = "",
    done: str = "",
) -> Response[str]:  # fmt: skip
    async def work(db: Db, caller: Caller) -> tuple[Document, list[Statement]]:
        found = await statements.show_statement(
            db, caller, side=side, party_id=party_id, month=lambda: month
        )
        wanted = Wanted(side=side, party_id=party_id, month=month)
        history = await statements.list_statements(
            db, caller, side=side,
            search=lambda: StatementSearch(wanted=wanted, before=None, limit=HISTORY),
        )  # fmt: skip
        return found, list(history)

    found, history = await visit.ask(work)
    return visit.page(
        "finance_statement.html",
        status,
        found=found,
        history=history,
        side=side,
        party=show_id(INTERPRETER if side == "pay" else INSTITUTION, party_id),
        month=show_month(month),
        booking_id=lambda one: show_id(BOOKING, one.booking_id),
        dated=dated(visit.language),
        refused="" if refused is None else refused.code,
        waiting=0 if refused is None else refused.extra.get("count", 0),
        errors=errors or {},
        reason=reason,
        done=done,
    )


ROUTES = (show_statement, keep_statement, issue, reopen)
