"""The booking of a seat, before its travel is known."""

from datetime import datetime
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.briefings import briefing_of
from interpreters.domain.fallbacks import is_leg
from interpreters.domain.ids import new_id
from interpreters.sql import sites
from interpreters.sql.bookings import Booking
from interpreters.sql.offers import Offer
from interpreters.sql.requests import Request
from interpreters.sql.sites import Site


async def offered_booking(
    db: Db, *, network_id: UUID, request: Request, offer: Offer, seat: int, now: datetime
) -> Booking:
    """Return the booking that an offer promised.

    It is held while an all-or-nothing team is not whole, or a relay has one of its legs.
    """
    site = None
    if request.site_id is not None and offer.mode == "in_person":
        site = await sites.find(db, network_id=network_id, site_id=request.site_id)
    team = request.interpreters_needed > 1 and not request.partial_ok
    leg = is_leg(seat=seat, interpreters_needed=request.interpreters_needed)
    return booking_of(
        request=request,
        site=site,
        seat=seat,
        offer_id=offer.id,
        interpreter_id=offer.interpreter_id,
        mode=offer.mode,
        from_language=offer.from_language,
        to_language=offer.to_language,
        state="held" if team or leg else "confirmed",
        now=now,
    )


def booking_of(
    *,
    request: Request,
    site: Site | None,
    seat: int,
    offer_id: UUID | None,
    interpreter_id: UUID,
    mode: str,
    from_language: str,
    to_language: str | None = None,
    state: str,
    now: datetime,
) -> Booking:
    """Return the booking of a seat, by default into the working language.

    Only one in person is at a place.
    """
    there = site if mode == "in_person" else None
    return Booking(
        id=new_id(now),
        request_id=request.id,
        seat=seat,
        offer_id=offer_id,
        institution_id=request.institution_id,
        interpreter_id=interpreter_id,
        site_id=request.site_id,
        state=state,  # type: ignore[arg-type]  # held or confirmed
        from_language=from_language,
        to_language=to_language or request.working_language,
        mode=mode,
        topic=request.topic,
        session=request.session,
        blocked=request.session,
        briefing_minutes=briefing_of(request.details),
        latitude=there.latitude if there else None,
        longitude=there.longitude if there else None,
        wall_starts_at=request.wall_starts_at,
        time_zone=request.time_zone,
        external_reference=request.external_reference,
        created_at=now,
        updated_at=now,
    )
