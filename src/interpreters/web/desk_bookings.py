"""`/desk/bookings/{id}`: somebody is booked: who, how to reach them, and what to say of it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from interpreters.application import (
    approvals,
    booking_changes,
    bookings,
    disputes,
    giving_back,
    ratings,
    requests,
    time_changes,
)
from interpreters.application.booking_money import show_priced
from interpreters.application.bookings import ShownBooking
from interpreters.application.ratings import Stars
from interpreters.application.time_changes import TimeChange
from interpreters.application.upcoming import show_approvals
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.bookings import BookingVerb, can
from interpreters.domain.callers import Caller
from interpreters.domain.client_links import still_shows
from interpreters.domain.errors import Invalid, NotFound, Refusal
from interpreters.domain.offers import InterpreterIsBusy
from interpreters.domain.windows import at_place
from interpreters.domain.wording import plural
from interpreters.http.approvals import StarsIn, TimesIn
from interpreters.http.booking_views import BookingView
from interpreters.http.bookings import ExtendIn
from interpreters.http.disputes import DisputeIn
from interpreters.http.reading import read_body
from interpreters.http.session_bodies import EndIn, LateIn
from interpreters.web import desk_words
from interpreters.web.desk_form import instant_of
from interpreters.web.desk_whose import Whose, at_desk, find_whose
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields, asked_fields, body_of, own_fields
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit

BODIES: Final[Mapping[str, type[msgspec.Struct]]] = {
    "running-late": LateIn, "extend": ExtendIn, "dispute": DisputeIn, "rate": StarsIn,
    "correct-times": TimesIn, "end": EndIn,
}  # fmt: skip
# What only a coordinator says, for the interpreter.
COORDINATORS: Final[tuple[BookingVerb, ...]] = ("check-in", "start", "end", "running-late")
VERBS: Final[tuple[BookingVerb, ...]] = (
    "extend", "client-no-show", "interpreter-no-show", "cancel", "approve", "dispute", "rate",
)  # fmt: skip
SENT: Final = ("dispute", "rate")  # the page says that it has come
SAVED: Final = ("approve", "correct-times")  # and of these that they are kept
AnyRequest = Request[Any, Any, Any]
Doing = Callable[[Db, Caller], Awaitable[Any]]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A booking as its page shows it."""

    whose: Whose
    view: BookingView
    reference: str | None
    times: list[TimeChange]
    day: str  # on which it began, by the clock of the place
    linked: list[str]  # codes of the clients who may be given a link


