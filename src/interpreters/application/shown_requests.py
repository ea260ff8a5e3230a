"""A request as those who asked see it: with its seats, bookings and clients."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.duplicates import possible_duplicates
from interpreters.application.funding_fits import fittings
from interpreters.database import Db
from interpreters.domain.callers import Caller, Role, permit
from interpreters.domain.errors import NotFound
from interpreters.domain.escalations import Escalation
from interpreters.domain.fundings import Fitting
from interpreters.sql import bookings, escalations, request_clients, request_seats, requests
from interpreters.sql.bookings import Booking
from interpreters.sql.request_seats import Seat
from interpreters.sql.requests import Request

ASKERS: Final[tuple[Role, ...]] = ("coordinator", "consultant", "institution")


class ShownRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request with its seats, bookings and clients (ids with their present references)."""

    request: Request
    seats: Sequence[Seat]
    bookings: Sequence[Booking]
    clients: Mapping[UUID, str]
    escalations: Sequence[Escalation] = ()
    possible_duplicates: Sequence[UUID] = ()
    funding: Fitting | None = None


async def own_request(db: Db, caller: Caller, *, request_id: UUID) -> ShownRequest:
    """Return one request to be changed: any for coordinators, their institution's for others.

    Raises:
        NotFound: there is none such. What is received from others is there to be read alone.
    """
    permit(caller, "requests:read", *ASKERS)
    found = await find_request(db, caller, request_id=request_id)
    return (await shown(db, caller.network_id, [found]))[0]


async def find_request(db: Db, caller: Caller, *, request_id: UUID) -> Request:
    """Return the request itself, if it is the caller's to change.

    Raises:
        NotFound: there is none such.
    """
    found = await requests.find(db, network_id=caller.network_id, request_id=request_id)
    if found is None or caller.institution_id not in (None, found.institution_id):
        raise NotFound
    return found


async def shown(db: Db, network_id: UUID, found: Sequence[Request]) -> list[ShownRequest]:
    """Return the requests with their seats, bookings, clients, escalations, likes and funding."""
    ids = [one.id for one in found]
    seats = await request_seats.of_requests(db, network_id=network_id, request_ids=ids)
    people = await request_clients.of_requests(db, network_id=network_id, request_ids=ids)
    made = await bookings.of_requests(db, network_id=network_id, request_ids=ids)
    brought = await escalations.of_requests(db, network_id=network_id, request_ids=ids)
    like = await possible_duplicates(db, network_id=network_id, found=found, clients=people)
    funded = await fittings(db, network_id=network_id, found=found, people=people)
    return [
        ShownRequest(
            request=one,
            seats=seats[one.id],
            bookings=[booking for booking in made if booking.request_id == one.id],
            clients=people[one.id],
            escalations=brought[one.id],
            possible_duplicates=like.get(one.id, ()),
            funding=funded.get(one.id),
        )
        for one in found
    ]
