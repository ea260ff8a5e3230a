"""`/desk/bookings/{id}/client-link`: the helped person's own link, made at the desk."""

from typing import Any

from litestar import Request, Response, post

from interpreters.application import client_links
from interpreters.application.client_links import MadeLink
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Invalid
from interpreters.domain.ids import BOOKING, read_id
from interpreters.http.client_links import ClientLinkIn
from interpreters.http.reading import read_body
from interpreters.web.desk_bookings import shown
from interpreters.web.desk_whose import at_desk
from interpreters.web.fields import body_of, own_fields
from interpreters.web.workplace import WORKPLACE_ERRORS

AnyRequest = Request[Any, Any, Any]


@post("/desk/bookings/{id:str}/client-link", include_in_schema=False, status_code=200,
      exception_handlers=WORKPLACE_ERRORS)  # fmt: skip
async def give_link(request: AnyRequest) -> Response[str]:
    """Make a link for a client of the booking; the page that answers shows it once."""
    visit, said = await at_desk(request), await own_fields(request)
    named = request.path_params["id"]
    raw = body_of({"reference": said.some("reference")})

    async def work(db: Db, caller: Caller) -> MadeLink:
        return await client_links.create_link(
            db, caller, booking_id=read_id(BOOKING, named),
            order=lambda: read_body(ClientLinkIn, raw, now=visit.now).order(), now=visit.now,
        )  # fmt: skip

    try:
        made = await visit.once(said, work, lambda one, _: {"token": one.token})
    except Invalid as wrong:
        return await shown(visit, named, said, wrong=wrong)
    site = str(request.app.state.public_url or request.base_url).rstrip("/")
    link = f"{site}/c/{made['token']}" if made["token"] else ""
    return await shown(visit, named, link=link)


ROUTES = (give_link,)
