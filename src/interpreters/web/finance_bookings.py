"""`/finance/bookings/{id}`: what was entered for a session, and putting it right by hand."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post

from interpreters.application.adjusting import Adjustment, adjust_booking, show_owed
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Invalid, NotFound, WrongState
from interpreters.domain.ids import BOOKING, read_id, show_id
from interpreters.http.disputes import AdjustmentIn
from interpreters.http.reading import read_body
from interpreters.web.entrance import safe_next, see_other
from interpreters.web.fields import Fields, asked_fields, body_of, own_fields
from interpreters.web.finance_words import dated, minor_units, trouble_of
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
PATH: Final = "/finance/bookings/{id:str}"
BELOW: Final = "/correction/adjustment"


@get(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_booking(request: AnyRequest) -> Response[str]:
    """Show every entry of a booking."""
    shown_id = request.path_params["id"]
    visit = await visiting(request, "finance", "coordinator")
    asked = asked_fields(request)
    back = safe_next(asked.get("back")) or "/finance"
    return await _shown(visit, read_id(BOOKING, shown_id), back, done=asked.get("done"))


@post(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def adjust(request: AnyRequest) -> Response[Any]:
    """Enter so much more, or less."""
    shown_id = request.path_params["id"]
    visit = await visiting(request, "finance", "coordinator")
    fields, booking_id = await own_fields(request), read_id(BOOKING, shown_id)
    back = safe_next(fields.get("back")) or "/finance"
    currency = visit.me.network.currency

    async def work(db: Db, caller: Caller) -> None:
        sent = adjustment_body(fields, currency)
        body = read_body(AdjustmentIn, body_of(sent), now=visit.now)
        await adjust_booking(
            db, caller, booking_id=booking_id, now=visit.now,
            order=lambda: Adjustment(
                minutes=body.minutes, charge_minor=body.charge_minor, pay_minor=body.pay_minor,
                reason_code=body.reason_code,
            ),
        )  # fmt: skip

    try:
        await visit.once(fields, work, lambda _, __: None)
    except Invalid as wrong:
        errors = trouble_of(visit, wrong, below=BELOW)
        return await _shown(visit, booking_id, back, errors=errors, said=fields, status=422)
    except WrongState:
        errors = {"/state": "open"}
        return await _shown(visit, booking_id, back, errors=errors, said=fields, status=409)
    if back.startswith("/finance/statements/"):
        return see_other(f"{back}?done=adjusted")
    return see_other(f"/finance/bookings/{shown_id}?done=adjusted")


def adjustment_body(fields: Fields, currency: str) -> dict[str, Any]:
    """Return a form's fields as the body of a correction."""
    reason = fields.get("reason_code").lower()
    return {
        "minutes": fields.number("minutes"),
        "charge_minor": minor_units(fields.some("charge"), currency),
        "pay_minor": minor_units(fields.some("pay"), currency),
        "reason_code": "-".join(reason.split()) or None,
    }


async def _shown(
    visit: Visit, booking_id: UUID, back: str, *, errors: dict[str, str] | None = None,
    said: Fields | None = None, done: str = "", status: int = 200,
) -> Response[str]:  # fmt: skip
    found = await visit.ask(lambda db, caller: show_owed(db, caller, booking_id=booking_id))
    if found is None:
        raise NotFound
    return visit.page(
        "finance_booking.html",
        status,
        found=found,
        id=show_id(BOOKING, booking_id),
        back=back,
        errors=errors or {},
        said=said or Fields(()),
        currency=visit.me.network.currency,
        dated=dated(visit.language),
        done=done,
    )


ROUTES = (show_booking, adjust)
