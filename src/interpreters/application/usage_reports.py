"""Usage counted: what was asked for, held, owed, and for how many people.

Rows about few people can be hidden (`suppress_below`), so that a report may be published.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.cancellations import OUR_FAULT
from interpreters.domain.errors import Forbidden
from interpreters.domain.languages import describe
from interpreters.domain.months import months_between
from interpreters.domain.small_cells import hidden_rows
from interpreters.domain.usage_counts import KEYS, About, Counted, Report, UsageKey
from interpreters.domain.windows import local_instant
from interpreters.sql import donor_reports, networks, request_reports, usage_names, usage_reports
from interpreters.sql.networks import Network
from interpreters.sql.usage_names import Named

__all__ = ["BREAKS", "COUNTERS", "UsageKey", "UsageQuestion", "UsageReport", "named",
           "permit_question", "report_usage"]  # fmt: skip

DONOR = "donor"  # counted by statements of its own

COUNTERS: tuple[str, ...] = (
    "sessions", "clients", "booked_minutes", "actual_minutes", "billable_minutes", "charge_minor",
    "pay_minor", "requests", "filled", "unfilled", "cancelled", "late_cancelled",
    "client_no_shows", "interpreter_no_shows", "break_minutes",
)  # fmt: skip

BREAKS = "break_minutes"
NOTHING = dict.fromkeys(COUNTERS, 0)


class UsageQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Days in the network's zone, `until` not included; groupings in the order of the rows.

    Rows about fewer than `suppress_below` people are hidden; None hides nothing.
    """

    from_: date
    until: date
    groupings: Sequence[str]
    suppress_below: int | None = None


