"""`/desk/new`: asking for an interpreter, with the chances shown while the form is filled."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from interpreters.application import fundings, requests
from interpreters.application.booking_money import show_priced
from interpreters.application.previews import preview_request
from interpreters.application.requests import ShownRequest
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Invalid, Refusal
from interpreters.domain.languages import (
    NeedsVariety,
    UnknownLanguage,
    describe,
    resolve,
    search,
)
from interpreters.domain.replacements import FeeNotReplaceable
from interpreters.http.booking_views import BookingView
from interpreters.http.preview_views import PreviewView
from interpreters.http.reading import read_body
from interpreters.http.request_bodies import RequestIn
from interpreters.http.request_views import RequestView
from interpreters.web import desk_words
from interpreters.web.desk_again import empty, instead_of, one_more, with_choice, with_language
from interpreters.web.desk_form import order_of, previewed
from interpreters.web.desk_known import Known, known_of
from interpreters.web.desk_whose import Whose, at_desk, whose
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields, asked_fields, body_of, own_fields
from interpreters.web.formats import Formats
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit

MOST_FOUND: Final = 12
MOST_LOOKED_AT: Final = 60
CODE: Final = 3  # letters of a language's code, at the most
AnyRequest = Request[Any, Any, Any]


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What a preview says; `trouble` where the form cannot be previewed yet, `refused` where it
    would be.
    """

    view: PreviewView | None = None
    trouble: Mapping[str, str] = {}
    refused: str | None = None


