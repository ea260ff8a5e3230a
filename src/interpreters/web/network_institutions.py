"""`/board/institutions`: who asks and is charged, their places, and the keys of their software."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post

from interpreters.application import cancellation_policies, institutions, keys, sites, tariffs
from interpreters.application.institutions import Institution
from interpreters.application.keys import Key, TooManyKeys
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Invalid
from interpreters.domain.ids import INSTITUTION, KEY, POLICY, SITE, TARIFF, read_id, show_id
from interpreters.http.institutions import InstitutionIn, InstitutionPatch, InstitutionView
from interpreters.http.keys import KeyIn, MadeKeyView
from interpreters.http.reading import read_body
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields, asked_fields, body_of, own_fields
from interpreters.web.saving import saved, seen_version
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
PATH: Final = "/board/institutions/{id:str}"
PAGE: Final = 200
MOST: Final = 2000
KINDS: Final = (
    "ngo", "state", "municipality", "social_service", "crisis_centre", "education", "health",
    "justice", "bank", "employer", "other",
)  # fmt: skip


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """An institution with its places and keys."""

    one: Institution
    sites: list[Any]
    keys: list[Key]
    tariffs: list[Any]
    policies: list[Any]


@get("/board/institutions", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def list_institutions(request: AnyRequest) -> Response[str]:
    """Show the institutions, by name."""
    visit = await visiting(request, "coordinator")
    asked = asked_fields(request)
    sought = asked.get("name").casefold()
    found = await visit.ask(every_institution)
    return visit.page(
        "network_institutions.html",
        found=[one for one in found if sought in one.name.casefold()],
        said=asked,
        institution_id=lambda one: show_id(INSTITUTION, one.id),
    )


@get("/board/institutions/new", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_new(request: AnyRequest) -> Response[str]:
    """Show the form of a new institution."""
    visit = await visiting(request, "coordinator")
    return await _form(visit, Fields([("kind", "other")]))


@post("/board/institutions/new", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def add(request: AnyRequest) -> Response[Any]:
    """Add an institution."""
    visit = await visiting(request, "coordinator")
    fields = await own_fields(request)

    async def work(db: Db, caller: Caller) -> Institution:
        body = read_body(InstitutionIn, body_of(_body(fields)), now=visit.now)
        return await institutions.create_institution(db, caller, order=body.order, now=visit.now)

    return await saved(
        visit, fields, work, shape=InstitutionView.of,
        to=lambda made: f"/board/institutions/{made['id']}?done=added",
        wrong=lambda wrong: _form(visit, fields, errors=visit.trouble(wrong)),
    )  # fmt: skip


@get(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_institution(request: AnyRequest) -> Response[str]:
    """Show one institution."""
    visit = await visiting(request, "coordinator")
    done = asked_fields(request).get("done")
    return await institution_page(visit, _id(request), done=done)


@get(f"{PATH}/change", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_change(request: AnyRequest) -> Response[str]:
    """Show one institution as a form."""
    visit = await visiting(request, "coordinator")
    found = await _found(visit, _id(request))
    return await _form(visit, _as_fields(found), found=found)


@post(f"{PATH}/change", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def change(request: AnyRequest) -> Response[Any]:
    """Change one institution; what somebody else changed meanwhile is not written over."""
    visit = await visiting(request, "coordinator")
    fields, found = await own_fields(request), await _found(visit, _id(request))

    async def work(db: Db, caller: Caller) -> Institution:
        sent = {"tariff_id": None, "cancellation_policy_id": None, "country": None}
        sent |= {name: one for name, one in _body(fields).items() if one is not None}
        body = read_body(InstitutionPatch, msgspec.json.encode(sent), now=visit.now)
        return await institutions.change_institution(
            db, caller, institution_id=found.id, change=body.change,
            if_match=seen_version(fields),
        )  # fmt: skip

    return await saved(
        visit, fields, work,
        to=lambda _: f"/board/institutions/{request.path_params['id']}?done=changed",
        wrong=lambda wrong: _form(visit, fields, found=found, errors=visit.trouble(wrong)),
        stale=lambda: _form(visit, _as_fields(found), found=found, stale=True),
    )  # fmt: skip


@post(f"{PATH}/keys", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def add_key(request: AnyRequest) -> Response[Any]:
    """Make a key for an institution's software; the page that answers shows it once."""
    visit = await visiting(request, "coordinator")
    fields, institution_id = await own_fields(request), _id(request)

    async def work(db: Db, caller: Caller) -> Any:
        sent = {"name": fields.some("name"), "mode": fields.some("mode")}
        body = read_body(KeyIn, body_of(sent), now=visit.now)
        return await keys.create_institution_key(
            db, caller, institution_id=institution_id, order=body.order, now=visit.now
        )

    try:
        made = await visit.once(fields, work, MadeKeyView.made)
    except Invalid as wrong:
        return await institution_page(
            visit, institution_id, errors=visit.trouble(wrong), status=422
        )
    except TooManyKeys:
        return await institution_page(visit, institution_id, refused="too-many-keys", status=409)
    return await institution_page(visit, institution_id, token=made["token"] or "")


