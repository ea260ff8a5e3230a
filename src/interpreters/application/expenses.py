"""Expenses of interpreters: asked about, submitted, shown, taken back.

Every change holds the booking's request first, as everything about a booking does.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.shown_bookings import hold
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Invalid, NotFound
from interpreters.domain.expenses import (
    COUNTING,
    ExpenseKind,
    ExpenseState,
    Spent,
    decide_by,
    next_state,
    refuse_asking,
    refuse_submitting,
    refuse_unasked_travel,
)
from interpreters.domain.ids import new_id
from interpreters.sql import audit, due, expenses, networks
from interpreters.sql.bookings import Booking
from interpreters.sql.expenses import Expense
from interpreters.sql.expenses import Filter as ExpenseFilter
from interpreters.sql.networks import Network
from interpreters.sql.requests import Request

__all__ = [
    "Expense",
    "ExpenseFilter",
    "ExpenseOrder",
    "Submitting",
    "add_expense",
    "list_expenses",
    "show_expense",
    "submit_expense",
    "withdraw_expense",
]
SPENDING: Final = ("interpreter", "coordinator", "finance")


class ExpenseOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What was spent, or with `beforehand` is asked about; `amount_minor` of `currency`."""

    kind: ExpenseKind
    amount_minor: int
    currency: str
    receipt: str | None = None
    note: str | None = None
    beforehand: bool = False


class Submitting(msgspec.Struct, frozen=True, kw_only=True):
    """What was spent of what was agreed; None leaves it as it was asked."""

    amount_minor: int | None = None
    currency: str | None = None
    receipt: str | None = None
    note: str | None = None


async def add_expense(
    db: Db, caller: Caller, *, booking_id: UUID, order: Callable[[], ExpenseOrder], now: datetime
) -> Expense:
    """Submit what the interpreter of a booking spent, or ask about it beforehand.

    What coordinators and finance enter needs no approval beforehand: it is their word.

    Raises:
        Forbidden, NotFound: it is not the caller's booking.
        Invalid: another currency than the network's.
        WrongState, TooEarly, TooLate, NeedsApprovalBeforehand: see `domain/expenses.py`.
    """
    permit(caller, _writing(caller), *SPENDING)
    _, booking = await hold(db, caller, booking_id)
    network, wanted = await networks.get(db, network_id=caller.network_id), order()
    refuse_currency(wanted.currency, network.currency)
    made = _new(booking, wanted, now)
    if wanted.beforehand:
        refuse_asking(state=booking.state, starts_at=booking.session.starts_at, now=now)
    else:
        await _refuse_spending(db, caller, network, booking, made, now)
    await expenses.insert(db, network_id=caller.network_id, expense=made)
    await _note(db, caller, made, "created", now)
    await _have_told(db, caller, made, now)
    return made


async def submit_expense(
    db: Db, caller: Caller, *, expense_id: UUID, order: Callable[[], Submitting], now: datetime
) -> Expense:
    """Submit what was spent of what was agreed beforehand; said again, it changes nothing.

    Raises:
        Forbidden, NotFound: it is not the caller's.
        Invalid: another currency than it was asked in.
        WrongState, TooEarly, TooLate, NeedsApprovalBeforehand: see `domain/expenses.py`.
    """
    permit(caller, _writing(caller), *SPENDING)
    _, booking, found = await hold_expense(db, caller, expense_id)
    wanted = order()
    if next_state(state=found.state, verb="submit") == found.state:
        return found
    refuse_currency(wanted.currency or found.currency, found.currency)
    changed = next_version(
        found,
        state="submitted",
        amount_minor=wanted.amount_minor or found.approved_minor or found.amount_minor,
        receipt=wanted.receipt or found.receipt,
        note=wanted.note or found.note,
    )
    network = await networks.get(db, network_id=caller.network_id)
    await _refuse_spending(db, caller, network, booking, changed, now)
    return await save_expense(db, caller, changed, "submitted", now)


async def list_expenses(
    db: Db, caller: Caller, *, wanted: Callable[[], ExpenseFilter], before: UUID | None, limit: int
) -> list[Expense]:
    """Return expenses, newest first; an interpreter's own.

    Raises:
        Forbidden: institutions have none.
    """
    permit(caller, _reading(caller), *SPENDING)
    asked = wanted()
    if caller.interpreter_id is not None:
        if asked.interpreter_id not in (None, caller.interpreter_id):
            return []
        asked = msgspec.structs.replace(asked, interpreter_id=caller.interpreter_id)
    return await expenses.page(
        db, network_id=caller.network_id, wanted=asked, before=before, limit=limit
    )


async def show_expense(db: Db, caller: Caller, *, expense_id: UUID) -> Expense:
    """Return one expense.

    Raises:
        Forbidden: institutions have none.
        NotFound: there is none such in what the caller may see.
    """
    permit(caller, _reading(caller), *SPENDING)
    return await _find(db, caller, expense_id)


