"""`/v1/usage`: what was asked for, held and owed, counted."""

from datetime import date
from typing import Annotated, Any, Final, Literal, TypeAlias
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import UNSET, Meta, UnsetType

from interpreters.application.usage_reports import (
    BREAKS,
    UsageKey,
    UsageQuestion,
    UsageReport,
    report_usage,
)
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, Invalid
from interpreters.http.doors import Call, door
from interpreters.http.fields import Id, In, Limit, page_size
from interpreters.http.lists import read_cursor, write_cursor
from interpreters.http.negotiation import NotAcceptable
from interpreters.http.tables import FILES, answered
from interpreters.http.usage import TAG, Day, pay_for
from interpreters.http.usage_tables import usage_tables
from interpreters.http.views import LanguageView, MoneyView

LONGEST_YEARS: Final = 10

Grouping: TypeAlias = Literal[
    "institution", "client", "language", "mode", "site", "nationality", "institution_kind",
    "topic", "funding", "month", "interpreter", "unfilled_reason", "cancelled_by",
    "donor",
]  # fmt: skip
SuppressBelow: TypeAlias = Annotated[
    int,
    Meta(ge=2, le=100, description="Hide rows about fewer people than this, and what tells them."),
]


class UsageQuery(In, frozen=True, kw_only=True, rename={"from_": "from"}):
    """`from` is included, `to` is not; `group_by` in any combination, comma-separated.

    All rows are answered at once, unless a `limit` asks for pages.
    """

    from_: Day
    to: Day
    group_by: tuple[Grouping, ...] = ()
    suppress_below: SuppressBelow | None = None
    cursor: Annotated[str, Meta(max_length=200, description="From `next`.")] | None = None
    limit: Limit | None = None

    def question(self) -> UsageQuestion:
        """Return the question in the application's words.

        Raises:
            Invalid: `to` is not after `from`, or more than ten years.
        """
        if not self.from_ < self.to <= _years_after(self.from_, LONGEST_YEARS):
            detail = f"After `from`, at most {LONGEST_YEARS} years"
            raise Invalid([FieldError(pointer="/to", code="out-of-range", detail=detail)])
        return UsageQuestion(
            from_=self.from_,
            until=self.to,
            groupings=tuple(dict.fromkeys(self.group_by)),
            suppress_below=self.suppress_below,
        )


class InstitutionKey(msgspec.Struct, frozen=True, kw_only=True):
    id: Id
    name: str | None
    kind: str | None


class ClientKey(msgspec.Struct, frozen=True, kw_only=True):
    """`reference` is null for finance, `erased-…` for a client who was erased."""

    id: Id
    reference: str | None
    institution_id: Id


class SiteKey(msgspec.Struct, frozen=True, kw_only=True):
    id: Id
    name: str | None


class FundingKey(msgspec.Struct, frozen=True, kw_only=True):
    id: Id
    number: str | None


class InterpreterKey(msgspec.Struct, frozen=True, kw_only=True):
    id: Id
    display_name: str | None


class UsageCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Counts before rates.

    `clients` are distinct people who had a session; minutes are of sessions and adjustments
    (`break_minutes` lie within the actual ones, and stand there where there were any), money of all
    kinds of entries; `pay` is null for institutions. Where `suppressed` is true all of them are
    null; it is there only when `suppress_below` was asked for.
    """

    sessions: int | None = None
    clients: int | None = None
    booked_minutes: int | None = None
    actual_minutes: int | None = None
    billable_minutes: int | None = None
    charge: MoneyView | None = None
    pay: MoneyView | None = None
    requests: int | None = None
    filled: int | None = None
    unfilled: int | None = None
    cancelled: int | None = None
    late_cancelled: int | None = None
    client_no_shows: int | None = None
    interpreter_no_shows: int | None = None
    break_minutes: int | UnsetType | None = UNSET
    suppressed: bool | UnsetType = UNSET


class UsageRow(UsageCounts, frozen=True, kw_only=True):
    """One key for each grouping asked for; null where there is none (a session without a site)."""

    institution: InstitutionKey | UnsetType = UNSET
    client: ClientKey | UnsetType | None = UNSET
    language: LanguageView | UnsetType | None = UNSET
    mode: str | UnsetType | None = UNSET
    site: SiteKey | UnsetType | None = UNSET
    nationality: str | UnsetType | None = UNSET
    institution_kind: str | UnsetType = UNSET
    topic: str | UnsetType = UNSET
    funding: FundingKey | UnsetType | None = UNSET
    month: str | UnsetType = UNSET
    interpreter: InterpreterKey | UnsetType | None = UNSET
    unfilled_reason: str | UnsetType | None = UNSET
    cancelled_by: str | UnsetType | None = UNSET
    donor: str | UnsetType | None = UNSET


class UsageReportView(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """The rows, and the ungrouped totals: each session once, each client once."""

    from_: date
    to: date
    items: list[UsageRow]
    totals: UsageCounts
    next: str | None = None

    @classmethod
    def of(cls, report: UsageReport, caller: Caller) -> "UsageReportView":
        """Shape a report for its reader."""
        return cls(
            from_=report.question.from_,
            to=report.question.until,
            items=[
                UsageRow(**_keys(report, key), **_counts(report, counts, caller))
                for key, counts in report.rows
            ],
            totals=UsageCounts(**_counts(report, report.totals, caller)),
        )


@door("GET", "/v1/usage", query=UsageQuery, answer=UsageReportView, files=FILES,
      refusals=(Forbidden, NotAcceptable), tag=TAG)  # fmt: skip
async def show_usage(call: NamedDependency[Call]) -> Response[bytes]:
    """Sessions, people, minutes, money and requests, in any combination of groupings.

    With `Accept: text/csv` or XLSX a table of the same rows.
    """
    query = call.query(UsageQuery)
    return await answered(
        call,
        lambda db, caller: report_usage(db, caller, question=lambda: query().question()),
        view=lambda report, caller: _page(call, query(), UsageReportView.of(report, caller)),
        tables=usage_tables,
        name="usage",
    )


def _page(call: Call, asked: UsageQuery, whole: UsageReportView) -> UsageReportView:
    """Return the rows of the page that was asked for; without `limit` all that follow."""
    first = 0 if asked.cursor is None else int.from_bytes(read_cursor(asked.cursor, 4), "big")
    end = len(whole.items) if asked.limit is None else first + page_size(asked.limit)
    more = write_cursor(end.to_bytes(4, "big")) if end < len(whole.items) else None
    return msgspec.structs.replace(whole, items=whole.items[first:end], next=call.following(more))


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, month=3, day=1)


def _counts(report: UsageReport, counts: dict[str, int] | None, caller: Caller) -> dict[str, Any]:
    if counts is None:
        return {"suppressed": True} | ({BREAKS: None} if report.has_breaks else {})
    asked = report.question.suppress_below is not None
    plain: dict[str, Any] = {"suppressed": False} if asked else {}
    left_out = () if report.has_breaks else (BREAKS,)
    plain |= {
        name: count
        for name, count in counts.items()
        if not name.endswith("_minor") and name not in left_out
    }
    return plain | {
        "charge": MoneyView(amount_minor=counts["charge_minor"], currency=report.currency),
        "pay": pay_for(counts["pay_minor"], report.currency, caller),
    }


def _keys(report: UsageReport, key: UsageKey) -> dict[str, Any]:
    return {name: _key(report, key, name) for name in report.question.groupings}


def _key(report: UsageReport, key: UsageKey, name: str) -> Any:
    value = getattr(key, f"{name}_id") if name in _OBJECTS else getattr(key, name)
    if value is None:
        return None
    if name == "language":
        return LanguageView.of(value)
    return _OBJECTS[name](report, value) if name in _OBJECTS else value


def _institution(report: UsageReport, id_: UUID) -> InstitutionKey:
    named = report.names[id_]
    return InstitutionKey(id=ids.show_id(ids.INSTITUTION, id_), name=named.name, kind=named.kind)


def _client(report: UsageReport, id_: UUID) -> ClientKey:
    named = report.names[id_]
    assert named.institution_id is not None  # every client has one
    return ClientKey(
        id=ids.show_id(ids.CLIENT, id_),
        reference=named.name,
        institution_id=ids.show_id(ids.INSTITUTION, named.institution_id),
    )


def _site(report: UsageReport, id_: UUID) -> SiteKey:
    return SiteKey(id=ids.show_id(ids.SITE, id_), name=report.names[id_].name)


def _funding(report: UsageReport, id_: UUID) -> FundingKey:
    named = report.names.get(id_)
    number = None if named is None else named.name
    return FundingKey(id=ids.show_id(ids.FUNDING, id_), number=number)


def _interpreter(report: UsageReport, id_: UUID) -> InterpreterKey:
    return InterpreterKey(id=ids.show_id(ids.INTERPRETER, id_), display_name=report.names[id_].name)


_OBJECTS: Final = {
    "institution": _institution,
    "client": _client,
    "site": _site,
    "funding": _funding,
    "interpreter": _interpreter,
}

ROUTES = (show_usage,)
