"""What an interpreter's phone shows, read in one transaction: offers, jobs, hours, settings."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.absences import Absence, list_absences
from interpreters.application.availability import Availability, show_availability
from interpreters.application.bookings import BookingFilter, ShownBooking, list_bookings
from interpreters.application.interpreters import Profile, show_interpreter
from interpreters.application.me import Me, show_me
from interpreters.application.offers import ShownOffer, list_offers
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden
from interpreters.sql import networks, rooms

BACK: Final = timedelta(days=31)  # jobs of the last month stay to be seen
OFFERS: Final = 60
JOBS: Final = 200
ABSENCES: Final = 50


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `rooms` are names by the rooms' ids; offers and jobs are the newest first."""

    me: Me
    profile: Profile
    availability: Availability
    absences: Sequence[Absence]
    offers: Sequence[ShownOffer]
    jobs: Sequence[ShownBooking]
    rooms: Mapping[UUID, str]
    asks_conflicts: bool


async def look(db: Db, caller: Caller, *, now: datetime) -> Phone:
    """Return what the interpreter's phone shows.

    Raises:
        Forbidden: the caller is no interpreter.
    """
    if caller.role != "interpreter" or caller.interpreter_id is None:
        raise Forbidden
    own_id = caller.interpreter_id
    jobs = await list_bookings(
        db, caller, wanted=lambda: BookingFilter(starts_after=now - BACK), before=None, limit=JOBS
    )
    network = await networks.get(db, network_id=caller.network_id)
    return Phone(
        me=await show_me(db, caller),
        profile=await show_interpreter(db, caller, interpreter_id=own_id),
        availability=await show_availability(db, caller, interpreter_id=own_id, now=now),
        absences=await list_absences(
            db, caller, interpreter_id=own_id, before=lambda: None, limit=lambda: ABSENCES
        ),
        offers=await list_offers(db, caller, state=None, before=None, limit=OFFERS),
        jobs=jobs,
        rooms=await _rooms(db, caller.network_id, jobs),
        asks_conflicts=network.ask_conflicts,
    )


async def _rooms(db: Db, network_id: UUID, jobs: Sequence[ShownBooking]) -> dict[UUID, str]:
    """Return the names of the rooms that jobs are in."""
    wanted = {one.request.room_id: one.booking.site_id for one in jobs}
    site_ids = sorted({site for room, site in wanted.items() if room and site})
    if not site_ids:
        return {}
    there = await rooms.of_sites(db, network_id=network_id, site_ids=site_ids)
    return {one.id: one.name for found in there.values() for one in found}
