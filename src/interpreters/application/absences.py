"""When interpreters are away: no search finds them then."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from interpreters.application.interpreters import hold_interpreter, own_interpreter
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import NotFound, Refusal
from interpreters.domain.ids import new_id
from interpreters.domain.windows import Window
from interpreters.sql import absences
from interpreters.sql.absences import Absence

__all__ = ["Absence", "CalendarAbsence", "add_absence", "list_absences", "remove_absence"]


class CalendarAbsence(Refusal):
    """The next reading of the other calendar would bring it back."""

    code = "calendar-absence"
    title = "This time comes from the interpreter's other calendar; change it there"


async def add_absence(
    db: Db, caller: Caller, *, interpreter_id: UUID, window: Callable[[], Window], now: datetime
) -> Absence:
    """Keep the interpreter free of offers within the window. Bookings they have stay.

    Raises:
        Forbidden, NotFound: as `hold_interpreter` does.
    """
    held = await hold_interpreter(db, caller, interpreter_id=interpreter_id)
    away = window()
    absence = Absence(id=new_id(now), starts_at=away.starts_at, ends_at=away.ends_at)
    await absences.insert(
        db, network_id=caller.network_id, interpreter_id=held.id, absence=absence, now=now
    )
    return absence


async def list_absences(
    db: Db,
    caller: Caller,
    *,
    interpreter_id: UUID,
    before: Callable[[], UUID | None],
    limit: Callable[[], int],
) -> list[Absence]:
    """Return a page of an interpreter's absences, the newest entry first.

    Raises:
        Forbidden, NotFound: as `own_interpreter` does.
    """
    one = await own_interpreter(db, caller, interpreter_id=interpreter_id)
    return await absences.page(
        db,
        network_id=caller.network_id,
        interpreter_id=one.id,
        before=before(),
        limit=limit(),
    )


async def remove_absence(db: Db, caller: Caller, *, interpreter_id: UUID, absence_id: UUID) -> None:
    """Take an absence back.

    Raises:
        Forbidden, NotFound: as `hold_interpreter` does, or they have no such absence.
        CalendarAbsence: it stands in the interpreter's other calendar.
    """
    held = await hold_interpreter(db, caller, interpreter_id=interpreter_id)
    found = await absences.find(
        db, network_id=caller.network_id, interpreter_id=held.id, absence_id=absence_id
    )
    if found is None:
        raise NotFound
    if found.source == "calendar":
        raise CalendarAbsence
    await absences.delete(
        db, network_id=caller.network_id, interpreter_id=held.id, absence_ids=[found.id]
    )
