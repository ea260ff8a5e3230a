"""`/desk/requests/{id}/change`: a request, or more of its series, changed."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from interpreters.application import requests, series_changes
from interpreters.application.requests import RequestFilter, ShownRequest
from interpreters.application.series_changes import Together
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Invalid, NotFound, Refusal, WrongState
from interpreters.domain.series import MOST_DATES
from interpreters.domain.wording import say
from interpreters.http.reading import read_body
from interpreters.http.request_bodies import RequestPatch
from interpreters.http.request_views import RequestView
from interpreters.web import desk_words
from interpreters.web.desk_again import as_it_is
from interpreters.web.desk_form import order_of
from interpreters.web.desk_whose import Whose, at_desk, find_whose
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields, own_fields
from interpreters.web.formats import Formats
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit

# The fields of the form; what it does not have stays as it is.
ASKED: Final = (
    "date", "time", "duration_minutes", "mode", "first_mode", "topic", "gender", "gender_strict",
    "qualification", "qualification_strict", "other_mode", "neighbour_language", "relay",
    "shift_minutes", "room_id", "briefing_minutes", "instructions", "connect_by",
    "connect_number", "connect_extension", "connect_url", "connect_pin", "external_reference",
    "cost_centre", "priority",
)  # fmt: skip
CHANGEABLE: Final = (
    "starts_at", "duration_minutes", "modes", "topic", "requirements", "fallbacks", "room_id",
    "briefing_minutes", "instructions", "connect", "external_reference", "cost_centre",
    "priority",
)  # fmt: skip
AnyRequest = Request[Any, Any, Any]


class Changing(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is being changed, and whose it is."""

    whose: Whose
    view: RequestView


@get("/desk/requests/{id:str}/change", include_in_schema=False,
     exception_handlers=WORKPLACE_ERRORS)  # fmt: skip
async def show_change(request: AnyRequest) -> Response[str]:
    """Show the form, filled with what was asked for."""
    visit = await at_desk(request)
    one = await _found(visit, request.path_params["id"])
    return _shown(visit, one, as_it_is(one.view, _tell(visit)))


@post("/desk/requests/{id:str}/change", include_in_schema=False, status_code=200,
      exception_handlers=WORKPLACE_ERRORS)  # fmt: skip
async def change_request(request: AnyRequest) -> Response[Any]:
    """Change what was filled in otherwise; nothing else is sent, so that nothing starts anew."""
    visit, form = await at_desk(request), await own_fields(request)
    one = await _found(visit, request.path_params["id"])
    was = as_it_is(one.view, _tell(visit))
    said = was.but(*ASKED, put=[(name, each) for name in ASKED for each in form.all(name)])
    changed = _changed(visit, one, was, said)
    address = f"/desk/requests/{one.view.id}"
    if not changed:
        return see_other(address)
    raw = msgspec.json.encode({**changed, "scope": form.get("scope") or "this"})

    async def work(db: Db, caller: Caller) -> Together:
        def body() -> RequestPatch:
            return read_body(RequestPatch, raw, now=visit.now)

        version = form.number("version")
        return await series_changes.change_requests(
            db, caller, request_id=ids.read_id(ids.REQUEST, one.view.id),
            if_match=version if isinstance(version, int) else None,
            scope=lambda: body().scope, change=lambda: body().change(), now=visit.now,
        )  # fmt: skip

    try:
        await visit.once(form, work, lambda _, __: {})
    except Invalid as wrong:
        return _shown(visit, one, said, form, wrong=wrong)
    except Refusal as refusal:
        if refusal.code not in desk_words.REFUSED:
            raise
        told = desk_words.refused(visit, refusal)
        if isinstance(refusal, WrongState):
            told = say(visit.language, desk_words.CHANGE_REFUSED)
        return _shown(visit, await _found(visit, one.view.id), said, form, refused=told)
    return see_other(f"{address}?done=saved")


@get("/desk/series/{id:str}", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_series(request: AnyRequest) -> Response[str]:
    """Show all dates of a series."""
    visit = await at_desk(request)
    key = ids.read_id(ids.SERIES, request.path_params["id"])

    async def work(db: Db, caller: Caller) -> tuple[Whose, list[ShownRequest]]:
        found = await requests.list_requests(
            db, caller, wanted=lambda: RequestFilter(series_id=key), before=None, limit=MOST_DATES
        )
        if not found:
            raise NotFound
        owner = ids.show_id(ids.INSTITUTION, found[0].request.institution_id)
        return await find_whose(db, caller, owner), found

    found, dates = await visit.ask(work)
    views = [RequestView.of(one, visit.caller) for one in dates]
    rows = sorted(views, key=lambda one: one.starts_at)
    return visit.page("desk_series.html", whose=found, rows=rows, sites=dict(found.places))


def _changed(visit: Visit, one: Changing, was: Fields, said: Fields) -> Mapping[str, Any]:
    zone = visit.me.network.time_zone
    before = order_of(was, one.whose, time_zone=zone)
    after = order_of(said, one.whose, time_zone=zone)
    return {name: after[name] for name in CHANGEABLE if after[name] != before[name]}


async def _found(visit: Visit, named: str) -> Changing:
    async def work(db: Db, caller: Caller) -> Changing:
        key = ids.read_id(ids.REQUEST, named)
        shown = await requests.show_request(db, caller, request_id=key)
        view = RequestView.of(shown, caller)
        return Changing(whose=await find_whose(db, caller, view.institution_id), view=view)

    return await visit.ask(work)


def _shown(
    visit: Visit,
    one: Changing,
    said: Fields,
    form: Fields | None = None,
    *,
    wrong: Invalid | None = None,
    refused: str | None = None,
) -> Response[str]:
    status = 422 if wrong is not None else 409 if refused is not None else 200
    return visit.page(
        "desk_change.html",
        status,
        whose=one.whose,
        view=one.view,
        said=said,
        scope="this" if form is None else form.get("scope"),
        errors={} if wrong is None else visit.trouble(wrong),
        refused=refused,
        words=desk_words,
        place=one.whose.site(one.view.site_id),
    )


def _tell(visit: Visit) -> Formats:
    return Formats(visit.language, visit.me.network.time_zone)


ROUTES = (show_change, change_request, show_series)
