"""`/v1/bookings`: an interpreter committed to one seat of one request."""

from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import booking_changes, bookings, cancelling, giving_back
from interpreters.application.booking_money import show_priced
from interpreters.application.bookings import BookingFilter, ShownBooking
from interpreters.application.cancelling import Cancelled, Why
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.bookings import BookingState, TooEarly
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound, WrongState
from interpreters.domain.giving_back import ConflictNotAnswered, GiveBackCode
from interpreters.domain.offers import InterpreterIsBusy
from interpreters.domain.parties import RoomIsTaken
from interpreters.http import approvals
from interpreters.http.booking_views import BookingView, CancelledView
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import In, Instant, InstitutionId, InterpreterId, Reference, Text, utc
from interpreters.http.lists import List, SyncQuery, page_of, synced_page
from interpreters.http.session_bodies import EndIn, LateIn, SaidIn, StartIn

TAG = "Bookings"
VERB = (Forbidden, NotFound, WrongState)


class BookingQuery(SyncQuery, frozen=True, kw_only=True):
    """Which bookings."""

    state: BookingState | None = None
    interpreter_id: InterpreterId | None = None
    institution_id: InstitutionId | None = None
    starts_after: Instant | None = None

    def wanted(self) -> BookingFilter:
        """Return the filter in the application's words."""
        return BookingFilter(
            state=self.state,
            interpreter_id=ids.read_optional(ids.INTERPRETER, self.interpreter_id),
            institution_id=ids.read_optional(ids.INSTITUTION, self.institution_id),
            starts_after=None if self.starts_after is None else utc(self.starts_after),
        )


class ReasonIn(In, frozen=True, kw_only=True):
    """Why."""

    reason: Text
    reason_code: Reference | None = None

    def why(self) -> Why:
        """Return the reason in the application's words."""
        return Why(reason=self.reason, reason_code=self.reason_code)


class GiveBackIn(In, frozen=True, kw_only=True):
    """Why; a conflict of interest and a wrong dialect are never late and count against nobody."""

    reason: Text
    reason_code: GiveBackCode | None = None

    def why(self) -> Why:
        """Return the reason in the application's words."""
        return Why(reason=self.reason, reason_code=self.reason_code)


class ExtendIn(In, frozen=True, kw_only=True):
    """How many minutes longer."""

    minutes: Annotated[int, Meta(ge=1, le=1440, description="Whole minutes.")]


