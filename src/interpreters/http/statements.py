"""`/v1/statements` and `/v1/pay-statements`: what is owed for a month, drafts and issued ones."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Final, Literal, TypeAlias
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import statement_issuing, statements
from interpreters.application.calls import ask
from interpreters.application.statement_files import Format, file_name, file_of
from interpreters.application.statement_issuing import Closed, ClosingOrder, IssueOrder
from interpreters.application.statements import Document, Statement, StatementSearch, Wanted
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound
from interpreters.domain.statements import (
    MonthHasOpenSessions,
    MonthNotOver,
    NotIssued,
    Side,
    read_month,
    show_month,
)
from interpreters.http.doors import JSON, Call, Nothing, Page, door
from interpreters.http.fields import Id, In, InstitutionId, InterpreterId, Text
from interpreters.http.lists import List, ListQuery, page_of
from interpreters.http.negotiation import NotAcceptable, chosen
from interpreters.http.statement_views import StatementItem, StatementView

TAG = "Statements"
FILES: Final[dict[str, Format]] = {
    "text/csv": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/pdf": "pdf",
}
PREFIX: Final[dict[Side, str]] = {"charge": ids.INSTITUTION, "pay": ids.INTERPRETER}
Month: TypeAlias = Annotated[
    str, Meta(pattern=r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$", description="Such as `2026-05`.")
]


class IssueIn(In, frozen=True, kw_only=True):
    """Before the month is over, and while sessions of it have not ended, only if that is said."""

    early: bool = False
    leave_open: bool = False

    def order(self) -> IssueOrder:
        """Return the order in the application's words."""
        return IssueOrder(early=self.early, leave_open=self.leave_open)


class ClosingIn(IssueIn, frozen=True, kw_only=True):
    """Which month to close; without a side what institutions owe."""

    month: Month
    side: Literal["charge", "pay"] = "charge"

    def order(self) -> ClosingOrder:
        """Return the order in the application's words."""
        return ClosingOrder(
            early=self.early,
            leave_open=self.leave_open,
            month=read_month(self.month),
            side=self.side,
        )


class ReopenIn(In, frozen=True, kw_only=True):
    """Why it is opened again."""

    reason: Text


class StatementsQuery(ListQuery, frozen=True, kw_only=True):
    """Which statements that were issued; drafts are not listed."""

    institution_id: InstitutionId | None = None
    month: Month | None = None
    state: Literal["issued", "reopened"] | None = None


class PayStatementsQuery(ListQuery, frozen=True, kw_only=True):
    """Which pay statements that were issued; drafts are not listed."""

    interpreter_id: InterpreterId | None = None
    month: Month | None = None
    state: Literal["issued", "reopened"] | None = None


class ClosedView(msgspec.Struct, frozen=True, kw_only=True):
    """What was issued. With `left` above 0 the same call goes on; `waiting` are those whose
    sessions have not ended.
    """

    month: str
    side: Literal["charge", "pay"]
    issued: list[StatementItem]
    waiting: list[Id]
    left: int

    @classmethod
    def of(cls, one: Closed, _: Caller) -> "ClosedView":
        """Shape what closing a month did."""
        return cls(
            month=show_month(one.month),
            side=one.side,
            issued=[StatementItem.of(made, inside=True) for made in one.issued],
            waiting=[ids.show_id(PREFIX[one.side], party) for party in one.waiting],
            left=one.left,
        )


@door("GET", "/v1/statements/{id:str}/{month:str}", answer=StatementView, files=tuple(FILES),
      refusals=(Forbidden, NotFound, NotAcceptable), tag=TAG)  # fmt: skip
async def show_statement(call: NamedDependency[Call]) -> Response[bytes]:
    """What an institution owes for a month: as JSON, CSV, XLSX or PDF, by `Accept`.

    All are made of the same lines. An open month is a draft.
    """
    return await _shown(call, "charge")


@door("GET", "/v1/pay-statements/{id:str}/{month:str}", answer=StatementView, files=tuple(FILES),
      refusals=(Forbidden, NotFound, NotAcceptable), tag=TAG)  # fmt: skip
async def show_pay_statement(call: NamedDependency[Call]) -> Response[bytes]:
    """What an interpreter is owed for a month: as JSON, CSV, XLSX or PDF, by `Accept`."""
    return await _shown(call, "pay")


@door("POST", "/v1/statements/{id:str}/{month:str}/issue", body=IssueIn, answer=StatementView,
      refusals=(Forbidden, NotFound, MonthNotOver, MonthHasOpenSessions), tag=TAG)  # fmt: skip
async def issue_statement(call: NamedDependency[Call]) -> Response[bytes]:
    """Give the month's statement its number; one that has it is answered as it is."""
    return await _issued(call, "charge")


@door("POST", "/v1/pay-statements/{id:str}/{month:str}/issue", body=IssueIn, answer=StatementView,
      refusals=(Forbidden, NotFound, MonthNotOver, MonthHasOpenSessions), tag=TAG)  # fmt: skip
async def issue_pay_statement(call: NamedDependency[Call]) -> Response[bytes]:
    """Give the month's pay statement its number; one that has it is answered as it is."""
    return await _issued(call, "pay")


@door("POST", "/v1/statements/{id:str}/{month:str}/reopen", body=ReopenIn, answer=StatementView,
      refusals=(Forbidden, NotFound, NotIssued), tag=TAG)  # fmt: skip
