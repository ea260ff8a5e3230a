"""Ratings: how content each side was with the other. They never rank anybody.

Coordinators read them; the rated side learns no single one of them. Of an interpreter the average
of three or more is shown, to coordinators and the interpreter.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.shown_bookings import find_own, hold
from interpreters.database import Db
from interpreters.domain.approvals import RATING_MAY_CHANGE, AverageRating, average, party_of
from interpreters.domain.bookings import next_state
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import WrongState
from interpreters.sql import ratings
from interpreters.sql.ratings import Rating

__all__ = ["Rating", "Stars", "average_of", "list_ratings", "rate"]


class Stars(msgspec.Struct, frozen=True, kw_only=True):
    """From 1 to 5, with a note for the coordinators."""

    stars: int
    note: str | None = None


async def rate(
    db: Db, caller: Caller, *, booking_id: UUID, given: Callable[[], Stars], now: datetime
) -> Rating:
    """Rate the other side of a session; for a week after the first time it may be changed.

    Raises:
        Forbidden: coordinators and finance do not rate.
        NotFound: there is none such in what the caller may see.
        WrongState: there was no session, or it was rated otherwise more than a week ago.
    """
    permit(caller, "bookings:write", "consultant", "institution", "interpreter")
    _, booking = await hold(db, caller, booking_id)
    said = given()
    next_state(state=booking.state, verb="rate")
    made = Rating(
        booking_id=booking_id,
        rated_by=party_of(caller.role),
        stars=said.stars,
        note=said.note,
        created_at=now,
    )
    before = await ratings.of_booking(db, network_id=caller.network_id, booking_id=booking_id)
    found = next((one for one in before if one.rated_by == made.rated_by), None)
    if found is None:
        await ratings.insert(db, network_id=caller.network_id, rating=made)
        return made
    made = msgspec.structs.replace(made, created_at=found.created_at)
    if made == found:
        return found
    if now > found.created_at + RATING_MAY_CHANGE:
        raise WrongState("It was rated otherwise more than a week ago")
    await ratings.update(db, network_id=caller.network_id, rating=made)
    return made


async def list_ratings(db: Db, caller: Caller, *, booking_id: UUID) -> list[Rating]:
    """Return what each side said about the other.

    Raises:
        Forbidden: only coordinators read ratings.
        NotFound: there is no such booking.
    """
    permit(caller, "bookings:read", "coordinator")
    await find_own(db, caller, booking_id)
    return await ratings.of_booking(db, network_id=caller.network_id, booking_id=booking_id)


async def average_of(db: Db, *, network_id: UUID, interpreter_id: UUID) -> AverageRating | None:
    """Return what an interpreter's ratings come to; None of fewer than three."""
    count, stars = await ratings.of_interpreter(
        db, network_id=network_id, interpreter_id=interpreter_id
    )
    return average(stars=stars, count=count)
