"""What an institution sees of requests that a coordinator made on its behalf for another one.

It sees when and how, in which languages, how far it is and who comes, in its lists and by id, and
changes nothing. Clients and case numbers are those of the institution that asks, as are prices, the
way into a call, and what was written to the interpreter.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec

from interpreters.application.shown_bookings import ShownBooking, shown_bookings
from interpreters.application.shown_requests import ASKERS, ShownRequest, shown
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import NotFound
from interpreters.domain.receiving import receiver_of, shown_details
from interpreters.sql import bookings, institutions, received, requests
from interpreters.sql.bookings import Booking
from interpreters.sql.bookings import Filter as BookingFilter
from interpreters.sql.requests import Filter as RequestFilter
from interpreters.sql.requests import Request

__all__ = [
    "Received", "booking_page", "for_caller", "list_received", "receives", "request_page",
    "sees_booking", "sees_request", "show_received", "shown_bookings_to", "shown_requests_to",
]  # fmt: skip
One = TypeVar("One", Request, Booking)  # what a list is of


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A request as the receiving institution sees it, and what who asks is called."""

    shown: ShownRequest
    receiver: UUID
    asked_by: str


def receives(caller: Caller, request: Request) -> bool:
    """Tell whether the request was made on behalf of the caller's institution, by another one."""
    receiver = receiver_of(request.institution_id, request.details)
    return receiver is not None and receiver == caller.institution_id


def sees_request(caller: Caller, request: Request, wanted: RequestFilter) -> bool:
    """Tell whether a request read by other means is in the list that the caller asked for."""
    if not requests.matches(request, wanted):
        return False
    if caller.institution_id in (None, request.institution_id):
        return True
    return receives(caller, request) and not _hides(wanted)


def sees_booking(caller: Caller, one: ShownBooking, wanted: BookingFilter) -> bool:
    """Tell the same of a booking."""
    if not bookings.matches(one.booking, wanted):
        return False
    if caller.institution_id in (None, one.booking.institution_id):
        return True
    return receives(caller, one.request)


async def request_page(
    db: Db, caller: Caller, *, wanted: RequestFilter, before: UUID | None, limit: int
) -> list[Request]:
    """Return the institution's own requests and those it receives, newest first.

    What it may not see it may not search by.
    """
    network_id, institution_id = caller.network_id, caller.institution_id
    own = msgspec.structs.replace(wanted, institution_id=institution_id or wanted.institution_id)
    found = await requests.page(db, network_id=network_id, wanted=own, before=before, limit=limit)
    if institution_id is None or _hides(wanted):
        return found
    ids = await received.request_ids(
        db,
        network_id=network_id,
        receiving_id=institution_id,
        state=wanted.state,
        language=wanted.language,
        starts_after=wanted.starts_after,
        starts_before=wanted.starts_before,
        series_id=wanted.series_id,
        before=before,
        limit=limit,
    )
    theirs = await requests.get_many(db, network_id=network_id, ids=ids) if ids else {}
    return _together(found, list(theirs.values()), limit)


async def booking_page(
    db: Db, caller: Caller, *, wanted: BookingFilter, before: UUID | None, limit: int
) -> list[Booking]:
    """Return the caller's own bookings and those for what the institution receives."""
    network_id, institution_id = caller.network_id, caller.institution_id
    own = msgspec.structs.replace(wanted, institution_id=institution_id or wanted.institution_id)
    found = await bookings.page(db, network_id=network_id, wanted=own, before=before, limit=limit)
    if institution_id is None or wanted.institution_id is not None:
        return found
    ids = await received.booking_ids(
        db,
        network_id=network_id,
        receiving_id=institution_id,
        state=wanted.state,
        interpreter_id=wanted.interpreter_id,
        starts_after=wanted.starts_after,
        before=before,
        limit=limit,
    )
    theirs = await bookings.get_many(db, network_id=network_id, ids=ids) if ids else {}
    return _together(found, list(theirs.values()), limit)


