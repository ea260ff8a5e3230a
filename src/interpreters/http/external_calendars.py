"""`/v1/interpreters/{id}/external-calendar`: the calendar whose busy times block offers."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import external_calendars
from interpreters.application.external_calendars import ExternalCalendar
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound
from interpreters.domain.external_calendars import host_of
from interpreters.http.doors import Call, door
from interpreters.http.fields import NO_NUL, In
from interpreters.http.interpreters import interpreter_of

TAG = "Calendars"
PATH: Final = "/v1/interpreters/{id:str}/external-calendar"


class ExternalCalendarIn(In, frozen=True, kw_only=True):
    """Where the calendar is read."""

    url: Annotated[
        str,
        Meta(
            min_length=1, max_length=2000, pattern=NO_NUL,
            description="https or webcal, on the public internet, answering with iCalendar.",
        ),
    ]  # fmt: skip


class ExternalCalendarView(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar that is read. Of its address only the host is told; whoever knows it reads it.

    `error` is why it cannot be read at present: a status, or a word such as `timeout`.
    """

    host: str
    read_at: datetime | None
    error: str | None

    @classmethod
    def of(cls, one: ExternalCalendar, _: Caller) -> "ExternalCalendarView":
        """Shape a calendar."""
        return cls(host=host_of(one.url), read_at=one.read_at, error=one.error)


@door("PUT", PATH, body=ExternalCalendarIn, answer=ExternalCalendarView,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def put_external_calendar(call: NamedDependency[Call]) -> Response[bytes]:
    """Have a calendar read, at once and every quarter of an hour; its busy times are absences."""
    body = call.body(ExternalCalendarIn)
    return await call.ask(
        lambda db, caller: external_calendars.put_calendar(
            db,
            caller,
            interpreter_id=interpreter_of(call),
            url=lambda: body().url,
            allow_private=call.request.app.state.allow_private_urls,
            now=call.now,
        ),
        ExternalCalendarView.of,
    )


@door("GET", PATH, answer=ExternalCalendarView, refusals=(Forbidden, NotFound), tag=TAG)
async def show_external_calendar(call: NamedDependency[Call]) -> Response[bytes]:
    """The calendar that is read, and how the last reading went."""
    return await call.ask(
        lambda db, caller: external_calendars.show_calendar(
            db, caller, interpreter_id=interpreter_of(call)
        ),
        ExternalCalendarView.of,
    )


@door("DELETE", PATH, answer=None, status=204, refusals=(Forbidden, NotFound), tag=TAG)
async def remove_external_calendar(call: NamedDependency[Call]) -> Response[bytes]:
    """Forget the calendar and the absences read from it."""
    return await call.ask(
        lambda db, caller: external_calendars.remove_calendar(
            db, caller, interpreter_id=interpreter_of(call), now=call.now
        ),
        lambda nothing, _: nothing,
    )


ROUTES = (put_external_calendar, show_external_calendar, remove_external_calendar)
