"""The months as finance sees them: which are closed, which are still to be, and what waits."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.party_names import name_parties
from interpreters.application.statement_issuing import drafts_until
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.statements import Side, month_before, month_of
from interpreters.domain.windows import at_place
from interpreters.sql import disputes, expenses, fundings, networks, statement_counts
from interpreters.sql.disputes import Filter as DisputeFilter
from interpreters.sql.expenses import Filter as ExpenseFilter
from interpreters.sql.statement_counts import Waiting

__all__ = ["MonthLine", "Overview", "Waiting", "WaitingList", "list_waiting", "show_overview"]
MONTHS: Final = 12
AT_MOST: Final = 100  # things that wait are counted so far
SIDES: Final[Sequence[Side]] = ("charge", "pay")


class MonthLine(msgspec.Struct, frozen=True, kw_only=True):
    """One month: by side how many statements are issued, and how many are still to be."""

    month: date
    issued: dict[Side, int]
    drafts: dict[Side, int]
    is_over: bool


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """The last months, the newest first, and how much waits for finance, at most 100 of each."""

    months: Sequence[MonthLine]
    disputes: int
    expenses: int
    unpriced: int
    misfits: int


class WaitingList(msgspec.Struct, frozen=True, kw_only=True):
    """Entries to be looked at, the names of their institutions and the numbers of their grants."""

    entries: Sequence[Waiting]
    names: dict[UUID, str]
    grants: dict[UUID, str]


async def show_overview(db: Db, caller: Caller, *, now: datetime) -> Overview:
    """Return how this month and the last one stand, every other of the last twelve months in which
    something was entered, older ones from the first that has drafts; and what waits.

    Raises:
        Forbidden: only finance and coordinators may.
    """
    permit(caller, "statements:write", "finance", "coordinator")
    network = await networks.get(db, network_id=caller.network_id)
    this = month_of(at_place(instant=now, time_zone=network.time_zone).date())
    drafts: dict[tuple[date, Side], int] = {}
    for side in SIDES:
        for _, month in await drafts_until(db, network_id=caller.network_id, side=side, month=this):
            drafts[month, side] = drafts.get((month, side), 0) + 1
    oldest = min([_before(this, MONTHS), *(month for month, _ in drafts)])
    issued = await statement_counts.issued(db, network_id=caller.network_id, since=oldest)
    entered = {month for month, _ in (*drafts, *issued)}
    months = sorted({this, month_before(this), *entered}, reverse=True)
    waiting = await statement_counts.waiting(db, network_id=caller.network_id, limit=AT_MOST)
    return Overview(
        months=[
            MonthLine(
                month=one,
                issued={side: issued.get((one, side), 0) for side in SIDES},
                drafts={side: drafts.get((one, side), 0) for side in SIDES},
                is_over=one < this,
            )
            for one in months
        ],
        disputes=await _disputes(db, caller),
        expenses=await _expenses(db, caller),
        unpriced=sum(one.unpriced for one in waiting),
        misfits=sum(not one.unpriced for one in waiting),
    )


async def list_waiting(db: Db, caller: Caller) -> WaitingList:
    """Return entries on no issued statement that have no price, or whose grant does not pay.

    At most 100, the oldest first.

    Raises:
        Forbidden: only finance and coordinators may.
    """
    permit(caller, "statements:write", "finance", "coordinator")
    found = await statement_counts.waiting(db, network_id=caller.network_id, limit=AT_MOST)
    grants = {one.funding_id for one in found if one.funding_id is not None}
    known = await fundings.of_ids(db, network_id=caller.network_id, ids=list(grants))
    return WaitingList(
        entries=found,
        names=await name_parties(db, caller, institution_ids=[one.institution_id for one in found]),
        grants={one: known[one].number for one in grants if one in known},
    )


def _before(this: date, months: int) -> date:
    for _ in range(months):
        this = month_before(this)
    return this


async def _disputes(db: Db, caller: Caller) -> int:
    found = await disputes.page(
        db, network_id=caller.network_id, wanted=DisputeFilter(state="open"), before=None,
        limit=AT_MOST,
    )  # fmt: skip
    return len(found)


async def _expenses(db: Db, caller: Caller) -> int:
    found = 0
    for state in ("asked", "submitted"):
        wanted = ExpenseFilter(state=state)
        page = await expenses.page(
            db, network_id=caller.network_id, wanted=wanted, before=None, limit=AT_MOST
        )
        found += len(page)
    return min(found, AT_MOST)
