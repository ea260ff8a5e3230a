"""Bookings: seen by both sides, carried out by the interpreter."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.approvals import await_approval
from interpreters.application.breaks import refuse_long_breaks, unbroken
from interpreters.application.confirming import fill_state
from interpreters.application.dispatch import Step, save_step
from interpreters.application.events import changed_subjects
from interpreters.application.notices import booking_notice, state_notice
from interpreters.application.owing import owing_of
from interpreters.application.received import (
    booking_page,
    for_caller,
    sees_booking,
    shown_bookings_to,
)
from interpreters.application.said_times import Said, keep_said, unsaid
from interpreters.application.shown_bookings import (
    ShownBooking,
    find_own,
    hold,
    refuse_unanswered,
    shown_bookings,
)
from interpreters.application.telling import tell
from interpreters.application.usage import record_client_no_show, record_session
from interpreters.database import Db
from interpreters.domain.bookings import (
    BookingVerb,
    already,
    can,
    next_state,
    refuse_too_early,
)
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Invalid, NotFound, WrongState
from interpreters.sql import bookings, request_seats
from interpreters.sql.bookings import Booking
from interpreters.sql.bookings import Filter as BookingFilter
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request
from interpreters.sql.time_changes import Field

__all__ = [
    "Booking",
    "BookingFilter",
    "ShownBooking",
    "changed_bookings",
    "check_in",
    "client_no_show",
    "end",
    "find_own",
    "hold",
    "list_bookings",
    "next_version",
    "save",
    "show_booking",
    "shown_bookings",
    "start",
]
READERS: Final = ("coordinator", "consultant", "institution", "interpreter")


async def list_bookings(
    db: Db, caller: Caller, *, wanted: Callable[[], BookingFilter], before: UUID | None, limit: int
) -> list[ShownBooking]:
    """Return bookings, newest first: an institution's own and received, an interpreter's own."""
    permit(caller, "bookings:read", *READERS)
    asked = _allowed(caller, wanted())
    found = await booking_page(db, caller, wanted=asked, before=before, limit=limit)
    return await shown_bookings_to(db, caller, found)


async def changed_bookings(
    db: Db,
    caller: Caller,
    *,
    wanted: Callable[[], BookingFilter],
    since: datetime | None,
    after_place: int | None,
    limit: int,
    now: datetime,
) -> tuple[list[ShownBooking], int | None]:
    """Return bookings changed since, in the order their changes were placed, each once.

    The second value is the place to go on from; None when this was the end.
    """
    permit(caller, "bookings:read", *READERS)
    asked = _allowed(caller, wanted())
    changed = await changed_subjects(
        db,
        network_id=caller.network_id,
        kind="booking",
        since=since,
        after_place=after_place,
        institution_id=caller.institution_id or asked.institution_id,
        interpreter_id=asked.interpreter_id,
        limit=limit + 1,
        now=now,
    )
    page = changed[:limit]
    found = await bookings.get_many(
        db, network_id=caller.network_id, ids=[one.subject_id for one in page]
    )
    there = [found[one.subject_id] for one in page if one.subject_id in found]
    shown = await shown_bookings(db, caller.network_id, there)
    kept = [one for one in shown if sees_booking(caller, one, asked)]
    following = page[-1].place if len(changed) > limit else None
    return for_caller(caller, kept), following


async def show_booking(db: Db, caller: Caller, *, booking_id: UUID) -> ShownBooking:
    """Return one booking.

    Raises:
        NotFound: there is none such in what the caller may see.
    """
    permit(caller, "bookings:read", *READERS)
    found = await bookings.find(db, network_id=caller.network_id, booking_id=booking_id)
    if found is None or caller.interpreter_id not in (None, found.interpreter_id):
        raise NotFound
    (shown,) = await shown_bookings(db, caller.network_id, [found])
    if not sees_booking(caller, shown, BookingFilter()):
        raise NotFound
    return for_caller(caller, [shown])[0]


async def check_in(
    db: Db, caller: Caller, *, booking_id: UUID, said_at: Said = unsaid, now: datetime
) -> ShownBooking:
    """Say that the interpreter is there: from 2 h before the start; `said_at` as of `start`.

    Raises:
        NotFound, TooEarly, WrongState: see `domain/bookings.py`.
        ConflictNotAnswered: the network asks the interpreter, who has not said yet.
    """
    return await _session_verb(db, caller, booking_id, "check-in", now, said_at)


async def start(
    db: Db, caller: Caller, *, booking_id: UUID, said_at: Said = unsaid, now: datetime
) -> ShownBooking:
    """Begin the session: from 15 min before the booked start; `said_at` by the phone's clock.

    Raises:
        NotFound, TooEarly, WrongState: see `domain/bookings.py`.
        ConflictNotAnswered: the network asks the interpreter, who has not said yet.
    """
    return await _session_verb(db, caller, booking_id, "start", now, said_at)


async def end(
    db: Db,
    caller: Caller,
    *,
    booking_id: UUID,
    ended_at: Callable[[], datetime | None],
    break_minutes: Callable[[], int] = unbroken,
    said_at: Said = unsaid,
    now: datetime,
) -> ShownBooking:
    """End the session and enter it in the ledger, once; `said_at` by the phone's clock.

    Raises:
        NotFound, WrongState: see `domain/bookings.py`.
        Invalid: it would end before it started, or in the future; or its breaks fill it.
    """
    permit(caller, "bookings:write", "interpreter", "coordinator")
    request, booking = await hold(db, caller, booking_id)
    when, breaks, said = ended_at() or now, break_minutes(), said_at()
    if already(state=booking.state, verb="end"):
        return (await shown_bookings(db, caller.network_id, [booking]))[0]
    state = next_state(state=booking.state, verb="end")
    assert booking.started_at is not None  # a CHECK holds it
    if not booking.started_at <= when <= now:
        detail = "After the start of the session and not in the future"
        raise Invalid([FieldError(pointer="/ended_at", code="out-of-range", detail=detail)])
    changed = next_version(booking, now, state=state, ended_at=when, break_minutes=breaks)
    refuse_long_breaks(changed)
    await keep_said(db, caller, booking=changed, field="ended_at", at=when, said_at=said, now=now)
    entry = await record_session(
        db,
        network_id=caller.network_id,
        owing=await owing_of(db, network_id=caller.network_id, request=request, booking=booking),
        started_at=booking.started_at,
        ended_at=when,
        break_minutes=breaks,
        now=now,
    )
    return await _close(db, caller, request, changed, "booking.completed", entry, now)


async def client_no_show(
    db: Db, caller: Caller, *, booking_id: UUID, now: datetime
) -> ShownBooking:
    """Say that nobody came: the time is kept in the ledger.

    Raises:
        NotFound, TooEarly, WrongState: see `domain/bookings.py`.
    """
    permit(caller, "bookings:write", "interpreter", "coordinator", "consultant", "institution")
    request, booking = await hold(db, caller, booking_id)
    if already(state=booking.state, verb="client-no-show"):
        return (await shown_bookings(db, caller.network_id, [booking]))[0]
    state = next_state(state=booking.state, verb="client-no-show")
    refuse_too_early(verb="client-no-show", starts_at=booking.session.starts_at, now=now)
    entry = await record_client_no_show(
        db,
        network_id=caller.network_id,
        owing=await owing_of(db, network_id=caller.network_id, request=request, booking=booking),
        now=now,
    )
    changed = next_version(booking, now, state=state, closed_at=now)
    return await _close(db, caller, request, changed, "booking.no_show", entry, now)


async def save(db: Db, caller: Caller, changed: Booking, kind: str, now: datetime) -> ShownBooking:
    """Write the booking's next version and have it told."""
    written = await bookings.update(db, network_id=caller.network_id, booking=changed)
    assert written  # the request is held, and every change holds it
    notices = [booking_notice(changed, kind)]
    await tell(db, network_id=caller.network_id, notices=notices, now=now)
    return (await shown_bookings(db, caller.network_id, [changed]))[0]