async def withdraw_expense(db: Db, caller: Caller, *, expense_id: UUID, now: datetime) -> Expense:
    """Take back what was asked or submitted; said again, it changes nothing.

    Raises:
        Forbidden, NotFound: it is not the caller's.
        WrongState: it is decided.
    """
    permit(caller, _writing(caller), *SPENDING)
    _, _, found = await hold_expense(db, caller, expense_id)
    if next_state(state=found.state, verb="withdraw") == found.state:
        return found
    return await save_expense(db, caller, next_version(found, state="withdrawn"), "withdrawn", now)


async def hold_expense(
    db: Db, caller: Caller, expense_id: UUID
) -> tuple[Request, Booking, Expense]:
    """Hold the booking's request; return it, the booking and the expense as they are now.

    Raises:
        NotFound: there is none such in what the caller may see.
    """
    found = await _find(db, caller, expense_id)
    request, booking = await hold(db, caller, found.booking_id)
    return request, booking, await _find(db, caller, expense_id)


def refuse_currency(said: str, expected: str) -> None:
    """Do nothing when the amount is in the currency it is to be in.

    Raises:
        Invalid: it is not.
    """
    if said != expected:
        detail = f"Expenses are in {expected}"
        raise Invalid(
            [FieldError(pointer="/amount/currency", code="wrong-currency", detail=detail)]
        )


def next_version(found: Expense, **changes: object) -> Expense:
    """Return the expense with these changes, not written yet."""
    return msgspec.structs.replace(found, version=found.version + 1, **changes)


async def save_expense(
    db: Db, caller: Caller, changed: Expense, action: str, now: datetime
) -> Expense:
    """Write the next version, note who did it, and have it told."""
    await expenses.update(db, network_id=caller.network_id, expense=changed)
    await _note(db, caller, changed, action, now)
    await _have_told(db, caller, changed, now)
    return changed


def _writing(caller: Caller) -> str:
    return "bookings:write" if caller.role == "interpreter" else "expenses:write"


def _reading(caller: Caller) -> str:
    return "bookings:read" if caller.role == "interpreter" else "usage:read"


async def _find(db: Db, caller: Caller, expense_id: UUID) -> Expense:
    found = await expenses.find(db, network_id=caller.network_id, expense_id=expense_id)
    if found is None or caller.interpreter_id not in (None, found.interpreter_id):
        raise NotFound
    return found


def _new(booking: Booking, wanted: ExpenseOrder, now: datetime) -> Expense:
    state: ExpenseState = "asked" if wanted.beforehand else "submitted"
    starts_at = booking.session.starts_at
    return Expense(
        id=new_id(now),
        booking_id=booking.id,
        interpreter_id=booking.interpreter_id,
        kind=wanted.kind,
        state=state,
        amount_minor=wanted.amount_minor,
        currency=wanted.currency,
        receipt=wanted.receipt,
        note=wanted.note,
        beforehand=wanted.beforehand,
        decide_by=decide_by(asked_at=now, starts_at=starts_at) if wanted.beforehand else None,
        created_at=now,
    )


async def _refuse_spending(
    db: Db, caller: Caller, network: Network, booking: Booking, made: Expense, now: datetime
) -> None:
    session = booking.session
    refuse_submitting(
        state=booking.state, starts_at=session.starts_at, ends_at=session.ends_at, now=now
    )
    if caller.role != "interpreter":
        return
    others = await expenses.of_booking(db, network_id=caller.network_id, booking_id=booking.id)
    kept = [one for one in others if one.id != made.id and one.state in COUNTING]
    refuse_unasked_travel(
        spent=_spent([*kept, made]), threshold_minor=network.travel_approval_minor
    )


def _spent(found: Sequence[Expense]) -> list[Spent]:
    """Return them as the threshold sees them; what was agreed or approved is nobody's surprise."""
    return [
        Spent(kind=one.kind, amount_minor=one.amount_minor, agreed_minor=one.approved_minor or 0)
        for one in found
    ]


async def _have_told(db: Db, caller: Caller, made: Expense, now: datetime) -> None:
    """Have the job tell of it; what those who decide wrote down is no news to them."""
    own = caller.role != "interpreter" and made.state in ("asked", "submitted")
    at = made.decide_by if own else now
    if at is None or made.state == "withdrawn":
        await due.clear(db, network_id=caller.network_id, kind="expense", id=made.id)
    else:
        await due.set_at(db, network_id=caller.network_id, kind="expense", id=made.id, at=at)


async def _note(db: Db, caller: Caller, made: Expense, action: str, now: datetime) -> None:
    await audit.write(
        db, caller=caller, action=action, subject_kind="expense", subject_ids=[made.id], now=now
    )
