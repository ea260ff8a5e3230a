"""When interpreters work: weekly hours, "available now", and the free time that results."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec

from interpreters.application.interpreters import hold_interpreter, own_interpreter
from interpreters.application.supply import refresh_supply
from interpreters.database import Db
from interpreters.domain.availability import WeeklyRow, free_times
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Stale
from interpreters.domain.windows import Window, joined, without
from interpreters.sql import absences, availability, free_busy, interpreters, networks
from interpreters.sql.interpreters import Interpreter

OutsideHours: TypeAlias = Literal["ask", "never"]


class Availability(msgspec.Struct, frozen=True, kw_only=True):
    """Weekly hours in `time_zone`; none means any hour. `available_until` is never past."""

    weekly: Sequence[WeeklyRow]
    outside_hours: str
    available_until: datetime | None
    time_zone: str
    version: int


class AvailabilityOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The weekly hours to be kept from now on."""

    weekly: Sequence[WeeklyRow]
    outside_hours: OutsideHours = "ask"


class Busy(msgspec.Struct, frozen=True, kw_only=True):
    """A time that is taken, whole, and by what; a booking's holds its travel."""

    window: Window
    kind: Literal["booking", "absence"]


class FreeBusy(msgspec.Struct, frozen=True, kw_only=True):
    """What is free and what is taken, both in order."""

    time_zone: str
    free: Sequence[Window]
    busy: Sequence[Busy]


async def show_availability(
    db: Db, caller: Caller, *, interpreter_id: UUID, now: datetime
) -> Availability:
    """Return an interpreter's weekly hours and how they are asked outside them.

    Raises:
        Forbidden, NotFound: as `own_interpreter` does.
    """
    one = await own_interpreter(db, caller, interpreter_id=interpreter_id)
    return await _availability(db, caller, one, now)


async def replace_availability(
    db: Db,
    caller: Caller,
    *,
    interpreter_id: UUID,
    if_match: int | None,
    order: Callable[[], AvailabilityOrder],
    now: datetime,
) -> Availability:
    """Make these the interpreter's weekly hours.

    Raises:
        Forbidden, NotFound: as `hold_interpreter` does.
        Stale: it was changed since the version in If-Match.
    """
    held = await hold_interpreter(db, caller, interpreter_id=interpreter_id)
    if if_match not in (None, held.version):
        raise Stale
    wanted = order()
    changed = msgspec.structs.replace(
        held, outside_hours=wanted.outside_hours, version=held.version + 1
    )
    await availability.replace(
        db, network_id=caller.network_id, interpreter_id=held.id, rows=wanted.weekly
    )
    await interpreters.update(db, network_id=caller.network_id, interpreter=changed)
    await refresh_supply(db, network_id=caller.network_id, interpreter=changed)
    return await _availability(db, caller, changed, now)


async def set_available_now(
    db: Db,
    caller: Caller,
    *,
    interpreter_id: UUID,
    until: Callable[[], datetime | None],
    now: datetime,
) -> Availability:
    """Say that the interpreter can be had from now to `until`, whatever their hours; None ends it.

    Raises:
        Forbidden, NotFound: as `hold_interpreter` does.
    """
    held = await hold_interpreter(db, caller, interpreter_id=interpreter_id)
    changed = msgspec.structs.replace(held, available_until=until(), version=held.version + 1)
    await interpreters.update(db, network_id=caller.network_id, interpreter=changed)
    await refresh_supply(db, network_id=caller.network_id, interpreter=changed)
    return await _availability(db, caller, changed, now)


async def show_free_busy(
    db: Db, caller: Caller, *, interpreter_id: UUID, window: Callable[[str], Window], now: datetime
) -> FreeBusy:
    """Return when an interpreter is free within the window, and what takes the rest.

    `window` reads what was asked for, days as those of the network's zone.

    Free is within the weekly hours, or up to the end of an "available now", and not taken.

    Raises:
        Forbidden, NotFound: as `own_interpreter` does.
    """
    one = await own_interpreter(db, caller, interpreter_id=interpreter_id)
    network = await networks.get(db, network_id=caller.network_id)
    asked = window(network.time_zone)
    busy = await _busy(db, caller, one, asked)
    taken = [each.window for each in busy]
    weekly = await availability.of_interpreters(
        db, network_id=caller.network_id, interpreter_ids=[one.id]
    )
    regular = free_times(
        rows=weekly[one.id],
        busy=taken,
        absences=(),
        from_=asked.starts_at,
        to=asked.ends_at,
        time_zone=one.time_zone,
    )
    extra = without(windows=_available_now(one, asked, now), taken=taken)
    return FreeBusy(time_zone=one.time_zone, free=joined([*regular, *extra]), busy=busy)


async def _availability(db: Db, caller: Caller, one: Interpreter, now: datetime) -> Availability:
    weekly = await availability.of_interpreters(
        db, network_id=caller.network_id, interpreter_ids=[one.id]
    )
    until = one.available_until
    return Availability(
        weekly=weekly[one.id],
        outside_hours=one.outside_hours,
        available_until=until if until is not None and until > now else None,
        time_zone=one.time_zone,
        version=one.version,
    )


async def _busy(db: Db, caller: Caller, one: Interpreter, window: Window) -> list[Busy]:
    booked = await free_busy.blocked(
        db, network_id=caller.network_id, interpreter_id=one.id, window=window
    )
    away = await absences.within(
        db, network_id=caller.network_id, interpreter_id=one.id, window=window
    )
    both = [
        *(Busy(window=each, kind="booking") for each in booked),
        *(
            Busy(window=Window(starts_at=each.starts_at, ends_at=each.ends_at), kind="absence")
            for each in away
        ),
    ]
    return sorted(both, key=lambda each: (each.window.starts_at, each.window.ends_at))


def _available_now(one: Interpreter, window: Window, now: datetime) -> list[Window]:
    """Return the part of "available now" that lies within the window."""
    if one.available_until is None:
        return []
    start, end = max(now, window.starts_at), min(one.available_until, window.ends_at)
    return [Window(starts_at=start, ends_at=end)] if start < end else []
