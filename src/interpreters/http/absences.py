"""`/v1/interpreters/{id}/absences`: when an interpreter is away."""

from datetime import datetime
from typing import Literal

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from interpreters.application import absences
from interpreters.application.absences import Absence, CalendarAbsence
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, Invalid, NotFound
from interpreters.domain.windows import Window
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import Id, In, Instant
from interpreters.http.interpreters import interpreter_of
from interpreters.http.lists import List, ListQuery, page_of

TAG = "Availability"


class AbsenceIn(In, frozen=True, kw_only=True):
    """From one instant up to another."""

    starts_at: Instant
    ends_at: Instant

    def window(self) -> Window:
        """Return the time away.

        Raises:
            Invalid: it ends before it starts.
        """
        if self.ends_at <= self.starts_at:
            detail = "It must come after `starts_at`"
            error = FieldError(pointer="/ends_at", code="ends-before-start", detail=detail)
            raise Invalid([error])
        return Window(starts_at=self.starts_at, ends_at=self.ends_at)


class AbsenceView(msgspec.Struct, frozen=True, kw_only=True):
    """A time away. One of `calendar` is read from the interpreter's other calendar."""

    id: Id
    starts_at: datetime
    ends_at: datetime
    source: Literal["own", "calendar"]

    @classmethod
    def of(cls, one: Absence, _: Caller) -> "AbsenceView":
        """Shape an absence."""
        return cls(
            id=ids.show_id(ids.ABSENCE, one.id),
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            source=one.source,
        )


@door("POST", "/v1/interpreters/{id:str}/absences", body=AbsenceIn, answer=AbsenceView, status=201,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def add_absence(call: NamedDependency[Call]) -> Response[bytes]:
    """Say when an interpreter is away; bookings they have stay."""
    body = call.body(AbsenceIn)

    async def work(db: Db, caller: Caller) -> Absence:
        return await absences.add_absence(
            db,
            caller,
            interpreter_id=interpreter_of(call),
            window=lambda: body().window(),
            now=call.now,
        )

    return await call.once(work, AbsenceView.of, status=201)


@door("GET", "/v1/interpreters/{id:str}/absences", query=ListQuery, answer=List[AbsenceView],
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def list_absences(call: NamedDependency[Call]) -> Response[bytes]:
    """Absences, the newest entry first."""
    query = call.query(ListQuery)

    async def work(db: Db, caller: Caller) -> Page:
        found = await absences.list_absences(
            db,
            caller,
            interpreter_id=interpreter_of(call),
            before=lambda: query().before,
            limit=lambda: query().size + 1,
        )
        return page_of(found, query(), lambda one: AbsenceView.of(one, caller))

    return await call.ask(work, lambda page, _: page)


@door("DELETE", "/v1/interpreters/{id:str}/absences/{absence_id:str}", answer=None,
      refusals=(Forbidden, NotFound, CalendarAbsence), tag=TAG)  # fmt: skip
async def remove_absence(call: NamedDependency[Call]) -> Response[bytes]:
    """Take an absence back."""
    return await call.ask(
        lambda db, caller: absences.remove_absence(
            db,
            caller,
            interpreter_id=interpreter_of(call),
            absence_id=call.id(ids.ABSENCE, "absence_id"),
        ),
        lambda nothing, _: nothing,
    )


ROUTES = (add_absence, list_absences, remove_absence)