async def reopen_statement(call: NamedDependency[Call]) -> Response[bytes]:
    """Make an issued statement a draft again; its number is never given to another."""
    return await _reopened(call, "charge")


@door("POST", "/v1/pay-statements/{id:str}/{month:str}/reopen", body=ReopenIn,
      answer=StatementView, refusals=(Forbidden, NotFound, NotIssued), tag=TAG)  # fmt: skip
async def reopen_pay_statement(call: NamedDependency[Call]) -> Response[bytes]:
    """Make an issued pay statement a draft again; its number is never given to another."""
    return await _reopened(call, "pay")


@door("POST", "/v1/statements/close", body=ClosingIn, answer=ClosedView,
      refusals=(Forbidden, MonthNotOver), tag=TAG)  # fmt: skip
async def close_month(call: NamedDependency[Call]) -> Response[bytes]:
    """Issue every statement that has entries, of the month and of those before; 50 at once."""
    body = call.body(ClosingIn)

    async def work(db: Db, caller: Caller) -> Closed:
        return await statement_issuing.close_month(
            db, caller, order=lambda: body().order(), now=call.now
        )

    return await call.once(work, ClosedView.of)


@door("GET", "/v1/statements", query=StatementsQuery, answer=List[StatementItem],
      refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def list_statements(call: NamedDependency[Call]) -> Response[bytes]:
    """Statements that were issued, the last one first, with those that were opened again."""
    query = call.query(StatementsQuery)

    def wanted() -> tuple[ListQuery, Wanted]:
        asked = query()
        party_id = ids.read_optional(ids.INSTITUTION, asked.institution_id)
        return asked, _wanted("charge", party_id, asked.month, asked.state)

    return await _listed(call, "charge", wanted)


@door("GET", "/v1/pay-statements", query=PayStatementsQuery, answer=List[StatementItem],
      refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def list_pay_statements(call: NamedDependency[Call]) -> Response[bytes]:
    """Pay statements that were issued, the last one first."""
    query = call.query(PayStatementsQuery)

    def wanted() -> tuple[ListQuery, Wanted]:
        asked = query()
        party_id = ids.read_optional(ids.INTERPRETER, asked.interpreter_id)
        return asked, _wanted("pay", party_id, asked.month, asked.state)

    return await _listed(call, "pay", wanted)


async def _shown(call: Call, side: Side) -> Response[bytes]:
    """The file is made when the transaction is over: it takes its time."""

    async def work(db: Db, caller: Caller) -> tuple[Document, str]:
        found = await statements.show_statement(
            db, caller, side=side, party_id=call.id(PREFIX[side]), month=_month(call)
        )
        call.query(Nothing)()
        return found, chosen(call.request.headers.get("accept"), (JSON, *FILES))

    found, media = await ask(call.pool, token=call.token, role=call.role, now=call.now, work=work)
    headers = {"Vary": "Accept"}
    if media == JSON:
        body = msgspec.json.encode(StatementView.of(found))
        return Response(body, media_type=JSON, headers=headers)
    wanted = FILES[media]
    headers["Content-Disposition"] = f'attachment; filename="{file_name(found, wanted)}"'
    return Response(await file_of(found, wanted), media_type=media, headers=headers)


async def _issued(call: Call, side: Side) -> Response[bytes]:
    body = call.body(IssueIn)

    async def work(db: Db, caller: Caller) -> Document:
        return await statement_issuing.issue_statement(
            db,
            caller,
            side=side,
            party_id=call.id(PREFIX[side]),
            month=_month(call),
            order=lambda: body().order(),
            now=call.now,
        )

    return await call.once(work, lambda found, _: StatementView.of(found))


async def _reopened(call: Call, side: Side) -> Response[bytes]:
    body = call.body(ReopenIn)

    async def work(db: Db, caller: Caller) -> Document:
        return await statement_issuing.reopen_statement(
            db,
            caller,
            side=side,
            party_id=call.id(PREFIX[side]),
            month=_month(call),
            reason=lambda: body().reason,
            now=call.now,
        )

    return await call.once(work, lambda found, _: StatementView.of(found))


async def _listed(
    call: Call, side: Side, wanted: Callable[[], tuple[ListQuery, Wanted]]
) -> Response[bytes]:
    async def work(db: Db, caller: Caller) -> Page:
        def search() -> StatementSearch:
            asked, which = wanted()
            before, limit = asked.slice
            return StatementSearch(wanted=which, before=before, limit=limit)

        found = await statements.list_statements(db, caller, side=side, search=search)
        inside = caller.role in ("coordinator", "finance")

        def shape(one: Statement) -> Any:
            return StatementItem.of(one, inside=inside)

        return page_of(found, wanted()[0], shape)

    return await call.ask(work, lambda page, _: page)


def _wanted(side: Side, party_id: UUID | None, month: str | None, state: str | None) -> Wanted:
    first = None if month is None else read_month(month)
    return Wanted(side=side, party_id=party_id, month=first, state=state)


def _month(call: Call) -> Callable[[], date]:
    return lambda: read_month(call.request.path_params["month"])


ROUTES = (
    show_statement,
    show_pay_statement,
    issue_statement,
    issue_pay_statement,
    reopen_statement,
    reopen_pay_statement,
    close_month,
    list_statements,
    list_pay_statements,
)
