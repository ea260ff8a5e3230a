"""Issuing statements, opening them again, and closing a month of the whole network.

All of it holds the network's row: numbers have no gaps, and nothing is settled twice.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.statements import Document, document_of, party_of
from interpreters.application.telling import tell
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.ids import new_id
from interpreters.domain.statements import (
    Frozen,
    MonthHasOpenSessions,
    MonthNotOver,
    NotIssued,
    Side,
    lands_on,
    next_month,
    number_after,
    numbers_of,
)
from interpreters.domain.windows import at_place, local_instant
from interpreters.sql import networks, statement_lines, statements
from interpreters.sql.networks import Network
from interpreters.sql.outbox import Notice
from interpreters.sql.statements import Statement

__all__ = [
    "Closed",
    "ClosingOrder",
    "IssueOrder",
    "close_month",
    "drafts_until",
    "issue_statement",
    "open_sessions",
    "reopen_statement",
]
AT_ONCE: Final = 50  # statements that one call issues: a second of work


class IssueOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Whether to issue before the month is over, and while sessions of it have not ended."""

    early: bool = False
    leave_open: bool = False


class ClosingOrder(IssueOrder, frozen=True, kw_only=True):
    """Which month to close, and on which side."""

    side: Side
    month: date


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    """What closing a month issued; `left` are still to be issued, by the same call again.

    `waiting` are those whose sessions of the month have not ended.
    """

    side: Side
    month: date
    issued: Sequence[Statement]
    waiting: Sequence[UUID]
    left: int


async def issue_statement(
    db: Db,
    caller: Caller,
    *,
    side: Side,
    party_id: UUID,
    month: Callable[[], date],
    order: Callable[[], IssueOrder],
    now: datetime,
) -> Document:
    """Issue the month's statement and return it; one that is issued is returned as it is.

    Raises:
        Forbidden: only finance and coordinators may.
        NotFound: there is no such institution or interpreter.
        MonthNotOver: and `early` was not said.
        MonthHasOpenSessions: and `leave_open` was not said; `count` says how many.
    """
    permit(caller, "statements:write", "finance", "coordinator")
    party = await party_of(db, caller, side=side, party_id=party_id)
    of, wanted = month(), order()
    await statements.hold(db, network_id=caller.network_id)
    found = await document_of(db, network_id=caller.network_id, party=party, month=of)
    if found.statement is not None:
        return found
    _check_over(found.network, of, wanted, now)
    count = 0 if wanted.leave_open else await open_sessions(db, found)
    if count:
        raise MonthHasOpenSessions(f"{count} sessions of the month have not ended", count=count)
    return await _issue(db, caller, found, now)


async def reopen_statement(
    db: Db,
    caller: Caller,
    *,
    side: Side,
    party_id: UUID,
    month: Callable[[], date],
    reason: Callable[[], str],
    now: datetime,
) -> Document:
    """Open an issued statement again and return the draft; its number is never used again.

    Raises:
        Forbidden: only finance and coordinators may.
        NotFound: there is no such institution or interpreter.
        NotIssued: it is a draft.
    """
    permit(caller, "statements:write", "finance", "coordinator")
    party = await party_of(db, caller, side=side, party_id=party_id)
    of, why = month(), reason()
    await statements.hold(db, network_id=caller.network_id)
    found = await document_of(db, network_id=caller.network_id, party=party, month=of)
    if found.statement is None:
        raise NotIssued
    kept = msgspec.structs.replace(
        found.statement.frozen, entry_ids=[one.entry_id for one in found.lines]
    )
    opened = msgspec.structs.replace(
        found.statement, state="reopened", reopened_at=now, reason=why, frozen=kept
    )
    await statements.reopen(db, network_id=caller.network_id, statement=opened)
    await _tell(db, caller, opened, now)
    return await document_of(db, network_id=caller.network_id, party=party, month=of)