@get("/desk/bookings/{id:str}", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_booking(request: AnyRequest) -> Response[str]:
    """Show one booking."""
    visit, asked = await at_desk(request), asked_fields(request)
    return await shown(visit, request.path_params["id"], done=asked.get("done"))


@get("/desk/approvals", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def list_approvals(request: AnyRequest) -> Response[str]:
    """List what waits for the visitor's yes."""
    visit, asked = await at_desk(request), asked_fields(request)

    async def work(db: Db, caller: Caller) -> tuple[Whose, list[BookingView]]:
        found = await find_whose(db, caller, asked.some("institution"))
        waiting = await show_approvals(db, caller, institution_id=found.id, now=visit.now)
        return found, [BookingView.of(one, caller, visit.now) for one in waiting]

    found, rows = await visit.ask(work)
    return visit.page("desk_approvals.html", whose=found, rows=rows, done=asked.get("done"))


@post("/desk/bookings/{id:str}/{verb:str}", include_in_schema=False, status_code=200,
      exception_handlers=WORKPLACE_ERRORS)  # fmt: skip
async def say_of_booking(request: AnyRequest) -> Response[Any]:
    """Say something of a booking: one of its verbs."""
    visit, said = await at_desk(request), await own_fields(request)
    named, verb = request.path_params["id"], request.path_params["verb"]
    work = await _doing(visit, named, verb, said)
    try:
        await visit.once(said, work, lambda _, __: {})
    except Invalid as wrong:
        return await shown(visit, named, said, wrong=wrong)
    except InterpreterIsBusy as busy:
        return await shown(visit, named, said, refused=_busy(visit, busy))
    except Refusal as refusal:
        if refusal.code not in desk_words.REFUSED:
            raise
        return await shown(visit, named, said, refused=desk_words.refused(visit, refusal))
    back = "approvals" if said.get("back") == "approvals" else f"bookings/{named}"
    done = "sent" if verb in SENT else "saved" if verb in SAVED else ""
    return see_other(f"/desk/{back}" + (f"?done={done}" if done else ""))


async def _doing(visit: Visit, named: str, verb: str, said: Fields) -> Doing:
    """Return the use-case of a verb, with the form as its body.

    Raises:
        NotFound: there is no such verb, or no such booking.
    """
    key, now = ids.read_id(ids.BOOKING, named), visit.now
    raw = body_of(await _body(visit, named, verb, said))

    def body() -> Any:
        return read_body(BODIES[verb], raw, now=now)

    def stars() -> Stars:
        given = body()
        return Stars(stars=given.stars, note=given.note)

    verbs: dict[str, tuple[Callable[..., Awaitable[Any]], dict[str, Any]]] = {
        "check-in": (bookings.check_in, {}),
        "start": (bookings.start, {}),
        "end": (
            bookings.end,
            {"ended_at": lambda: None, "break_minutes": lambda: body().break_minutes},
        ),
        "running-late": (booking_changes.running_late, {"minutes": lambda: body().minutes}),
        "extend": (booking_changes.extend, {"minutes": lambda: body().minutes}),
        "client-no-show": (bookings.client_no_show, {}),
        "interpreter-no-show": (giving_back.interpreter_no_show, {}),
        "approve": (approvals.approve, {}),
        "dispute": (disputes.open_dispute, {"reason": lambda: body().reason}),
        "rate": (ratings.rate, {"given": stars}),
        "correct-times": (time_changes.correct_times, {"order": lambda: body().times()}),
    }
    if verb not in verbs:
        raise NotFound
    use_case, more = verbs[verb]
    return lambda db, caller: use_case(db, caller, booking_id=key, now=now, **more)


async def _body(visit: Visit, named: str, verb: str, said: Fields) -> dict[str, Any]:
    if verb == "correct-times":
        view = (await _seen(visit, named)).view
        day = said.get("day")
        return {
            "started_at": instant_of(day, said.get("started"), view.time_zone),
            "ended_at": instant_of(day, said.get("ended"), view.time_zone),
            "break_minutes": said.number("breaks"),
            "reason": said.some("reason"),
        }
    numbers = {name: said.number(name) for name in ("minutes", "stars")}
    words = {name: said.some(name) for name in ("reason", "note")}
    found = {**numbers, **words, "break_minutes": said.number("breaks") or 0}
    known = BODIES[verb].__struct_fields__ if verb in BODIES else ()
    return {name: one for name, one in found.items() if name in known}


def _busy(visit: Visit, busy: InterpreterIsBusy) -> str:
    """Return for how long it could go on."""
    possible = busy.extra.get("extensible_minutes")
    if not isinstance(possible, int):
        return desk_words.refused(visit, busy)
    return plural(visit.language, *desk_words.LONGER, possible)


async def _seen(visit: Visit, named: str) -> Seen:
    async def work(db: Db, caller: Caller) -> Seen:
        key = ids.read_id(ids.BOOKING, named)
        one: ShownBooking = await show_priced(db, caller, key, visit.now)
        view = BookingView.of(one, caller, visit.now)
        began = at_place(
            instant=view.session.started_at or view.starts_at, time_zone=view.time_zone
        )
        whose = await find_whose(db, caller, view.institution_id)
        return Seen(
            linked=await _linked(db, caller, whose, one, visit.now),
            day=f"{began:%Y-%m-%d}",
            whose=whose,
            view=view,
            reference=one.request.external_reference,
            times=await time_changes.list_time_changes(db, caller, booking_id=key),
        )

    return await visit.ask(work)


async def _linked(
    db: Db, caller: Caller, whose: Whose, one: ShownBooking, now: datetime
) -> list[str]:
    request, house = one.request, whose.institution
    may = house is not None and still_shows(
        wanted=house.client_links, kind=house.kind, topic=request.topic,
        priority=request.priority, state=one.booking.state, session=one.booking.session, now=now,
    )  # fmt: skip
    if not may:
        return []
    found = await requests.show_request(db, caller, request_id=request.id)
    return list(found.clients.values())


async def shown(
    visit: Visit,
    named: str,
    said: Fields | None = None,
    *,
    wrong: Invalid | None = None,
    refused: str | None = None,
    done: str = "",
    link: str = "",
) -> Response[str]:
    """Return the page of a booking; with what was wrong, or the client's new link.

    Raises:
        NotFound: there is none such in what the visitor may see.
    """
    seen = await _seen(visit, named)
    status = 422 if wrong is not None else 409 if refused is not None else 200
    may: tuple[BookingVerb, ...] = VERBS
    if visit.caller.is_coordinator:
        may += COORDINATORS
    return visit.page(
        "desk_booking.html",
        status,
        whose=seen.whose,
        seen=seen,
        view=seen.view,
        can=[one for one in may if can(state=seen.view.state, verb=one)],
        said=said or Fields([]),
        errors={} if wrong is None else visit.trouble(wrong),
        refused=refused,
        done=done,
        link=link,
        words=desk_words,
    )


ROUTES = (show_booking, list_approvals, say_of_booking)
