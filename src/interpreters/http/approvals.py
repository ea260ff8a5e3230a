"""`/v1/bookings/{id}/…`: what both sides say of a booking that is over."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import approvals, ratings, time_changes
from interpreters.application.bookings import ShownBooking
from interpreters.application.ratings import Rating, Stars
from interpreters.application.time_changes import TimeChange, Times
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.approvals import AlreadyApproved, Party
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, NotFound, WrongState
from interpreters.http.booking_views import BookingView
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import BreakMinutes, In, Instant, Text, utc
from interpreters.http.lists import List

TAG = "Bookings"
VERB = (Forbidden, NotFound, WrongState)


class TimesIn(In, frozen=True, kw_only=True):
    """What the times should have been, and why; `said_at` by the clock of who says it.

    `break_minutes`: how long the breaks were together, less than the session.
    """

    started_at: Instant | None = None
    ended_at: Instant | None = None
    break_minutes: BreakMinutes | None = None
    reason: Text
    said_at: Instant | None = None

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """At least one of them."""
        if all(value.get(name) is None for name in ("started_at", "ended_at", "break_minutes")):
            detail = "What was wrong: when it began, when it ended, its breaks, or several of them"
            yield FieldError(pointer=f"{pointer}/ended_at", code="required", detail=detail)

    def times(self) -> Times:
        """Return the times in the application's words."""
        return Times(
            started_at=_utc(self.started_at),
            ended_at=_utc(self.ended_at),
            break_minutes=self.break_minutes,
            reason=self.reason,
            said_at=_utc(self.said_at),
        )


class StarsIn(In, frozen=True, kw_only=True):
    """How content you were, and a note that coordinators alone read."""

    stars: Annotated[int, Meta(ge=1, le=5)]
    note: Text | None = None


class TimeChangeView(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded time that was changed; `said_at` by their clock, `recorded_at` by ours.

    Of `break_minutes` the minutes are told, of the other fields the instants.
    """

    field: str
    was: datetime | None
    becomes: datetime | None
    was_minutes: int | None
    becomes_minutes: int | None
    changed_by: str
    reason: str | None
    said_at: datetime | None
    recorded_at: datetime

    @classmethod
    def of(cls, one: TimeChange) -> "TimeChangeView":
        """Shape a change."""
        return cls(**{name: getattr(one, name) for name in cls.__struct_fields__})


class RatingView(msgspec.Struct, frozen=True, kw_only=True):
    """A rating; `rated_by` is the side that gave it."""

    booking_id: str
    rated_by: Party
    stars: int
    note: str | None
    created_at: datetime

    @classmethod
    def of(cls, one: Rating) -> "RatingView":
        """Shape a rating."""
        return cls(
            booking_id=ids.show_id(ids.BOOKING, one.booking_id),
            rated_by=one.rated_by,
            stars=one.stars,
            note=one.note,
            created_at=one.created_at,
        )


@door("POST", "/v1/bookings/{id:str}/approve", answer=BookingView, refusals=VERB, tag=TAG)
async def approve_booking(call: NamedDependency[Call]) -> Response[bytes]:
    """Say that what was recorded is right; silence until the network's days are over is a yes."""
    return await call.once(
        lambda db, caller: approvals.approve(
            db, caller, booking_id=call.id(ids.BOOKING), now=call.now
        ),
        _view(call),
    )


@door("POST", "/v1/bookings/{id:str}/correct-times", body=TimesIn, answer=BookingView,
      refusals=(*VERB, AlreadyApproved), tag=TAG)  # fmt: skip
async def correct_times(call: NamedDependency[Call]) -> Response[bytes]:
    """Say when a session really began or ended; the difference is entered in the ledger."""
    body = call.body(TimesIn)
    return await call.once(
        lambda db, caller: time_changes.correct_times(
            db,
            caller,
            booking_id=call.id(ids.BOOKING),
            order=lambda: body().times(),
            now=call.now,
        ),
        _view(call),
    )


@door("GET", "/v1/bookings/{id:str}/time-changes", answer=List[TimeChangeView],
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def list_time_changes(call: NamedDependency[Call]) -> Response[bytes]:
    """What was changed of a booking's times, in order; all of it on one page."""

    async def work(db: Db, caller: Caller) -> Page:
        found = await time_changes.list_time_changes(db, caller, booking_id=call.id(ids.BOOKING))
        return Page(items=[TimeChangeView.of(one) for one in found], cursor=None)

    return await call.ask(work, lambda page, _: page)


@door("POST", "/v1/bookings/{id:str}/rate", body=StarsIn, answer=RatingView, refusals=VERB,
      tag=TAG)  # fmt: skip
async def rate_booking(call: NamedDependency[Call]) -> Response[bytes]:
    """Rate the other side of a session; for a week it may be changed."""
    body = call.body(StarsIn)

    def given() -> Stars:
        return Stars(stars=body().stars, note=body().note)

    return await call.once(
        lambda db, caller: ratings.rate(
            db, caller, booking_id=call.id(ids.BOOKING), given=given, now=call.now
        ),
        lambda one, _: RatingView.of(one),
    )


@door("GET", "/v1/bookings/{id:str}/ratings", answer=List[RatingView],
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def list_ratings(call: NamedDependency[Call]) -> Response[bytes]:
    """What each side said about the other: for coordinators."""

    async def work(db: Db, caller: Caller) -> Page:
        found = await ratings.list_ratings(db, caller, booking_id=call.id(ids.BOOKING))
        return Page(items=[RatingView.of(one) for one in found], cursor=None)

    return await call.ask(work, lambda page, _: page)


def _utc(value: datetime | None) -> datetime | None:
    return None if value is None else utc(value)


def _view(call: Call) -> Any:
    def shape(one: ShownBooking, caller: Caller) -> msgspec.Struct:
        return BookingView.of(one, caller, call.now)

    return shape


ROUTES = (approve_booking, correct_times, list_time_changes, rate_booking, list_ratings)
