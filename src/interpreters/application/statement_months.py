"""A month of the whole network: which statements are issued, and which are still to be.

Made for whoever closes it: what every party owes or is owed, what has no price yet, and whose
sessions have not ended.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.statement_issuing import drafts_until, open_sessions
from interpreters.application.statements import Document, Party, document_of, party_of
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.statements import Side, State, Totals
from interpreters.sql import statements
from interpreters.sql.statements import Statement, Wanted

__all__ = ["Standing", "parties_of_month", "show_month"]
PAGE: Final = 200


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How one party's statement of a month stands.

    `unpriced` lines had no rate in any tariff, of `disputed` ones a dispute is open, and
    `open_sessions` of the month have not ended. All are counted of drafts only.
    """

    party: Party
    month: date
    state: State
    number: str | None
    revision: int
    totals: Totals
    unpriced: int = 0
    disputed: int = 0
    open_sessions: int = 0


async def show_month(
    db: Db, caller: Caller, *, side: Side, month: Callable[[], date]
) -> Sequence[Standing]:
    """Return the month's issued statements and every draft of it and of the months before.

    By the party's name; who has no entries is not among them.

    Raises:
        Forbidden: only finance and coordinators may.
    """
    permit(caller, "statements:write", "finance", "coordinator")
    of = month()
    standing = [await _issued(db, caller, one) for one in await _all_issued(db, caller, side, of)]
    for party_id, draft_month in await drafts_until(
        db, network_id=caller.network_id, side=side, month=of
    ):
        party = await party_of(db, caller, side=side, party_id=party_id)
        found = await document_of(db, network_id=caller.network_id, party=party, month=draft_month)
        standing.append(await _draft(db, found))
    return sorted(standing, key=lambda one: (one.party.name, str(one.party.id), one.month))


async def parties_of_month(db: Db, caller: Caller, *, side: Side, month: date) -> Sequence[UUID]:
    """Return who has a statement of the month, issued or not."""
    issued = {one.party_id for one in await _all_issued(db, caller, side, month)}
    drafts = await drafts_until(db, network_id=caller.network_id, side=side, month=month)
    return sorted(issued | {party_id for party_id, of in drafts if of == month})


async def _all_issued(db: Db, caller: Caller, side: Side, month: date) -> list[Statement]:
    wanted = Wanted(side=side, month=month, state="issued")
    found: list[Statement] = []
    before: UUID | None = None
    while True:
        page = await statements.page(
            db, network_id=caller.network_id, wanted=wanted, before=before, limit=PAGE
        )
        found += page
        if len(page) < PAGE:
            return found
        before = page[-1].id


async def _issued(db: Db, caller: Caller, one: Statement) -> Standing:
    party = await party_of(db, caller, side=one.side, party_id=one.party_id)
    return Standing(
        party=msgspec.structs.replace(party, name=one.frozen.institution_name or party.name),
        month=one.month,
        state="issued",
        number=one.number,
        revision=one.revision,
        totals=one.frozen.totals,
    )


async def _draft(db: Db, found: Document) -> Standing:
    return Standing(
        party=found.party,
        month=found.month,
        state=found.state,
        number=found.number,
        revision=found.revision,
        totals=found.totals,
        unpriced=sum(one.unpriced for one in found.lines),
        disputed=len({one.booking_id for one in found.lines if one.disputed}),
        open_sessions=await open_sessions(db, found),
    )