@post(f"{PATH}/keys/end", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def end_key(request: AnyRequest) -> Response[Any]:
    """End a key at once."""
    visit = await visiting(request, "coordinator")
    fields, institution_id = await own_fields(request), _id(request)
    key_id = read_id(KEY, fields.get("key_id"))
    await visit.ask(
        lambda db, caller: keys.revoke_key(
            db, caller, institution_id=institution_id, key_id=key_id, now=visit.now
        )
    )
    return see_other(f"/board/institutions/{request.path_params['id']}?done=changed")


async def every_institution(db: Db, caller: Caller) -> list[Institution]:
    """Return the institutions in the order of their names, at most 2,000."""
    found: list[Institution] = []
    while len(found) < MOST:
        before = found[-1].id if found else None
        page = await institutions.list_institutions(db, caller, before=before, limit=PAGE)
        found += page
        if len(page) < PAGE:
            break
    return sorted(found, key=lambda one: (one.name.casefold(), one.id))


async def institution_page(
    visit: Visit, institution_id: UUID, *, errors: Mapping[str, str] | None = None,
    done: str = "", refused: str = "", token: str = "", status: int = 200,
) -> Response[str]:  # fmt: skip
    """Return the page of one institution."""
    found = await visit.ask(lambda db, caller: _shown(db, caller, institution_id))
    return visit.page(
        "network_institution.html",
        status,
        found=found,
        one=found.one,
        id=show_id(INSTITUTION, institution_id),
        site_id=lambda each: show_id(SITE, each.site.id),
        key_id=lambda each: show_id(KEY, each.id),
        tariff=next((one.name for one in found.tariffs if one.id == found.one.tariff_id), ""),
        policy=next(
            (one.name for one in found.policies if one.id == found.one.cancellation_policy_id), ""
        ),
        errors=errors or {},
        done=done,
        refused=refused,
        token=token,
    )


def _id(request: AnyRequest) -> UUID:
    return read_id(INSTITUTION, request.path_params["id"])


async def _shown(db: Db, caller: Caller, institution_id: UUID) -> Shown:
    one = await institutions.show_institution(db, caller, institution_id=institution_id)
    return Shown(
        one=one,
        sites=list(
            await sites.list_sites(
                db, caller, institution_id=institution_id, page=lambda: (None, PAGE)
            )
        ),
        keys=await keys.list_keys(
            db, caller, institution_id=institution_id, page=lambda: (None, PAGE)
        ),
        **await _rules(db, caller),
    )


async def _rules(db: Db, caller: Caller) -> dict[str, list[Any]]:
    return {
        "tariffs": list(await tariffs.list_tariffs(db, caller, before=None, limit=PAGE)),
        "policies": list(
            await cancellation_policies.list_policies(db, caller, before=None, limit=PAGE)
        ),
    }


async def _found(visit: Visit, institution_id: UUID) -> Institution:
    return await visit.ask(
        lambda db, caller: institutions.show_institution(db, caller, institution_id=institution_id)
    )


def _body(fields: Fields) -> dict[str, Any]:
    return {
        "name": fields.some("name"),
        "kind": fields.some("kind"),
        "country": fields.some("country"),
        "time_zone": fields.some("time_zone"),
        "working_language": fields.some("working_language"),
        "tariff_id": fields.some("tariff_id"),
        "cancellation_policy_id": fields.some("cancellation_policy_id"),
        "client_links": fields.ticked("client_links"),
    }


def _as_fields(one: Institution) -> Fields:
    return Fields(
        [
            ("name", one.name), ("kind", one.kind), ("country", one.country or ""),
            ("time_zone", one.time_zone), ("working_language", one.working_language),
            ("tariff_id", show_id(TARIFF, one.tariff_id) if one.tariff_id else ""),
            ("cancellation_policy_id", show_id(POLICY, one.cancellation_policy_id)
             if one.cancellation_policy_id else ""),
            ("client_links", "yes" if one.client_links else ""), ("version", str(one.version)),
        ]
    )  # fmt: skip


async def _form(
    visit: Visit, fields: Fields, *, found: Institution | None = None,
    errors: Mapping[str, str] | None = None, stale: bool = False,
) -> Response[str]:  # fmt: skip
    rules = await visit.ask(_rules)
    known = "" if found is None else show_id(INSTITUTION, found.id)
    return visit.page(
        "network_institution_form.html",
        422 if errors else 409 if stale else 200,
        found=found,
        id=known,
        action=f"/board/institutions/{known}/change" if found else "/board/institutions/new",
        said=fields,
        kinds=KINDS,
        tariffs=[(show_id(TARIFF, one.id), one.name) for one in rules["tariffs"]],
        policies=[(show_id(POLICY, one.id), one.name) for one in rules["policies"]],
        errors=errors or {},
        stale=stale,
    )


ROUTES = (
    list_institutions,
    show_new,
    add,
    show_institution,
    show_change,
    change,
    add_key,
    end_key,
)
