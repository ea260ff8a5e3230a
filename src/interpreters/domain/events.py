"""Events: which ones are public, who may see them, and ids that sort as the feed does."""

import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from interpreters.domain.callers import Role

PUBLIC: Final = (
    "request.created", "request.searching", "request.partly_filled", "request.filled",
    "request.unfilled", "request.changed", "request.cancelled",
    "offer.sent", "offer.accepted", "offer.declined", "offer.expired", "offer.taken",
    "offer.withdrawn",
    "booking.confirmed", "booking.started", "booking.completed", "booking.cancelled",
    "booking.given_back", "booking.no_show", "booking.disputed",
    "usage.recorded", "statement.issued",
)  # fmt: skip
_SEEN: Final[dict[Role, tuple[str, ...]]] = {
    "coordinator": ("request.", "offer.", "booking.", "usage.", "statement."),
    "consultant": ("request.", "booking.", "usage.", "statement."),
    "institution": ("request.", "booking.", "usage.", "statement."),
    "interpreter": ("offer.", "booking."),
    "finance": (),
}
_PLACE_BITS: Final = 42
_RANDOM_BITS: Final = 32


def types_for(role: Role) -> list[str]:
    """Return the types of events in the feed of a role."""
    return [one for one in PUBLIC if one.startswith(_SEEN[role])]


def event_id(placed_at: datetime, place: int) -> UUID:
    """Return the id of the event that was given `place` (from 1) at `placed_at`.

    A UUIDv7 (RFC 9562 section 5.7): milliseconds, then the place, then 32 random bits, so that
    nobody guesses one. As `placed_at` never falls and places rise, ids rise strictly with the
    place, also within one millisecond.
    """
    assert 0 < place < 1 << _PLACE_BITS
    milliseconds = int(placed_at.timestamp() * 1000) & ((1 << 48) - 1)
    payload = (place << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    upper, lower = payload >> 62, payload & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (upper << 64) | (0x2 << 62) | lower)
