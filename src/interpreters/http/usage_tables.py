"""Usage as a table: the rows of `GET /v1/usage` in the columns of a file."""

from typing import Any, Final
from uuid import UUID

from interpreters.application.tables import Table, decimal_of
from interpreters.application.usage_reports import BREAKS, COUNTERS, UsageKey, UsageReport
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.languages import describe

# Groupings that name a thing, with the prefix of its id.
THINGS: Final = {
    "institution": ids.INSTITUTION, "client": ids.CLIENT, "site": ids.SITE,
    "funding": ids.FUNDING, "interpreter": ids.INTERPRETER,
}  # fmt: skip
PLAIN: Final = tuple(name for name in COUNTERS if not name.endswith("_minor") and name != BREAKS)


def usage_tables(report: UsageReport, caller: Caller) -> list[Table]:
    """Return the rows, then the totals alone: sums of rows may be more than there was.

    Hidden rows have empty cells; money is in whole units of the currency. A last column has breaks,
    where there were any.
    """
    groupings = report.question.groupings
    money = ("charge", "pay", "currency") if caller.institution_id is None else (
        "charge", "currency")  # fmt: skip
    breaks = [BREAKS] if report.has_breaks else []
    columns = [name for one in groupings for name in _columns(one)]
    rows = [
        [cell for one in groupings for cell in _key_cells(report, key, one)]
        + _cells(report, counts, money)
        for key, counts in report.rows
    ]
    totals = _cells(report, report.totals, money)
    return [
        Table(name="Usage", columns=[*columns, *PLAIN, *money, *breaks], rows=rows),
        Table(name="Totals", columns=[*PLAIN, *money, *breaks], rows=[totals]),
    ]


def _columns(grouping: str) -> list[str]:
    if grouping in THINGS:
        return [f"{grouping}_id", grouping]
    return [grouping, "language_name"] if grouping == "language" else [grouping]


def _key_cells(report: UsageReport, key: UsageKey, grouping: str) -> list[Any]:
    if grouping in THINGS:
        value: UUID | None = getattr(key, f"{grouping}_id")
        if value is None:
            return [None, None]
        named = report.names.get(value)
        return [ids.show_id(THINGS[grouping], value), None if named is None else named.name]
    text = getattr(key, grouping)
    if grouping == "language":
        return [text, None if text is None else describe(text).name]
    return [text]


def _cells(report: UsageReport, counts: dict[str, int] | None, money: tuple[str, ...]) -> list[Any]:
    breaks = [BREAKS] if report.has_breaks else []
    if counts is None:
        return [None] * (len(PLAIN) + len(money) - 1) + [report.currency, *[None] * len(breaks)]
    amounts = [decimal_of(counts[f"{name}_minor"], report.currency) for name in money[:-1]]
    plain = [counts[name] for name in PLAIN]
    return [*plain, *amounts, report.currency, *(counts[name] for name in breaks)]