class UsageReport(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: each row is a key and every counter of `COUNTERS`, or None where it is hidden.

    Breaks are told of only where something that is shown `has_breaks`.
    """

    question: UsageQuestion
    currency: str
    rows: Sequence[tuple[UsageKey, dict[str, int] | None]]
    totals: dict[str, int] | None
    names: dict[UUID, Named]
    has_breaks: bool = False


async def report_usage(
    db: Db, caller: Caller, *, question: Callable[[], UsageQuestion]
) -> UsageReport:
    """Count usage: the network's for coordinators and finance, their own for an institution.

    Raises:
        Forbidden: interpreters have no usage; institutions do not count by interpreter.
    """
    permit(caller, "usage:read", "coordinator", "finance", "consultant", "institution")
    asked = question()
    permit_question(caller, asked)
    network = await networks.get(db, network_id=caller.network_id)
    report = _report(caller, network, asked)
    await usage_reports.make_room(db)
    counted = [
        await _of_ledger(db, caller.network_id, report, clients=False),
        await _of_ledger(db, caller.network_id, report, clients=True),
        await request_reports.requests(db, network_id=caller.network_id, report=report),
        await request_reports.no_shows(db, network_id=caller.network_id, report=report),
    ]
    rows = _joined([one.rows for one in counted])
    names = await _names(db, caller, list(rows))
    return _with_breaks(
        UsageReport(
            question=asked,
            currency=network.currency,
            rows=_ordered(rows, asked.groupings, names),
            totals=_totals(counted),
            names=names,
        )
    )


def permit_question(caller: Caller, asked: UsageQuestion) -> None:
    """Let pass a question that the caller may ask.

    Raises:
        Forbidden: institutions do not count by interpreter.
    """
    if "interpreter" in asked.groupings and caller.institution_id is not None:
        raise Forbidden("Only coordinators and finance count by interpreter")


def named(report: UsageReport, key: UsageKey, grouping: str) -> str:
    """Return what a row is called by one of its groupings; without a name, what it is."""
    value = getattr(key, _field(grouping))
    _, text, which = _label(value, grouping, report.names)
    shown = report.names[value].name if value in report.names else None
    return shown or text or which or "none"


async def _of_ledger(db: Db, network_id: UUID, report: Report, *, clients: bool) -> Counted:
    """Count the ledger; by donor each thing stands in several rows, and once in the totals."""
    count = usage_reports.clients if clients else usage_reports.entries
    if DONOR not in report.groupings:
        return await count(db, network_id=network_id, report=report)
    by_donor = donor_reports.clients if clients else donor_reports.entries
    rows = (await by_donor(db, network_id=network_id, report=report)).rows
    whole = msgspec.structs.replace(report, groupings=frozenset())
    totals = (await count(db, network_id=network_id, report=whole)).totals
    return Counted(rows=rows, totals=totals)


def _report(caller: Caller, network: Network, asked: UsageQuestion) -> Report:
    def midnight(day: date) -> datetime:
        return local_instant(date=day, minute_of_day=0, time_zone=network.time_zone)

    return Report(
        only=caller.institution_id,
        from_=asked.from_,
        until=asked.until,
        starts_at=midnight(asked.from_),
        ends_at=midnight(asked.until),
        months=[(day, midnight(day)) for day in months_between(asked.from_, asked.until)],
        waived=OUR_FAULT,
        groupings=frozenset(asked.groupings),
    )


def _with_breaks(report: UsageReport) -> UsageReport:
    """Return the report with what is to be hidden, saying whether what is left has breaks."""
    shown = _hidden(report)
    told = (shown.totals, *(counts for _, counts in shown.rows))
    some = any(counts is not None and counts[BREAKS] for counts in told)
    return msgspec.structs.replace(shown, has_breaks=some)


def _hidden(report: UsageReport) -> UsageReport:
    """Hide what is about few people; a whole about few has nothing to show at all."""
    below, totals = report.question.suppress_below, report.totals
    if below is None or totals is None or not report.rows:
        return report
    few = totals["clients"] < below
    people = [
        (msgspec.structs.astuple(key), counts["clients"] if counts else 0)
        for key, counts in report.rows
    ]
    hidden = {key for key, _ in people} if few else hidden_rows(people=people, below=below)
    rows = [
        (key, None if msgspec.structs.astuple(key) in hidden else counts)
        for key, counts in report.rows
    ]
    return msgspec.structs.replace(report, rows=rows, totals=None if few else totals)


def _joined(parts: Sequence[dict[About, dict[str, int]]]) -> dict[UsageKey, dict[str, int]]:
    """Return one row for each key that any part has, with what no part counted as 0."""
    rows: dict[About, dict[str, int]] = {}
    for part in parts:
        for about, counts in part.items():
            row = rows.get(about)
            if row is None:
                rows[about] = NOTHING | counts
            else:
                row.update(counts)
    return {UsageKey(**dict(zip(KEYS, about, strict=True))): row for about, row in rows.items()}


def _totals(counted: Sequence[Counted]) -> dict[str, int]:
    totals = dict.fromkeys(COUNTERS, 0)
    for one in counted:
        totals.update(one.totals)
    return totals


async def _names(db: Db, caller: Caller, keys: Sequence[UsageKey]) -> dict[UUID, Named]:
    """Finance counts clients without their references."""
    names = await usage_names.names(db, network_id=caller.network_id, keys=keys)
    if caller.role == "finance":
        for client_id in {key.client_id for key in keys if key.client_id is not None}:
            names[client_id] = msgspec.structs.replace(names[client_id], name=None)
    return names


def _ordered(
    rows: dict[UsageKey, dict[str, int]], groupings: Sequence[str], names: dict[UUID, Named]
) -> list[tuple[UsageKey, dict[str, int]]]:
    """Rows stand by what they are called, in the order of the groupings, those with none last."""
    places = [(_field(one), _places(rows, one, names)) for one in groupings]

    def place(row: tuple[UsageKey, dict[str, int]]) -> list[int]:
        return [at[getattr(row[0], field)] for field, at in places]

    return sorted(rows.items(), key=place)


def _places(keys: Iterable[UsageKey], grouping: str, names: dict[UUID, Named]) -> dict[Any, int]:
    """Return where each value of a grouping stands; those that are called the same, together."""
    field = _field(grouping)
    labels = {value: _label(value, grouping, names) for value in {getattr(k, field) for k in keys}}
    at = {label: place for place, label in enumerate(sorted(set(labels.values())))}
    return {value: at[label] for value, label in labels.items()}


def _field(grouping: str) -> str:
    return grouping if grouping in KEYS else f"{grouping}_id"


def _label(
    value: UUID | str | None, grouping: str, names: dict[UUID, Named]
) -> tuple[bool, str, str]:
    if value is None:
        return (True, "", "")
    if isinstance(value, UUID):
        name = names[value].name if value in names else None
        return (False, (name or "").casefold(), value.hex)
    return (False, describe(value).name if grouping == "language" else value, "")
