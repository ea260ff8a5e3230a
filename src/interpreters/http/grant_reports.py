"""`/v1/reports/grants/{id}`: what a grant paid for, as its funder asks."""

from datetime import date
from typing import Any, Final

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from interpreters.application.grant_reports import GrantReport, GrantRow, LeftOut, report_grant
from interpreters.application.tables import Table, decimal_of
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, Invalid, NotFound
from interpreters.domain.languages import describe
from interpreters.http.doors import Call, door
from interpreters.http.fields import Id, In
from interpreters.http.negotiation import NotAcceptable
from interpreters.http.tables import FILES, answered
from interpreters.http.usage import Day
from interpreters.http.views import LanguageView, MoneyView

TAG: Final = "Reports"
MOST_DAYS: Final = 3653
COUNTS: Final = ("sessions", "booked_minutes", "actual_minutes", "billable_minutes")


class GrantQuery(In, frozen=True, kw_only=True, rename={"from_": "from"}):
    """`from` is included, `to` is not; without them the grant's own days."""

    from_: Day | None = None
    to: Day | None = None

    def days(self) -> tuple[date | None, date | None]:
        """Return both days.

        Raises:
            Invalid: `to` is not after `from`, or more than ten years.
        """
        both = self.from_ is not None and self.to is not None
        if both and not 0 < (self.to - self.from_).days <= MOST_DAYS:  # type: ignore[operator]  # both
            detail = "After `from`, at most 10 years"
            raise Invalid([FieldError(pointer="/to", code="out-of-range", detail=detail)])
        return self.from_, self.to


class ShareOut(msgspec.Struct, frozen=True, kw_only=True):
    """What a donor pays of the charge; all shares add up to it."""

    donor: str
    charge: MoneyView


class GrantCounts(msgspec.Struct, frozen=True, kw_only=True):
    """`clients` are distinct people; minutes of sessions and adjustments, money of all entries."""

    sessions: int
    clients: int
    booked_minutes: int
    actual_minutes: int
    billable_minutes: int
    charge: MoneyView
    shares: list[ShareOut]


class GrantRowView(GrantCounts, frozen=True, kw_only=True):
    month: str
    language: LanguageView
    topic: str
    mode: str


class LeftOutView(msgspec.Struct, frozen=True, kw_only=True):
    """What names the grant and is outside it; `excluded` where the grant excludes the language."""

    language: LanguageView
    excluded: bool
    sessions: int
    billable_minutes: int
    charge: MoneyView


class GrantReportView(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Rows by month, language, topic and mode, and the whole period: each client once."""

    funding_id: Id
    number: str
    from_: date
    to: date
    items: list[GrantRowView]
    totals: GrantCounts
    left_out: list[LeftOutView]

    @classmethod
    def of(cls, one: GrantReport, _: Caller) -> "GrantReportView":
        """Shape a grant's report."""
        return cls(
            funding_id=ids.show_id(ids.FUNDING, one.funding.id),
            number=one.funding.number,
            from_=one.from_,
            to=one.until,
            items=[_row(row, one.currency) for row in one.rows],
            totals=GrantCounts(**_counts(one.sums, one.shares, one.clients, one.currency)),
            left_out=[_left_out(part, one.currency) for part in one.left_out],
        )


@door("GET", "/v1/reports/grants/{id:str}", query=GrantQuery, answer=GrantReportView, files=FILES,
      refusals=(Forbidden, NotFound, NotAcceptable), tag=TAG)  # fmt: skip
async def show_grant(call: NamedDependency[Call]) -> Response[bytes]:
    """What a grant paid for; with `Accept: text/csv` or XLSX as a table of the same rows."""
    query = call.query(GrantQuery)
    return await answered(
        call,
        lambda db, caller: report_grant(
            db, caller, funding_id=call.id(ids.FUNDING), days=lambda: query().days()
        ),
        view=GrantReportView.of,
        tables=grant_tables,
        name="grant-report",
    )


def grant_tables(one: GrantReport, _: Caller) -> list[Table]:
    donors = list(one.shares)
    shares = [f"share: {name}" for name in donors]
    columns = ("month", "language", "language_name", "topic", "mode", "sessions", "clients",
               *COUNTS[1:], "charge", "currency", *shares)  # fmt: skip
    rows = [
        (
            row.month, row.language, describe(row.language).name, row.topic, row.mode,
            *_cells(row.sums, row.clients, row.shares, donors, one.currency),
        )
        for row in one.rows
    ]  # fmt: skip
    total = _cells(one.sums, one.clients, one.shares, donors, one.currency)
    left_out = [
        (part.language, describe(part.language).name, "yes" if part.excluded else "no",
         part.sessions, part.billable_minutes, decimal_of(part.charge_minor, one.currency))
        for part in one.left_out
    ]  # fmt: skip
    return [
        Table(name="Grant", columns=columns, rows=rows),
        Table(name="Totals", columns=columns[5:], rows=[total]),
        Table(name="Left out", rows=left_out, columns=(
            "language", "language_name", "excluded", "sessions", "billable_minutes", "charge")),
    ]  # fmt: skip


def _cells(
    sums: dict[str, int], clients: int, shares: dict[str, int], donors: list[str], currency: str
) -> tuple[Any, ...]:
    charges = (decimal_of(shares.get(name, 0), currency) for name in donors)
    return (
        sums["sessions"], clients, *(sums[name] for name in COUNTS[1:]),
        decimal_of(sums["charge_minor"], currency), currency, *charges,
    )  # fmt: skip


def _row(row: GrantRow, currency: str) -> GrantRowView:
    return GrantRowView(
        month=row.month,
        language=LanguageView.of(row.language),
        topic=row.topic,
        mode=row.mode,
        **_counts(row.sums, row.shares, row.clients, currency),
    )


def _counts(
    sums: dict[str, int], shares: dict[str, int], clients: int, currency: str
) -> dict[str, Any]:
    return {
        **{name: sums[name] for name in COUNTS},
        "clients": clients,
        "charge": MoneyView(amount_minor=sums["charge_minor"], currency=currency),
        "shares": [
            ShareOut(donor=name, charge=MoneyView(amount_minor=amount, currency=currency))
            for name, amount in shares.items()
        ],
    }


def _left_out(part: LeftOut, currency: str) -> LeftOutView:
    return LeftOutView(
        language=LanguageView.of(part.language),
        excluded=part.excluded,
        sessions=part.sessions,
        billable_minutes=part.billable_minutes,
        charge=MoneyView(amount_minor=part.charge_minor, currency=currency),
    )


ROUTES = (show_grant,)
