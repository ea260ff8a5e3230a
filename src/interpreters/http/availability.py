"""`/v1/interpreters/{id}/availability` and `/free-busy`: when an interpreter works."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import availability
from interpreters.application.availability import Availability, AvailabilityOrder, FreeBusy
from interpreters.domain.availability import read_weekly, show_weekly
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, Invalid, NotFound, Stale
from interpreters.domain.windows import Window
from interpreters.http.doors import Call, door
from interpreters.http.fields import DayOrInstant, In, Text, instant_of, utc
from interpreters.http.interpreters import interpreter_of
from interpreters.http.reading import FieldProblem

TAG = "Availability"
NOW_AT_MOST: Final = timedelta(days=7)
FREE_BUSY_AT_MOST: Final = timedelta(days=93)


def _check_until(value: datetime, now: datetime) -> None:
    if value <= now:
        raise FieldProblem("in-the-past", "This is in the past")
    if value - now > NOW_AT_MOST:
        raise FieldProblem("out-of-range", "At most 7 days from now")


class WeeklyIn(In, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Hours of one weekday, at quarter hours."""

    day: Annotated[Text, Meta(description="mon, tue, wed, thu, fri, sat or sun.")]
    from_: Annotated[Text, Meta(description='Such as "09:00".')]
    to: Annotated[Text, Meta(description='Such as "17:45"; midnight is "24:00".')]


class AvailabilityIn(In, frozen=True, kw_only=True):
    """Weekly hours in the interpreter's zone; none means any hour."""

    weekly: Annotated[list[WeeklyIn], Meta(max_length=672)]
    outside_hours: Literal["ask", "never"] = "ask"

    @classmethod
    def check_together(cls, value: dict[str, Any], _: str) -> Iterator[FieldError]:
        """The rows' own errors, named as the domain names them."""
        rows = value.get("weekly")
        if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
            try:
                read_weekly(rows)
            except Invalid as refusal:
                yield from refusal.errors

    def order(self) -> AvailabilityOrder:
        """Return the order in the application's words."""
        rows = [{"day": row.day, "from": row.from_, "to": row.to} for row in self.weekly]
        return AvailabilityOrder(weekly=read_weekly(rows), outside_hours=self.outside_hours)


class AvailableNowIn(In, frozen=True, kw_only=True):
    """Until when the interpreter can be had, at most 7 days ahead; null ends it."""

    until: Annotated[datetime, Meta(tz=True, extra={"check": _check_until})] | None

    def order(self) -> datetime | None:
        """Return the instant in UTC."""
        return None if self.until is None else utc(self.until)


class FreeBusyQuery(In, frozen=True, kw_only=True, rename={"from_": "from"}):
    """From which day or instant to which, at most 93 days; `to` is not included."""

    from_: DayOrInstant
    to: DayOrInstant

    def window(self, time_zone: str) -> Window:
        """Return the window asked for; days are those of the zone.

        Raises:
            Invalid: it ends before it starts, or is longer than 93 days.
        """
        from_ = instant_of(self.from_, time_zone=time_zone)
        to = instant_of(self.to, time_zone=time_zone)
        if to <= from_:
            raise _wrong("/to", "ends-before-start", "It must come after `from`")
        if to - from_ > FREE_BUSY_AT_MOST:
            raise _wrong("/to", "out-of-range", "At most 93 days after `from`")
        return Window(starts_at=from_, ends_at=to)


class WeeklyView(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Hours of one weekday."""

    day: str
    from_: str
    to: str


class AvailabilityView(msgspec.Struct, frozen=True, kw_only=True):
    """Weekly hours in `time_zone`; `available_until` is the end of an "available now"."""

    weekly: list[WeeklyView]
    outside_hours: Literal["ask", "never"]
    available_until: datetime | None
    time_zone: str
    version: int

    @classmethod
    def of(cls, one: Availability, _: Caller) -> "AvailabilityView":
        """Shape what is known of somebody's hours."""
        rows = show_weekly(one.weekly)
        return cls(
            weekly=[WeeklyView(day=row["day"], from_=row["from"], to=row["to"]) for row in rows],
            outside_hours=one.outside_hours,  # type: ignore[arg-type]  # a CHECK holds the two
            available_until=one.available_until,
            time_zone=one.time_zone,
            version=one.version,
        )


class FreeView(msgspec.Struct, frozen=True, kw_only=True):
    """A free time."""

    starts_at: datetime
    ends_at: datetime


class BusyView(msgspec.Struct, frozen=True, kw_only=True):
    """A taken time; a booking's holds its travel."""

    starts_at: datetime
    ends_at: datetime
    kind: Literal["booking", "absence"]


class FreeBusyView(msgspec.Struct, frozen=True, kw_only=True):
    """What is free within the times asked for, and what is taken, whole."""

    time_zone: str
    free: list[FreeView]
    busy: list[BusyView]

    @classmethod
    def of(cls, one: FreeBusy, _: Caller) -> "FreeBusyView":
        """Shape somebody's free and busy times."""
        return cls(
            time_zone=one.time_zone,
            free=[FreeView(starts_at=free.starts_at, ends_at=free.ends_at) for free in one.free],
            busy=[
                BusyView(
                    starts_at=busy.window.starts_at, ends_at=busy.window.ends_at, kind=busy.kind
                )
                for busy in one.busy
            ],
        )


@door("GET", "/v1/interpreters/{id:str}/availability", answer=AvailabilityView,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def show_availability(call: NamedDependency[Call]) -> Response[bytes]:
    """Weekly hours."""
    return await call.ask(
        lambda db, caller: availability.show_availability(
            db, caller, interpreter_id=interpreter_of(call), now=call.now
        ),
        AvailabilityView.of,
    )


@door("PUT", "/v1/interpreters/{id:str}/availability", body=AvailabilityIn,
      answer=AvailabilityView, refusals=(Forbidden, NotFound, Stale), tag=TAG)  # fmt: skip
async def replace_availability(call: NamedDependency[Call]) -> Response[bytes]:
    """Replace the weekly hours; none means any hour."""
    body = call.body(AvailabilityIn)
    return await call.ask(
        lambda db, caller: availability.replace_availability(
            db,
            caller,
            interpreter_id=interpreter_of(call),
            if_match=call.if_match,
            order=lambda: body().order(),
            now=call.now,
        ),
        AvailabilityView.of,
    )


@door("PUT", "/v1/interpreters/{id:str}/availability/now", body=AvailableNowIn,
      answer=AvailabilityView, refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def set_available_now(call: NamedDependency[Call]) -> Response[bytes]:
    """Say "I am available now", until when; null ends it."""
    body = call.body(AvailableNowIn)
    return await call.ask(
        lambda db, caller: availability.set_available_now(
            db,
            caller,
            interpreter_id=interpreter_of(call),
            until=lambda: body().order(),
            now=call.now,
        ),
        AvailabilityView.of,
    )


@door("GET", "/v1/interpreters/{id:str}/free-busy", query=FreeBusyQuery, answer=FreeBusyView,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def show_free_busy(call: NamedDependency[Call]) -> Response[bytes]:
    """Free and busy times."""
    query = call.query(FreeBusyQuery)
    return await call.ask(
        lambda db, caller: availability.show_free_busy(
            db,
            caller,
            interpreter_id=interpreter_of(call),
            window=lambda time_zone: query().window(time_zone),
            now=call.now,
        ),
        FreeBusyView.of,
    )


def _wrong(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid([FieldError(pointer=pointer, code=code, detail=detail)])


ROUTES = (show_availability, replace_availability, set_available_now, show_free_busy)
