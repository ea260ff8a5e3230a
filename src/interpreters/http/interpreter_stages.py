"""`/v1/interpreters/{id}/…`: from applying or being invited to being asked, and out again."""

from datetime import datetime

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from interpreters.application import interpreter_stages
from interpreters.application.interpreter_stages import Booking, Suspended
from interpreters.application.invitations import NoAddress
from interpreters.application.users import UserInactive
from interpreters.domain import ids
from interpreters.domain.bookings import BookingState
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound
from interpreters.domain.stages import InterpreterSuspended, NotVetted
from interpreters.http.doors import Call, door
from interpreters.http.fields import Id, In, Text
from interpreters.http.interpreters import TAG, interpreter_of
from interpreters.http.roster_views import InterpreterView


class VetIn(In, frozen=True, kw_only=True):
    """What was seen; for coordinators alone."""

    note: Text | None = None


class SuspendIn(In, frozen=True, kw_only=True):
    """Why; for coordinators alone."""

    reason: Text


class StandingBookingView(msgspec.Struct, frozen=True, kw_only=True):
    """A booking that somebody suspended is still expected to."""

    id: Id
    request_id: Id
    state: BookingState
    starts_at: datetime
    ends_at: datetime
    time_zone: str

    @classmethod
    def of(cls, one: Booking) -> "StandingBookingView":
        """Shape a booking."""
        return cls(
            id=ids.show_id(ids.BOOKING, one.id),
            request_id=ids.show_id(ids.REQUEST, one.request_id),
            state=one.state,
            starts_at=one.session.starts_at,
            ends_at=one.session.ends_at,
            time_zone=one.time_zone,
        )


class SuspendedView(InterpreterView, frozen=True, kw_only=True):
    """An interpreter who is not asked any more; `bookings` stand and need somebody's look."""

    bookings: list[StandingBookingView]

    @classmethod
    def of_suspended(cls, one: Suspended, caller: Caller) -> "SuspendedView":
        """Shape them with what they had agreed to."""
        view = InterpreterView.of(one.profile, caller)
        return cls(
            **msgspec.structs.asdict(view),
            bookings=[StandingBookingView.of(booking) for booking in one.bookings],
        )


@door("POST", "/v1/interpreters/{id:str}/invite", answer=InterpreterView,
      refusals=(Forbidden, NotFound, InterpreterSuspended, UserInactive, NoAddress),
      tag=TAG)  # fmt: skip
async def invite_interpreter(call: NamedDependency[Call]) -> Response[bytes]:
    """Send an interpreter a link to sign in with; older ones end."""
    return await call.once(
        lambda db, caller: interpreter_stages.invite_interpreter(
            db, caller, interpreter_id=interpreter_of(call), base_url=call.base_url, now=call.now
        ),
        InterpreterView.of,
    )


@door("POST", "/v1/interpreters/{id:str}/vet", body=VetIn, answer=InterpreterView,
      refusals=(Forbidden, NotFound, InterpreterSuspended), tag=TAG)  # fmt: skip
async def vet_interpreter(call: NamedDependency[Call]) -> Response[bytes]:
    """Say that somebody has looked at who they are and what they can."""
    body = call.body(VetIn)
    return await call.once(
        lambda db, caller: interpreter_stages.vet_interpreter(
            db, caller, interpreter_id=interpreter_of(call), note=lambda: body().note, now=call.now
        ),
        InterpreterView.of,
    )


@door("POST", "/v1/interpreters/{id:str}/activate", answer=InterpreterView,
      refusals=(Forbidden, NotFound, NotVetted), tag=TAG)  # fmt: skip
async def activate_interpreter(call: NamedDependency[Call]) -> Response[bytes]:
    """Have somebody asked from now on: after they were vetted, or suspended."""
    return await call.once(
        lambda db, caller: interpreter_stages.activate_interpreter(
            db, caller, interpreter_id=interpreter_of(call), now=call.now
        ),
        InterpreterView.of,
    )


@door("POST", "/v1/interpreters/{id:str}/suspend", body=SuspendIn, answer=SuspendedView,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def suspend_interpreter(call: NamedDependency[Call]) -> Response[bytes]:
    """Ask somebody no more: open offers are withdrawn, sign-ins and keys end at once.

    Bookings stand; the answer lists them.
    """
    body = call.body(SuspendIn)
    return await call.once(
        lambda db, caller: interpreter_stages.suspend_interpreter(
            db,
            caller,
            interpreter_id=interpreter_of(call),
            reason=lambda: body().reason,
            now=call.now,
        ),
        SuspendedView.of_suspended,
    )


ROUTES = (invite_interpreter, vet_interpreter, activate_interpreter, suspend_interpreter)
