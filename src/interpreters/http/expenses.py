"""`/v1/expenses`: what interpreters spend for a booking, asked about, submitted and decided."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import expense_decisions, expenses
from interpreters.application.expense_decisions import Approving
from interpreters.application.expenses import (
    Expense,
    ExpenseFilter,
    ExpenseOrder,
    Submitting,
)
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.bookings import TooEarly
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound, WrongState
from interpreters.domain.expenses import (
    ExpenseKind,
    ExpenseState,
    NeedsApprovalBeforehand,
    TooLate,
)
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import BookingId, Currency, Id, In, InterpreterId, Reference, Text
from interpreters.http.lists import List, ListQuery, page_of
from interpreters.http.views import MoneyView

TAG = "Usage"
VERB = (Forbidden, NotFound, WrongState)
Receipt = Annotated[
    Reference,
    Meta(description="What the receipt says it is: its number and date. The paper stays with you."),
]


class MoneyIn(In, frozen=True, kw_only=True):
    """An amount in minor units of the network's currency: 4500 EUR is 45.00 euro."""

    amount_minor: Annotated[int, Meta(ge=1, le=100_000_000)]
    currency: Currency


class ExpenseIn(In, frozen=True, kw_only=True):
    """What was spent; with `beforehand` what is to be spent, and asked about first."""

    kind: ExpenseKind
    amount: MoneyIn
    receipt: Receipt | None = None
    note: Text | None = None
    beforehand: bool = False

    def order(self) -> ExpenseOrder:
        """Return the order in the application's words."""
        return ExpenseOrder(
            kind=self.kind,
            amount_minor=self.amount.amount_minor,
            currency=self.amount.currency,
            receipt=self.receipt,
            note=self.note,
            beforehand=self.beforehand,
        )


class SubmitIn(In, frozen=True, kw_only=True):
    """What was spent of what was agreed; without an amount, all of it."""

    amount: MoneyIn | None = None
    receipt: Receipt | None = None
    note: Text | None = None

    def order(self) -> Submitting:
        """Return it in the application's words."""
        amount = self.amount
        return Submitting(
            amount_minor=None if amount is None else amount.amount_minor,
            currency=None if amount is None else amount.currency,
            receipt=self.receipt,
            note=self.note,
        )


class ApproveIn(In, frozen=True, kw_only=True):
    """How much is agreed or paid, without an amount all; `charge_on` charges the institution."""

    amount: MoneyIn | None = None
    charge_on: bool = False

    def order(self) -> Approving:
        """Return it in the application's words."""
        amount = self.amount
        return Approving(
            amount_minor=None if amount is None else amount.amount_minor,
            currency=None if amount is None else amount.currency,
            charge_on=self.charge_on,
        )


class RefuseIn(In, frozen=True, kw_only=True):
    """Why; the interpreter reads it."""

    reason: Text


class ExpenseQuery(ListQuery, frozen=True, kw_only=True):
    """Which expenses."""

    state: ExpenseState | None = None
    interpreter_id: InterpreterId | None = None
    booking_id: BookingId | None = None

    def wanted(self) -> ExpenseFilter:
        """Return the filter in the application's words."""
        return ExpenseFilter(
            state=self.state,
            interpreter_id=ids.read_optional(ids.INTERPRETER, self.interpreter_id),
            booking_id=ids.read_optional(ids.BOOKING, self.booking_id),
        )


class ExpenseView(msgspec.Struct, frozen=True, kw_only=True):
    """An expense. `agreed` is what may be spent of one asked beforehand, `approved` what is paid.

    `decide_by` is by when a question should be answered; `usage_entry_id` is where it is owed.
    """

    id: Id
    booking_id: Id
    interpreter_id: Id
    kind: ExpenseKind
    state: ExpenseState
    amount: MoneyView
    agreed: MoneyView | None
    approved: MoneyView | None
    receipt: str | None
    note: str | None
    reason: str | None
    beforehand: bool
    decide_by: datetime | None
    decided_at: datetime | None
    usage_entry_id: Id | None
    created_at: datetime
    version: int

    @classmethod
    def of(cls, one: Expense, _: Caller) -> "ExpenseView":
        """Shape an expense."""
        return cls(
            id=ids.show_id(ids.EXPENSE, one.id),
            booking_id=ids.show_id(ids.BOOKING, one.booking_id),
            interpreter_id=ids.show_id(ids.INTERPRETER, one.interpreter_id),
            kind=one.kind,
            state=one.state,
            amount=MoneyView(amount_minor=one.amount_minor, currency=one.currency),
            agreed=_decided(one) if one.state in ("agreed", "submitted") else None,
            approved=_decided(one) if one.state == "approved" else None,
            receipt=one.receipt,
            note=one.note,
            reason=one.reason,
            beforehand=one.beforehand,
            decide_by=one.decide_by,
            decided_at=one.decided_at,
            usage_entry_id=ids.show_some(ids.USAGE_ENTRY, one.entry_id),
            created_at=one.created_at,
            version=one.version,
        )


