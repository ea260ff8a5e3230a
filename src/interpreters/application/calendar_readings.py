"""Reading interpreters' other calendars: when they say they are busy, nobody asks them.

The file is read outside of any transaction. What it says replaces what the last reading said, as
a set, under the interpreter's lock; a reading that another one overtook is thrown away.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
import structlog

from interpreters.application.calendar_warnings import warn_unreadable
from interpreters.application.calls import run
from interpreters.application.people_messages import Outgoing
from interpreters.database import Db, Pool
from interpreters.domain.calendar_entries import uid_end
from interpreters.domain.calendar_parts import UnreadableCalendar
from interpreters.domain.calendars import busy_times
from interpreters.domain.external_calendars import (
    EVERY,
    MOST,
    TOLD_AFTER,
    knows_window,
    next_look,
    window_of,
)
from interpreters.domain.windows import Window
from interpreters.gateways.calendars import CalendarGateway, Gone, TryLater, Unchanged
from interpreters.sql import absences, due, external_calendars, interpreters
from interpreters.sql.external_calendars import ExternalCalendar

WAIT: Final = 5.0  # seconds the other server has: a job ends within ten
HELD: Final = timedelta(seconds=30)  # longer than a reading takes
log = structlog.get_logger()


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar as it was before it was read, and whose clock its floating times are by."""

    calendar: ExternalCalendar
    time_zone: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a reading: an `error`, or busy times; neither: they are as they were."""

    busy: Sequence[Window] | None = None
    etag: str | None = None
    error: str | None = None
    retry_after: int | None = None


async def read_calendar(
    pool: Pool,
    *,
    network_id: UUID,
    interpreter_id: UUID,
    allow_private: bool,
    out: Outgoing,
    clock: Callable[[], datetime],
) -> None:
    """Read an interpreter's other calendar; may run twice, at once or after another."""
    known = await run(pool, network_id, lambda db: _take(db, network_id, interpreter_id, clock()))
    if known is None:
        return
    async with CalendarGateway(allow_private=allow_private, wait=WAIT) as gateway:
        found = await _read(gateway, network_id, known, clock())
    await run(pool, network_id, lambda db: _note(db, out, network_id, known, found, clock()))


async def _take(db: Db, network_id: UUID, interpreter_id: UUID, now: datetime) -> Known | None:
    """Return what is to be read; nobody else reads it meanwhile, unless this process dies."""
    if not await due.claim(db, network_id=network_id, kind="calendar", id=interpreter_id):
        return None
    calendar = await external_calendars.find(
        db, network_id=network_id, interpreter_id=interpreter_id
    )
    person = await interpreters.find(db, network_id=network_id, interpreter_id=interpreter_id)
    if calendar is None or person is None:
        await due.clear(db, network_id=network_id, kind="calendar", id=interpreter_id)
        return None
    away = person.stage == "suspended"  # nobody asks them
    at = now + (EVERY if away else HELD)
    await due.set_at(db, network_id=network_id, kind="calendar", id=interpreter_id, at=at)
    return None if away else Known(calendar=calendar, time_zone=person.time_zone)


async def _read(gateway: CalendarGateway, network_id: UUID, known: Known, now: datetime) -> Found:
    calendar = known.calendar
    etag = calendar.etag if knows_window(calendar.read_at, now) else None
    try:
        reading = await gateway.read_calendar(calendar.url, etag)
        if isinstance(reading, Unchanged):
            return Found(etag=calendar.etag)
        busy = await asyncio.to_thread(
            busy_times,
            reading.data,
            window=window_of(now),
            time_zone=known.time_zone,
            but=uid_end(network_id),
        )
    except (Gone, UnreadableCalendar) as trouble:
        return Found(error=trouble.code)
    except TryLater as later:
        return Found(error=later.code, retry_after=later.retry_after)
    return Found(error="too-large") if len(busy) > MOST else Found(busy=busy, etag=reading.etag)


async def _note(
    db: Db, out: Outgoing, network_id: UUID, known: Known, found: Found, now: datetime
) -> None:
    """Write down what came of it, unless the calendar is another by now, or was read again."""
    interpreter_id = known.calendar.interpreter_id
    await interpreters.lock(db, network_id=network_id, interpreter_id=interpreter_id)
    calendar = await external_calendars.find(
        db, network_id=network_id, interpreter_id=interpreter_id
    )
    if calendar is None or _version(calendar) != _version(known.calendar):
        return
    since = None
    if found.error is not None:
        since = calendar.failing_since or now
        log.warning("calendar-unreadable", id=str(interpreter_id), code=found.error)
        changed = msgspec.structs.replace(calendar, failing_since=since, error=found.error)
    else:
        if found.busy is not None:
            await _replace(db, network_id, interpreter_id, found.busy, now)
        changed = msgspec.structs.replace(
            calendar, etag=found.etag, read_at=now, failing_since=None, error=None
        )
    await external_calendars.note(db, network_id=network_id, calendar=changed)
    at = next_look(
        now,
        jitter=random.random(),  # noqa: S311 - it spreads, and hides nothing
        failing_since=since,
        retry_after=found.retry_after,
    )
    await due.set_at(db, network_id=network_id, kind="calendar", id=interpreter_id, at=at)
    if since is not None and now - since >= TOLD_AFTER:
        await warn_unreadable(db, out, network_id=network_id, calendar=changed, now=now)


def _version(one: ExternalCalendar) -> tuple[str, datetime | None]:
    return one.url, one.read_at


async def _replace(
    db: Db, network_id: UUID, interpreter_id: UUID, busy: Sequence[Window], now: datetime
) -> None:
    """Make these the times of the other calendar; what stays is not touched."""
    stored = await absences.of_calendar(db, network_id=network_id, interpreter_id=interpreter_id)
    wanted = set(busy)
    known = {Window(starts_at=one.starts_at, ends_at=one.ends_at): one.id for one in stored}
    gone = [one_id for window, one_id in known.items() if window not in wanted]
    made = [one for one in busy if one not in known]
    if gone:
        await absences.delete(
            db, network_id=network_id, interpreter_id=interpreter_id, absence_ids=gone
        )
    if made:
        await absences.insert_of_calendar(
            db, network_id=network_id, interpreter_id=interpreter_id, busy=made, now=now
        )
