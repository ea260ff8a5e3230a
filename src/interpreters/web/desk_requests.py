"""`/desk/requests`: what was asked for, each with how it goes while somebody watches."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, get_args

import msgspec
from litestar import Request, Response, get, post

from interpreters.application import requests, series_changes, splitting, widening
from interpreters.application.booking_money import show_priced
from interpreters.application.fallbacks import SOMEBODY, asked_of
from interpreters.application.progress import Progress, show_progress
from interpreters.application.received import list_received
from interpreters.application.requests import RequestFilter
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Invalid, Refusal
from interpreters.domain.fallbacks import Allowed, other_modes, stand_ins
from interpreters.domain.requests import RequestState, can
from interpreters.http.booking_views import BookingView
from interpreters.http.reading import read_body
from interpreters.http.request_bodies import RequestPatch
from interpreters.http.request_views import RequestView
from interpreters.web import desk_words
from interpreters.web.desk_whose import Whose, at_desk, find_whose
from interpreters.web.entrance import see_other
from interpreters.web.fields import asked_fields, body_of, own_fields
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit

PAGE: Final = 50
SHIFT: Final = 60  # minutes by which one press lets the time move
# Nobody at a desk should wait longer than this without being offered something else.
PATIENCE: Final = timedelta(minutes=3)
DEMANDS: Final = ("gender", "qualification", "dialect")
FEWER: Final = "fewer"  # of a team: whoever says yes is booked
AnyRequest = Request[Any, Any, Any]


class Going(msgspec.Struct, frozen=True, kw_only=True):
    """How a request goes: as its page shows it, and as it is asked for again and again."""

    whose: Whose
    progress: Progress
    view: RequestView
    wider: Sequence[tuple[str, Sequence[str]]]  # what could be allowed, with languages it names
    offered: bool  # that has waited long enough
    mark: str  # changes when something of this did
    gone: BookingView | None  # the one booking of what was called off, with what that cost


@get("/desk/requests", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def list_requests(request: AnyRequest) -> Response[str]:
    """List requests, the last asked for first."""
    visit, asked = await at_desk(request), asked_fields(request)
    state = asked.get("state") if asked.get("state") in get_args(RequestState) else None
    before = ids.read_optional(ids.REQUEST, asked.some("before"))

    async def work(db: Db, caller: Caller) -> tuple[Whose, list[RequestView], bool]:
        found = await find_whose(db, caller, asked.some("institution"))
        others = await list_received(db, caller, institution_id=found.id, limit=1)
        each = await requests.list_requests(
            db, caller, wanted=lambda: RequestFilter(state=state, institution_id=found.id),
            before=before, limit=PAGE + 1,
        )  # fmt: skip
        return found, [RequestView.of(one, caller) for one in each], bool(others)

    found, views, received = await visit.ask(work)
    return visit.page(
        "desk_requests.html",
        whose=found,
        rows=views[:PAGE],
        following=views[PAGE - 1].id if len(views) > PAGE else None,
        received=received,
        state=state,
        states=get_args(RequestState),
        sites=dict(found.places),
    )


@get("/desk/requests/{id:str}", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_request(request: AnyRequest) -> Response[str]:
    """Show one request."""
    visit, asked = await at_desk(request), asked_fields(request)
    return await shown(visit, request.path_params["id"], done=asked.get("done"))


@get("/desk/requests/{id:str}/live", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_live(request: AnyRequest) -> Response[Any]:
    """Show how the search goes, unless the page shows just that already (204)."""
    visit, asked = await at_desk(request), asked_fields(request)
    going = await _going(visit, request.path_params["id"])
    if asked.get("seen") == going.mark:
        return Response(b"", status_code=204)
    if not visit.partial:
        return see_other(f"/desk/requests/{going.view.id}")
    return visit.page("desk_live.html", going=going, view=going.view, words=desk_words)


@post("/desk/requests/{id:str}/widen", include_in_schema=False, status_code=200,
      exception_handlers=WORKPLACE_ERRORS)  # fmt: skip
async def widen_request(request: AnyRequest) -> Response[Any]:
    """Allow something else to be offered, with one press, and go on at once."""
    visit, said = await at_desk(request), await own_fields(request)
    named = request.path_params["id"]
    key = ids.read_id(ids.REQUEST, named)
    more = said.get("more")

    async def work(db: Db, caller: Caller) -> None:
        if more == FEWER:
            await splitting.split_team(db, caller, request_id=key, now=visit.now)
        elif more in DEMANDS:
            await _loosen(db, caller, visit, named, more)
        else:
            await widening.widen_request(
                db, caller, request_id=key, more=lambda: _allowed(more), now=visit.now
            )

    try:
        await visit.once(said, work, lambda _, __: {})
    except Refusal as refusal:
        if refusal.code not in desk_words.REFUSED:
            raise
        return await shown(visit, named, refused=desk_words.refused(visit, refusal))
    return see_other(f"/desk/requests/{named}")


@post("/desk/requests/{id:str}/number", include_in_schema=False, status_code=200,
      exception_handlers=WORKPLACE_ERRORS)  # fmt: skip
async def say_number(request: AnyRequest) -> Response[Any]:
    """Say which number the interpreter calls, of what was asked for without one."""
    visit, said = await at_desk(request), await own_fields(request)
    named = request.path_params["id"]
    raw = body_of({"connect": {"by": "interpreter", "number": said.get("number")}})

    async def work(db: Db, caller: Caller) -> None:
        await requests.change_request(
            db, caller, request_id=ids.read_id(ids.REQUEST, named), if_match=None,
            change=lambda: read_body(RequestPatch, raw, now=visit.now).change(), now=visit.now,
        )  # fmt: skip

    try:
        await visit.once(said, work, lambda _, __: {})
    except Invalid as wrong:
        return await shown(visit, named, errors=visit.trouble(wrong), number=said.get("number"))
    except Refusal as refusal:
        if refusal.code not in desk_words.REFUSED:
            raise
        return await shown(visit, named, refused=desk_words.refused(visit, refusal))
    return see_other(f"/desk/requests/{named}?done=saved")


async def shown(
    visit: Visit,
    named: str,
    refused: str | None = None,
    errors: Mapping[str, str] = {},
    number: str = "",
    done: str = "",
) -> Response[str]:
    """Return the page of a request; with what was refused just now, or `done`.

    `number` is the number to call as it was written.

    Raises:
        NotFound: there is none such in what the visitor may see.
    """
    going = await _going(visit, named)
    return visit.page(
        "desk_request.html",
        422 if errors else 200 if refused is None else 409,
        whose=going.whose,
        going=going,
        view=going.view,
        words=desk_words,
        refused=refused,
        errors=errors,
        number=number,
        done=done,
        sites={ids.show_id(ids.SITE, one.id): one.site for one in going.whose.sites},
        changeable=can(state=going.view.state, verb="change"),
        cancellable=can(state=going.view.state, verb="cancel"),
    )


async def _going(visit: Visit, named: str) -> Going:
    async def work(db: Db, caller: Caller) -> Going:
        key = ids.read_id(ids.REQUEST, named)
        progress = await show_progress(db, caller, request_id=key, now=visit.now)
        view = RequestView.of(progress.shown, caller)
        return Going(
            whose=await find_whose(db, caller, view.institution_id),
            progress=progress,
            view=view,
            wider=_wider(progress),
            offered=_offered(view, visit.now),
            mark=_mark(progress, view, visit.now),
            gone=await _gone(db, caller, progress, visit.now),
        )

    return await visit.ask(work)


async def _gone(db: Db, caller: Caller, progress: Progress, now: datetime) -> BookingView | None:
    booked = progress.shown.bookings
    if progress.shown.request.cancelled_at is None or len(booked) != 1:
        return None
    return BookingView.of(await show_priced(db, caller, booked[0].id, now), caller, now)


def _wider(progress: Progress) -> list[tuple[str, Sequence[str]]]:
    """Return what could be allowed besides, and would change something."""
    request = progress.shown.request
    if not can(state=request.state, verb="widen"):
        return []
    asked, may = asked_of(request), request.fallbacks
    found: list[tuple[str, Sequence[str]]] = []
    if request.interpreters_needed > 1 and not request.partial_ok:
        found.append((FEWER, ()))
    if not may.get("other_mode") and (others := other_modes(asked)):
        found.append(("other_mode", others))
    strict = [one for one in DEMANDS if (request.requirements.get(one) or {}).get("strict")]
    found += [(one, ()) for one in strict]
    taken = any(one.state in SOMEBODY for one in progress.shown.seats)
    if not request.starts_now and not taken and may.get("shift_minutes", 0) < SHIFT:
        found.append(("other_time", ()))
    if not may.get("neighbour_language") and (near := stand_ins(asked)):
        found.append(("neighbour_language", [one.language.code for one in near]))
    if not may.get("relay") and request.interpreters_needed == 1:
        found.append(("relay", ()))
    return found


def _offered(view: RequestView, now: datetime) -> bool:
    """Tell whether it has waited so long that something else is offered on top."""
    if view.state in ("unfilled", "partly_filled"):
        return True
    if view.state != "searching":
        return False
    told = any(one.kind == "widen" for one in view.escalations)
    return told or (view.starts_now and now - view.created_at >= PATIENCE)


def _mark(progress: Progress, view: RequestView, now: datetime) -> str:
    parts = [view.version, progress.asked, progress.waiting, int(_offered(view, now))]
    parts += [one.version for one in progress.shown.bookings]
    return "-".join(map(str, parts))


def _allowed(more: str) -> Allowed:
    return Allowed(
        other_mode=more == "other_mode",
        neighbour_language=more == "neighbour_language",
        relay=more == "relay",
        shift_minutes=SHIFT if more == "other_time" else 0,
    )


async def _loosen(db: Db, caller: Caller, visit: Visit, named: str, demand: str) -> None:
    """Make a condition a wish; that starts the search anew."""
    key = ids.read_id(ids.REQUEST, named)
    found = await requests.show_request(db, caller, request_id=key)
    demands = dict(found.request.requirements)
    demands[demand] = {**demands.get(demand, {}), "strict": False}
    await series_changes.change_requests(
        db, caller, request_id=key, if_match=found.request.version, scope=lambda: "this",
        change=lambda: {"requirements": demands}, now=visit.now,
    )  # fmt: skip


ROUTES = (list_requests, show_request, show_live, widen_request, say_number)
