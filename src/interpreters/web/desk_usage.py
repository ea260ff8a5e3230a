"""`/desk/usage`: how much an institution used, month by month, drawn and as a table to keep."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec
from litestar import Request, Response, get

from interpreters.application.tables import csv_of, xlsx_of
from interpreters.application.usage_reports import (
    UsageQuestion,
    UsageReport,
    report_usage,
)
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.charts import Chart, Series, svg
from interpreters.domain.months import months_between
from interpreters.domain.windows import at_place
from interpreters.domain.wording import say
from interpreters.http.tables import CSV, XLSX, file
from interpreters.http.usage_tables import usage_tables
from interpreters.web.desk_whose import Whose, at_desk, find_whose
from interpreters.web.fields import asked_fields
from interpreters.web.formats import Formats
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit

MONTHS: Final = 12
GROUPINGS: Final = ("institution", "month")
LANGUAGES: Final = ("institution", "language")
AnyRequest = Request[Any, Any, Any]


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """What was used, by month and by language."""

    whose: Whose
    months: Mapping[str, Mapping[str, int]]
    languages: Sequence[tuple[str, Mapping[str, int]]]
    currency: str


@get("/desk/usage", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_usage(request: AnyRequest) -> Response[str]:
    """Show the last twelve months."""
    visit, asked = await at_desk(request), asked_fields(request)
    from_, until = _year(visit)

    async def work(db: Db, caller: Caller) -> Used:
        found = await find_whose(db, caller, asked.some("institution"))
        by_month = await _counted(db, caller, from_, until, GROUPINGS)
        by_language = await _counted(db, caller, from_, until, LANGUAGES)
        return _used(found, by_month, by_language, from_, until)

    used = await visit.ask(work)
    return visit.page(
        "desk_usage.html",
        whose=used.whose,
        used=used,
        chart=_chart(visit, used),
        from_=from_.isoformat(),
        until=until.isoformat(),
    )


@get(["/desk/usage.csv", "/desk/usage.xlsx"], include_in_schema=False,
     exception_handlers=WORKPLACE_ERRORS)  # fmt: skip
async def keep_usage(request: AnyRequest) -> Response[bytes]:
    """Answer with the same months as a file."""
    visit, asked = await at_desk(request), asked_fields(request)
    from_, until = _year(visit)

    async def work(db: Db, caller: Caller) -> tuple[UsageReport, Caller]:
        found = await find_whose(db, caller, asked.some("institution"))
        report = await _counted(db, caller, from_, until, GROUPINGS)
        return _only(report, found), caller

    report, caller = await visit.ask(work)
    tables = usage_tables(report, caller)
    if request.url.path.endswith(".csv"):
        return file(await asyncio.to_thread(csv_of, tables[0]), CSV, "usage.csv")
    return file(await asyncio.to_thread(xlsx_of, tables[:1]), XLSX, "usage.xlsx")


async def _counted(
    db: Db, caller: Caller, from_: date, until: date, groupings: Sequence[str]
) -> UsageReport:
    question = UsageQuestion(from_=from_, until=until, groupings=groupings)
    return await report_usage(db, caller, question=lambda: question)


def _year(visit: Visit) -> tuple[date, date]:
    """Return the first day of eleven months ago, and the first of the next month."""
    today = at_place(instant=visit.now, time_zone=visit.me.network.time_zone)
    number = today.year * 12 + today.month
    (first_year, first), (year, month) = divmod(number - MONTHS, 12), divmod(number, 12)
    return date(first_year, first + 1, 1), date(year, month + 1, 1)


def _only(report: UsageReport, found: Whose) -> UsageReport:
    """Return the rows of the institution that is looked at."""
    rows = [(key, counts) for key, counts in report.rows if found.id in (None, key.institution_id)]
    return msgspec.structs.replace(report, rows=rows)


def _used(
    found: Whose, by_month: UsageReport, by_language: UsageReport, from_: date, until: date
) -> Used:
    months = {f"{day:%Y-%m}": dict[str, int]() for day in months_between(from_, until)}
    for key, counts in _only(by_month, found).rows:
        _add(months.setdefault(key.month or "", {}), counts or {})
    languages: dict[str, dict[str, int]] = {}
    for key, counts in _only(by_language, found).rows:
        if key.language is not None:
            _add(languages.setdefault(key.language, {}), counts or {})
    most = sorted(languages.items(), key=lambda one: -one[1].get("sessions", 0))
    return Used(whose=found, months=months, languages=most, currency=by_month.currency)


def _add(total: dict[str, int], counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        total[name] = total.get(name, 0) + count


def _chart(visit: Visit, used: Used) -> str:
    """Return the sessions of each month, drawn."""
    tell = Formats(visit.language, visit.me.network.time_zone)
    chart = Chart(
        title=say(visit.language, "Sessions by month"),
        unit=say(visit.language, "sessions"),
        places=[tell.month(one) for one in used.months],
        series=[
            Series(
                name=say(visit.language, "Sessions"),
                values=[counts.get("sessions", 0) for counts in used.months.values()],
            )
        ],
    )
    return svg(chart)


ROUTES = (show_usage, keep_usage)
