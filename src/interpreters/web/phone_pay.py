"""`/app/pay`: what an interpreter earned, this month and the one before, and may say they spent."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID

import msgspec
from litestar import Request, Response, get

from interpreters.application.calls import ask
from interpreters.application.interpreters import show_interpreter
from interpreters.application.phone_expenses import list_spendable, paid_kinds
from interpreters.application.statements import Document, show_statement
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotSignedIn
from interpreters.domain.expenses import REASON, ExpenseKind
from interpreters.domain.ids import BOOKING, INTERPRETER, show_id
from interpreters.domain.statements import StatementLine, show_month
from interpreters.domain.told_sessions import MODES
from interpreters.domain.windows import zone
from interpreters.domain.wording import say
from interpreters.web.assets import packed
from interpreters.web.entrance import token_in
from interpreters.web.formats import Formats
from interpreters.web.phone_state import LOST, PRIVATE
from interpreters.web.phone_telling import Reader, told_jobs
from interpreters.web.phone_texts import EXPENSE_KINDS, KINDS
from interpreters.web.rendering import language_of

AnyRequest = Request[Any, Any, Any]
Json = dict[str, Any]
Kinds: TypeAlias = Mapping[UUID, ExpenseKind]  # by the ledger's entries
ROLE: Final = "interpreter"
OTHER: Final = "Something else"
EXPENSE: Final = "Expenses"
SESSION: Final = ("id", "languages", "day", "times", "state_text")


@get("/app/pay", include_in_schema=False, exception_handlers=LOST)
async def pay(request: AnyRequest) -> Response[bytes]:
    """What was earned; nothing to whom is not signed in."""
    try:
        told = await _told(request, token_in(request))
    except (NotSignedIn, Forbidden):
        told = {"months": []}
    return packed(request, msgspec.json.encode(told), "application/json", PRIVATE)


async def _told(request: AnyRequest, token: str) -> Json:
    now = request.app.state.clock()
    language = language_of(request)

    async def work(db: Db, caller: Caller) -> Json:
        if caller.interpreter_id is None:
            raise Forbidden
        own_id = caller.interpreter_id
        profile = await show_interpreter(db, caller, interpreter_id=own_id)
        time_zone = profile.interpreter.time_zone
        this = now.astimezone(zone(time_zone)).date().replace(day=1)
        reader = Reader(caller, language, time_zone, now)
        months = (this, (this - timedelta(days=1)).replace(day=1))
        spendable = await list_spendable(db, caller, now=now)
        found = [await _statement(db, caller, own_id, one) for one in months]
        kinds = await paid_kinds(db, caller, booking_ids=_paid_back(found))
        return {
            "months": [
                _month(reader.tell, month, one, kinds)
                for month, one in zip(months, found, strict=True)
            ],
            "spendable": [
                _session(one) for one in reversed(told_jobs(reader, spendable, rooms={}, pay={}))
            ],
        }

    role = ROLE if token.startswith("st_") else None
    return await ask(request.app.state.pool, token=token, now=now, work=work, role=role)


async def _statement(db: Db, caller: Caller, own_id: UUID, month: date) -> Document:
    return await show_statement(db, caller, side="pay", party_id=own_id, month=lambda: month)


def _session(job: Json) -> Json:
    """Return what tells a session from others; the latest stand first."""
    return {name: job[name] for name in SESSION}


def _paid_back(found: Sequence[Document]) -> set[UUID]:
    """Return the bookings for which something was paid back."""
    return {line.booking_id for one in found for line in one.lines if line.reason_code == REASON}


def _month(tell: Formats, month: date, found: Document, kinds: Kinds) -> Json:
    amounts = found.totals.amounts
    return {
        "month": show_month(month),
        "month_text": tell.month(show_month(month)),
        "number": found.number,
        "sessions": tell.number(found.totals.sessions),
        "total": " + ".join(tell.money(one, currency) for currency, one in sorted(amounts.items())),
        "file": f"/v1/pay-statements/{show_id(INTERPRETER, found.party.id)}/{show_month(month)}",
        "lines": [_line(tell, one, kinds.get(one.entry_id)) for one in found.lines],
    }


def _line(tell: Formats, one: StatementLine, spent: ExpenseKind | None) -> Json:
    expense = one.reason_code == REASON
    kind = EXPENSE if expense else KINDS.get(one.kind, OTHER)
    return {
        "day": tell.short_day(one.day),
        "kind": say(tell.language, kind),
        "spent": None if spent is None else say(tell.language, EXPENSE_KINDS[spent]),
        "expenses": show_id(BOOKING, one.booking_id) if expense else None,
        "language": tell.language_called(one.language),
        "mode": say(tell.language, MODES[one.mode]),
        "site": one.site_name,
        "minutes": None if expense else tell.minutes(one.billable_minutes),
        "amount": None if one.unpriced else tell.money(one.amount_minor, one.currency),
        "disputed": one.disputed,
    }


ROUTES = (pay,)