@get("/desk/new", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_form(request: AnyRequest) -> Response[str]:
    """Show the form; with `from` filled like an earlier request, with `instead` in the time of a
    booking that was called off late.
    """
    visit, asked = await at_desk(request), asked_fields(request)
    earlier = asked.some("from")
    if asked.some("instead"):
        return await _form_instead(visit, asked.get("instead"))
    if earlier is None:
        found = await whose(visit, asked)
        said = empty(found, (await _known(visit, found)).site_id)
        if asked.some("language"):  # the client pointed at it
            said = with_language(said, asked.get("language"), _tell(visit))
        return await _form(visit, found, said)
    view = await _earlier(visit, earlier)
    found = await whose(visit, Fields([("institution", view.institution_id)]))
    return await _form(visit, found, one_more(view, _tell(visit)))


@post("/desk/new", include_in_schema=False, status_code=200, exception_handlers=WORKPLACE_ERRORS)
async def ask_for_interpreter(request: AnyRequest) -> Response[Any]:
    """Ask; what is wrong comes back beside the fields."""
    visit, said = await at_desk(request), await own_fields(request)
    found = await whose(visit, said)
    order = order_of(said, found, time_zone=visit.me.network.time_zone)
    # Whoever left out the code is told so at its field.
    raw = body_of({**order, "clients": order["clients"] or [{}]})

    async def work(db: Db, caller: Caller) -> ShownRequest:
        return await requests.create_request(
            db, caller, order=lambda: read_body(RequestIn, raw, now=visit.now).order(),
            now=visit.now,
        )  # fmt: skip

    try:
        made = await visit.once(said, work, _id)
    except Invalid as wrong:
        return await _form(visit, found, said, wrong=wrong)
    except Refusal as refusal:
        return await _form(visit, found, said, refused=_refused(visit, refusal))
    return see_other(f"/desk/requests/{made['id']}")


@post("/desk/preview", include_in_schema=False, status_code=200,
      exception_handlers=WORKPLACE_ERRORS)  # fmt: skip
async def preview(request: AnyRequest) -> Response[str]:
    """Show the chances: beside the form for a script, else the whole form with them in it."""
    visit, said = await at_desk(request), await own_fields(request)
    found = await whose(visit, said)
    zone = found.zone_of(said.some("site_id"), visit.me.network.time_zone)
    if said.some("choice"):
        said = with_choice(said, said.get("choice"), time_zone=zone, tell=_tell(visit))
    outlook = await _outlook(visit, found, said)
    if visit.partial:
        return visit.page("desk_outlook.html", outlook=outlook, said=said, words=desk_words,
                          zone=zone)  # fmt: skip
    return await _form(visit, found, said, outlook=outlook)


@get("/desk/languages", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def find_languages(request: AnyRequest) -> Response[str]:
    """List languages by part of any of their names; without any, those used last."""
    visit, asked = await at_desk(request), asked_fields(request)
    text = asked.get("q")
    used = (await _known(visit, await whose(visit, asked))).languages
    codes = _likely_first(text, used) if text else list(used)
    return visit.page("desk_languages.html", found=[describe(one) for one in codes[:MOST_FOUND]])


async def _form_instead(visit: Visit, named: str) -> Response[str]:
    booking, view = await _called_off(visit, named)
    found = await whose(visit, Fields([("institution", view.institution_id)]))
    said = instead_of(view, booking, _tell(visit))
    cancellation = booking.cancellation
    may = cancellation is not None and bool(cancellation.replacement_until)
    refused = None if may else desk_words.refused(visit, FeeNotReplaceable())
    return await _form(visit, found, said, refused=refused)


async def _form(
    visit: Visit,
    found: Whose,
    said: Fields,
    *,
    wrong: Invalid | None = None,
    refused: str | None = None,
    outlook: Outlook | None = None,
) -> Response[str]:
    if found.institution is None:
        return visit.page("desk_which.html", whose=found, going_to="/desk/new")
    errors = {} if wrong is None else visit.trouble(wrong)
    replaces = said.some("replaces")
    return visit.page(
        "desk_new.html",
        200 if wrong is None and refused is None else 422,
        whose=found,
        said=said,
        errors=errors,
        refused=refused,
        instead=None if replaces is None else (await _called_off(visit, replaces))[0],
        offered=[] if wrong is None else desk_words.pointed(wrong, "/language"),
        outlook=outlook,
        words=desk_words,
        known=await _known(visit, found),
        fundings=await _fundings(visit),
        zone=found.zone_of(said.some("site_id"), visit.me.network.time_zone),
    )


async def _outlook(visit: Visit, found: Whose, said: Fields) -> Outlook:
    """Return the chances; nothing is refused here, because the form is still being filled."""
    order = previewed(order_of(said, found, time_zone=visit.me.network.time_zone))
    raw = body_of(order)

    async def work(db: Db, caller: Caller) -> PreviewView:
        seen = await preview_request(
            db, caller, order=lambda: read_body(RequestIn, raw, now=visit.now).order(),
            now=visit.now,
        )  # fmt: skip
        return PreviewView.of(seen, caller)

    try:
        return Outlook(view=await visit.ask(work))
    except Invalid as wrong:
        return Outlook(trouble=visit.trouble(wrong))
    except Refusal as refusal:
        return Outlook(refused=_refused(visit, refusal))


def _refused(visit: Visit, refusal: Refusal) -> str:
    """Return in words why it was refused, where the form says it; else it is raised."""
    if refusal.code not in desk_words.REFUSED:
        raise refusal
    return desk_words.refused(visit, refusal)


async def _called_off(visit: Visit, named: str) -> tuple[BookingView, RequestView]:
    """Return a booking, with what calling it off cost, and its request.

    Raises:
        NotFound: there is none such in what the visitor may see.
    """

    async def work(db: Db, caller: Caller) -> tuple[BookingView, RequestView]:
        shown = await show_priced(db, caller, ids.read_id(ids.BOOKING, named), visit.now)
        asked = await requests.show_request(db, caller, request_id=shown.request.id)
        return BookingView.of(shown, caller, visit.now), RequestView.of(asked, caller)

    return await visit.ask(work)


async def _earlier(visit: Visit, named: str) -> RequestView:
    async def work(db: Db, caller: Caller) -> RequestView:
        key = ids.read_id(ids.REQUEST, named)
        return RequestView.of(await requests.show_request(db, caller, request_id=key), caller)

    return await visit.ask(work)


async def _known(visit: Visit, found: Whose) -> Known:
    async def work(db: Db, caller: Caller) -> Known:
        return await known_of(db, caller, institution_id=found.id)

    return await visit.ask(work)


async def _fundings(visit: Visit) -> list[tuple[str, str]]:
    async def work(db: Db, caller: Caller) -> list[tuple[str, str]]:
        each = await fundings.list_fundings(db, caller, before=None, limit=100)
        return [(ids.show_id(ids.FUNDING, one.id), one.number) for one in each]

    return await visit.ask(work)


def _likely_first(text: str, used: Mapping[str, int]) -> list[str]:
    """Return what a text finds: what is called just so, what was used most, the rest.

    Two or three letters begin a name; that they are some language's code says little.
    """
    found = [one.code for one in search(text, MOST_LOOKED_AT)]
    exact = None
    if len(text) > CODE:
        with suppress(UnknownLanguage, NeedsVariety):
            exact = resolve(text).language.code
    return sorted(found, key=lambda code: (code != exact, -used.get(code, 0)))


def _id(one: ShownRequest, _: Caller) -> dict[str, str]:
    return {"id": ids.show_id(ids.REQUEST, one.request.id)}


def _tell(visit: Visit) -> Formats:
    return Formats(visit.language, visit.me.network.time_zone)


ROUTES = (show_form, ask_for_interpreter, preview, find_languages)
