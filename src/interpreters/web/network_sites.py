"""`/board/institutions/{id}/sites`: the places of an institution."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post

from interpreters.application import institutions, sites
from interpreters.application.sites import PlacedSite
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Invalid, Stale
from interpreters.domain.ids import INSTITUTION, SITE, read_id
from interpreters.http.reading import read_body
from interpreters.http.sites import SiteIn, SitePatch, SiteView
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields, body_of, listed, own_fields
from interpreters.web.roster_words import DAYS, days_wrong, weekly_of
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
PATH: Final = "/board/institutions/{id:str}/sites"


@get(f"{PATH}/new", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_new(request: AnyRequest) -> Response[str]:
    """Show the form of a new place."""
    visit = await visiting(request, "coordinator")
    return await _form(visit, Fields(()))


@post(f"{PATH}/new", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def add(request: AnyRequest) -> Response[Any]:
    """Add a place."""
    visit = await visiting(request, "coordinator")
    fields, institution_id = await own_fields(request), _institution(request)

    async def work(db: Db, caller: Caller) -> PlacedSite:
        body = read_body(SiteIn, body_of(_body(fields)), now=visit.now)
        return await sites.create_site(
            db, caller, institution_id=institution_id, order=body.order, now=visit.now
        )

    try:
        await visit.once(fields, work, lambda _, __: None)
    except Invalid as wrong:
        return await _form(visit, fields, errors=_trouble(visit, wrong, fields))
    return see_other(f"/board/institutions/{request.path_params['id']}?done=added")


@get(f"{PATH}/{{site_id:str}}", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_site(request: AnyRequest) -> Response[str]:
    """Show a place as a form."""
    visit = await visiting(request, "coordinator")
    view = SiteView.of(await _found(visit), visit.caller)
    return await _form(visit, _as_fields(view))


@post(f"{PATH}/{{site_id:str}}", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def change(request: AnyRequest) -> Response[Any]:
    """Change a place; what somebody else changed meanwhile is not written over."""
    visit = await visiting(request, "coordinator")
    fields, institution_id = await own_fields(request), _institution(request)
    site_id, version = read_id(SITE, request.path_params["site_id"]), fields.number("version")

    async def work(db: Db, caller: Caller) -> PlacedSite:
        nothing = ("city", "address", "latitude", "longitude", "phone", "email", "opening_hours")
        sent = dict.fromkeys(nothing) | {
            name: one for name, one in _body(fields).items() if one is not None
        }
        body = read_body(SitePatch, msgspec.json.encode(sent), now=visit.now)
        return await sites.change_site(
            db, caller, institution_id=institution_id, site_id=site_id, change=body.change,
            if_match=version if isinstance(version, int) else None, now=visit.now,
        )  # fmt: skip

    try:
        await visit.once(fields, work, lambda _, __: None)
    except Invalid as wrong:
        return await _form(visit, fields, errors=_trouble(visit, wrong, fields))
    except Stale:
        view = SiteView.of(await _found(visit), visit.caller)
        return await _form(visit, _as_fields(view), stale=True)
    return see_other(f"/board/institutions/{request.path_params['id']}?done=changed")


def _institution(request: AnyRequest) -> UUID:
    return read_id(INSTITUTION, request.path_params["id"])


async def _found(visit: Visit) -> PlacedSite:
    site_id = read_id(SITE, visit.request.path_params["site_id"])
    return await visit.ask(
        lambda db, caller: sites.show_site(
            db, caller, institution_id=_institution(visit.request), site_id=site_id
        )
    )


def _body(fields: Fields) -> dict[str, Any]:
    hours = weekly_of(fields)
    return {
        "name": fields.some("name"),
        "city": fields.some("city"),
        "address": fields.some("address"),
        "latitude": _decimal(fields.some("latitude")),
        "longitude": _decimal(fields.some("longitude")),
        "phone": fields.some("phone"),
        "email": fields.some("email"),
        "opening_hours": hours or None,
        "rooms": listed(fields.get("rooms")),
    }


def _decimal(text: str | None) -> float | str | None:
    if text is None:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def _as_fields(one: SiteView) -> Fields:
    hours: dict[str, list[str]] = {day: [] for day in DAYS}
    for row in one.opening_hours or ():
        hours[row.day].append(f"{row.from_}-{row.to}")
    plain = ("name", "city", "address", "latitude", "longitude", "phone", "email", "version")
    pairs = [(name, str(getattr(one, name) or "")) for name in plain]
    pairs += [(day, ", ".join(parts)) for day, parts in hours.items()]
    return Fields([*pairs, ("rooms", ", ".join(room.name for room in one.rooms))])


def _trouble(visit: Visit, wrong: Invalid, fields: Fields) -> dict[str, str]:
    told = {
        pointer.replace("/opening_hours/", "/weekly/"): text
        for pointer, text in visit.trouble(wrong).items()
    }
    return days_wrong(told, weekly_of(fields))


async def _form(
    visit: Visit, fields: Fields, *, errors: Mapping[str, str] | None = None, stale: bool = False
) -> Response[str]:
    institution_id = _institution(visit.request)
    institution = await visit.ask(
        lambda db, caller: institutions.show_institution(db, caller, institution_id=institution_id)
    )
    return visit.page(
        "network_site_form.html",
        422 if errors else 409 if stale else 200,
        institution=institution,
        id=visit.request.path_params["id"],
        action=visit.request.url.path,
        said=fields,
        days=DAYS,
        errors=errors or {},
        stale=stale,
    )


ROUTES = (show_new, add, show_site, change)