@door("POST", "/v1/bookings/{id:str}/expenses", body=ExpenseIn, answer=ExpenseView, status=201,
      refusals=(*VERB, TooEarly, TooLate, NeedsApprovalBeforehand), tag=TAG)  # fmt: skip
async def add_expense(call: NamedDependency[Call]) -> Response[bytes]:
    """Submit what was spent for a booking, or ask about it beforehand."""
    body = call.body(ExpenseIn)

    async def work(db: Db, caller: Caller) -> Expense:
        return await expenses.add_expense(
            db, caller, booking_id=call.id(ids.BOOKING), order=lambda: body().order(), now=call.now
        )

    return await call.once(work, ExpenseView.of, status=201)


@door("GET", "/v1/expenses", query=ExpenseQuery, answer=List[ExpenseView], refusals=(Forbidden,),
      tag=TAG)  # fmt: skip
async def list_expenses(call: NamedDependency[Call]) -> Response[bytes]:
    """Expenses, newest first; an interpreter sees their own, institutions none."""
    query = call.query(ExpenseQuery)

    async def work(db: Db, caller: Caller) -> Page:
        found = await expenses.list_expenses(
            db, caller, wanted=lambda: query().wanted(), before=query().before,
            limit=query().size + 1,
        )  # fmt: skip
        return page_of(found, query(), lambda one: ExpenseView.of(one, caller))

    return await call.ask(work, lambda page, _: page)


@door("GET", "/v1/expenses/{id:str}", answer=ExpenseView, refusals=(Forbidden, NotFound), tag=TAG)
async def show_expense(call: NamedDependency[Call]) -> Response[bytes]:
    """One expense."""
    return await call.ask(
        lambda db, caller: expenses.show_expense(db, caller, expense_id=call.id(ids.EXPENSE)),
        ExpenseView.of,
    )


@door("POST", "/v1/expenses/{id:str}/submit", body=SubmitIn, answer=ExpenseView,
      refusals=(*VERB, TooEarly, TooLate, NeedsApprovalBeforehand), tag=TAG)  # fmt: skip
async def submit_expense(call: NamedDependency[Call]) -> Response[bytes]:
    """Submit what was spent of what was agreed beforehand."""
    body = call.body(SubmitIn)
    return await call.once(
        lambda db, caller: expenses.submit_expense(
            db, caller, expense_id=call.id(ids.EXPENSE), order=lambda: body().order(), now=call.now
        ),
        ExpenseView.of,
    )


@door("POST", "/v1/expenses/{id:str}/approve", body=ApproveIn, answer=ExpenseView, refusals=VERB,
      tag=TAG)  # fmt: skip
async def approve_expense(call: NamedDependency[Call]) -> Response[bytes]:
    """Agree to what is asked beforehand; have what was submitted paid."""
    body = call.body(ApproveIn)
    return await call.once(
        lambda db, caller: expense_decisions.approve_expense(
            db, caller, expense_id=call.id(ids.EXPENSE), order=lambda: body().order(), now=call.now
        ),
        ExpenseView.of,
    )


@door("POST", "/v1/expenses/{id:str}/refuse", body=RefuseIn, answer=ExpenseView, refusals=VERB,
      tag=TAG)  # fmt: skip
async def refuse_expense(call: NamedDependency[Call]) -> Response[bytes]:
    """Say no to what is asked or was submitted."""
    body = call.body(RefuseIn)
    return await call.once(
        lambda db, caller: expense_decisions.refuse_expense(
            db, caller, expense_id=call.id(ids.EXPENSE), reason=lambda: body().reason, now=call.now
        ),
        ExpenseView.of,
    )


@door("POST", "/v1/expenses/{id:str}/withdraw", answer=ExpenseView, refusals=VERB, tag=TAG)
async def withdraw_expense(call: NamedDependency[Call]) -> Response[bytes]:
    """Take back what was asked, agreed or submitted."""
    return await call.once(
        lambda db, caller: expenses.withdraw_expense(
            db, caller, expense_id=call.id(ids.EXPENSE), now=call.now
        ),
        ExpenseView.of,
    )


def _decided(one: Expense) -> MoneyView | None:
    if one.approved_minor is None:
        return None
    return MoneyView(amount_minor=one.approved_minor, currency=one.currency)


ROUTES = (
    add_expense,
    list_expenses,
    show_expense,
    submit_expense,
    approve_expense,
    refuse_expense,
    withdraw_expense,
)
