"""`/board/requests/{id}`: one request, beside the board or on a page of its own, and what is done.

Every form carries the version that was looked at: whoever is not the first is told who was.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post

from interpreters.application import (
    assigning,
    escalations,
    request_notes,
    series_changes,
    splitting,
    widening,
)
from interpreters.application.board_requests import show_call_list, show_panel
from interpreters.application.reasons import explain_candidate
from interpreters.domain import ids
from interpreters.domain.board import Team, needs_somebody, waits_for_a_coordinator
from interpreters.domain.errors import Forbidden, Invalid, NotFound, NotSignedIn, Refusal, Stale
from interpreters.domain.fallbacks import Allowed, allowed
from interpreters.domain.matching import FUNNEL_ORDER
from interpreters.domain.refusal_words import REFUSALS
from interpreters.domain.requests import can
from interpreters.domain.wording import say
from interpreters.http.bookings import ReasonIn
from interpreters.http.doors import NOTHING
from interpreters.http.fields import In, Text
from interpreters.http.reading import read_body
from interpreters.http.request_parts import Fallbacks
from interpreters.web.board import row_words
from interpreters.web.board_words import told_reason
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields, asked_fields, body_of, own_fields
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, Work, visiting

REFUSED: Final[Mapping[str, str]] = {
    "interpreter-is-busy": "This interpreter has another job then, or is on the way.",
    "wrong-state": "This cannot be done any more. Please look at the state of the request.",
    **{
        code: REFUSALS[code]
        for code in ("conflict-of-interest", "too-many-notes", "nobody-was-called")
    },
}
NOT_DONE: Final = "This could not be done. Please look again."
DONE: Final = frozenset({"assigned", "widened", "split", "cancelled", "taken-over", "noted"})
PAGE: Final = "/board/requests/{id:str}"


class NoteIn(In, frozen=True, kw_only=True):
    """A note on a request."""

    text: Text


@get(PAGE, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def request_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Show a request: beside the board where a script asks, else on its own page."""
    visit = await visiting(request, "coordinator")
    done = asked_fields(request).get("done")
    return await _shown(visit, done=done if done in DONE else None)


