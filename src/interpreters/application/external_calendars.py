"""An interpreter's other calendar: named, looked at, taken away. A job reads it."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from interpreters.application.interpreters import hold_interpreter, own_interpreter
from interpreters.database import Db
from interpreters.domain.addresses import check_url
from interpreters.domain.calendars import calendar_address
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Invalid, NotFound, Refusal
from interpreters.sql import absences, audit, due, external_calendars
from interpreters.sql.external_calendars import ExternalCalendar

__all__ = ["ExternalCalendar", "put_calendar", "remove_calendar", "show_calendar"]


async def put_calendar(
    db: Db,
    caller: Caller,
    *,
    interpreter_id: UUID,
    url: Callable[[], str],
    allow_private: bool,
    now: datetime,
) -> ExternalCalendar:
    """Have this calendar read in place of any other: at once, then again and again.

    Raises:
        Forbidden, NotFound: as `hold_interpreter` does.
        Invalid: the address must not be called.
    """
    held = await hold_interpreter(db, caller, interpreter_id=interpreter_id)
    address = _checked(url(), allow_private=allow_private)
    known = await external_calendars.find(db, network_id=caller.network_id, interpreter_id=held.id)
    await due.set_at(db, network_id=caller.network_id, kind="calendar", id=held.id, at=now)
    if known is not None and known.url == address:
        return known
    made = ExternalCalendar(interpreter_id=held.id, url=address, created_at=now)
    await external_calendars.put(db, network_id=caller.network_id, calendar=made)
    await _forget_times(db, caller.network_id, held.id)
    await _note(db, caller, "changed", held.id, now)
    return made


async def show_calendar(db: Db, caller: Caller, *, interpreter_id: UUID) -> ExternalCalendar:
    """Return the interpreter's other calendar.

    Raises:
        Forbidden, NotFound: as `own_interpreter` does, or they have named none.
    """
    one = await own_interpreter(db, caller, interpreter_id=interpreter_id)
    found = await external_calendars.find(db, network_id=caller.network_id, interpreter_id=one.id)
    if found is None:
        raise NotFound
    return found


async def remove_calendar(db: Db, caller: Caller, *, interpreter_id: UUID, now: datetime) -> None:
    """Forget the calendar and the times that were read in it.

    Raises:
        Forbidden, NotFound: as `hold_interpreter` does, or they have named none.
    """
    held = await hold_interpreter(db, caller, interpreter_id=interpreter_id)
    if not await external_calendars.delete(
        db, network_id=caller.network_id, interpreter_id=held.id
    ):
        raise NotFound
    await _forget_times(db, caller.network_id, held.id)
    await due.clear(db, network_id=caller.network_id, kind="calendar", id=held.id)
    await _note(db, caller, "deleted", held.id, now)


def _checked(url: str, *, allow_private: bool) -> str:
    address = calendar_address(url.strip())
    try:
        check_url(address, allow_private=allow_private)
    except Refusal as refusal:
        error = FieldError(pointer="/url", code=refusal.code, detail=str(refusal))
        raise Invalid([error]) from None
    return address


async def _forget_times(db: Db, network_id: UUID, interpreter_id: UUID) -> None:
    read = await absences.of_calendar(db, network_id=network_id, interpreter_id=interpreter_id)
    await absences.delete(
        db, network_id=network_id, interpreter_id=interpreter_id,
        absence_ids=[one.id for one in read],
    )  # fmt: skip


async def _note(db: Db, caller: Caller, action: str, interpreter_id: UUID, now: datetime) -> None:
    await audit.write(
        db, caller=caller, action=action, subject_kind="external-calendar",
        subject_ids=[interpreter_id], now=now,
    )  # fmt: skip
