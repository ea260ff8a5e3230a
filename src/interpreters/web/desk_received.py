"""`/desk/received`: what others asked for on behalf of the visitor's institution: to be read."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from litestar import Request, Response, get

from interpreters.application.bookings import Booking
from interpreters.application.received import Received, list_received, show_received
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.http.request_views import LIVE_OR_DONE, RequestView
from interpreters.web.desk_whose import Whose, at_desk, find_whose
from interpreters.web.fields import asked_fields
from interpreters.web.workplace import WORKPLACE_ERRORS

PAGE: Final = 50
AHEAD: Final = 200  # at most so many are looked at for what comes
LONGEST: Final = timedelta(hours=12)  # a session that began so long before may still go on
OVER: Final = ("cancelled", "closed")
AnyRequest = Request[Any, Any, Any]


class ReceivedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A request as those see it on whose behalf it was made: who asks, when, and who comes."""

    view: RequestView
    asked_by: str
    people: Sequence[Booking]

    @classmethod
    def of(cls, one: Received, caller: Caller) -> "ReceivedRow":
        """Shape what was received."""
        return cls(
            view=RequestView.of(one.shown, caller),
            asked_by=one.asked_by,
            people=[each for each in one.shown.bookings if each.state in LIVE_OR_DONE],
        )


@get("/desk/received", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def list_requests(request: AnyRequest) -> Response[str]:
    """List what others asked for, the last asked for first."""
    visit, asked = await at_desk(request), asked_fields(request)
    before = ids.read_optional(ids.REQUEST, asked.some("before"))

    async def work(db: Db, caller: Caller) -> tuple[Whose, list[ReceivedRow]]:
        found = await find_whose(db, caller, asked.some("institution"))
        each = await list_received(
            db, caller, institution_id=found.id, before=before, limit=PAGE + 1
        )
        return found, [ReceivedRow.of(one, caller) for one in each]

    found, rows = await visit.ask(work)
    return visit.page(
        "desk_received.html",
        whose=found,
        rows=rows[:PAGE],
        following=rows[PAGE - 1].view.id if len(rows) > PAGE else None,
    )


@get("/desk/received/{id:str}", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_request(request: AnyRequest) -> Response[str]:
    """Show one of them: nothing of it is theirs to change."""
    visit = await at_desk(request)

    async def work(db: Db, caller: Caller) -> tuple[Whose, ReceivedRow]:
        key = ids.read_id(ids.REQUEST, request.path_params["id"])
        one = await show_received(db, caller, request_id=key)
        found = await find_whose(db, caller, ids.show_id(ids.INSTITUTION, one.receiver))
        return found, ReceivedRow.of(one, caller)

    found, row = await visit.ask(work)
    return visit.page("desk_received_request.html", whose=found, row=row, view=row.view)


async def coming(db: Db, caller: Caller, found: Whose, now: datetime) -> list[ReceivedRow]:
    """Return what others asked for that is not over, by its start."""
    each = await list_received(
        db, caller, institution_id=found.id, starts_after=now - LONGEST, limit=AHEAD
    )
    rows = [ReceivedRow.of(one, caller) for one in each]
    wanted = [one for one in rows if one.view.ends_at > now and one.view.state not in OVER]
    return sorted(wanted, key=lambda one: (one.view.starts_at, one.view.id))


ROUTES = (list_requests, show_request)
