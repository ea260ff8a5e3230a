"""`/v1/requests`: asking for interpreters."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from interpreters.application import (
    assigning,
    previews,
    reasons,
    requests,
    series_changes,
    splitting,
    widening,
)
from interpreters.application.assigning import Assigned
from interpreters.application.request_orders import RequestOrder
from interpreters.application.series_changes import Scope
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound, Stale, WrongState
from interpreters.domain.fallbacks import Allowed
from interpreters.domain.offers import InterpreterIsBusy
from interpreters.domain.parties import RoomIsTaken
from interpreters.domain.replacements import (
    AlreadyReplaced,
    FeeNotReplaceable,
    OutsideReplacedTime,
    ReplacementDoesNotFit,
    ReplacementInGroup,
    ReplacementOfReplacement,
)
from interpreters.domain.requests import DuplicateRequest
from interpreters.http.booking_views import BookingView
from interpreters.http.bookings import ReasonIn
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import (
    In,
    InterpreterId,
)
from interpreters.http.lists import List, page_of, synced_page
from interpreters.http.preview_views import PreviewView
from interpreters.http.reason_views import WhyView
from interpreters.http.request_bodies import RequestIn, RequestPatch
from interpreters.http.request_parts import Fallbacks
from interpreters.http.request_queries import RequestQuery
from interpreters.http.request_views import CandidatesView, RequestView
from interpreters.http.series_views import TogetherView

TAG = "Requests"
REPLACING = (
    FeeNotReplaceable, AlreadyReplaced, OutsideReplacedTime, ReplacementInGroup,
    ReplacementOfReplacement, ReplacementDoesNotFit,
)  # fmt: skip


class AssignIn(In, frozen=True, kw_only=True):
    """Whom to put on the seat."""

    interpreter_id: InterpreterId


class CancelIn(ReasonIn, frozen=True, kw_only=True):
    """Why; and of a series whether the dates that follow, or all, are called off too."""

    scope: Scope = "this"


@door("POST", "/v1/requests", body=RequestIn, answer=RequestView, status=201,
      refusals=(Forbidden, RoomIsTaken, DuplicateRequest, *REPLACING), tag=TAG)  # fmt: skip
async def create_request(call: NamedDependency[Call]) -> Response[bytes]:
    """Ask for an interpreter; the first are asked before this answers."""
    return await call.once(
        lambda db, caller: requests.create_request(db, caller, order=_order(call), now=call.now),
        RequestView.of,
        status=201,
    )


@door("POST", "/v1/requests/preview", body=RequestIn, answer=PreviewView,
      refusals=(Forbidden, *REPLACING), tag=TAG)  # fmt: skip
async def preview_request(call: NamedDependency[Call]) -> Response[bytes]:
    """Learn what would happen; nothing is created."""
    return await call.once(
        lambda db, caller: previews.preview_request(db, caller, order=_order(call), now=call.now),
        PreviewView.of,
    )


@door("GET", "/v1/requests", query=RequestQuery, answer=List[RequestView],
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def list_requests(call: NamedDependency[Call]) -> Response[bytes]:
    """Requests, newest first; with `updated_since`, those changed since, oldest change first."""
    query = call.query(RequestQuery)

    async def work(db: Db, caller: Caller) -> Page:
        asked = query()
        if asked.is_sync:
            found, following = await requests.changed_requests(
                db,
                caller,
                wanted=asked.wanted,
                since=asked.updated_since,
                after_place=asked.after_place,
                limit=asked.size,
                now=call.now,
            )
            return synced_page([RequestView.of(one, caller) for one in found], following)
        found = await requests.list_requests(
            db, caller, wanted=asked.wanted, before=asked.before, limit=asked.size + 1
        )
        return page_of(found, asked, lambda one: RequestView.of(one, caller))

    return await call.ask(work, lambda page, _: page)


@door("GET", "/v1/requests/{id:str}", answer=RequestView, refusals=(Forbidden, NotFound), tag=TAG)
async def show_request(call: NamedDependency[Call]) -> Response[bytes]:
    """One request."""
    return await call.ask(
        lambda db, caller: requests.show_request(db, caller, request_id=call.id(ids.REQUEST)),
        RequestView.of,
    )


@door("PATCH", "/v1/requests/{id:str}", body=RequestPatch, answer=TogetherView,
      refusals=(Forbidden, NotFound, Stale, WrongState, RoomIsTaken), tag=TAG)  # fmt: skip
async def change_request(call: NamedDependency[Call]) -> Response[bytes]:
    """Change a request, or more of its series; of when, how or what it starts the search anew."""
    body = call.body(RequestPatch)
    return await call.ask(
        lambda db, caller: series_changes.change_requests(
            db,
            caller,
            request_id=call.id(ids.REQUEST),
            if_match=call.if_match,
            scope=lambda: body().scope,
            change=lambda: body().change(),
            now=call.now,
        ),
        TogetherView.together,
    )


@door("GET", "/v1/requests/{id:str}/candidates", answer=CandidatesView,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def request_candidates(call: NamedDependency[Call]) -> Response[bytes]:
    """Who fits, best first, and why the others do not."""
    return await call.ask(
        lambda db, caller: requests.request_candidates(
            db, caller, request_id=call.id(ids.REQUEST), now=call.now
        ),
        CandidatesView.of,
    )


@door("GET", "/v1/requests/{id:str}/candidates/{interpreter_id:str}", answer=WhyView,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def explain_candidate(call: NamedDependency[Call]) -> Response[bytes]:
    """Why somebody is or is not asked: every rule, the score, and what they were asked."""
    return await call.ask(
        lambda db, caller: reasons.explain_candidate(
            db,
            caller,
            request_id=call.id(ids.REQUEST),
            interpreter_id=call.id(ids.INTERPRETER, "interpreter_id"),
            now=call.now,
        ),
        WhyView.of,
    )


@door("POST", "/v1/requests/{id:str}/assign", body=AssignIn, answer=BookingView, status=201,
      refusals=(Forbidden, NotFound, Stale, WrongState, InterpreterIsBusy), tag=TAG)  # fmt: skip
async def assign_interpreter(call: NamedDependency[Call]) -> Response[bytes]:
    """Book somebody without asking; said again, it answers 200 and changes nothing."""
    body = call.body(AssignIn)

    def chosen() -> UUID:
        return ids.read_id(ids.INTERPRETER, body().interpreter_id)

    def shape(one: Assigned, caller: Caller) -> Any:
        return BookingView.of(one.shown, caller, call.now)

    return await call.once(
        lambda db, caller: assigning.assign_interpreter(
            db,
            caller,
            request_id=call.id(ids.REQUEST),
            interpreter_id=chosen,
            if_match=call.if_match,
            now=call.now,
        ),
        shape,
        status=lambda one: 201 if one.made else 200,
    )


@door("POST", "/v1/requests/{id:str}/widen", body=Fallbacks, answer=RequestView,
      refusals=(Forbidden, NotFound, Stale, WrongState), tag=TAG)  # fmt: skip
async def widen_request(call: NamedDependency[Call]) -> Response[bytes]:
    """Allow more to be offered instead, and go on at once; nothing is taken back by it."""
    body = call.body(Fallbacks)
    return await call.once(
        lambda db, caller: widening.widen_request(
            db,
            caller,
            request_id=call.id(ids.REQUEST),
            more=lambda: Allowed(**msgspec.structs.asdict(body())),
            if_match=call.if_match,
            now=call.now,
        ),
        RequestView.of,
    )


@door("POST", "/v1/requests/{id:str}/split", answer=RequestView,
      refusals=(Forbidden, NotFound, Stale, WrongState), tag=TAG)  # fmt: skip
async def split_team(call: NamedDependency[Call]) -> Response[bytes]:
    """Book who said yes so far without waiting for the whole team; the search goes on."""
    return await call.once(
        lambda db, caller: splitting.split_team(
            db,
            caller,
            request_id=call.id(ids.REQUEST),
            if_match=call.if_match,
            now=call.now,
        ),
        RequestView.of,
    )


@door("POST", "/v1/requests/{id:str}/cancel", body=CancelIn, answer=TogetherView,
      refusals=(Forbidden, NotFound, Stale, WrongState), tag=TAG)  # fmt: skip
async def cancel_request(call: NamedDependency[Call]) -> Response[bytes]:
    """Call a request off, or more of its series, with offers and bookings."""
    body = call.body(CancelIn)
    return await call.once(
        lambda db, caller: series_changes.cancel_requests(
            db,
            caller,
            request_id=call.id(ids.REQUEST),
            if_match=call.if_match,
            scope=lambda: body().scope,
            why=lambda: body().why(),
            now=call.now,
        ),
        TogetherView.together,
    )


def _order(call: Call) -> Any:
    body = call.body(RequestIn)

    def order() -> RequestOrder:
        return body().order()

    return order


ROUTES = (
    create_request,
    preview_request,
    list_requests,
    show_request,
    change_request,
    request_candidates,
    explain_candidate,
    assign_interpreter,
    widen_request,
    split_team,
    cancel_request,
)
