"""What an institution's people have before them: what is coming up, and what waits for them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.shown_bookings import ShownBooking, shown_bookings
from interpreters.application.shown_requests import ASKERS, ShownRequest, shown
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.sql import bookings, institutions, requests, sites
from interpreters.sql.bookings import Filter as BookingFilter
from interpreters.sql.requests import Filter as RequestFilter
from interpreters.sql.requests import Request

MOST: Final = 300
LOOKED_BACK: Final = timedelta(hours=12)
OVER: Final = ("completed", "client_no_show")
RECENT: Final = timedelta(days=60)


class Upcoming(msgspec.Struct, frozen=True, kw_only=True):
    """Requests by their start, bookings that wait for approval, and what places are called."""

    requests: Sequence[ShownRequest]
    approvals: Sequence[ShownBooking]
    sites: Mapping[UUID, str]
    institutions: Mapping[UUID, str]


async def show_upcoming(
    db: Db, caller: Caller, *, institution_id: UUID | None, now: datetime
) -> Upcoming:
    """Return what is before an institution, for its people their own; None is all of them."""
    permit(caller, "requests:read", *ASKERS)
    only = caller.institution_id or institution_id
    found = await requests.page(
        db,
        network_id=caller.network_id,
        wanted=RequestFilter(institution_id=only, starts_after=now - LOOKED_BACK),
        before=None,
        limit=MOST,
    )
    return Upcoming(
        requests=sorted(
            await shown(db, caller.network_id, found),
            key=lambda one: (one.request.session.starts_at, one.request.id),
        ),
        approvals=await show_approvals(db, caller, institution_id=institution_id, now=now),
        sites=await _sites(db, caller, found),
        institutions=await institutions.names(
            db, network_id=caller.network_id, ids=sorted({one.institution_id for one in found})
        ),
    )


async def show_approvals(
    db: Db, caller: Caller, *, institution_id: UUID | None, now: datetime
) -> list[ShownBooking]:
    """Return the bookings that wait for the word of whoever asked, the earliest first."""
    permit(caller, "bookings:read", *ASKERS)
    only = caller.institution_id or institution_id
    found = []
    for state in OVER:
        wanted = BookingFilter(state=state, institution_id=only, starts_after=now - RECENT)
        found += await bookings.page(
            db, network_id=caller.network_id, wanted=wanted, before=None, limit=MOST
        )
    each = await shown_bookings(db, caller.network_id, found)
    waiting = [one for one in each if one.approval == "open"]
    return sorted(waiting, key=lambda one: (one.booking.session.starts_at, one.booking.id))


async def _sites(db: Db, caller: Caller, found: Sequence[Request]) -> dict[UUID, str]:
    wanted = sorted({one.site_id for one in found if one.site_id is not None})
    if not wanted:
        return {}
    there = await sites.get_many(db, network_id=caller.network_id, ids=wanted)
    return {site_id: one.name for site_id, one in there.items()}