async def close_month(
    db: Db, caller: Caller, *, order: Callable[[], ClosingOrder], now: datetime
) -> Closed:
    """Issue every statement that has entries, of the month and of those before it.

    At most 50 at once: `left` says how many are still to be issued. Nobody without entries gets
    one; who has sessions that have not ended waits, unless `leave_open` was said.

    Raises:
        Forbidden: only finance and coordinators may.
        MonthNotOver: and `early` was not said.
    """
    permit(caller, "statements:write", "finance", "coordinator")
    wanted = order()
    network = await networks.get(db, network_id=caller.network_id)
    _check_over(network, wanted.month, wanted, now)
    await statements.hold(db, network_id=caller.network_id)
    drafts = await drafts_until(
        db, network_id=caller.network_id, side=wanted.side, month=wanted.month
    )
    issued: list[Statement] = []
    waiting: list[UUID] = []
    left = 0
    for party_id, month in drafts:
        if len(issued) == AT_ONCE:
            left += 1
            continue
        party = await party_of(db, caller, side=wanted.side, party_id=party_id)
        found = await document_of(db, network_id=caller.network_id, party=party, month=month)
        if not wanted.leave_open and await open_sessions(db, found):
            waiting.append(party_id)
            continue
        made = await _issue(db, caller, found, now)
        assert made.statement is not None  # it was made just now
        issued.append(made.statement)
    return Closed(side=wanted.side, month=wanted.month, issued=issued, waiting=waiting, left=left)


async def drafts_until(
    db: Db, *, network_id: UUID, side: Side, month: date
) -> list[tuple[UUID, date]]:
    """Return which drafts up to the month have entries, as party and month, the earliest first."""
    pairs = await statement_lines.unsettled(
        db, network_id=network_id, side=side, until=next_month(month)
    )
    issued: dict[UUID, set[date]] = {}
    for party_id, _ in pairs:
        if party_id not in issued:
            issued[party_id] = await statements.issued_months(
                db, network_id=network_id, side=side, party_id=party_id
            )
    landing = {(lands_on(day=day, issued=issued[one]), one) for one, day in pairs}
    return [(one, lands) for lands, one in sorted(landing) if lands <= month]


async def _issue(db: Db, caller: Caller, found: Document, now: datetime) -> Document:
    """Give the draft its number; the caller holds the network."""
    side, network = found.party.side, found.network
    between = numbers_of(side=side, year=at_place(instant=now, time_zone=network.time_zone).year)
    last = await statements.last_number(db, network_id=network.network_id, between=between)
    made = Statement(
        id=new_id(now),
        side=side,
        institution_id=found.party.id if side == "charge" else None,
        interpreter_id=found.party.id if side == "pay" else None,
        month=found.month,
        number=number_after(first=between[0], last=last),
        revision=found.revision,
        state="issued",
        frozen=_frozen(found),
        issued_at=now,
        issued_by=caller.user_id,
    )
    await statements.insert(
        db,
        network_id=network.network_id,
        statement=made,
        entry_ids=[one.entry_id for one in found.lines],
    )
    await _tell(db, caller, made, now)
    return msgspec.structs.replace(found, statement=made)


def _frozen(found: Document) -> Frozen:
    return Frozen(
        totals=found.totals,
        network_name=found.network_name,
        institution_name=found.party.name if found.party.side == "charge" else None,
        site_names={
            one.site_id: one.site_name
            for one in found.lines
            if one.site_id is not None and one.site_name is not None
        },
        disputed=[one.entry_id for one in found.lines if one.disputed],
    )


async def open_sessions(db: Db, found: Document) -> int:
    """Return how many sessions of the statement's month have not ended."""
    starts_at, ends_at = _bounds(found.network, found.month)
    return await statements.open_sessions(
        db,
        network_id=found.network.network_id,
        side=found.party.side,
        party_id=found.party.id,
        starts_at=starts_at,
        ends_at=ends_at,
    )


def _check_over(network: Network, month: date, wanted: IssueOrder, now: datetime) -> None:
    if not wanted.early and now < _bounds(network, month)[1]:
        raise MonthNotOver


def _bounds(network: Network, month: date) -> tuple[datetime, datetime]:
    """Return when the month begins and ends in the network's zone."""
    first, last = (
        local_instant(date=day, minute_of_day=0, time_zone=network.time_zone)
        for day in (month, next_month(month))
    )
    return first, last


async def _tell(db: Db, caller: Caller, one: Statement, now: datetime) -> None:
    """`statement.reopened` is no public event: who holds the old number asks again."""
    notice = Notice(
        type=f"statement.{one.state}",
        subject_kind="statement",
        subject_id=one.id,
        institution_id=one.institution_id,
        interpreter_id=one.interpreter_id,
        state=one.state,
    )
    await tell(db, network_id=caller.network_id, notices=[notice], now=now)
