"""A replacement asked for instead of a late fee: looked at, and booked at once or not at all.

The interpreter said yes to this time and is paid for it, so nobody is asked: who fits is booked.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.confirming import fill_state
from interpreters.application.dispatch import Step
from interpreters.application.notices import booking_notice, state_notice
from interpreters.application.owing import owing_of
from interpreters.application.pricing import charged
from interpreters.application.quotes import quote, tariffs_for
from interpreters.application.replacement_fees import fee_to_replace, is_of_group, take_back
from interpreters.application.request_orders import RequestOrder
from interpreters.application.scoring import Candidate
from interpreters.application.searching import search
from interpreters.application.seat_bookings import booking_of
from interpreters.application.seating import seat_interpreter
from interpreters.application.wanting import Wanted
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.ids import BOOKING, show_id
from interpreters.domain.offers import InterpreterIsBusy
from interpreters.domain.replacements import (
    REPLACED,
    AlreadyReplaced,
    FeeNotReplaceable,
    OutsideReplacedTime,
    ReplacementDoesNotFit,
    ReplacementInGroup,
    ReplacementOfReplacement,
    floor_of,
)
from interpreters.domain.windows import Window
from interpreters.sql import bookings, request_seats, requests, usage_entries
from interpreters.sql.bookings import Booking
from interpreters.sql.requests import Request
from interpreters.sql.usage_entries import UsageEntry

UNPRICED: Final = "No tariff has a price for it"


class Replaced(msgspec.Struct, frozen=True, kw_only=True):
    """A booking that was called off late, and the fee for which something else may stand."""

    booking: Booking
    fee: UsageEntry


async def replaced_of(
    db: Db, caller: Caller, *, order: RequestOrder, now: datetime
) -> Replaced | None:
    """Return what the order replaces, its request held; None where it replaces nothing.

    Raises:
        Invalid: the institution that asks has no such booking.
        ReplacementInGroup, ReplacementOfReplacement, AlreadyReplaced, FeeNotReplaceable,
        OutsideReplacedTime: see `domain/replacements.py`.
    """
    if order.replaces is None:
        return None
    booking, request = await _found(db, caller, order, order.replaces)
    if order.recurrence or order.interpreters_needed > 1 or is_of_group(request, booking):
        raise ReplacementInGroup
    if request.replaces_id is not None:
        raise ReplacementOfReplacement
    entered = await usage_entries.of_booking(
        db, network_id=caller.network_id, booking_id=booking.id
    )
    if any(one.reason_code == REPLACED for one in entered):
        raise AlreadyReplaced
    fee = fee_to_replace(entered)
    if fee is None:
        raise FeeNotReplaceable
    starts_at = order.starts_at or now
    asked = Window(
        starts_at=starts_at, ends_at=starts_at + timedelta(minutes=order.duration_minutes)
    )
    if not booking.session.starts_at <= asked.starts_at < asked.ends_at <= booking.session.ends_at:
        starts_at, ends_at = booking.session.starts_at, booking.session.ends_at
        raise OutsideReplacedTime(f"From {starts_at.isoformat()} to {ends_at.isoformat()}")
    return Replaced(booking=booking, fee=fee)


async def quote_replacement(db: Db, *, wanted: Wanted, replaced: Replaced) -> int:
    """Return what the institution would be charged for it, in minor units; the fee goes.

    Raises:
        ReplacementDoesNotFit: the interpreter cannot do it, or it has no price.
    """
    found = await quote(
        db,
        wanted=wanted,
        versions=await tariffs_for(
            db, network_id=wanted.network.network_id, institution=wanted.institution
        ),
        candidates=[await _candidate(db, wanted, replaced)],
        floor=floor_of(booking=show_id(BOOKING, replaced.booking.id), lines=replaced.fee.lines),
    )
    if found is None:
        raise ReplacementDoesNotFit(UNPRICED)
    return found


async def book_replacement(db: Db, *, wanted: Wanted, replaced: Replaced, now: datetime) -> Step:
    """Book the interpreter for the request, which is stored, and take the fee back.

    Raises:
        ReplacementDoesNotFit: they cannot do it, are busy since, or it has no price.
    """
    network_id, request = wanted.network.network_id, wanted.request
    chosen = await _candidate(db, wanted, replaced)
    booking = booking_of(
        request=request, site=wanted.site, seat=1, offer_id=None,
        interpreter_id=chosen.interpreter_id, mode=chosen.mode,
        from_language=chosen.from_language, state="confirmed", now=now,
    )  # fmt: skip
    try:
        seated = await seat_interpreter(db, network_id=network_id, booking=booking)
    except InterpreterIsBusy as busy:
        raise ReplacementDoesNotFit("They have another booking then") from busy
    owing = await owing_of(db, network_id=network_id, request=request, booking=seated)
    expected = await charged(db, network_id=network_id, owing=owing, actual_minutes=0)
    if expected.rule is None:
        raise ReplacementDoesNotFit(UNPRICED)
    taken = await request_seats.set_state(
        db, network_id=network_id, request_id=request.id, seat=1, state="filled", was=["open"]
    )
    assert taken  # the seat was just made
    fee = await take_back(db, network_id=network_id, fee=replaced.fee, replacement=seated, now=now)
    _, state = await fill_state(db, network_id=network_id, request=request)
    filled = msgspec.structs.replace(request, state=state, next_step_at=None)
    notices = [booking_notice(seated, "booking.confirmed"), state_notice(filled, request.state)]
    return Step(request=filled, notices=[*notices, fee])


async def _found(
    db: Db, caller: Caller, order: RequestOrder, booking_id: UUID
) -> tuple[Booking, Request]:
    network_id = caller.network_id
    found = await bookings.find(db, network_id=network_id, booking_id=booking_id)
    if found is None or found.institution_id != (caller.institution_id or order.institution_id):
        detail = "The institution has no such booking"
        raise Invalid([FieldError(pointer="/replaces", code="unknown-booking", detail=detail)])
    request = await requests.lock(db, network_id=network_id, request_id=found.request_id)
    assert request is not None  # the foreign key holds it
    held = await bookings.find(db, network_id=network_id, booking_id=booking_id)
    assert held is not None  # bookings are not deleted
    return held, request


async def _candidate(db: Db, wanted: Wanted, replaced: Replaced) -> Candidate:
    """Return the interpreter as the search finds them: every rule counts but one.

    Whether it is urgent is asked of the moment at which they took the time; it is not sprung on
    them now.
    """
    whose = replaced.booking.interpreter_id
    first = msgspec.structs.replace(wanted, standby=[whose])  # who is on standby is looked at first
    result = await search(db, wanted=first, now=replaced.booking.created_at)
    for one in result.candidates:
        if one.interpreter_id == whose:
            return one
    raise ReplacementDoesNotFit
