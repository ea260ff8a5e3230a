"""`/v1/exports`: files that take long to make, as operations; and where they are fetched."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.response import Stream
from msgspec import Meta

from interpreters.application import file_exports
from interpreters.application.calls import ask
from interpreters.application.file_exports import ExportedFile, ExportOrder
from interpreters.application.usage_reports import UsageQuestion
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, NotFound
from interpreters.domain.statements import read_month
from interpreters.http.doors import Call, Nothing, door
from interpreters.http.fields import In, InstitutionId
from interpreters.http.operations import OperationView
from interpreters.http.statements import Month
from interpreters.http.tables import FILES, file_headers
from interpreters.http.usage import Day
from interpreters.http.usage_exports import ExportQuery
from interpreters.http.usage_reports import Grouping, SuppressBelow, UsageQuery

TAG = "Exports"
MOST_GROUPINGS = 14


class ExportIn(In, frozen=True, kw_only=True, rename={"from_": "from"}):
    """What is exported: `usage_entries` (the ledger) and `usage` (a report) of days, `from`
    included and `to` not; `statements` are all lines of a month on one side.
    """

    kind: Literal["usage_entries", "usage", "statements"]
    format: Literal["csv", "xlsx"] = "csv"
    from_: Day | None = None
    to: Day | None = None
    institution_id: InstitutionId | None = None
    group_by: Annotated[tuple[Grouping, ...], Meta(max_length=MOST_GROUPINGS)] = ()
    suppress_below: SuppressBelow | None = None
    month: Month | None = None
    side: Literal["charge", "pay"] = "charge"

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """Days, or a month."""
        wanted = ("month",) if value.get("kind") == "statements" else ("from", "to")
        for name in wanted:
            if value.get(name) is None:
                detail = "This is required for what is exported"
                yield FieldError(pointer=f"{pointer}/{name}", code="required", detail=detail)

    def order(self) -> ExportOrder:
        """Return the order in the application's words.

        Raises:
            Invalid: `to` is not after `from`, or more than ten years.
        """
        if self.kind == "statements":
            assert self.month is not None  # as `check_together` has it
            month = read_month(self.month)
            return ExportOrder(kind=self.kind, format=self.format, month=month, side=self.side)
        assert self.from_ is not None and self.to is not None  # noqa: PT018 - as above
        if self.kind == "usage_entries":
            ledger = ExportQuery(from_=self.from_, to=self.to, institution_id=self.institution_id)
            return ExportOrder(kind=self.kind, format=self.format, ledger=ledger.question())
        return ExportOrder(kind=self.kind, format=self.format, usage=self._usage())

    def _usage(self) -> UsageQuestion:
        assert self.from_ is not None and self.to is not None  # noqa: PT018 - as above
        query = UsageQuery(
            from_=self.from_, to=self.to, group_by=self.group_by,
            suppress_below=self.suppress_below,
        )  # fmt: skip
        return query.question()


class ExportFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file; there is no JSON of it."""


@door("POST", "/v1/exports", body=ExportIn, answer=OperationView, status=202,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def start_export(call: NamedDependency[Call]) -> Response[bytes]:
    """Have a file made by the worker: CSV, or XLSX, of any length.

    Look at the operation until it has succeeded; the file is there for a day.
    """
    body = call.body(ExportIn)
    return await call.once(
        lambda db, caller: file_exports.start_export(
            db, caller, order=lambda: body().order(), now=call.now
        ),
        OperationView.of,
        status=202,
    )


@door("GET", "/v1/operations/{id:str}/file", answer=ExportFile, files=FILES,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def fetch_file(call: NamedDependency[Call]) -> Stream:
    """The file that an export made, sent while it is read."""

    async def work(db: Db, caller: Caller) -> tuple[UUID, ExportedFile]:
        found = await file_exports.open_file(db, caller, operation_id=call.id(ids.OPERATION))
        call.query(Nothing)()
        return caller.network_id, found

    network_id, found = await ask(
        call.pool, token=call.token, role=call.role, now=call.now, work=work
    )
    headers = file_headers(found.name) | {"Content-Length": str(found.bytes)}
    return Stream(
        file_exports.stream_file(call.pool, network_id=network_id, file=found),
        media_type=found.media_type,
        headers=headers,
    )


ROUTES = (start_export, fetch_file)
