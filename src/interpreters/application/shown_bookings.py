"""A booking as its two sides see it: found, held for a change, and with its request and site."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.pricing import BookingMoney
from interpreters.database import Db
from interpreters.domain.approvals import ApprovalState
from interpreters.domain.bookings import LIVE
from interpreters.domain.callers import Caller
from interpreters.domain.errors import NotFound
from interpreters.domain.giving_back import ConflictNotAnswered, details_wait
from interpreters.domain.windows import MINUTE
from interpreters.sql import (
    approvals,
    bookings,
    commitments,
    institutions,
    networks,
    requests,
    rooms,
    sites,
)
from interpreters.sql.bookings import Booking
from interpreters.sql.requests import Request
from interpreters.sql.sites import Site


class ShownBooking(msgspec.Struct, frozen=True, kw_only=True):
    """A booking with its request and site.

    With `waits` its interpreter sees `institution` and site by name alone, until they say
    `no-conflict`. `next_at` is when the interpreter's next commitment begins, with the way there,
    of a session that goes on.
    """

    booking: Booking
    request: Request
    site: Site | None
    waits: bool = False
    institution: str | None = None
    next_at: datetime | None = None
    approval: ApprovalState | None = None  # of one that is over, and waits for it or has it
    money: BookingMoney | None = None  # where one booking is shown, not a list
    room: str | None = None  # its name

    @property
    def extensible_minutes(self) -> int | None:
        """For how many whole minutes it could go on; None where nothing is in the way."""
        if self.next_at is None:
            return None
        return max(0, (self.next_at - self.booking.blocked.ends_at) // MINUTE)


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
    """Return the bookings with their requests and sites: as many statements for any number."""
    wanted: Mapping[UUID, Request] = await requests.get_many(
        db, network_id=network_id, ids=[one.request_id for one in found]
    )
    ids = [one.site_id for one in found if one.site_id is not None]
    places = await sites.get_many(db, network_id=network_id, ids=ids) if ids else {}
    named = await _rooms(db, network_id, found, wanted)
    names = await _asking(db, network_id, found)
    going_on = [one.id for one in found if one.state == "in_progress"]
    following = await next_commitments(db, network_id=network_id, booking_ids=going_on)
    agreed = await _approvals(db, network_id, found)
    return [
        ShownBooking(
            booking=one,
            request=wanted[one.request_id],
            site=places.get(one.site_id) if one.site_id else None,
            waits=one.id in names,
            institution=names.get(one.id),
            next_at=following.get(one.id),
            approval=agreed.get(one.id),
            room=named.get(wanted[one.request_id].room_id),
        )
        for one in found
    ]


async def next_commitments(
    db: Db, *, network_id: UUID, booking_ids: Sequence[UUID]
) -> Mapping[UUID, datetime]:
    """Return when each booking's interpreter must next be on the way, where they must."""
    if not booking_ids:
        return {}
    return await commitments.following(db, network_id=network_id, booking_ids=booking_ids)


async def _rooms(
    db: Db, network_id: UUID, found: Sequence[Booking], wanted: Mapping[UUID, Request]
) -> dict[UUID | None, str]:
    """Return the names of the rooms of the bookings' sites, where one is in a room."""
    inside = [one.site_id for one in found if wanted[one.request_id].room_id is not None]
    places = sorted({one for one in inside if one is not None})
    if not places:
        return {}
    there = await rooms.of_sites(db, network_id=network_id, site_ids=places)
    return {room.id: room.name for each in there.values() for room in each}


async def _approvals(
    db: Db, network_id: UUID, found: Sequence[Booking]
) -> Mapping[UUID, ApprovalState]:
    over = [one.id for one in found if one.state not in LIVE]
    return await approvals.states(db, network_id=network_id, booking_ids=over) if over else {}


async def _asking(db: Db, network_id: UUID, found: Sequence[Booking]) -> dict[UUID, str]:
    """Return the bookings whose details wait for a word on conflicts, with who asked, by name."""
    maybe = [one for one in found if waits(one, asks=True)]
    if not maybe or not (await networks.get(db, network_id=network_id)).ask_conflicts:
        return {}
    ids = sorted({one.institution_id for one in maybe})
    names = await institutions.names(db, network_id=network_id, ids=ids)
    return {one.id: names[one.institution_id] for one in maybe}


async def refuse_unanswered(db: Db, caller: Caller, booking: Booking) -> None:
    """Do nothing when the session may begin; a coordinator knows what they do.

    Raises:
        ConflictNotAnswered: the network asks the interpreter, who has not said yet.
    """
    if caller.role == "interpreter" and waits(booking, asks=True):
        network = await networks.get(db, network_id=caller.network_id)
        if network.ask_conflicts:
            raise ConflictNotAnswered


def waits(booking: Booking, *, asks: bool) -> bool:
    """Say whether the interpreter has still to say that there is no conflict of interest."""
    return details_wait(asks=asks, state=booking.state, no_conflict_at=booking.no_conflict_at)
