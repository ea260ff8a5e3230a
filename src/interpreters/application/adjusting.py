"""What is owed for a booking, and putting it right by hand: one more entry, with a reason."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.adjustments import Adjustment, adjust
from interpreters.application.party_names import name_parties
from interpreters.application.shown_bookings import hold
from interpreters.application.telling import tell
from interpreters.database import Db
from interpreters.domain.bookings import next_state
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import NotFound
from interpreters.sql import usage_entries
from interpreters.sql.usage_entries import UsageEntry

__all__ = ["Adjustment", "Owed", "adjust_booking", "show_owed"]


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """Every entry of a booking, in the order they were made, and what both parties are called."""

    booking_id: UUID
    entries: Sequence[UsageEntry]
    institution: str
    interpreter: str


async def show_owed(db: Db, caller: Caller, *, booking_id: UUID) -> Owed | None:
    """Return what was entered for a booking; None while nothing was.

    Raises:
        Forbidden: only coordinators and finance may.
    """
    permit(caller, "usage:read", "coordinator", "finance")
    found = await usage_entries.of_booking(db, network_id=caller.network_id, booking_id=booking_id)
    if not found:
        return None
    first = found[0]
    names = await name_parties(
        db, caller, institution_ids=[first.institution_id], interpreter_ids=[first.interpreter_id]
    )
    return Owed(
        booking_id=booking_id,
        entries=found,
        institution=names.get(first.institution_id, ""),
        interpreter=names.get(first.interpreter_id, ""),
    )


async def adjust_booking(
    db: Db, caller: Caller, *, booking_id: UUID, order: Callable[[], Adjustment], now: datetime
) -> None:
    """Enter so much more or less for a booking that is over, by a code why.

    Raises:
        Forbidden: only coordinators and finance may.
        NotFound: nothing was entered for such a booking.
        WrongState: it is not over.
        Invalid: its minutes, charge or pay would fall below nothing.
    """
    permit(caller, "disputes:write", "coordinator", "finance")
    network_id = caller.network_id
    if not await usage_entries.of_booking(db, network_id=network_id, booking_id=booking_id):
        raise NotFound
    request, booking = await hold(db, caller, booking_id)
    wanted = order()
    next_state(state=booking.state, verb="dispute")  # that is open once it is over
    entered = await adjust(
        db, network_id=network_id, request=request, booking=booking, adjustment=wanted, now=now
    )
    if entered is not None:
        await tell(db, network_id=network_id, notices=[entered], now=now)
