"""`/finance/expenses`: what interpreters spent or ask about, decided line by line."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post

from interpreters.application import expense_decisions, expenses
from interpreters.application.expenses import Expense, ExpenseFilter
from interpreters.application.party_names import name_parties
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Invalid, WrongState
from interpreters.domain.ids import BOOKING, EXPENSE, read_id, show_id
from interpreters.http.expenses import ApproveIn, ExpenseView, RefuseIn
from interpreters.http.reading import read_body
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields, asked_fields, body_of, own_fields
from interpreters.web.finance_words import major_units, minor_units
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
MOST: Final = 100
WAITING: Final = ("asked", "submitted")
DECIDED: Final = ("agreed", "approved", "refused", "withdrawn")


@get("/finance/expenses", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def list_expenses(request: AnyRequest) -> Response[str]:
    """Show expenses to decide, or those that are decided."""
    visit = await visiting(request, "finance", "coordinator")
    asked = asked_fields(request)
    return await _shown(visit, asked.get("state"), done=asked.get("done"))


@post("/finance/expenses/{id:str}", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def decide_expense(request: AnyRequest) -> Response[Any]:
    """Have it paid, all or a part of it, or say no with a reason."""
    shown_id = request.path_params["id"]
    visit = await visiting(request, "finance", "coordinator")
    fields, expense_id = await own_fields(request), read_id(EXPENSE, shown_id)
    currency = visit.me.network.currency

    async def work(db: Db, caller: Caller) -> Expense:
        if fields.get("verb") == "refuse":
            said = read_body(RefuseIn, body_of({"reason": fields.some("reason")}), now=visit.now)
            return await expense_decisions.refuse_expense(
                db, caller, expense_id=expense_id, reason=lambda: said.reason, now=visit.now
            )
        body = read_body(ApproveIn, body_of(_approval(fields, currency)), now=visit.now)
        return await expense_decisions.approve_expense(
            db, caller, expense_id=expense_id, order=body.order, now=visit.now
        )

    try:
        await visit.once(fields, work, ExpenseView.of)
    except Invalid as wrong:
        return await _shown(
            visit, "", errors=visit.trouble(wrong), wrong_id=shown_id, said=fields, status=422
        )
    except WrongState:
        return await _shown(visit, "", status=409)
    return see_other("/finance/expenses?done=decided")


def _approval(fields: Fields, currency: str) -> dict[str, Any]:
    amount = minor_units(fields.some("amount"), currency)
    return {
        "amount": None if amount is None else {"amount_minor": amount, "currency": currency},
        "charge_on": fields.ticked("charge_on"),
    }


async def _shown(
    visit: Visit, state: str, *, errors: dict[str, str] | None = None, wrong_id: str = "",
    said: Fields | None = None, done: str = "", status: int = 200,
) -> Response[str]:  # fmt: skip
    states: Any = DECIDED if state == "decided" else WAITING

    async def work(db: Db, caller: Caller) -> tuple[list[Expense], dict[UUID, str]]:
        found: list[Expense] = []
        for one in states:
            found += await expenses.list_expenses(
                db, caller, wanted=partial(ExpenseFilter, state=one), before=None, limit=MOST
            )
        people = [one.interpreter_id for one in found]
        return found, await name_parties(db, caller, interpreter_ids=people)

    found, names = await visit.ask(work)
    return visit.page(
        "finance_expenses.html",
        status,
        found=sorted(found, key=lambda one: one.id),
        names=names,
        state="decided" if state == "decided" else "waiting",
        expense_id=lambda one: show_id(EXPENSE, one.id),
        booking_id=lambda one: show_id(BOOKING, one.booking_id),
        major_units=major_units,
        errors=errors or {},
        wrong_id=wrong_id,
        said=said or Fields(()),
        done=done,
    )


ROUTES = (list_expenses, decide_expense)
