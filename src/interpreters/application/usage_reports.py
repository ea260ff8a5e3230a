"""Usage counted: what was asked for, held, owed, and for how many people."""

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.languages import describe
from interpreters.domain.windows import local_instant
from interpreters.sql import networks, usage_reports
from interpreters.sql.networks import Network
from interpreters.sql.usage_reports import Counted, Named, Report, UsageKey

__all__ = ["COUNTERS", "UsageKey", "UsageQuestion", "UsageReport", "report_usage"]

COUNTERS: tuple[str, ...] = (
    "sessions", "clients", "booked_minutes", "actual_minutes", "billable_minutes", "charge_minor",
    "pay_minor", "requests", "filled", "unfilled", "cancelled", "late_cancelled",
    "client_no_shows", "interpreter_no_shows",
)  # fmt: skip


class UsageQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Days in the network's zone, `until` not included; groupings in the order of the rows."""

    from_: date
    until: date
    groupings: Sequence[str]


class UsageReport(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: each row is a key and every counter of `COUNTERS`."""

    question: UsageQuestion
    currency: str
    rows: Sequence[tuple[UsageKey, dict[str, int]]]
    totals: dict[str, int]
    names: dict[UUID, Named]


async def report_usage(
    db: Db, caller: Caller, *, question: Callable[[], UsageQuestion]
) -> UsageReport:
    """Count usage: the network's for coordinators and finance, their own for an institution.

    Raises:
        Forbidden: interpreters have no usage.
    """
    permit(caller, "usage:read", "coordinator", "finance", "consultant", "institution")
    asked = question()
    network = await networks.get(db, network_id=caller.network_id)
    report = _report(caller, network, asked)
    counted = [
        await count(db, network_id=caller.network_id, report=report)
        for count in (
            usage_reports.entries,
            usage_reports.clients,
            usage_reports.requests,
            usage_reports.no_shows,
        )
    ]
    rows = _joined([one.rows for one in counted])
    names = await _names(db, caller, list(rows))
    return UsageReport(
        question=asked,
        currency=network.currency,
        rows=sorted(rows.items(), key=lambda row: _order(row[0], asked.groupings, names)),
        totals=_totals(counted),
        names=names,
    )


def _report(caller: Caller, network: Network, asked: UsageQuestion) -> Report:
    starts_at, ends_at = (
        local_instant(date=day, minute_of_day=0, time_zone=network.time_zone)
        for day in (asked.from_, asked.until)
    )
    return Report(
        only=caller.institution_id,
        from_=asked.from_,
        until=asked.until,
        starts_at=starts_at,
        ends_at=ends_at,
        time_zone=network.time_zone,
        groupings=frozenset(asked.groupings),
    )


def _joined(parts: Sequence[dict[UsageKey, dict[str, int]]]) -> dict[UsageKey, dict[str, int]]:
    """Return one row for each key that any part has, with what no part counted as 0."""
    rows: dict[UsageKey, dict[str, int]] = {}
    for part in parts:
        for key, counts in part.items():
            rows.setdefault(key, dict.fromkeys(COUNTERS, 0)).update(counts)
    return rows


def _totals(counted: Sequence[Counted]) -> dict[str, int]:
    totals = dict.fromkeys(COUNTERS, 0)
    for one in counted:
        totals.update(one.totals)
    return totals


async def _names(db: Db, caller: Caller, keys: Sequence[UsageKey]) -> dict[UUID, Named]:
    """Finance counts clients without their references."""
    names = await usage_reports.names(db, network_id=caller.network_id, keys=keys)
    if caller.role == "finance":
        for client_id in {key.client_id for key in keys if key.client_id is not None}:
            names[client_id] = msgspec.structs.replace(names[client_id], name=None)
    return names


def _order(
    key: UsageKey, groupings: Sequence[str], names: dict[UUID, Named]
) -> tuple[tuple[bool, str, str], ...]:
    """Rows stand by what they are called, in the order of the groupings, those with none last."""
    return tuple(_label(key, grouping, names) for grouping in groupings)


def _label(key: UsageKey, grouping: str, names: dict[UUID, Named]) -> tuple[bool, str, str]:
    value = getattr(key, grouping, None) or getattr(key, f"{grouping}_id", None)
    if value is None:
        return (True, "", "")
    if isinstance(value, UUID):
        name = names[value].name if value in names else None
        return (False, (name or "").casefold(), value.hex)
    return (False, describe(value).name if grouping == "language" else value, "")
