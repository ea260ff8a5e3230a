"""Every statement about the `expenses` table; receipts' references and notes are sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.expenses import ExpenseKind, ExpenseState
from interpreters.vault import vault_of


class Expense(msgspec.Struct, frozen=True, kw_only=True):
    """What an interpreter spent, or asks to spend, for a booking; money in minor units.

    `approved_minor` is what is paid; of one that was asked `beforehand` and is not approved yet,
    what was agreed at most. `reason` is why it was refused. `entry_id` is the ledger's entry.
    """

    id: UUID
    booking_id: UUID
    interpreter_id: UUID
    kind: ExpenseKind
    state: ExpenseState
    amount_minor: int
    approved_minor: int | None = None
    currency: str
    receipt: str | None = None
    note: str | None = None
    reason: str | None = None
    beforehand: bool
    decide_by: datetime | None = None
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    entry_id: UUID | None = None
    created_at: datetime
    version: int = 1

    def __repr__(self) -> str:
        """Never what people wrote."""
        return f"Expense(id={self.id!r}, state={self.state!r})"


class Words(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the column `note` holds, sealed: the interpreter's words, and why it was refused."""

    note: str | None = None
    reason: str | None = None


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which expenses a list holds; None asks for nothing."""

    state: ExpenseState | None = None
    booking_id: UUID | None = None
    interpreter_id: UUID | None = None


# $1 network_id, $2 id, $3 booking_id, $4 interpreter_id, $5 kind, $6 state, $7 amount_minor,
# $8 currency, $9 receipt, $10 note, $11 beforehand, $12 decide_by, $13 created_at, $14 version
INSERT: Final[LiteralString] = """
    INSERT INTO expenses (network_id, id, booking_id, interpreter_id, kind, state, amount_minor,
                          currency, receipt, note, beforehand, decide_by, created_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, expense: Expense) -> None:
    """Add an expense; the caller holds the booking's request."""
    vault = vault_of(db)
    await db.execute(
        INSERT, network_id, expense.id, expense.booking_id, expense.interpreter_id, expense.kind,
        expense.state, expense.amount_minor, expense.currency,
        vault.seal_or_none(network_id, expense.receipt),
        vault.seal_or_none(network_id, _words(expense)), expense.beforehand, expense.decide_by,
        expense.created_at, expense.version,
    )  # fmt: skip


# $1 network_id, $2 id
FIND: Final[LiteralString] = """
    SELECT e.id, e.booking_id, e.interpreter_id, e.kind, e.state, e.amount_minor, e.approved_minor,
           e.currency, e.receipt, e.note, e.beforehand, e.decide_by, e.decided_at, e.decided_by,
           e.entry_id, e.created_at, e.version
    FROM expenses e
    WHERE e.network_id = $1 AND e.id = $2
"""


async def find(db: Db, *, network_id: UUID, expense_id: UUID) -> Expense | None:
    """Return the expense, if the network has it."""
    row = await db.fetchrow(FIND, network_id, expense_id)
    return None if row is None else _expense(db, network_id, row)


# $1 network_id, $2 before this id (null = from the newest), $3 limit, $4 state, $5 booking_id,
# $6 interpreter_id (null = any, of these three)
PAGE: Final[LiteralString] = """
    SELECT e.id, e.booking_id, e.interpreter_id, e.kind, e.state, e.amount_minor, e.approved_minor,
           e.currency, e.receipt, e.note, e.beforehand, e.decide_by, e.decided_at, e.decided_by,
           e.entry_id, e.created_at, e.version
    FROM expenses e
    WHERE e.network_id = $1
      AND ($2::uuid IS NULL OR e.id < $2)
      AND ($4::text IS NULL OR e.state = $4)
      AND ($5::uuid IS NULL OR e.booking_id = $5)
      AND ($6::uuid IS NULL OR e.interpreter_id = $6)
    ORDER BY e.id DESC LIMIT $3
"""


async def page(
    db: Db, *, network_id: UUID, wanted: Filter, before: UUID | None, limit: int
) -> list[Expense]:
    """Return expenses, newest first."""
    rows = await db.fetch(
        PAGE, network_id, before, limit, wanted.state, wanted.booking_id, wanted.interpreter_id
    )
    return [_expense(db, network_id, row) for row in rows]


# $1 network_id, $2 booking_id
OF_BOOKING: Final[LiteralString] = """
    SELECT e.id, e.booking_id, e.interpreter_id, e.kind, e.state, e.amount_minor, e.approved_minor,
           e.currency, e.receipt, e.note, e.beforehand, e.decide_by, e.decided_at, e.decided_by,
           e.entry_id, e.created_at, e.version
    FROM expenses e
    WHERE e.network_id = $1 AND e.booking_id = $2
    ORDER BY e.id
"""


async def of_booking(db: Db, *, network_id: UUID, booking_id: UUID) -> Sequence[Expense]:
    """Return the booking's expenses, the oldest first."""
    rows = await db.fetch(OF_BOOKING, network_id, booking_id)
    return [_expense(db, network_id, row) for row in rows]


# $1 network_id, $2 id, $3 state, $4 amount_minor, $5 approved_minor, $6 receipt, $7 note,
# $8 decide_by, $9 decided_at, $10 decided_by, $11 entry_id, $12 new version
UPDATE: Final[LiteralString] = """
    UPDATE expenses AS e
    SET state = $3, amount_minor = $4, approved_minor = $5, receipt = $6, note = $7,
        decide_by = $8, decided_at = $9, decided_by = $10, entry_id = $11, version = $12
    WHERE e.network_id = $1 AND e.id = $2 AND e.version = $12 - 1
    RETURNING e.id
"""


async def update(db: Db, *, network_id: UUID, expense: Expense) -> None:
    """Write the next version; the caller holds the booking's request."""
    vault = vault_of(db)
    made = await db.fetchval(
        UPDATE, network_id, expense.id, expense.state, expense.amount_minor,
        expense.approved_minor, vault.seal_or_none(network_id, expense.receipt),
        vault.seal_or_none(network_id, _words(expense)), expense.decide_by, expense.decided_at,
        expense.decided_by, expense.entry_id, expense.version,
    )  # fmt: skip
    assert made is not None  # everybody who changes one holds the booking's request


def _words(expense: Expense) -> str | None:
    if expense.note is None and expense.reason is None:
        return None
    return msgspec.json.encode(Words(note=expense.note, reason=expense.reason)).decode()


def _expense(db: Db, network_id: UUID, row: Row) -> Expense:
    vault, fields = vault_of(db), dict(row)
    fields["receipt"] = vault.unseal_or_none(network_id, fields["receipt"])
    kept = vault.unseal_or_none(network_id, fields["note"])
    words = Words() if kept is None else msgspec.json.decode(kept, type=Words)
    return Expense(**{**fields, "note": words.note, "reason": words.reason})
