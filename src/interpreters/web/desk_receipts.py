"""`/desk/bookings/{id}/receipt.pdf`: what was agreed for a booking, signed, as a file to keep."""

from typing import Any

from litestar import Request, Response, get

from interpreters.application.receipt_pages import file_name, file_of
from interpreters.application.receipts import SignedTerms, show_receipt
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.ids import BOOKING, read_id
from interpreters.http.receipts import PDF
from interpreters.http.tables import file_headers
from interpreters.web.desk_whose import at_desk
from interpreters.web.workplace import WORKPLACE_ERRORS


@get("/desk/bookings/{id:str}/receipt.pdf", include_in_schema=False,
     exception_handlers=WORKPLACE_ERRORS)  # fmt: skip
async def keep_receipt(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the institution's side of what was agreed, as a PDF."""
    visit = await at_desk(request)

    async def work(db: Db, caller: Caller) -> SignedTerms:
        booking_id = read_id(BOOKING, request.path_params["id"])
        return await show_receipt(
            db, caller, booking_id=booking_id, side=lambda: "institution", now=visit.now
        )

    found = await visit.ask(work)
    return Response(await file_of(found), media_type=PDF, headers=file_headers(file_name(found)))


ROUTES = (keep_receipt,)