async def _session_verb(
    db: Db, caller: Caller, booking_id: UUID, verb: BookingVerb, now: datetime, said_at: Said
) -> ShownBooking:
    permit(caller, "bookings:write", "interpreter", "coordinator")
    _, booking = await hold(db, caller, booking_id)
    said, arrives = said_at(), verb == "check-in"
    done = arrives and booking.checked_in_at is not None
    if done or already(state=booking.state, verb=verb):
        return (await shown_bookings(db, caller.network_id, [booking]))[0]
    if not can(state=booking.state, verb=verb):
        raise WrongState(f"A booking that is {booking.state} has no {verb}")
    await refuse_unanswered(db, caller, booking)
    refuse_too_early(
        verb=verb, starts_at=booking.session.starts_at, now=now, briefing=booking.briefing_minutes
    )
    field: Field = "checked_in_at" if arrives else "started_at"
    kind = "booking.checked_in" if arrives else "booking.started"
    state = booking.state if arrives else "in_progress"
    changed = next_version(booking, now, state=state, **{field: now})
    await keep_said(db, caller, booking=changed, field=field, at=now, said_at=said, now=now)
    return await save(db, caller, changed, kind, now)


async def _close(
    db: Db,
    caller: Caller,
    request: Request,
    changed: Booking,
    kind: str,
    entry: Notice | None,
    now: datetime,
) -> ShownBooking:
    """Write the end of a booking, close its seat, and the request with its last seat."""
    network_id = caller.network_id
    await bookings.update(db, network_id=network_id, booking=changed)
    await await_approval(db, network_id=network_id, booking=changed, now=now)
    await request_seats.set_state(
        db, network_id=network_id, request_id=request.id, seat=changed.seat, state="closed",
        was=["filled", "held"],
    )  # fmt: skip
    _, state = await fill_state(db, network_id=network_id, request=request)
    closed = msgspec.structs.replace(request, state=state)
    notices = [booking_notice(changed, kind)]
    notices += [entry] if entry is not None else []
    notices.append(state_notice(closed, request.state))
    await save_step(db, network_id=network_id, step=Step(request=closed, notices=notices), now=now)
    return (await shown_bookings(db, network_id, [changed]))[0]


def next_version(booking: Booking, now: datetime, **changes: object) -> Booking:
    """Return the booking with the changes, as its next version."""
    return msgspec.structs.replace(booking, **changes, updated_at=now, version=booking.version + 1)


def _allowed(caller: Caller, wanted: BookingFilter) -> BookingFilter:
    """Another's list is not there; an interpreter's holds their own, whatever it asked for."""
    if wanted.institution_id is not None and caller.institution_id not in (
        None,
        wanted.institution_id,
    ):
        raise NotFound
    if wanted.interpreter_id is not None and caller.interpreter_id not in (
        None,
        wanted.interpreter_id,
    ):
        raise NotFound
    interpreter_id = caller.interpreter_id or wanted.interpreter_id
    return msgspec.structs.replace(wanted, interpreter_id=interpreter_id)
