"""Statements: a month of one institution or one interpreter, as a draft and as it was issued.

Whatever reads a statement reads the same rows: JSON, tables and the printed one alike. A draft is
made when it is looked at; an issued one has a number, and its lines never change again.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import NotFound
from interpreters.domain.statements import (
    Side,
    State,
    StatementLine,
    Totals,
    next_month,
    since,
    totals_of,
)
from interpreters.sql import institutions, interpreters, networks, statement_lines, statements
from interpreters.sql.networks import Network
from interpreters.sql.statements import Statement, Wanted

__all__ = [
    "Document",
    "Statement",
    "StatementSearch",
    "Wanted",
    "document_of",
    "list_statements",
    "party_of",
    "show_statement",
]
READERS: Final = ("coordinator", "finance", "consultant", "institution")


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """Whose statement it is: an institution (`charge`) or an interpreter (`pay`)."""

    side: Side
    id: UUID
    name: str


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A statement with its lines; a draft has none of `statement`.

    `replaces` is the number of the one before, which was opened again.
    """

    party: Party
    network: Network
    network_name: str
    month: date
    statement: Statement | None
    revision: int
    replaces: str | None
    lines: Sequence[StatementLine]
    totals: Totals

    @property
    def state(self) -> State:
        """Whether it is issued."""
        return "draft" if self.statement is None else "issued"

    @property
    def number(self) -> str | None:
        """Its number; None of a draft."""
        return None if self.statement is None else self.statement.number


class StatementSearch(msgspec.Struct, frozen=True, kw_only=True):
    """Which statements, and which page of them."""

    wanted: Wanted
    before: UUID | None
    limit: int


async def show_statement(
    db: Db, caller: Caller, *, side: Side, party_id: UUID, month: Callable[[], date]
) -> Document:
    """Return the month's statement: the one that is issued, else a draft of what is entered.

    Raises:
        Forbidden: the role has nothing to do with this side.
        NotFound: there is no such institution or interpreter in what the caller may see.
    """
    permit_reading(caller, side)
    party = await party_of(db, caller, side=side, party_id=party_id)
    return await document_of(db, network_id=caller.network_id, party=party, month=month())


async def list_statements(
    db: Db, caller: Caller, *, side: Side, search: Callable[[], StatementSearch]
) -> Sequence[Statement]:
    """Return a page of statements that were issued, the last one first; each side sees its own.

    Raises:
        Forbidden: the role has nothing to do with this side.
    """
    permit_reading(caller, side)
    asked = search()
    own_id = caller.institution_id or caller.interpreter_id
    wanted = asked.wanted
    if own_id is not None:
        if wanted.party_id not in (None, own_id):
            return []
        wanted = msgspec.structs.replace(wanted, party_id=own_id)
    return await statements.page(
        db, network_id=caller.network_id, wanted=wanted, before=asked.before, limit=asked.limit
    )


def permit_reading(caller: Caller, side: Side) -> None:
    """Let pass who may read statements of this side: institutions what they owe, interpreters
    what they are owed, and who looks after the network both.

    Raises:
        Forbidden: the others.
    """
    if side == "charge":
        permit(caller, "usage:read", *READERS)
    elif caller.role == "interpreter":
        permit(caller, "bookings:read")
    else:
        permit(caller, "usage:read", "coordinator", "finance")


async def party_of(db: Db, caller: Caller, *, side: Side, party_id: UUID) -> Party:
    """Return whose statements these are.

    Raises:
        NotFound: nobody's, or somebody's who is not the caller's to see.
    """
    if (caller.institution_id or caller.interpreter_id or party_id) != party_id:
        raise NotFound
    if side == "charge":
        name = await _institution_name(db, caller.network_id, party_id)
    else:
        name = await _interpreter_name(db, caller.network_id, party_id)
    if name is None:
        raise NotFound
    return Party(side=side, id=party_id, name=name)


async def document_of(db: Db, *, network_id: UUID, party: Party, month: date) -> Document:
    """Return the month's statement as it is issued, or would be now."""
    network = await networks.get(db, network_id=network_id)
    made = await statements.of_month(
        db, network_id=network_id, side=party.side, party_id=party.id, month=month
    )
    if made and made[-1].state == "issued":
        return await _issued(db, network, party, made)
    issued = await statements.issued_months(
        db, network_id=network_id, side=party.side, party_id=party.id
    )
    lines = await statement_lines.free_lines(
        db,
        network_id=network_id,
        side=party.side,
        party_id=party.id,
        since=since(month=month, issued=issued),
        until=next_month(month),
    )
    return Document(
        party=party,
        network=network,
        network_name=network.name,
        month=month,
        statement=None,
        revision=len(made) + 1,
        replaces=made[-1].number if made else None,
        lines=lines,
        totals=totals_of(lines),
    )


async def _issued(db: Db, network: Network, party: Party, made: Sequence[Statement]) -> Document:
    statement = made[-1]
    kept = statement.frozen
    lines = await statement_lines.lines_of(
        db,
        network_id=network.network_id,
        statement_id=statement.id,
        side=party.side,
        kept=kept,
    )
    return Document(
        party=msgspec.structs.replace(party, name=kept.institution_name or party.name),
        network=network,
        network_name=kept.network_name,
        month=statement.month,
        statement=statement,
        revision=statement.revision,
        replaces=made[-2].number if len(made) > 1 else None,
        lines=lines,
        totals=kept.totals,
    )


async def _institution_name(db: Db, network_id: UUID, institution_id: UUID) -> str | None:
    found = await institutions.find(db, network_id=network_id, institution_id=institution_id)
    return None if found is None else found.name


async def _interpreter_name(db: Db, network_id: UUID, interpreter_id: UUID) -> str | None:
    found = await interpreters.find(db, network_id=network_id, interpreter_id=interpreter_id)
    return None if found is None else found.display_name
