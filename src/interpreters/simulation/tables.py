"""A report as tables: for a terminal, and for a document."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from interpreters.domain.languages import describe
from interpreters.domain.simulation_metrics import Metrics
from interpreters.simulation.advice import Staffing
from interpreters.simulation.running import Report

NAMES: Final = {"ladder": "ladder", "broadcast": "broadcast", "one_by_one": "one by one"}
Column = tuple[str, Callable[[Metrics], str]]


def as_text(report: Report) -> str:
    """Return the report for a terminal."""
    head = (
        f"{report.requests} requests to {report.interpreters} interpreters ({report.roster}), "
        f"seed {report.seed}, {report.assumptions.acceptance:.2f} would say yes\n\n"
    )
    rows = [[title, *(show(one) for one in report.policies.values())] for title, show in COLUMNS]
    table = [["", *(NAMES[name] for name in report.policies)], *rows]
    best = f"{shown(report.optimum.fill)} (bound {shown(report.optimum.bound)})"
    return head + _aligned(table) + f"\n\nThe most that could be filled: {best}\n"


def staffing_text(found: Staffing) -> str:
    """Return the advice for a terminal."""
    filled = f"{found.filled} of {found.requests} requests"
    head = f"{filled} filled ({found.roster}, seed {found.seed})\n\n"
    people = [["more filled", "languages", "where", "hours", "unfilled today"]]
    people += [
        [
            f"{one.more_filled:+}",
            " and ".join(_named(code) for code in (one.language, one.second_language) if code),
            one.city,
            ", ".join(f"{row['day']} {row['from']}-{row['to']}" for row in one.weekly),
            str(one.unfilled),
        ]
        for one in found.advice
    ]
    needs = [["on call for", "busiest hour", "calls an hour", "people", "answered in 30 s"]]
    needs += [
        [
            _named(one.language) if one.language else "all together",
            f"{one.hour:02}:00",
            shown(one.calls_an_hour, 2),
            str(one.people),
            shown(one.in_time),
        ]
        for one in found.on_call
    ]
    return f"{head}{_aligned(people)}\n\n{_aligned(needs)}\n"


def as_markdown(reports: Sequence[Report]) -> str:
    """Return one table for a document: a row for each roster and policy."""
    titles = [title for title, _ in COLUMNS]
    lines = [
        "| roster | policy | " + " | ".join(titles) + " |",
        "|---|---|" + "---:|" * len(titles),
    ]
    for report in reports:
        for name, one in report.policies.items():
            cells = " | ".join(show(one) for _, show in COLUMNS)
            lines.append(f"| {report.roster} | {NAMES[name]} | {cells} |")
        best = " | ".join([shown(report.optimum.fill), *("" for _ in titles[1:])])
        lines.append(f"| {report.roster} | *optimum* | {best} |")
    return "\n".join(lines) + "\n"


def fairness_markdown(figures: Mapping[str, Metrics]) -> str:
    """Return what each weight of fairness came to, and what it cost."""
    lines = [
        "| points | fill | other points of who was booked | Gini | without work | km per hour |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for name, one in figures.items():
        cells = (
            name.rpartition("_")[2],
            shown(one.fill),
            shown(one.points, 1),
            shown(one.gini),
            shown(one.without_work),
            shown(one.km_per_in_person_hour, 1),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def shown(value: float | None, digits: int = 3) -> str:
    """Return a number; what never happens, or is of nothing, is a dash."""
    return "-" if value is None else f"{value:.{digits}f}"


def _aligned(table: Sequence[Sequence[str]]) -> str:
    """Columns: the first to the left, the others to the right."""
    widths = [max(len(row[at]) for row in table) for at in range(len(table[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    )


def _named(code: str) -> str:
    return describe(code).name


def _minutes(p50: float | None, p90: float | None) -> str:
    return f"{shown(p50, 1)} / {shown(p90, 1)}"


COLUMNS: Final[tuple[Column, ...]] = (
    ("fill", lambda one: shown(one.fill)),
    ("success rate (UK)", lambda one: shown(one.success_rate_uk)),
    ("offers per booking", lambda one: shown(one.offers_per_booking, 1)),
    ("too late per booking", lambda one: shown(one.too_late_per_booking, 2)),
    ("yes p50 / p90, min", lambda one: _minutes(one.yes_p50_minutes, one.yes_p90_minutes)),
    (
        "urgent p50 / p90",
        lambda one: _minutes(one.urgent.yes_p50_minutes, one.urgent.yes_p90_minutes),
    ),
    (
        "planned p50 / p90",
        lambda one: _minutes(one.planned.yes_p50_minutes, one.planned.yes_p90_minutes),
    ),
    ("km per hour in person", lambda one: shown(one.km_per_in_person_hour, 1)),
    ("Gini", lambda one: shown(one.gini)),
    ("without work", lambda one: shown(one.without_work)),
)
