"""Putting an interpreter on a seat: travel from the neighbours, and the constraint as the law.

Whoever calls holds the request's row; here the interpreter's row is held, so that two bookings of
one interpreter are made one after the other and each sees the other's travel. Whoever may change
the time of several people holds them all first, in one order (`hold_people`).
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain import travel
from interpreters.domain.bookings import LIVE
from interpreters.domain.briefings import attended
from interpreters.domain.errors import NotFound
from interpreters.domain.offers import InterpreterIsBusy
from interpreters.domain.travel import Neighbour, Point
from interpreters.domain.windows import Window
from interpreters.sql import bookings, commitments, freed_slots, interpreters
from interpreters.sql.bookings import Booking
from interpreters.sql.commitments import Commitment
from interpreters.sql.interpreters import Interpreter

AROUND: Final = timedelta(hours=14)


async def hold_people(
    db: Db, *, network_id: UUID, request_id: UUID, also: Collection[UUID] = ()
) -> None:
    """Hold everybody who is booked for the request, and `also`, in the order of their ids.

    Before any of their bookings is written: a booking's row is changed by its neighbours too,
    whose writers hold the interpreter first.
    """
    made = await bookings.of_requests(db, network_id=network_id, request_ids=[request_id])
    booked = {one.interpreter_id for one in made if one.state in LIVE}
    for one in sorted(booked.union(also)):
        await interpreters.lock(db, network_id=network_id, interpreter_id=one)


async def seat_interpreter(db: Db, *, network_id: UUID, booking: Booking) -> Booking:
    """Book it: `blocked` is computed here, and the neighbours' travel anew.

    Raises:
        InterpreterIsBusy: session or travel overlap with another live booking.
        NotFound: the network has no such interpreter.
    """
    interpreter = await interpreters.lock(
        db, network_id=network_id, interpreter_id=booking.interpreter_id
    )
    if interpreter is None:
        raise NotFound
    around = await _around(db, network_id, booking.interpreter_id, _there(booking))
    home, place = _home(interpreter), _place(booking)
    plan = _plan(session=_there(booking), place=place, home=home, around=around)
    if plan is None:
        raise InterpreterIsBusy
    own, moved = plan
    await _move(db, network_id, moved, around)
    seated = _with(booking, own, interpreter)
    if not await bookings.insert(db, network_id=network_id, booking=seated):
        raise InterpreterIsBusy
    await freed_slots.use(
        db, network_id=network_id, interpreter_id=seated.interpreter_id, session=seated.session,
        request_id=seated.request_id,
    )  # fmt: skip
    return seated


async def reseat(db: Db, *, network_id: UUID, booking: Booking) -> Booking:
    """Return the booking with what its changed session blocks, the neighbours moved for it.

    The caller writes it. Raises:
        InterpreterIsBusy: the session or its travel would overlap with another live booking.
    """
    interpreter = await interpreters.lock(
        db, network_id=network_id, interpreter_id=booking.interpreter_id
    )
    if interpreter is None:
        raise NotFound
    found = await _around(db, network_id, booking.interpreter_id, _there(booking))
    around = [one for one in found if one.id != booking.id]
    plan = _plan(
        session=_there(booking), place=_place(booking), home=_home(interpreter), around=around
    )
    if plan is None:
        raise InterpreterIsBusy
    own, moved = plan
    await _move(db, network_id, moved, around)
    return _with(booking, own, interpreter)


async def unseat(db: Db, *, network_id: UUID, booking: Booking) -> None:
    """Give the time back: the neighbours now travel past the booking, which is no longer live.

    Also past a remote one: it moved nobody, but may have been in the way of a road home.
    """
    interpreter = await interpreters.lock(
        db, network_id=network_id, interpreter_id=booking.interpreter_id
    )
    if interpreter is None:
        return
    around = await _around(db, network_id, booking.interpreter_id, _there(booking))
    around = [one for one in around if one.id != booking.id]
    moved = _joined(_home(interpreter), around, _there(booking))
    await _move(db, network_id, moved, around)


def fits(
    *, session: Window, place: Point | None, home: Point | None, around: Sequence[Commitment]
) -> bool:
    """Tell whether the session, with its briefing, has room between the other bookings."""
    return _plan(session=session, place=place, home=home, around=around) is not None


def _plan(
    *, session: Window, place: Point | None, home: Point | None, around: Sequence[Commitment]
) -> tuple[Window, dict[UUID, Window]] | None:
    """Return what the session blocks, and what its neighbours then block; None if it cannot be.

    A remote session is nowhere: nobody travels to it or from it, and it moves no neighbour.
    """
    live = [one for one in around if one.is_live]
    if any(one.session.overlaps(session) for one in live):
        return None
    before, after = _neighbours(around, session)
    own = travel.blocked(
        session=session,
        place=place,
        home=home,
        before=_neighbour(before),
        after=_neighbour(after),
    )
    moved: dict[UUID, Window] = {}
    if place is not None:
        new = Neighbour(session=session, place=place)
        if before is not None and before.is_live:
            moved[before.id] = _after_part(before, home, new)
        if after is not None and after.is_live:
            moved[after.id] = _before_part(after, home, new)
    taken = [moved.get(one.id, one.blocked) for one in live]
    if any(window.overlaps(own) for window in taken) or _overlapping(taken):
        return None
    return own, moved


def _overlapping(windows: Sequence[Window]) -> bool:
    ordered = sorted(windows, key=lambda one: one.starts_at)
    return any(one.ends_at > two.starts_at for one, two in pairwise(ordered))


def _joined(
    home: Point | None, around: Sequence[Commitment], session: Window
) -> dict[UUID, Window]:
    """Return what the two neighbours of a gap block; nothing changes if they would then overlap."""
    before, after = _neighbours(around, session)
    moved: dict[UUID, Window] = {}
    if before is not None and before.is_live:
        moved[before.id] = _after_part(before, home, _neighbour(after))
    if after is not None and after.is_live:
        moved[after.id] = _before_part(after, home, _neighbour(before))
    live = [moved.get(one.id, one.blocked) for one in around if one.is_live]
    return {} if _overlapping(live) else moved


def _after_part(one: Commitment, home: Point | None, after: Neighbour | None) -> Window:
    found = travel.blocked(
        session=one.session, place=one.place, home=home, before=None, after=after
    )
    return Window(starts_at=one.blocked.starts_at, ends_at=found.ends_at)


def _before_part(one: Commitment, home: Point | None, before: Neighbour | None) -> Window:
    found = travel.blocked(
        session=one.session, place=one.place, home=home, before=before, after=None
    )
    return Window(starts_at=found.starts_at, ends_at=one.blocked.ends_at)


def _neighbour(one: Commitment | None) -> Neighbour | None:
    return None if one is None else Neighbour(session=one.session, place=one.place)


def _neighbours(
    around: Sequence[Commitment], session: Window
) -> tuple[Commitment | None, Commitment | None]:
    """The nearest bookings at a place: remote ones do not move anybody."""
    there = [one for one in around if one.place is not None]
    earlier = [one for one in there if one.session.ends_at <= session.starts_at]
    later = [one for one in there if one.session.starts_at >= session.ends_at]
    before = max(earlier, key=lambda one: one.session.ends_at, default=None)
    after = min(later, key=lambda one: one.session.starts_at, default=None)
    return before, after


async def _around(
    db: Db, network_id: UUID, interpreter_id: UUID, session: Window
) -> list[Commitment]:
    window = Window(starts_at=session.starts_at - AROUND, ends_at=session.ends_at + AROUND)
    found = await commitments.around(
        db, network_id=network_id, interpreter_ids=[interpreter_id], window=window
    )
    return found[interpreter_id]


async def _move(
    db: Db, network_id: UUID, moved: dict[UUID, Window], around: Sequence[Commitment]
) -> None:
    """Write the neighbours' blocked time: first bare sessions, so that no order can collide."""
    present = {one.id: one for one in around}
    changed = {key: window for key, window in moved.items() if present[key].blocked != window}
    if not changed:
        return
    if len(changed) > 1:
        bare = {key: present[key].session for key in changed}
        await commitments.set_blocked(db, network_id=network_id, blocked=bare)
    await commitments.set_blocked(db, network_id=network_id, blocked=changed)


def _home(interpreter: Interpreter) -> Point | None:
    if interpreter.latitude is None or interpreter.longitude is None:
        return None
    return Point(latitude=interpreter.latitude, longitude=interpreter.longitude)


def _there(booking: Booking) -> Window:
    """The time that the interpreter is there: travel ends before the briefing, not after it."""
    return attended(session=booking.session, briefing_minutes=booking.briefing_minutes)


def _place(booking: Booking) -> Point | None:
    if booking.latitude is None or booking.longitude is None:
        return None
    return Point(latitude=booking.latitude, longitude=booking.longitude)


def _with(booking: Booking, own: Window, interpreter: Interpreter) -> Booking:
    return msgspec.structs.replace(booking, blocked=own, interpreter_name=interpreter.display_name)
