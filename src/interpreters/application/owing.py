"""The booking something is owed for, with what its price and its entry need to know."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.ids import BOOKING, show_id
from interpreters.domain.pricing import is_urgent
from interpreters.domain.replacements import REPLACED, Floor, floor_of
from interpreters.domain.travel import Point
from interpreters.domain.windows import Window
from interpreters.sql import networks, request_clients, usage_entries
from interpreters.sql.bookings import Booking
from interpreters.sql.requests import Request
from interpreters.sql.usage_entries import UsageEntry


class Owing(msgspec.Struct, frozen=True, kw_only=True):
    """The booking something is owed for. `language` is the client's (its `from_language`).

    `time_zone` is the place's (None: the network's), `place` where people meet, if they do.
    `replaced` is the fee that the booking stands for, where it replaces another.
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
    replaced: UsageEntry | None = None

    @property
    def floor(self) -> Floor | None:
        """What is owed at least."""
        if self.replaced is None:
            return None
        named = show_id(BOOKING, self.replaced.booking_id)
        return floor_of(booking=named, lines=self.replaced.lines)


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
        replaced=await fee_replaced_by(db, network_id=network_id, request=request, booking=booking),
    )


async def fee_replaced_by(
    db: Db, *, network_id: UUID, request: Request, booking: Booking
) -> UsageEntry | None:
    """Return the fee that this booking stands, or stood, for; None for all but a replacement.

    Of the bookings of a request that replaces another it is the first alone: whoever comes for
    somebody who gave it back is owed what they do.
    """
    if request.replaces_id is None:
        return None
    entered = await usage_entries.of_booking(
        db, network_id=network_id, booking_id=request.replaces_id
    )
    if not any(one.reason_code == REPLACED and stands(one, booking) for one in entered):
        return None
    return next(one for one in entered if one.kind == "late_cancellation")


def stands(entry: UsageEntry, booking: Booking) -> bool:
    """Say whether the entry names the booking as what a fee was taken back for."""
    return (entry.rule or {}).get("replaced_by") == show_id(BOOKING, booking.id)


def _place(booking: Booking) -> Point | None:
    if booking.mode != "in_person" or booking.latitude is None or booking.longitude is None:
        return None
    return Point(latitude=booking.latitude, longitude=booking.longitude)
