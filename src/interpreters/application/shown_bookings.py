"""A booking as its two sides see it: found, held for a change, and with its request and site."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import NotFound
from interpreters.sql import bookings, requests, sites
from interpreters.sql.bookings import Booking
from interpreters.sql.requests import Request
from interpreters.sql.sites import Site


class ShownBooking(msgspec.Struct, frozen=True, kw_only=True):
    """A booking with its request and site."""

    booking: Booking
    request: Request
    site: Site | None


async def find_own(db: Db, caller: Caller, booking_id: UUID) -> Booking:
    """Return a booking the caller may see.

    Raises:
        NotFound: there is none such.
    """
    found = await bookings.find(db, network_id=caller.network_id, booking_id=booking_id)
    if (
        found is None
        or caller.institution_id not in (None, found.institution_id)
        or caller.interpreter_id not in (None, found.interpreter_id)
    ):
        raise NotFound
    return found


async def hold(db: Db, caller: Caller, booking_id: UUID) -> tuple[Request, Booking]:
    """Hold the booking's request, as every change does first, and return both as they are now."""
    found = await find_own(db, caller, booking_id)
    request = await requests.lock(db, network_id=caller.network_id, request_id=found.request_id)
    assert request is not None  # the foreign key holds it
    return request, await find_own(db, caller, booking_id)


async def shown_bookings(db: Db, network_id: UUID, found: Sequence[Booking]) -> list[ShownBooking]:
    """Return the bookings with their requests and sites: two statements for any number."""
    wanted: Mapping[UUID, Request] = await requests.get_many(
        db, network_id=network_id, ids=[one.request_id for one in found]
    )
    ids = [one.site_id for one in found if one.site_id is not None]
    places = await sites.get_many(db, network_id=network_id, ids=ids) if ids else {}
    return [
        ShownBooking(
            booking=one,
            request=wanted[one.request_id],
            site=places.get(one.site_id) if one.site_id else None,
        )
        for one in found
    ]
