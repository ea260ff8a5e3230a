"""`/app/expenses?booking=`: what an interpreter spent for a session, told in their language."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

import msgspec
from babel.numbers import get_currency_precision
from litestar import Request, Response, get

from interpreters.application.calls import ask
from interpreters.application.expenses import Expense
from interpreters.application.phone_expenses import Spending, show_spending
from interpreters.application.tables import decimal_of
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import NotSignedIn
from interpreters.domain.expenses import OPEN
from interpreters.domain.ids import BOOKING, read_id
from interpreters.http.expenses import ExpenseView
from interpreters.http.views import MoneyView
from interpreters.web.assets import packed
from interpreters.web.entrance import token_in
from interpreters.web.phone_state import LOST, PRIVATE
from interpreters.web.phone_telling import Reader, told_jobs
from interpreters.web.phone_texts import EXPENSE_KINDS, EXPENSE_STATES
from interpreters.web.rendering import language_of

AnyRequest = Request[Any, Any, Any]
Json = dict[str, Any]
WHEN: Final = ("languages", "day", "times", "city")


@get("/app/expenses", include_in_schema=False, exception_handlers=LOST)
async def expenses(request: AnyRequest) -> Response[bytes]:
    """What was spent and asked for one's own booking; to nobody that nobody is signed in."""
    now: datetime = request.app.state.clock()
    try:
        told = await _told(request, token_in(request), now)
    except NotSignedIn:
        told = {"who": None}
    return packed(request, msgspec.json.encode(told), "application/json", PRIVATE)


async def _told(request: AnyRequest, token: str, now: datetime) -> Json:
    booking_id = read_id(BOOKING, request.query_params.get("booking", ""))
    language = language_of(request)

    async def work(db: Db, caller: Caller) -> Json:
        found = await show_spending(db, caller, booking_id=booking_id, now=now)
        return told_spending(Reader(caller, language, found.time_zone, now), found)

    role = "interpreter" if token.startswith("st_") else None
    return await ask(request.app.state.pool, token=token, now=now, work=work, role=role)


def told_spending(reader: Reader, found: Spending) -> Json:
    """Return all of it as plain values."""
    limit = found.limit_minor
    [job] = told_jobs(reader, [found.job], rooms={}, pay={})
    return {
        "booking": job["id"],
        **{name: job[name] for name in WHEN},
        "way": found.way,
        "answer_by": _moment(reader, found.answer_by),
        "limit": None if limit is None else reader.tell.money(limit, found.currency),
        "currency": found.currency,
        "decimals": get_currency_precision(found.currency),
        "kinds": _said(reader, EXPENSE_KINDS),
        "expenses": [_expense(reader, found, one) for one in found.expenses],
    }


def _expense(reader: Reader, found: Spending, one: Expense) -> Json:
    view, money = ExpenseView.of(one, reader.caller), partial(_money, reader)
    granted = view.approved or view.agreed
    spent = view.state == "agreed" and found.way == "spend"
    return {
        "id": view.id,
        "state": view.state,
        "state_text": reader.say(EXPENSE_STATES[view.state]),
        "kind": reader.say(EXPENSE_KINDS[view.kind]),
        "amount": money(view.amount),
        "granted": None if granted in (None, view.amount) else money(granted),
        "answer_by": _moment(reader, view.decide_by),
        "receipt": view.receipt,
        "note": view.note,
        "reason": view.reason,
        "may_spend": spent,
        "may_withdraw": view.state in (*OPEN, "agreed"),
        "usual": str(decimal_of((granted or view.amount).amount_minor, one.currency)),
    }


def _said(reader: Reader, words: Mapping[str, str]) -> list[list[str]]:
    return [[name, reader.say(text)] for name, text in words.items()]


def _moment(reader: Reader, at: datetime | None) -> str | None:
    return None if at is None else reader.moment(at)


def _money(reader: Reader, one: MoneyView) -> str:
    return reader.tell.money(one.amount_minor, one.currency)


ROUTES = (expenses,)
