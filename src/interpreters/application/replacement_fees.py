"""The fee of a booking that was replaced: taken back once, owed again once, and until when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.owing import stands
from interpreters.application.usage import record_entry
from interpreters.database import Db
from interpreters.domain.adjustments import line_differences, total
from interpreters.domain.fallbacks import is_leg
from interpreters.domain.ids import BOOKING, new_id, show_id
from interpreters.domain.replacements import CALLED_OFF, REPLACED, AlreadyReplaced
from interpreters.sql import usage_entries
from interpreters.sql.bookings import Booking
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request
from interpreters.sql.usage_entries import UsageEntry

EXPENSE: Final = "expense"


def fee_to_replace(entered: Sequence[UsageEntry]) -> UsageEntry | None:
    """Return the late fee for which a replacement may be asked; None where there is none.

    Whatever people decided about it since, it is no more: expenses alone stand beside it.
    """
    owed = [one for one in entered if one.reason_code != EXPENSE]
    if len(owed) != 1 or owed[0].kind != "late_cancellation" or owed[0].rule is None:
        return None
    return owed[0] if owed[0].rule["policy_rule"].get("replacement") else None


def is_of_group(request: Request, booking: Booking) -> bool:
    """Say whether others stand and fall with the booking."""
    needed = request.interpreters_needed
    return (
        request.series_id is not None
        or needed > 1
        or is_leg(seat=booking.seat, interpreters_needed=needed)
    )


async def replacement_until(
    db: Db, *, network_id: UUID, request: Request, booking: Booking, now: datetime
) -> datetime | None:
    """Return until when a replacement for a booking called off may last; None: there is none."""
    if is_of_group(request, booking) or request.replaces_id is not None:
        return None
    entered = await usage_entries.of_booking(db, network_id=network_id, booking_id=booking.id)
    until = booking.session.ends_at
    return until if fee_to_replace(entered) is not None and until > now else None


async def take_back(
    db: Db, *, network_id: UUID, fee: UsageEntry, replacement: Booking, now: datetime
) -> Notice:
    """Enter that the fee is not owed, because of the booking that stands for it.

    Raises:
        AlreadyReplaced: it was taken back before.
    """
    lines = line_differences(before=fee.lines, after=())
    told = await record_entry(
        db, network_id, _entry(fee, lines, REPLACED, show_id(BOOKING, replacement.id), now)
    )
    if told is None:
        raise AlreadyReplaced
    return told


async def bring_back(
    db: Db, *, network_id: UUID, fee: UsageEntry, booking: Booking, now: datetime
) -> Notice | None:
    """Enter that the fee is owed again, as the booking that stood for it is called off; once."""
    lines = line_differences(before=(), after=fee.lines)
    return await record_entry(
        db, network_id, _entry(fee, lines, CALLED_OFF, show_id(BOOKING, booking.id), now)
    )


async def fee_entered(
    db: Db, *, network_id: UUID, request: Request, booking: Booking
) -> UsageEntry | None:
    """Return what calling the booking off did cost: its fee, or the one it stood for, come back."""
    owed = await usage_entries.of_booking(db, network_id=network_id, booking_id=booking.id)
    own = (one for one in owed if one.kind == "late_cancellation")
    if request.replaces_id is None:
        return next(own, None)
    entered = await usage_entries.of_booking(
        db, network_id=network_id, booking_id=request.replaces_id
    )
    back = (one for one in entered if one.reason_code == CALLED_OFF and stands(one, booking))
    return next(own, None) or next(back, None)


def _entry(
    fee: UsageEntry, lines: Sequence[dict[str, object]], why: str, by: str, now: datetime
) -> UsageEntry:
    """The minutes of a session that was not held are nobody's: money alone."""
    return msgspec.structs.replace(
        fee,
        id=new_id(now),
        kind="adjustment",
        booked_minutes=0,
        actual_minutes=0,
        billable_minutes=0,
        charge_minor=total(lines, "charge_minor"),
        pay_minor=total(lines, "pay_minor"),
        lines=lines,
        rule={**(fee.rule or {}), "replaced_by": by},
        funding_shares=(),
        recorded_at=now,
        corrects_id=fee.id,
        reason_code=why,
    )
