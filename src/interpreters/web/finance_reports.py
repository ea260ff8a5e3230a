"""`/finance/reports`: what was held, for how many people, and what it came to; also as a chart."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Request, Response, get

from interpreters.application.service_reports import report_service
from interpreters.application.tables import csv_of, xlsx_of
from interpreters.application.usage_charts import ChartQuestion, draw_usage
from interpreters.application.usage_reports import UsageReport, named, report_usage
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.charts import Chart
from interpreters.domain.errors import Invalid, NotFound
from interpreters.domain.told_sessions import language_name
from interpreters.domain.windows import at_place
from interpreters.domain.wording import comma, direction, say
from interpreters.http.reading import read_query
from interpreters.http.service_reports import ServiceQuery, ServiceReportView
from interpreters.http.tables import CSV, XLSX, file
from interpreters.http.usage_reports import UsageQuery
from interpreters.http.usage_tables import usage_tables
from interpreters.web.drawings import drawn
from interpreters.web.fields import Fields, asked_fields
from interpreters.web.finance_words import dated, day_after, month_days
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
GROUPINGS: Final = (
    "month", "institution", "institution_kind", "language", "mode", "topic", "site", "nationality",
    "client", "interpreter", "funding", "donor", "unfilled_reason", "cancelled_by",
)  # fmt: skip
# What a chart is called; its numbers are the table's.
COUNTERS: Final[Mapping[str, str]] = {
    "sessions": "Sessions", "clients": "People helped", "billable_minutes": "Minutes to be paid",
    "requests": "Requests", "unfilled": "Requests for which nobody was found",
}  # fmt: skip
# What the values of some groupings are called in a chart, which has names and no codes.
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "mode": {"in_person": "In person", "phone": "By phone", "video": "By video"},
    "topic": {
        "legal": "Law", "health": "Health", "psychology": "Psychology",
        "education": "School and education", "social": "Social matters", "employment": "Work",
        "housing": "Housing", "administration": "Offices and papers", "banking": "Banking",
        "supervised_contact": "Supervised contact", "emergency": "Emergency",
        "other": "Something else",
    },
    "institution_kind": {
        "ngo": "Association", "state": "State office", "municipality": "City or municipality",
        "social_service": "Social service", "crisis_centre": "Crisis centre",
        "education": "School and education", "health": "Health", "justice": "Court or police",
        "bank": "Bank", "employer": "Employer", "other": "Something else",
    },
}  # fmt: skip
FEW: Final = 5
MOST_ROWS: Final = 1000


@get("/finance/reports", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_report(request: AnyRequest) -> Response[str]:
    """Show the report that is asked for; without a question this month by institution."""
    visit = await visiting(request, "finance", "coordinator")
    said = _said(visit, asked_fields(request))
    try:
        report, drawn = await _asked(visit, said)
    except Invalid as wrong:
        return _page(visit, said, None, None, errors=visit.trouble(wrong), status=422)
    return _page(visit, said, report, drawn)


@get(
    "/finance/reports/file/{kind:str}", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS
)
async def keep_report(request: AnyRequest) -> Response[bytes]:
    """Return the same rows as a file."""
    visit = await visiting(request, "finance", "coordinator")
    kind = request.path_params["kind"]
    if kind not in ("csv", "xlsx"):
        raise NotFound
    report, _ = await _asked(visit, _said(visit, asked_fields(request)))
    tables = usage_tables(report, visit.caller)
    if kind == "csv":
        return file(await asyncio.to_thread(csv_of, tables[0]), CSV, "usage.csv")
    return file(await asyncio.to_thread(xlsx_of, tables), XLSX, "usage.xlsx")


@get("/finance/reports/service", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_service(request: AnyRequest) -> Response[str]:
    """Show what requests came to, how long people waited, and how the work was shared."""
    visit = await visiting(request, "finance", "coordinator")
    said = _said(visit, asked_fields(request))
    view, errors = None, {}
    try:
        query = read_query(ServiceQuery, _days(said), now=visit.now)
        found = await visit.ask(
            lambda db, caller: report_service(db, caller, question=query.question, now=visit.now)
        )
        view = ServiceReportView.of(found, visit.caller)
    except Invalid as wrong:
        errors = visit.trouble(wrong)
    return visit.page(
        "finance_service.html", 422 if errors else 200, view=view, said=said, errors=errors
    )


def _said(visit: Visit, asked: Fields) -> dict[str, str]:
    """Return the question as the form shows it, whole months where nothing is said."""
    first, last = month_days(
        at_place(instant=visit.now, time_zone=visit.me.network.time_zone).date()
    )
    by = [one for one in (asked.get("by", "institution"), asked.get("and")) if one in GROUPINGS]
    counter = asked.get("counter", "sessions")
    return {
        "from": asked.get("from") or f"{first}",
        "to": asked.get("to") or f"{last}",
        "by": by[0] if by else "",
        "and": by[1] if len(by) > 1 and by[1] != by[0] else "",
        "counter": counter if counter in COUNTERS else "sessions",
        "few": "yes" if asked.ticked("few") else "",
    }


def _days(said: Mapping[str, str]) -> dict[str, str]:
    return {"from": said["from"], "to": day_after(said["to"])}


def _query(said: Mapping[str, str]) -> dict[str, str]:
    query = _days(said)
    groupings = [one for one in (said["by"], said["and"]) if one]
    if groupings:
        query["group_by"] = ",".join(groupings)
    if said["few"]:
        query["suppress_below"] = str(FEW)
    return query


async def _asked(visit: Visit, said: Mapping[str, str]) -> tuple[UsageReport, Chart]:
    """Return the report, and the chart of its first grouping over the months."""
    question = read_query(UsageQuery, _query(said), now=visit.now).question()
    drawn = [one for one in question.groupings[:1] if one != "month"]
    by_month = msgspec.structs.replace(question, groupings=(*drawn, "month"))
    asked = ChartQuestion(usage=by_month, counter=said["counter"], shape="bars")

    async def work(db: Db, caller: Caller) -> tuple[UsageReport, Chart]:
        report = await report_usage(db, caller, question=lambda: question)
        chart = draw_usage(asked, await report_usage(db, caller, question=lambda: by_month))
        return report, chart

    report, chart = await visit.ask(work)
    counter = say(visit.language, COUNTERS[said["counter"]])
    between = comma(visit.language)
    title = f"{counter}{between}{say(visit.language, 'by month')}"
    few = say(visit.language, "few")
    series = [
        msgspec.structs.replace(one, name=_called(visit, report, question.groupings[:1], one.name))
        for one in chart.series
    ]
    way = direction(visit.language)
    return report, msgspec.structs.replace(
        chart, title=title, unit=counter, hidden=few, series=series, comma=between, way=way
    )


def _called(visit: Visit, report: UsageReport, grouping: Sequence[str], name: str) -> str:
    """Return what a series is called in the visitor's language."""
    if list(grouping) == ["language"]:
        codes = {
            named(report, key, "language"): key.language
            for key, _ in report.rows
            if key.language is not None
        }
        code = codes.get(name)
        return name if code is None else language_name(visit.language, code)
    words = WORDS.get(grouping[0], {}) if grouping else {}
    return say(visit.language, words[name]) if name in words else name


def _page(
    visit: Visit, said: Mapping[str, str], report: UsageReport | None, chart: Chart | None,
    *, errors: dict[str, str] | None = None, status: int = 200,
) -> Response[str]:  # fmt: skip
    return visit.page(
        "finance_reports.html",
        status,
        said=said,
        report=report,
        rows=[] if report is None else report.rows[:MOST_ROWS],
        more=0 if report is None else max(0, len(report.rows) - MOST_ROWS),
        picture=None if chart is None else drawn(chart),
        groupings=GROUPINGS,
        counters=COUNTERS,
        named=named,
        errors=errors or {},
        dated=dated(visit.language),
    )


ROUTES = (show_report, keep_report, show_service)
