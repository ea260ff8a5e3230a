"""`/desk/usage`: how much an institution used, month by month, drawn and as a table to keep."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from markupsafe import Markup

from interpreters.application.tables import csv_of, xlsx_of
from interpreters.application.usage_reports import (
    UsageQuestion,
    UsageReport,
    report_usage,
)
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.charts import Chart, Series
from interpreters.domain.months import months_between
from interpreters.domain.windows import at_place
from interpreters.domain.wording import comma, direction, say
from interpreters.http.tables import CSV, XLSX, file
from interpreters.http.usage_tables import usage_tables
from interpreters.web.desk_whose import Whose, at_desk, find_whose
from interpreters.web.drawings import drawn
from interpreters.web.fields import Fields, asked_fields
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit

MONTHS: Final = 12
MONTH: Final = re.compile(r"(199\d|20\d\d|21\d\d)-(0[1-9]|1[0-2])", re.ASCII)
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
    from_, until = _year(visit, asked)

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
        last=_moved(until, 0),
        before=_moved(until, -MONTHS),
        after=_moved(until, MONTHS) if until <= visit.now.date() else None,
    )


@get(["/desk/usage.csv", "/desk/usage.xlsx"], include_in_schema=False,
     exception_handlers=WORKPLACE_ERRORS)  # fmt: skip
async def keep_usage(request: AnyRequest) -> Response[bytes]:
    """Answer with the same months as a file."""
    visit, asked = await at_desk(request), asked_fields(request)
    from_, until = _year(visit, asked)

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


def _year(visit: Visit, asked: Fields) -> tuple[date, date]:
    """Return the first day of twelve months, and the first after them.

    They end with the month that is asked for (`2026-11`), else with the present one.
    """
    today = at_place(instant=visit.now, time_zone=visit.me.network.time_zone)
    number = today.year * 12 + today.month - 1
    found = MONTH.fullmatch(asked.get("last"))
    if found is not None:
        number = int(found[1]) * 12 + int(found[2]) - 1
    return _first(number - MONTHS + 1), _first(number + 1)


def _first(number: int) -> date:
    year, month = divmod(number, 12)
    return date(year, month + 1, 1)


def _moved(last: date, months: int) -> str:
    """Return the month so many months from the one before `last`, such as "2026-11"."""
    return f"{_first(last.year * 12 + last.month - 2 + months):%Y-%m}"


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


def _chart(visit: Visit, used: Used) -> Markup:
    """Return the sessions of each month, drawn."""
    chart = Chart(
        title=say(visit.language, "Sessions by month"),
        unit=say(visit.language, "sessions"),
        comma=comma(visit.language),
        way=direction(visit.language),
        places=list(used.months),
        series=[
            Series(
                name=say(visit.language, "Sessions"),
                values=[counts.get("sessions", 0) for counts in used.months.values()],
            )
        ],
    )
    return drawn(chart)


ROUTES = (show_usage, keep_usage)
