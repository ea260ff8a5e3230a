"""`/desk`: what is coming up, what needs the visitor, and the two ways to ask."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get

from interpreters.application.upcoming import Upcoming, show_upcoming
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.http.booking_views import BookingView
from interpreters.http.request_views import RequestView
from interpreters.web.desk_received import ReceivedRow, coming
from interpreters.web.desk_whose import Whose, at_desk, find_whose
from interpreters.web.fields import asked_fields
from interpreters.web.workplace import WORKPLACE_ERRORS

NEEDING: Final = ("unfilled", "partly_filled")
GOING_ON: Final = ("searching", "filled")
AnyRequest = Request[Any, Any, Any]


class Before(msgspec.Struct, frozen=True, kw_only=True):
    """What is before the visitor, shaped: what needs them, and what comes.

    `received` is what others asked for on behalf of the institution.
    """

    whose: Whose
    needing: Sequence[RequestView]
    coming: Sequence[RequestView]
    received: Sequence[ReceivedRow]
    approvals: Sequence[BookingView]
    sites: Mapping[str, str]
    institutions: Mapping[str, str] | None


@get("/desk", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_desk(request: AnyRequest) -> Response[str]:
    """Show the desk."""
    visit, asked = await at_desk(request), asked_fields(request)

    async def work(db: Db, caller: Caller) -> Before:
        found = await find_whose(db, caller, asked.some("institution"))
        seen = await show_upcoming(db, caller, institution_id=found.id, now=visit.now)
        received = await coming(db, caller, found, visit.now)
        return _before(seen, found, received, caller, visit.now)

    before = await visit.ask(work)
    return visit.page("desk_start.html", before=before, whose=before.whose)


def _before(
    seen: Upcoming, found: Whose, received: Sequence[ReceivedRow], caller: Caller, now: datetime
) -> Before:
    views = [RequestView.of(one, caller) for one in seen.requests]
    ahead = [one for one in views if one.ends_at > now]
    named = _shown(ids.INSTITUTION, seen.institutions)
    return Before(
        whose=found,
        needing=[one for one in ahead if one.state in NEEDING],
        coming=[one for one in ahead if one.state in GOING_ON],
        received=received,
        approvals=[BookingView.of(one, caller, now) for one in seen.approvals],
        sites=_shown(ids.SITE, seen.sites),
        institutions=None if found.institution else named,
    )


def _shown(prefix: str, names: Mapping[UUID, str]) -> dict[str, str]:
    return {ids.show_id(prefix, key): name for key, name in names.items()}


ROUTES = (show_desk,)
