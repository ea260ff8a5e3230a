"""`/finance/disputes`: what somebody says is wrong with a session, and the answer."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post

from interpreters.application import disputes
from interpreters.application.adjusting import Owed, show_owed
from interpreters.application.disputes import Dispute, DisputeFilter
from interpreters.application.party_names import name_parties
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Invalid, WrongState
from interpreters.domain.ids import BOOKING, DISPUTE, read_id, show_id
from interpreters.http.disputes import AnswerIn, DisputeView
from interpreters.http.reading import read_body
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields, asked_fields, body_of, own_fields
from interpreters.web.finance_bookings import adjustment_body
from interpreters.web.finance_words import dated, trouble_of
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
PATH: Final = "/finance/disputes/{id:str}"
MOST: Final = 100


@get("/finance/disputes", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def list_disputes(request: AnyRequest) -> Response[str]:
    """Show the disputes that are open, or those that were answered."""
    visit = await visiting(request, "finance", "coordinator")
    asked = asked_fields(request)
    state = "closed" if asked.get("state") == "closed" else "open"

    async def work(db: Db, caller: Caller) -> tuple[list[Dispute], dict[UUID, str]]:
        found = await disputes.list_disputes(
            db, caller, wanted=lambda: DisputeFilter(state=state), page=lambda: (None, MOST)
        )
        names = await name_parties(
            db, caller,
            institution_ids=[one.institution_id for one in found],
            interpreter_ids=[one.interpreter_id for one in found],
        )  # fmt: skip
        return found, names

    found, names = await visit.ask(work)
    return visit.page(
        "finance_disputes.html", found=found, names=names, state=state, done=asked.get("done"),
        dispute_id=lambda one: show_id(DISPUTE, one.id),
    )  # fmt: skip


@get(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_dispute(request: AnyRequest) -> Response[str]:
    """Show what is said to be wrong, and what was entered."""
    shown_id = request.path_params["id"]
    visit = await visiting(request, "finance", "coordinator")
    return await _shown(visit, read_id(DISPUTE, shown_id))


@post(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def answer_dispute(request: AnyRequest) -> Response[Any]:
    """Answer, and enter what is put right."""
    shown_id = request.path_params["id"]
    visit = await visiting(request, "finance", "coordinator")
    fields, dispute_id = await own_fields(request), read_id(DISPUTE, shown_id)

    async def work(db: Db, caller: Caller) -> Dispute:
        sent = _answer(fields, visit.me.network.currency)
        body = read_body(AnswerIn, body_of(sent), now=visit.now)
        return await disputes.answer_dispute(
            db, caller, dispute_id=dispute_id, decision=body.decision, now=visit.now
        )

    try:
        await visit.once(fields, work, lambda one, _: DisputeView.of(one))
    except Invalid as wrong:
        errors = trouble_of(visit, wrong, below="/correction/adjustment")
        return await _shown(visit, dispute_id, errors=errors, said=fields, status=422)
    except WrongState:
        return await _shown(visit, dispute_id, status=409)
    return see_other("/finance/disputes?done=answered")


def _answer(fields: Fields, currency: str) -> dict[str, Any]:
    """Return a form's fields as the body of an answer; a correction only if one is written."""
    wanted = any(fields.some(name) for name in ("minutes", "charge", "pay"))
    adjustment = adjustment_body(fields, currency)
    adjustment = {name: one for name, one in adjustment.items() if one is not None}
    adjustment.setdefault("reason_code", "dispute")
    return {
        "answer": fields.some("answer"),
        "outcome": fields.some("outcome"),
        "correction": {"adjustment": adjustment} if wanted else None,
    }


async def _shown(
    visit: Visit, dispute_id: UUID, *, errors: dict[str, str] | None = None,
    said: Fields | None = None, status: int = 200,
) -> Response[str]:  # fmt: skip
    async def work(db: Db, caller: Caller) -> tuple[Dispute, Owed | None, dict[UUID, str]]:
        found = await disputes.show_dispute(db, caller, dispute_id=dispute_id)
        owed = await show_owed(db, caller, booking_id=found.booking_id)
        names = await name_parties(
            db, caller, institution_ids=[found.institution_id],
            interpreter_ids=[found.interpreter_id],
        )  # fmt: skip
        return found, owed, names

    found, owed, names = await visit.ask(work)
    return visit.page(
        "finance_dispute.html",
        status,
        one=found,
        owed=owed,
        names=names,
        id=show_id(DISPUTE, dispute_id),
        booking_id=show_id(BOOKING, found.booking_id),
        errors=errors or {},
        said=said or Fields(()),
        dated=dated(visit.language),
        currency=visit.me.network.currency,
    )


ROUTES = (list_disputes, show_dispute, answer_dispute)
