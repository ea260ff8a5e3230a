"""`/v1/usage/entries/export`: the ledger as a file of any length."""

from typing import Final

import msgspec
from litestar.di import NamedDependency
from litestar.response import Stream

from interpreters.application.calls import ask
from interpreters.application.usage_exports import ExportQuestion, ledger_csv, open_export
from interpreters.domain import ids
from interpreters.domain.errors import FieldError, Forbidden, Invalid, NotFound
from interpreters.http.doors import Call, door
from interpreters.http.fields import In, InstitutionId
from interpreters.http.tables import CSV, file_headers
from interpreters.http.usage import TAG, Day

MOST_DAYS: Final = 3653


class ExportQuery(In, frozen=True, kw_only=True, rename={"from_": "from"}):
    """`from` is included, `to` is not; at most ten years."""

    from_: Day
    to: Day
    institution_id: InstitutionId | None = None

    def question(self) -> ExportQuestion:
        """Return the question in the application's words.

        Raises:
            Invalid: `to` is not after `from`, or more than ten years.
        """
        if not 0 < (self.to - self.from_).days <= MOST_DAYS:
            detail = "After `from`, at most 10 years"
            raise Invalid([FieldError(pointer="/to", code="out-of-range", detail=detail)])
        return ExportQuestion(
            from_=self.from_,
            until=self.to,
            institution_id=ids.read_optional(ids.INSTITUTION, self.institution_id),
        )


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file of CSV; there is no JSON of it."""


@door("GET", "/v1/usage/entries/export", query=ExportQuery, answer=File, files=(CSV,),
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def export_entries(call: NamedDependency[Call]) -> Stream:
    """Every entry of these days as CSV, however many: it is sent while it is read."""
    query = call.query(ExportQuery)
    export = await ask(
        call.pool, token=call.token, role=call.role, now=call.now,
        work=lambda db, caller: open_export(db, caller, question=lambda: query().question()),
    )  # fmt: skip
    return Stream(
        ledger_csv(call.pool, export), media_type=CSV, headers=file_headers("usage-entries.csv")
    )


ROUTES = (export_entries,)
