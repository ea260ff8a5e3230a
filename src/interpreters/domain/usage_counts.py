"""What usage is counted by: the groupings, the key of a row, and how rows are put together.

A statement of `sql/` takes `parameters` and answers rows with the fields of `UsageKey` (the month
as its number among the report's months) and counters; `counted` makes of them what is told.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

import msgspec

GROUPINGS: Final = (
    "institution", "client", "language", "mode", "site", "nationality", "institution_kind",
    "topic", "funding", "month", "interpreter", "unfilled_reason", "cancelled_by",
)  # fmt: skip
ALTOGETHER: Final = "altogether"  # marks the row of the totals, where a statement answers one
EVERYBODY: Final = "everybody"  # how many people all rows are about, in each of them
# By these one thing may stand in several rows.
SEVERAL: Final = frozenset({"client", "nationality", "interpreter"})


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted: sessions booked to start from `from_` up to, not including, `until`.

    `starts_at` and `ends_at` are the same two midnights as instants; `only` is one institution.
    `months` are the first days of the months that it touches, and the same as instants.
    `waived` are the codes of cancellations that were not the requester's fault.
    """

    only: UUID | None
    from_: date
    until: date
    starts_at: datetime
    ends_at: datetime
    months: Sequence[tuple[date, datetime]]
    waived: Sequence[str]
    groupings: frozenset[str]


class UsageKey(msgspec.Struct, frozen=True, kw_only=True):
    """What a row is about; None where it is not grouped by, or there is none."""

    institution_id: UUID | None = None
    client_id: UUID | None = None
    language: str | None = None
    mode: str | None = None
    site_id: UUID | None = None
    nationality: str | None = None
    institution_kind: str | None = None
    topic: str | None = None
    funding_id: UUID | None = None
    month: str | None = None
    interpreter_id: UUID | None = None
    unfilled_reason: str | None = None
    cancelled_by: str | None = None
    donor: str | None = None


# The values of a UsageKey in the order of its fields: as a key of many rows much cheaper.
About: TypeAlias = tuple[Any, ...]
KEYS: Final = UsageKey.__struct_fields__
MONTH: Final = KEYS.index("month")
NO_COUNTERS: Final = frozenset(KEYS) | {ALTOGETHER, EVERYBODY}


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What one statement counted: by row, and all together."""

    rows: dict[About, dict[str, int]]
    totals: dict[str, int]


def parameters(report: Report, *, alone: bool = False, instants: bool = False) -> tuple[Any, ...]:
    """Return what a statement takes after the network: which, when, the switches, months, codes.

    `alone` switches every grouping off, for the totals; `instants` for what begins at an instant.
    """
    begins, ends = (report.starts_at, report.ends_at) if instants else (report.from_, report.until)
    switches = (name in report.groupings and not alone for name in GROUPINGS)
    months = [instant if instants else day for day, instant in report.months]
    return (report.only, begins, ends, *switches, months, list(report.waived))


def counted(report: Report, rows: Sequence[Any], alone: Sequence[Any] | None) -> Counted:
    """Put together what a statement answered; without `alone` the totals are the rows' sums."""
    found = _by_key(rows, report)
    if alone is not None:
        return Counted(rows=found, totals=_counts(alone[0]) if alone else {})
    names = {name for counts in found.values() for name in counts}
    totals = {name: sum(counts[name] for counts in found.values()) for name in names}
    return Counted(rows=found, totals=totals)


def with_totals(report: Report, rows: Sequence[Any]) -> Counted:
    """Put together what a statement answered that has the totals in a row of their own."""
    alone = [row for row in rows if row[ALTOGETHER]]
    return counted(report, [row for row in rows if not row[ALTOGETHER]], alone)


def _by_key(rows: Sequence[Any], report: Report) -> dict[About, dict[str, int]]:
    """Return each row's counters by what it is about: its first columns, as the fields of a key."""
    columns = list(rows[0].keys()) if rows else []
    wide = sum(name in KEYS for name in columns)
    rest: About = (None,) * (len(KEYS) - wide)
    counters = [(place, name) for place, name in enumerate(columns) if name not in NO_COUNTERS]
    months = [f"{day:%Y-%m}" for day, _ in report.months]
    found = {}
    for row in rows:
        about = row[:wide] + rest
        if about[MONTH] is not None:
            about = (*about[:MONTH], months[about[MONTH] - 1], *about[MONTH + 1 :])
        found[about] = {name: row[place] for place, name in counters}
    return found


def _counts(row: Any) -> dict[str, int]:
    return {name: count for name, count in row.items() if name not in NO_COUNTERS}
