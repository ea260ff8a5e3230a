"""Deciding expenses: what is asked is agreed to, what was submitted is paid, or it is refused."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.expense_entries import record_expense
from interpreters.application.expenses import (
    hold_expense,
    next_version,
    refuse_currency,
    save_expense,
)
from interpreters.application.telling import tell
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.expenses import next_state
from interpreters.sql.expenses import Expense

DECIDING: Final = ("coordinator", "finance")


class Approving(msgspec.Struct, frozen=True, kw_only=True):
    """How much of it (None: all); with `charge_on` the institution is charged the same."""

    amount_minor: int | None = None
    currency: str | None = None
    charge_on: bool = False


async def approve_expense(
    db: Db, caller: Caller, *, expense_id: UUID, order: Callable[[], Approving], now: datetime
) -> Expense:
    """Agree to what is asked, or have what was submitted paid; said again, it changes nothing.

    What is paid is entered in the ledger, once.

    Raises:
        Forbidden, NotFound: the caller may not decide, or there is none such.
        Invalid: more than was asked, or in another currency.
        WrongState: it was refused or withdrawn, or is agreed and not submitted yet.
    """
    permit(caller, "expenses:write", *DECIDING)
    request, booking, found = await hold_expense(db, caller, expense_id)
    wanted = order()
    state = next_state(state=found.state, verb="approve")
    if state == found.state:
        return found
    refuse_currency(wanted.currency or found.currency, found.currency)
    amount = wanted.amount_minor or found.amount_minor
    _refuse_more(amount, found.amount_minor)
    changed = _decided(next_version(found, state=state, approved_minor=amount), caller, now)
    if state == "approved":
        charge = amount if wanted.charge_on else 0
        entry_id, notices = await record_expense(
            db, network_id=caller.network_id, request=request, booking=booking, expense=changed,
            charge_minor=charge, now=now,
        )  # fmt: skip
        changed = msgspec.structs.replace(changed, entry_id=entry_id)
        await tell(db, network_id=caller.network_id, notices=notices, now=now)
    return await save_expense(db, caller, changed, state, now)


async def refuse_expense(
    db: Db, caller: Caller, *, expense_id: UUID, reason: Callable[[], str], now: datetime
) -> Expense:
    """Say no, with a reason; said again, it changes nothing.

    Raises:
        Forbidden, NotFound: the caller may not decide, or there is none such.
        WrongState: it is approved, agreed or withdrawn.
    """
    permit(caller, "expenses:write", *DECIDING)
    _, _, found = await hold_expense(db, caller, expense_id)
    why = reason()
    if next_state(state=found.state, verb="refuse") == found.state:
        return found
    changed = _decided(next_version(found, state="refused", reason=why), caller, now)
    return await save_expense(db, caller, changed, "refused", now)


def _decided(changed: Expense, caller: Caller, now: datetime) -> Expense:
    return msgspec.structs.replace(
        changed, decide_by=None, decided_at=now, decided_by=caller.user_id
    )


def _refuse_more(amount_minor: int, asked_minor: int) -> None:
    if amount_minor > asked_minor:
        detail = "At most what was asked"
        raise Invalid(
            [FieldError(pointer="/amount/amount_minor", code="out-of-range", detail=detail)]
        )
