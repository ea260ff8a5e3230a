"""What an approved expense is in the ledger: one more entry, without minutes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.owing import owing_of
from interpreters.application.pricing import Charged
from interpreters.application.usage import new_entry, record_entry
from interpreters.database import Db
from interpreters.domain.expenses import REASON
from interpreters.sql.bookings import Booking
from interpreters.sql.expenses import Expense
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request


async def record_expense(
    db: Db,
    *,
    network_id: UUID,
    request: Request,
    booking: Booking,
    expense: Expense,
    charge_minor: int,
    now: datetime,
) -> tuple[UUID, Sequence[Notice]]:
    """Enter what is paid for an approved expense; return the entry, and what to tell of it.

    It belongs to the session's day. Where nothing is charged the institution does not hear of it.
    The caller holds the booking's request.
    """
    assert expense.approved_minor is not None  # it is approved
    paid = expense.approved_minor
    line = {"kind": "expense", "charge_minor": charge_minor, "pay_minor": paid}
    owed = Charged(billable_minutes=0, charge_minor=charge_minor, pay_minor=paid, lines=[line])
    owing = await owing_of(db, network_id=network_id, request=request, booking=booking)
    entry = msgspec.structs.replace(
        new_entry(owing, "adjustment", owed, actual=0, now=now),
        booked_minutes=0,
        currency=expense.currency,
        reason_code=REASON,
    )
    notice = await record_entry(db, network_id, entry)
    assert notice is not None  # of adjustments there may be any number
    if not charge_minor:
        notice = msgspec.structs.replace(notice, institution_id=None)
    return entry.id, [notice]