@get(f"{PAGE}/why", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def why_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Say why somebody is not asked about it."""
    visit = await visiting(request, "coordinator")
    chosen = asked_fields(request).get("interpreter_id")
    why = await visit.ask(
        lambda db, caller: explain_candidate(
            db, caller, request_id=_id(visit), interpreter_id=_person(chosen), now=visit.now
        )
    )
    told = {"why": why, "fits": all(one.passed for one in why.rules), "chosen": chosen}
    if visit.partial:
        return visit.page("board_why_part.html", **told, **_words(visit))
    return await _shown(visit, **told)


@get(f"{PAGE}/calls", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def calls_page(request: Request[Any, Any, Any]) -> Response[str]:
    """List whom to ring up, to be printed."""
    visit = await visiting(request, "coordinator")
    calls = await visit.ask(
        lambda db, caller: show_call_list(db, caller, request_id=_id(visit), now=visit.now)
    )
    return visit.page("board_calls.html", calls=calls, **row_words(visit))


@post(f"{PAGE}/assign", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def assign(request: Request[Any, Any, Any]) -> Response[Any]:
    """Book somebody without asking."""

    def work(visit: Visit, said: Fields) -> Work[Any]:
        return lambda db, caller: assigning.assign_interpreter(
            db,
            caller,
            request_id=_id(visit),
            interpreter_id=lambda: _person(said.get("interpreter_id")),
            if_match=_version(said),
            now=visit.now,
        )

    return await _do(request, work, "assigned")


@post(f"{PAGE}/widen", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def widen(request: Request[Any, Any, Any]) -> Response[Any]:
    """Allow more to be offered."""

    def work(visit: Visit, said: Fields) -> Work[Any]:
        ticked = {name: said.ticked(name) for name in ("other_mode", "neighbour_language", "relay")}
        raw = body_of({**ticked, "shift_minutes": said.number("shift_minutes")})

        def more() -> Allowed:
            body = read_body(Fallbacks, raw, now=visit.now)
            return Allowed(**msgspec.structs.asdict(body))

        return lambda db, caller: widening.widen_request(
            db, caller, request_id=_id(visit), more=more, if_match=_version(said), now=visit.now
        )

    return await _do(request, work, "widened")


@post(f"{PAGE}/split", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def split(request: Request[Any, Any, Any]) -> Response[Any]:
    """Book those of a team who said yes, without waiting for the others."""

    def work(visit: Visit, said: Fields) -> Work[Any]:
        return lambda db, caller: splitting.split_team(
            db, caller, request_id=_id(visit), if_match=_version(said), now=visit.now
        )

    return await _do(request, work, "split")


@post(f"{PAGE}/cancel", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def cancel(request: Request[Any, Any, Any]) -> Response[Any]:
    """Call the request off."""

    def work(visit: Visit, said: Fields) -> Work[Any]:
        raw = body_of({"reason": said.some("reason")})
        return lambda db, caller: series_changes.cancel_requests(
            db,
            caller,
            request_id=_id(visit),
            if_match=_version(said),
            scope=lambda: "this",
            why=lambda: read_body(ReasonIn, raw, now=visit.now).why(),
            now=visit.now,
        )

    return await _do(request, work, "cancelled")


@post(f"{PAGE}/take-over", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def take_over(request: Request[Any, Any, Any]) -> Response[Any]:
    """Say that one takes care of it: nobody else is rung."""

    def work(visit: Visit, _: Fields) -> Work[Any]:
        return lambda db, caller: escalations.acknowledge_escalations(
            db, caller, request_id=_id(visit), now=visit.now
        )

    return await _do(request, work, "taken-over")


@post(f"{PAGE}/note", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def write_note(request: Request[Any, Any, Any]) -> Response[Any]:
    """Write something for the other coordinators."""

    def work(visit: Visit, said: Fields) -> Work[Any]:
        raw = body_of({"text": said.some("text")})
        return lambda db, caller: request_notes.add_note(
            db,
            caller,
            request_id=_id(visit),
            text=lambda: read_body(NoteIn, raw, now=visit.now).text,
            now=visit.now,
        )

    return await _do(request, work, "noted")


async def _do(
    request: Request[Any, Any, Any], work: Callable[[Visit, Fields], Work[Any]], done: str
) -> Response[Any]:
    """Do what a form says, once, and show the request as it is then; or why it was not done."""
    visit = await visiting(request, "coordinator")
    said = await own_fields(request)
    try:
        await visit.once(said, work(visit, said), lambda _, __: None)
    except Stale:
        return await _shown(visit, 409, stale=True)
    except Invalid as invalid:
        return await _shown(visit, 422, errors=visit.trouble(invalid))
    except (NotFound, Forbidden, NotSignedIn):
        raise
    except Refusal as refusal:
        told = say(visit.language, REFUSED.get(refusal.code, NOT_DONE))
        return await _shown(visit, 409, refused=told)
    if visit.partial:
        return await _shown(visit, done=done)
    return see_other(f"{visit.request.url.path.rpartition('/')[0]}?done={done}")


async def _shown(visit: Visit, status: int = 200, /, **told: Any) -> Response[str]:
    panel = await visit.ask(
        lambda db, caller: show_panel(db, caller, request_id=_id(visit), now=visit.now)
    )
    shown, request = panel.row.shown, panel.row.shown.request
    values: dict[str, Any] = {
        "done": None, "refused": None, "errors": None, "why": None, "fits": False, "chosen": "",
        **told,
    }  # fmt: skip
    since = int((visit.now - panel.last.at).total_seconds())
    values["stale"] = max(1, since) if told.get("stale") else 0
    return visit.page(
        "board_panel.html" if visit.partial else "board_request.html",
        status,
        panel=panel,
        open=needs_somebody(request.state),
        team=Team.of([one.state for one in shown.seats], partial_ok=request.partial_ok),
        rung=waits_for_a_coordinator(request.state, shown.escalations),
        cancellable=can(state=request.state, verb="cancel"),
        asked={one.interpreter_id: one for one in panel.offers},
        fallbacks=allowed(request.fallbacks),
        funnel=FUNNEL_ORDER,
        speakers=[(ids.show_id(ids.INTERPRETER, key), name) for key, name in panel.speakers],
        **values,
        **_words(visit),
    )


def _words(visit: Visit) -> dict[str, Any]:
    return {
        **row_words(visit),
        "interpreter_id": lambda one: ids.show_id(ids.INTERPRETER, one),
        "told_reason": lambda detail: told_reason(visit.language, detail),
    }


def _id(visit: Visit) -> UUID:
    return _read(ids.REQUEST, visit.request.path_params["id"])


def _person(text: str) -> UUID:
    return _read(ids.INTERPRETER, text)


def _read(prefix: str, text: str) -> UUID:
    try:
        return ids.read_id(prefix, text)
    except NotFound:
        return NOTHING


def _version(said: Fields) -> int:
    """Return the version that was looked at; a form without one is of none."""
    number = said.number("version")
    return number if isinstance(number, int) else 0


ROUTES = (request_page, why_page, calls_page, assign, widen, split, cancel, take_over, write_note)