@door("GET", "/v1/bookings", query=BookingQuery, answer=List[BookingView],
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def list_bookings(call: NamedDependency[Call]) -> Response[bytes]:
    """Bookings, newest first; with `updated_since`, those changed since, oldest change first."""
    query = call.query(BookingQuery)

    async def work(db: Db, caller: Caller) -> Page:
        asked = query()
        if asked.is_sync:
            found, following = await bookings.changed_bookings(
                db,
                caller,
                wanted=asked.wanted,
                since=asked.updated_since,
                after_place=asked.after_place,
                limit=asked.size,
                now=call.now,
            )
            return synced_page([BookingView.of(one, caller, call.now) for one in found], following)
        found = await bookings.list_bookings(
            db, caller, wanted=asked.wanted, before=asked.before, limit=asked.size + 1
        )
        return page_of(found, asked, lambda one: BookingView.of(one, caller, call.now))

    return await call.ask(work, lambda page, _: page)


@door("GET", "/v1/bookings/{id:str}", answer=BookingView, refusals=(Forbidden, NotFound), tag=TAG)
async def show_booking(call: NamedDependency[Call]) -> Response[bytes]:
    """One booking."""
    return await call.ask(
        lambda db, caller: show_priced(db, caller, call.id(ids.BOOKING), call.now),
        _view(call),
    )


@door("POST", "/v1/bookings/{id:str}/check-in", body=SaidIn, answer=BookingView,
      refusals=(*VERB, TooEarly, ConflictNotAnswered), tag=TAG)  # fmt: skip
async def check_in_booking(call: NamedDependency[Call]) -> Response[bytes]:
    """Say that you are there: from 2 hours before the start."""
    body = call.body(SaidIn)
    return await call.once(
        lambda db, caller: bookings.check_in(
            db, caller, booking_id=call.id(ids.BOOKING), said_at=lambda: body().said(), now=call.now
        ),
        _view(call),
    )


@door("POST", "/v1/bookings/{id:str}/start", body=StartIn, answer=BookingView,
      refusals=(*VERB, TooEarly, ConflictNotAnswered), tag=TAG)  # fmt: skip
async def start_booking(call: NamedDependency[Call]) -> Response[bytes]:
    """Begin the session: from 15 minutes before the start."""
    body = call.body(StartIn)
    return await call.once(
        lambda db, caller: bookings.start(
            db, caller, booking_id=call.id(ids.BOOKING), said_at=lambda: body().said(), now=call.now
        ),
        _view(call),
    )


@door("POST", "/v1/bookings/{id:str}/end", body=EndIn, answer=BookingView, refusals=VERB, tag=TAG)
async def end_booking(call: NamedDependency[Call]) -> Response[bytes]:
    """End the session; it is entered in the ledger."""
    body = call.body(EndIn)
    return await call.once(
        lambda db, caller: bookings.end(
            db,
            caller,
            booking_id=call.id(ids.BOOKING),
            ended_at=lambda: body().ended(),
            break_minutes=lambda: body().break_minutes,
            said_at=lambda: body().said(),
            now=call.now,
        ),
        _view(call),
    )


@door("POST", "/v1/bookings/{id:str}/running-late", body=LateIn, answer=BookingView,
      refusals=VERB, tag=TAG)  # fmt: skip
async def booking_running_late(call: NamedDependency[Call]) -> Response[bytes]:
    """Say that you come late."""
    body = call.body(LateIn)
    return await call.once(
        lambda db, caller: booking_changes.running_late(
            db,
            caller,
            booking_id=call.id(ids.BOOKING),
            minutes=lambda: body().minutes,
            said_at=lambda: body().said(),
            now=call.now,
        ),
        _view(call),
    )


@door("POST", "/v1/bookings/{id:str}/no-conflict", answer=BookingView, refusals=VERB, tag=TAG)
async def booking_no_conflict(call: NamedDependency[Call]) -> Response[bytes]:
    """Say that you see no conflict of interest."""
    return await call.once(
        lambda db, caller: booking_changes.no_conflict(
            db, caller, booking_id=call.id(ids.BOOKING), now=call.now
        ),
        _view(call),
    )


@door("POST", "/v1/bookings/{id:str}/extend", body=ExtendIn, answer=BookingView,
      refusals=(*VERB, InterpreterIsBusy, RoomIsTaken), tag=TAG)  # fmt: skip
async def extend_booking(call: NamedDependency[Call]) -> Response[bytes]:
    """Make the session longer, if the interpreter's next commitment allows it."""
    body = call.body(ExtendIn)
    return await call.once(
        lambda db, caller: booking_changes.extend(
            db,
            caller,
            booking_id=call.id(ids.BOOKING),
            minutes=lambda: body().minutes,
            now=call.now,
        ),
        _view(call),
    )


@door("POST", "/v1/bookings/{id:str}/client-no-show", answer=BookingView,
      refusals=(*VERB, TooEarly), tag=TAG)  # fmt: skip
async def client_no_show(call: NamedDependency[Call]) -> Response[bytes]:
    """Say that no client came."""
    return await call.once(
        lambda db, caller: bookings.client_no_show(
            db, caller, booking_id=call.id(ids.BOOKING), now=call.now
        ),
        _view(call),
    )


@door("POST", "/v1/bookings/{id:str}/interpreter-no-show", answer=BookingView,
      refusals=(*VERB, TooEarly), tag=TAG)  # fmt: skip
async def interpreter_no_show(call: NamedDependency[Call]) -> Response[bytes]:
    """Say that the interpreter did not come."""
    return await call.once(
        lambda db, caller: giving_back.interpreter_no_show(
            db, caller, booking_id=call.id(ids.BOOKING), now=call.now
        ),
        _view(call),
    )


@door("POST", "/v1/bookings/{id:str}/cancel", body=ReasonIn, answer=CancelledView, refusals=VERB,
      tag=TAG)  # fmt: skip
async def cancel_booking(call: NamedDependency[Call]) -> Response[bytes]:
    """Call a booking off; the answer says what it costs."""
    body = call.body(ReasonIn)

    async def work(db: Db, caller: Caller) -> Cancelled:
        booking_id = call.id(ids.BOOKING)
        ended = await cancelling.cancel_booking(
            db, caller, booking_id=booking_id, why=lambda: body().why(), now=call.now
        )
        priced = await show_priced(db, caller, booking_id, call.now)
        return msgspec.structs.replace(ended, shown=priced)

    return await call.once(work, lambda one, caller: CancelledView.of(one, caller, call.now))


@door("POST", "/v1/bookings/{id:str}/give-back", body=GiveBackIn, answer=BookingView,
      refusals=VERB, tag=TAG)  # fmt: skip
async def give_back_booking(call: NamedDependency[Call]) -> Response[bytes]:
    """Give a booking back: somebody else is searched at once."""
    body = call.body(GiveBackIn)
    return await call.once(
        lambda db, caller: giving_back.give_back(
            db,
            caller,
            booking_id=call.id(ids.BOOKING),
            why=lambda: body().why(),
            now=call.now,
        ),
        _view(call),
    )


def _view(call: Call) -> Any:
    def shape(one: ShownBooking, caller: Caller) -> msgspec.Struct:
        return BookingView.of(one, caller, call.now)

    return shape


ROUTES = (
    list_bookings,
    show_booking,
    check_in_booking,
    start_booking,
    end_booking,
    booking_running_late,
    booking_no_conflict,
    extend_booking,
    client_no_show,
    interpreter_no_show,
    cancel_booking,
    give_back_booking,
    *approvals.ROUTES,
)
