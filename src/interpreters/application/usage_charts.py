"""Usage drawn: one counter over months, for the largest of one grouping."""

from collections.abc import Sequence
from typing import Final

import msgspec

from interpreters.application.usage_reports import UsageKey, UsageQuestion, UsageReport, named
from interpreters.domain.charts import MOST_SERIES, Chart, Series, Shape
from interpreters.domain.months import months_between

WORDS: Final = {
    "sessions": "sessions", "clients": "clients", "booked_minutes": "minutes",
    "actual_minutes": "minutes", "billable_minutes": "minutes",
}  # fmt: skip


class ChartQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """What is drawn: a counter, by one grouping or none, as bars or lines."""

    usage: UsageQuestion
    counter: str
    shape: Shape


def draw_usage(asked: ChartQuestion, report: UsageReport) -> Chart:
    """Return the chart of a report that is grouped by what is drawn, then by month.

    The largest series are drawn, those with hidden numbers last; a month without a row is 0.
    """
    months = [f"{day:%Y-%m}" for day in months_between(asked.usage.from_, asked.usage.until)]
    found: dict[str, dict[str, int | None]] = {}
    for key, counts in report.rows:
        value = None if counts is None else counts[asked.counter]
        found.setdefault(_name(report, key), {})[key.month or ""] = value
    series = [
        Series(name=name, values=[values.get(month, 0) for month in months])
        for name, values in found.items()
    ]
    series.sort(key=lambda one: -_size(one.values))
    left = f", the {MOST_SERIES} largest" if len(series) > MOST_SERIES else ""
    return Chart(
        title=f"{asked.counter.replace('_', ' ').capitalize()} by month{left}",
        unit=WORDS.get(asked.counter, "requests"),
        places=months,
        series=series[:MOST_SERIES],
        shape=asked.shape,
    )


def _name(report: UsageReport, key: UsageKey) -> str:
    return ", ".join(
        named(report, key, grouping)
        for grouping in report.question.groupings
        if grouping != "month"
    )


def _size(values: Sequence[int | None]) -> int:
    return sum(value for value in values if value is not None)
