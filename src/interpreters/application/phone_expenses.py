"""What an interpreter's phone shows of what they spent, and for which bookings they may say it."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Literal, TypeAlias
from uuid import UUID

import msgspec

from interpreters.application.bookings import (
    BookingFilter,
    ShownBooking,
    list_bookings,
    show_booking,
)
from interpreters.application.expenses import Expense, ExpenseFilter, list_expenses
from interpreters.application.interpreters import show_interpreter
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, Refusal
from interpreters.domain.expenses import (
    SPENT_FOR,
    SUBMITTED_WITHIN,
    ExpenseKind,
    decide_by,
    refuse_asking,
    refuse_submitting,
)
from interpreters.sql import networks
from interpreters.sql.bookings import Booking

MOST: Final = 100
MOST_BOOKINGS: Final = 500
LONGEST: Final = timedelta(days=7)  # a session; it counts from its end
# Beforehand it is asked about; then what was spent is said, until it is too late for that.
Way: TypeAlias = Literal["ask", "spend", "late"]


class Spending(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's expenses for a booking, newest first, and what they may say of others now.

    `way` is None where nothing was to be spent. `answer_by` is by when a question asked now should
    be answered. Travel beyond `limit_minor` of `currency` is to be agreed first; None: never.
    """

    job: ShownBooking
    expenses: Sequence[Expense]
    way: Way | None
    answer_by: datetime | None
    limit_minor: int | None
    currency: str
    time_zone: str


async def show_spending(db: Db, caller: Caller, *, booking_id: UUID, now: datetime) -> Spending:
    """Return what the interpreter of a booking spent for it, or asks to spend.

    Raises:
        Forbidden: the caller is no interpreter.
        NotFound: it is not their booking.
    """
    if caller.role != "interpreter" or caller.interpreter_id is None:
        raise Forbidden
    job = await show_booking(db, caller, booking_id=booking_id)
    wanted = ExpenseFilter(booking_id=booking_id)
    profile = await show_interpreter(db, caller, interpreter_id=caller.interpreter_id)
    network = await networks.get(db, network_id=caller.network_id)
    way, starts_at = _way(job.booking, now), job.booking.session.starts_at
    return Spending(
        job=job,
        expenses=await list_expenses(db, caller, wanted=lambda: wanted, before=None, limit=MOST),
        way=way,
        answer_by=decide_by(asked_at=now, starts_at=starts_at) if way == "ask" else None,
        limit_minor=network.travel_approval_minor,
        currency=network.currency,
        time_zone=profile.interpreter.time_zone,
    )


async def list_spendable(db: Db, caller: Caller, *, now: datetime) -> list[ShownBooking]:
    """Return the interpreter's bookings of which what was spent may be said now.

    Raises:
        Forbidden: the caller may read no bookings.
    """
    wanted = BookingFilter(starts_after=now - SUBMITTED_WITHIN - LONGEST)
    found = await list_bookings(db, caller, wanted=lambda: wanted, before=None, limit=MOST_BOOKINGS)
    return [one for one in found if _way(one.booking, now) == "spend"]


async def paid_kinds(
    db: Db, caller: Caller, *, booking_ids: Collection[UUID]
) -> dict[UUID, ExpenseKind]:
    """Return what the interpreter was paid back for, by the ledger's entries of these bookings.

    Raises:
        Forbidden: the caller may read no expenses.
    """
    kinds: dict[UUID, ExpenseKind] = {}
    for booking_id in booking_ids:
        wanted = partial(ExpenseFilter, booking_id=booking_id)
        found = await list_expenses(db, caller, wanted=wanted, before=None, limit=MOST)
        kinds |= {one.entry_id: one.kind for one in found if one.entry_id is not None}
    return kinds


def _way(booking: Booking, now: datetime) -> Way | None:
    session = booking.session
    with suppress(Refusal):
        refuse_asking(state=booking.state, starts_at=session.starts_at, now=now)
        return "ask"
    with suppress(Refusal):
        refuse_submitting(
            state=booking.state, starts_at=session.starts_at, ends_at=session.ends_at, now=now
        )
        return "spend"
    return "late" if booking.state in SPENT_FOR else None
