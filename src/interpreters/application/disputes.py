"""Disputes: one side says what is wrong with a booking, and the network answers.

Whoever opened one sees its words, and the network; the other side sees that the booking is
disputed, no more.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.adjustments import Adjustment, adjust
from interpreters.application.approvals import decide, mark_disputed, note
from interpreters.application.shown_bookings import hold
from interpreters.application.telling import tell
from interpreters.application.time_changes import Times, change_times
from interpreters.database import Db
from interpreters.domain.approvals import AlreadyDisputed, Outcome, Party, party_of
from interpreters.domain.bookings import next_state
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import NotFound, WrongState
from interpreters.domain.ids import new_id
from interpreters.sql import disputes
from interpreters.sql.bookings import Booking
from interpreters.sql.disputes import Dispute
from interpreters.sql.disputes import Filter as DisputeFilter
from interpreters.sql.requests import Request

__all__ = ["Adjustment", "Decision", "Dispute", "DisputeFilter", "Times"]
READERS: Final = ("coordinator", "finance", "consultant", "institution", "interpreter")


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The answer, who is right, and what is put right: other times, or so much more or less."""

    answer: str
    outcome: Outcome
    correction: Times | Adjustment | None = None


async def open_dispute(
    db: Db, caller: Caller, *, booking_id: UUID, reason: Callable[[], str], now: datetime
) -> Dispute:
    """Say what is wrong with a booking; while one's own is open, it is answered again.

    Raises:
        NotFound: there is none such in what the caller may see.
        WrongState: the booking is not over.
        AlreadyDisputed: the other side's is open.
    """
    permit(
        caller, "bookings:write", "coordinator", "consultant", "institution", "interpreter"
    )  # fmt: skip
    _, booking = await hold(db, caller, booking_id)
    return await dispute_held(
        db, network_id=caller.network_id, booking=booking, party=party_of(caller.role),
        reason=reason(), now=now,
    )  # fmt: skip


async def dispute_held(
    db: Db, *, network_id: UUID, booking: Booking, party: Party, reason: str, now: datetime
) -> Dispute:
    """Open a dispute about a booking whose request is held.

    Raises:
        WrongState, AlreadyDisputed: see `open_dispute`.
    """
    found = await disputes.last(db, network_id=network_id, booking_id=booking.id)
    if found is not None and found.state == "open":
        if found.opened_by != party:
            raise AlreadyDisputed
        return found
    next_state(state=booking.state, verb="dispute")
    dispute = Dispute(
        id=new_id(now),
        booking_id=booking.id,
        institution_id=booking.institution_id,
        interpreter_id=booking.interpreter_id,
        opened_by=party,
        reason=reason,
        created_at=now,
    )
    await disputes.insert(db, network_id=network_id, dispute=dispute)
    await mark_disputed(db, network_id=network_id, booking=booking, now=now)
    await note(db, network_id=network_id, booking=booking, kind="booking.disputed", now=now)
    return dispute


async def list_disputes(
    db: Db,
    caller: Caller,
    *,
    wanted: Callable[[], DisputeFilter],
    page: Callable[[], tuple[UUID | None, int]],
) -> list[Dispute]:
    """Return disputes, newest first: to an institution or an interpreter those they opened."""
    permit(caller, _reading(caller), *READERS)
    asked, (before, limit) = wanted(), page()
    return await disputes.page(
        db, network_id=caller.network_id, wanted=_own(caller, asked), before=before, limit=limit
    )


async def show_dispute(db: Db, caller: Caller, *, dispute_id: UUID) -> Dispute:
    """Return one dispute.

    Raises:
        NotFound: there is none such in what the caller may see.
    """
    permit(caller, _reading(caller), *READERS)
    found = await disputes.find(db, network_id=caller.network_id, dispute_id=dispute_id)
    if found is None or not _sees(caller, found):
        raise NotFound
    return found


async def answer_dispute(
    db: Db, caller: Caller, *, dispute_id: UUID, decision: Callable[[], Decision], now: datetime
) -> Dispute:
    """Answer a dispute, put right what was wrong, and close it. The same again changes nothing.

    Raises:
        Forbidden: only coordinators and finance may.
        NotFound: there is none such.
        WrongState: it was answered otherwise, or there are no times to correct.
        Invalid: the correction is impossible.
    """
    permit(caller, "disputes:write", "coordinator", "finance")
    network_id = caller.network_id
    found = await disputes.find(db, network_id=network_id, dispute_id=dispute_id)
    if found is None:
        raise NotFound
    request, booking = await hold(db, caller, found.booking_id)
    found = await disputes.find(db, network_id=network_id, dispute_id=dispute_id)
    assert found is not None  # disputes are not deleted
    given = decision()
    if found.state == "closed":
        if (found.answer, found.outcome) == (given.answer, given.outcome):
            return found
        raise WrongState("It was answered already", state="closed")
    corrected = await _put_right(db, caller, request, booking, given, now)
    closed = msgspec.structs.replace(
        found,
        state="closed",
        answer=given.answer,
        outcome=given.outcome,
        closed_at=now,
        version=found.version + 1,
    )
    await disputes.update(db, network_id=network_id, dispute=closed)
    decided = await decide(
        db, network_id=network_id, booking=corrected, how="outcome", by=caller.user_id, now=now
    )
    await note(db, network_id=network_id, booking=decided, kind="booking.dispute_answered", now=now)
    return closed


async def _put_right(
    db: Db, caller: Caller, request: Request, booking: Booking, given: Decision, now: datetime
) -> Booking:
    if isinstance(given.correction, Times):
        return await change_times(
            db, network_id=caller.network_id, booking=booking, times=given.correction,
            by=caller.role, now=now, pointer="/correction/times",
        )  # fmt: skip
    if isinstance(given.correction, Adjustment):
        entered = await adjust(
            db, network_id=caller.network_id, request=request, booking=booking,
            adjustment=given.correction, now=now,
        )  # fmt: skip
        if entered is not None:
            await tell(db, network_id=caller.network_id, notices=[entered], now=now)
    return booking


def _reading(caller: Caller) -> str:
    return "usage:read" if caller.role == "finance" else "bookings:read"


def _own(caller: Caller, asked: DisputeFilter) -> DisputeFilter:
    if caller.institution_id is None and caller.interpreter_id is None:
        return asked
    return msgspec.structs.replace(
        asked,
        institution_id=caller.institution_id,
        interpreter_id=caller.interpreter_id,
        opened_by=party_of(caller.role),
    )


def _sees(caller: Caller, one: Dispute) -> bool:
    if caller.institution_id is None and caller.interpreter_id is None:
        return True
    is_theirs = (
        caller.institution_id in (None, one.institution_id)
        and caller.interpreter_id in (None, one.interpreter_id)
    )  # fmt: skip
    return is_theirs and one.opened_by == party_of(caller.role)
