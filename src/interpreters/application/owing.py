"""The booking something is owed for, with what its price and its entry need to know."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.pricing import is_urgent
from interpreters.domain.travel import Point
from interpreters.domain.windows import Window
from interpreters.sql import networks, request_clients
from interpreters.sql.bookings import Booking
from interpreters.sql.requests import Request


class Owing(msgspec.Struct, frozen=True, kw_only=True):
    """The booking something is owed for. `language` is the client's (its `from_language`).

    `time_zone` is the place's (None: the network's), `place` where people meet, if they do.
    """

    booking_id: UUID
    request_id: UUID
    institution_id: UUID
    interpreter_id: UUID
    site_id: UUID | None
    language: str
    mode: str
    booked: Window
    topic: str
    funding_id: UUID | None
    client_ids: Sequence[UUID]
    currency: str
    network_time_zone: str
    time_zone: str | None = None
    place: Point | None = None
    is_urgent: bool = False


async def owing_of(db: Db, *, network_id: UUID, request: Request, booking: Booking) -> Owing:
    """Return what is owed for: a booking of a request."""
    network = await networks.get(db, network_id=network_id)
    people = await request_clients.of_requests(db, network_id=network_id, request_ids=[request.id])
    return Owing(
        booking_id=booking.id,
        request_id=request.id,
        institution_id=booking.institution_id,
        client_ids=list(people[request.id]),
        interpreter_id=booking.interpreter_id,
        language=booking.from_language,
        mode=booking.mode,
        site_id=booking.site_id,
        topic=request.topic,
        funding_id=request.funding_id,
        booked=booking.session,
        currency=network.currency,
        network_time_zone=network.time_zone,
        time_zone=booking.time_zone,
        place=_place(booking),
        is_urgent=is_urgent(
            starts_now=request.starts_now,
            asked_at=request.created_at,
            starts_at=booking.session.starts_at,
        ),
    )


def _place(booking: Booking) -> Point | None:
    if booking.mode != "in_person" or booking.latitude is None or booking.longitude is None:
        return None
    return Point(latitude=booking.latitude, longitude=booking.longitude)
