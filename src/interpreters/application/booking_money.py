"""One booking with its money: what it earns, and what calling it off would cost now."""

from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.bookings import ShownBooking, show_booking
from interpreters.application.owing import Owing, owing_of
from interpreters.application.pricing import (
    BookingMoney,
    Calling,
    Charged,
    calling_off,
    charged,
    charged_by,
)
from interpreters.application.replacement_fees import fee_entered, replacement_until
from interpreters.application.shown_requests import ASKERS
from interpreters.database import Db
from interpreters.domain.bookings import LIVE, can
from interpreters.domain.callers import Caller
from interpreters.sql import usage_entries


async def show_priced(db: Db, caller: Caller, booking_id: UUID, now: datetime) -> ShownBooking:
    """Return one booking with its money, each side with its own.

    What it earns is what was entered for it; before that, what the booked time would earn by the
    tariff as it is. None where no tariff has a rate for it.

    Raises:
        NotFound: there is none such in what the caller may see.
    """
    shown = await show_booking(db, caller, booking_id=booking_id)
    if caller.institution_id not in (None, shown.booking.institution_id):
        return shown  # what it costs is between the network and whoever asked
    owing = await owing_of(
        db, network_id=caller.network_id, request=shown.request, booking=shown.booking
    )
    money = BookingMoney(
        currency=owing.currency,
        pay_minor=await _pay(db, caller, shown, owing),
        calling=await _calling(db, caller, shown, owing, now),
    )
    return msgspec.structs.replace(shown, money=money)


async def _pay(db: Db, caller: Caller, shown: ShownBooking, owing: Owing) -> int | None:
    if caller.institution_id is not None:
        return None
    network_id, booking = caller.network_id, shown.booking
    owed = await usage_entries.of_booking(db, network_id=network_id, booking_id=booking.id)
    entered = sum(one.pay_minor for one in owed)
    if any(one.kind != "adjustment" for one in owed):
        return entered
    if booking.state not in LIVE:
        return entered
    expected = await charged(db, network_id=network_id, owing=owing, actual_minutes=0)
    return None if expected.rule is None else expected.pay_minor + entered


async def _calling(
    db: Db, caller: Caller, shown: ShownBooking, owing: Owing, now: datetime
) -> Calling | None:
    """Only for those who may call it off, while they may; and afterwards what it did cost."""
    state, network_id = shown.booking.state, caller.network_id
    called_off = state == "cancelled"
    if caller.role not in ASKERS or not (called_off or can(state=state, verb="cancel")):
        return None
    if state == "held":
        return Calling(fee=Charged(billable_minutes=0), free_until=owing.booked.starts_at)
    found = await calling_off(db, network_id=network_id, owing=owing, at=now)
    if not called_off:
        return found
    fee = await fee_entered(db, network_id=network_id, request=shown.request, booking=shown.booking)
    owed = Charged(billable_minutes=0) if fee is None else charged_by(fee)
    until = await replacement_until(
        db, network_id=network_id, request=shown.request, booking=shown.booking, now=now
    )
    return msgspec.structs.replace(found, fee=owed, replacement_until=until)
