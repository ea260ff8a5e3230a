"""What a grant paid for, as its funder asks: by month, language, topic and mode, donor by donor."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import NotFound
from interpreters.domain.fundings import Funding
from interpreters.domain.months import months_between
from interpreters.sql import fundings, grant_reports, networks
from interpreters.sql.grant_reports import Granted, Key

SUMS: Final = ("sessions", "booked_minutes", "actual_minutes", "billable_minutes", "charge_minor")


class GrantRow(msgspec.Struct, frozen=True, kw_only=True):
    """What was paid for of one month, language, topic and mode; `shares` in the donors' order."""

    month: str
    language: str
    topic: str
    mode: str
    clients: int
    sums: dict[str, int]
    shares: dict[str, int]


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """What names the grant and is outside it, of one language."""

    language: str
    excluded: bool
    sessions: int = 0
    billable_minutes: int = 0
    charge_minor: int = 0


class GrantReport(msgspec.Struct, frozen=True, kw_only=True):
    """The answer; `clients` are the distinct people of the whole period."""

    funding: Funding
    from_: date
    until: date
    currency: str
    rows: Sequence[GrantRow]
    clients: int
    sums: dict[str, int]
    shares: dict[str, int]
    left_out: Sequence[LeftOut]


async def report_grant(
    db: Db, caller: Caller, *, funding_id: UUID,
    days: Callable[[], tuple[date | None, date | None]],
) -> GrantReport:  # fmt: skip
    """Return what a grant paid for, from its first day to its last where no days are given.

    Raises:
        Forbidden: only coordinators and finance may.
        NotFound: the network has no such funding.
    """
    permit(caller, "usage:read", "coordinator", "finance")
    funding = await fundings.find(db, network_id=caller.network_id, funding_id=funding_id)
    if funding is None:
        raise NotFound
    granted = _granted(funding, *days())
    network = await networks.get(db, network_id=caller.network_id)
    names = [one.name for one in funding.terms.donors]
    rows = await _rows(db, caller.network_id, granted, names)
    return GrantReport(
        funding=funding,
        from_=granted.from_,
        until=granted.until,
        currency=network.currency,
        rows=rows,
        clients=await grant_reports.people(db, network_id=caller.network_id, granted=granted),
        sums={name: sum(row.sums[name] for row in rows) for name in SUMS},
        shares=_added([row.shares for row in rows], names),
        left_out=await _left_out(db, caller.network_id, granted, funding),
    )


def _granted(funding: Funding, from_: date | None, until: date | None) -> Granted:
    """A grant without an end is told of for ten years at most."""
    first = from_ or funding.starts_on
    last = until or (
        funding.ends_on + timedelta(days=1) if funding.ends_on else first + timedelta(days=3653)
    )
    last = max(last, first + timedelta(days=1))
    return Granted(
        funding_id=funding.id, from_=first, until=last, months=list(months_between(first, last))
    )


async def _rows(db: Db, network_id: UUID, granted: Granted, names: Sequence[str]) -> list[GrantRow]:
    found = await grant_reports.rows(db, network_id=network_id, granted=granted)
    clients = await grant_reports.clients(db, network_id=network_id, granted=granted)
    donors = await grant_reports.donors(db, network_id=network_id, granted=granted)
    return [
        _row(key, granted, sums, clients.get(key, 0), _added([donors.get(key, {})], names))
        for key, sums in found.items()
    ]


def _row(
    key: Key, granted: Granted, sums: dict[str, int], clients: int, shares: dict[str, int]
) -> GrantRow:
    month, language, topic, mode = key
    return GrantRow(
        month=f"{granted.months[month - 1]:%Y-%m}",
        language=language,
        topic=topic,
        mode=mode,
        clients=clients,
        sums=sums,
        shares=shares,
    )


def _added(parts: Sequence[dict[str, int]], names: Sequence[str]) -> dict[str, int]:
    """Add shares up by donor: those of the grant first, then who once was one."""
    totals = dict.fromkeys(names, 0)
    for part in parts:
        for donor, amount in part.items():
            totals[donor] = totals.get(donor, 0) + amount
    return totals


async def _left_out(db: Db, network_id: UUID, granted: Granted, funding: Funding) -> list[LeftOut]:
    found = await grant_reports.left_out(db, network_id=network_id, granted=granted)
    excluded = funding.terms.excluded_languages
    return [
        LeftOut(language=language, excluded=language in excluded, **found.get(language, {}))
        for language in sorted({*found, *excluded})
    ]
