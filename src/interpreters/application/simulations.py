"""How a search stands, for whoever plays the people in it."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.sql import offers, requests
from interpreters.sql.bookings import Booking
from interpreters.sql.offers import Offer
from interpreters.sql.requests import Request

__all__ = ["Booking", "Offer", "Request", "Standing", "standing"]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A request, and everybody who was asked about it so far."""

    request: Request
    offers: Sequence[Offer]


async def standing(db: Db, *, network_id: UUID, request_id: UUID) -> Standing:
    """Return how the search for a request stands, within the caller's own transaction."""
    request = await requests.find(db, network_id=network_id, request_id=request_id)
    assert request is not None  # who plays has asked for it, and requests are not deleted
    made = await offers.of_request(db, network_id=network_id, request_id=request_id)
    return Standing(request=request, offers=made)
