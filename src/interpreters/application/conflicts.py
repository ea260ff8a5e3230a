"""Conflicts of interest: noted when somebody gives a booking back for one, and kept to.

They hold for the clients of a request and, in a supervised contact, for each of its parties.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.giving_back import ConflictOfInterest
from interpreters.domain.parties import party_ids
from interpreters.sql import conflicts, request_clients
from interpreters.sql.bookings import Booking
from interpreters.sql.requests import Request


async def conflicted(
    db: Db, *, network_id: UUID, request: Request, client_ids: Collection[UUID]
) -> Sequence[UUID]:
    """Return who may not interpret for the request's clients, or for one of its parties."""
    people = {*client_ids, *party_ids(request.details)}
    return await conflicts.of_clients(db, network_id=network_id, client_ids=people)


async def note_conflict(
    db: Db, *, network_id: UUID, request: Request, booking: Booking, now: datetime
) -> None:
    """Note that the booking's interpreter may not interpret for the people of the request."""
    await conflicts.insert(
        db,
        network_id=network_id,
        interpreter_id=booking.interpreter_id,
        client_ids=await _people(db, network_id, request),
        booking_id=booking.id,
        now=now,
    )


async def refuse_conflicted(
    db: Db, *, network_id: UUID, request: Request, interpreter_id: UUID
) -> None:
    """Do nothing when the interpreter has declared no conflict with the people of the request.

    Raises:
        ConflictOfInterest: they have, and not even a coordinator overrules it.
    """
    people = await _people(db, network_id, request)
    if interpreter_id in await conflicts.of_clients(db, network_id=network_id, client_ids=people):
        raise ConflictOfInterest


async def _people(db: Db, network_id: UUID, request: Request) -> set[UUID]:
    found = await request_clients.of_requests(db, network_id=network_id, request_ids=[request.id])
    return {*found[request.id], *party_ids(request.details)}
