"""Booking the best at once: who opted in (`auto_assign`) is not asked first, but booked.

Only for what was asked as it was asked, within their weekly hours, and never for what is urgent
or an emergency: nobody would know whether they have read it in time.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.confirming import confirm_team, fill_state
from interpreters.application.conflicts import conflicted
from interpreters.application.ladders import is_urgent
from interpreters.application.next_waves import Invited, Wave
from interpreters.application.notices import booking_notice, offer_notice, state_notice
from interpreters.application.seat_bookings import booking_of
from interpreters.application.seating import hold_people, seat_interpreter
from interpreters.application.wanting import Wanted
from interpreters.database import Db
from interpreters.domain.offers import InterpreterIsBusy
from interpreters.sql import due, interpreters, offers, request_seats
from interpreters.sql.bookings import Booking
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody was booked: the request as it is then, and whether a seat is still open."""

    request: Request
    open_left: bool
    notices: list[Notice]


async def book_the_best(db: Db, *, wanted: Wanted, wave: Wave, now: datetime) -> Booked | None:
    """Book the best of a wave, for each open seat one, if they opted in; None when nobody was.

    The caller holds the request. Nobody else is waited for: whoever is being booked or changed
    just then is asked like the others, which also keeps the order of locks out of it.
    """
    request = wave.asking.request
    if wave.step is not None or request.emergency or is_urgent(wanted, now):
        return None
    best: dict[int, Invited] = {}
    for one in wave.invited:
        best.setdefault(one.seat, one)
    chosen = [one for one in best.values() if one.candidate.books_itself]
    if chosen and request.interpreters_needed > 1:
        await hold_people(db, network_id=wanted.network.network_id, request_id=request.id)
    tried = [await _book(db, wave.asking, one, now) for one in chosen]
    made = [one for one in tried if one is not None]
    return await _after(db, wanted, made, now) if made else None


async def _book(db: Db, asking: Wanted, one: Invited, now: datetime) -> Booking | None:
    """Book one of them, if they are still free, and still wish to be."""
    network_id, request, candidate = asking.network.network_id, asking.request, one.candidate
    person = await interpreters.lock(
        db, network_id=network_id, interpreter_id=candidate.interpreter_id, wait=False
    )
    if person is None or not person.auto_assign or not person.active or person.stage != "active":
        return None
    stand_off = await conflicted(
        db, network_id=network_id, request=request, client_ids=asking.client_ids
    )
    if candidate.interpreter_id in stand_off:  # said since they were found
        return None
    whole = request.interpreters_needed == 1 or request.partial_ok
    booking = booking_of(
        request=request, site=asking.site, seat=one.seat, offer_id=None,
        interpreter_id=candidate.interpreter_id, mode=candidate.mode,
        from_language=candidate.from_language, to_language=one.to_language,
        state="confirmed" if whole else "held", now=now,
    )  # fmt: skip
    try:
        seated = await seat_interpreter(db, network_id=network_id, booking=booking)
    except InterpreterIsBusy:
        return None  # booked since they were found; nothing was written
    taken = await request_seats.set_state(
        db, network_id=network_id, request_id=request.id, seat=one.seat,
        state="filled" if whole else "held", was=["open"],
    )  # fmt: skip
    assert taken  # the request is held, and the seat was open
    return seated


async def _after(db: Db, wanted: Wanted, made: Sequence[Booking], now: datetime) -> Booked:
    """Say how full the request is, and tell whom it concerns."""
    network_id, request = wanted.network.network_id, wanted.request
    _, confirmed = await confirm_team(db, network_id=network_id, request=request, now=now)
    known = {one.id for one in confirmed}
    rest = [one for one in made if one.id not in known]
    notices = [booking_notice(one, "booking.confirmed") for one in confirmed]
    notices += [booking_notice(one, f"booking.{one.state}") for one in rest]
    open_left, state = await fill_state(db, network_id=network_id, request=request)
    changed = msgspec.structs.replace(
        request,
        state=state,
        wave=request.wave + 1,
        next_step_at=None,
        unfilled_reason=None,
        excluded=None,
    )
    notices.append(state_notice(changed, request.state))
    notices += await _close_offers(db, network_id, changed, open_left=open_left)
    return Booked(request=changed, open_left=open_left, notices=notices)


async def _close_offers(
    db: Db, network_id: UUID, request: Request, *, open_left: bool
) -> list[Notice]:
    """End what is asked in vain: all of it, or about other times than the one that now stands."""
    if not open_left:
        lost = await offers.close(db, network_id=network_id, request_id=request.id, state="taken")
        await due.clear_request(db, network_id=network_id, request_id=request.id)
        return [offer_notice(one, "offer.taken") for one in lost]
    if not any(request.fallbacks.values()):
        return []
    ended = await offers.close(
        db, network_id=network_id, request_id=request.id, state="withdrawn",
        not_at=request.session,
    )  # fmt: skip
    return [offer_notice(one, "offer.withdrawn") for one in ended]