async def list_received(
    db: Db,
    caller: Caller,
    *,
    institution_id: UUID | None,
    starts_after: datetime | None = None,
    before: UUID | None = None,
    limit: int,
) -> list[Received]:
    """Return what others asked for on behalf of the caller's institution, newest first.

    A coordinator names one; on behalf of all together there is nothing.
    """
    permit(caller, "requests:read", *ASKERS)
    receiver = caller.institution_id or institution_id
    if receiver is None:
        return []
    ids = await received.request_ids(
        db,
        network_id=caller.network_id,
        receiving_id=receiver,
        state=None,
        language=None,
        starts_after=starts_after,
        starts_before=None,
        series_id=None,
        before=before,
        limit=limit,
    )
    found = await requests.get_many(db, network_id=caller.network_id, ids=ids)
    return await _received(db, caller.network_id, [found[one] for one in ids])


async def show_received(db: Db, caller: Caller, *, request_id: UUID) -> Received:
    """Return one of them; a coordinator sees everybody's.

    Raises:
        NotFound: there is none such that was asked for on behalf of the caller's institution.
    """
    permit(caller, "requests:read", *ASKERS)
    found = await requests.find(db, network_id=caller.network_id, request_id=request_id)
    receiver = None if found is None else receiver_of(found.institution_id, found.details)
    if found is None or receiver is None or caller.institution_id not in (None, receiver):
        raise NotFound
    return (await _received(db, caller.network_id, [found]))[0]


async def shown_requests_to(db: Db, caller: Caller, found: Sequence[Request]) -> list[ShownRequest]:
    """Return the requests as the caller may see each."""
    made = await shown(db, caller.network_id, found)
    return [_request(one) if receives(caller, one.request) else one for one in made]


async def shown_bookings_to(db: Db, caller: Caller, found: Sequence[Booking]) -> list[ShownBooking]:
    """Return the bookings as the caller may see each."""
    return for_caller(caller, await shown_bookings(db, caller.network_id, found))


def for_caller(caller: Caller, made: Sequence[ShownBooking]) -> list[ShownBooking]:
    """Leave out of each booking what the caller may not see."""
    return [_booking(one) if receives(caller, one.request) else one for one in made]


async def _received(db: Db, network_id: UUID, found: Sequence[Request]) -> list[Received]:
    asking = sorted({one.institution_id for one in found})
    names = await institutions.names(db, network_id=network_id, ids=asking)
    receivers = {one.id: receiver_of(one.institution_id, one.details) for one in found}
    return [
        Received(shown=_request(one), receiver=receiver, asked_by=names[one.request.institution_id])
        for one in await shown(db, network_id, found)
        if (receiver := receivers[one.request.id]) is not None
    ]


def _hides(wanted: RequestFilter) -> bool:
    """Tell whether it is asked for by what only the institution that asks may see."""
    by = (wanted.institution_id, wanted.external_reference, wanted.channel)
    return any(one is not None for one in by)


def _together(own: list[One], theirs: list[One], limit: int) -> list[One]:
    return sorted(own + theirs, key=lambda one: one.id, reverse=True)[:limit]


def _request(one: ShownRequest) -> ShownRequest:
    return ShownRequest(
        request=_inside(one.request), seats=one.seats, bookings=one.bookings, clients={}
    )


def _booking(one: ShownBooking) -> ShownBooking:
    return ShownBooking(booking=one.booking, request=_inside(one.request), site=None)


def _inside(request: Request) -> Request:
    """Leave out what is between the institution that asks and the network."""
    return msgspec.structs.replace(
        request,
        room_id=None,
        external_reference=None,
        cost_centre=None,
        funding_id=None,
        instructions=None,
        connect=None,
        requirements={},
        fallbacks={},
        details=shown_details(request.details),
        excluded=None,
        cancel_reason=None,
        replaces_id=None,
        cancel_reason_code=None,
    )
