"""`/desk/clients`: the people helped, by the institution's own codes; every look is noted."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from interpreters.application import clients
from interpreters.application.clients import Client, ClientSearch
from interpreters.application.upcoming import show_upcoming
from interpreters.application.usage import UsageEntry, UsageFilter, UsageOrder, list_entries
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Invalid, Refusal
from interpreters.http.clients import ClientIn, ClientView
from interpreters.http.reading import read_body
from interpreters.http.request_views import RequestView
from interpreters.web import desk_words
from interpreters.web.desk_whose import Whose, at_desk, find_whose, whose
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields, asked_fields, body_of, own_fields
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit

PAGE: Final = 50
AnyRequest = Request[Any, Any, Any]


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A client with what is coming up for them, and what was."""

    whose: Whose
    view: ClientView
    coming: Sequence[RequestView]
    entries: Sequence[UsageEntry]


@get("/desk/clients", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def list_clients(request: AnyRequest) -> Response[str]:
    """List clients, newest first; or the one with a code."""
    visit, asked = await at_desk(request), asked_fields(request)
    return await _list(visit, asked)


@post("/desk/clients", include_in_schema=False, status_code=200,
      exception_handlers=WORKPLACE_ERRORS)  # fmt: skip
async def add_client(request: AnyRequest) -> Response[Any]:
    """Add a client."""
    visit, said = await at_desk(request), await own_fields(request)
    found = await whose(visit, said)
    spoken = said.some("language_code") or said.some("language")
    raw = body_of({
        "institution_id": found.shown_id,
        "reference": said.coded("reference"),
        "nationality": (said.some("nationality") or "").upper() or None,
        "languages": [spoken] if spoken else None,
        "gender_preference": said.some("gender_preference"),
        "status": said.some("status"),
        "group": said.some("group"),
    })  # fmt: skip

    async def work(db: Db, caller: Caller) -> Client:
        return await clients.create_client(
            db, caller, order=lambda: read_body(ClientIn, raw, now=visit.now).order(),
            now=visit.now,
        )  # fmt: skip

    try:
        made = await visit.once(said, work, lambda one, _: {"id": ids.show_id(ids.CLIENT, one.id)})
    except Invalid as wrong:
        return await _list(visit, said, wrong=wrong)
    except Refusal as refusal:
        if refusal.code not in desk_words.REFUSED:
            raise
        return await _list(visit, said, refused=desk_words.refused(visit, refusal))
    return see_other(f"/desk/clients/{made['id']}")


@get("/desk/clients/{id:str}", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_client(request: AnyRequest) -> Response[str]:
    """Show one client."""
    visit = await at_desk(request)
    key = ids.read_id(ids.CLIENT, request.path_params["id"])

    async def work(db: Db, caller: Caller) -> Known:
        one = await clients.show_client(db, caller, client_id=key, now=visit.now)
        order = UsageOrder(wanted=UsageFilter(client_id=key), before=None, limit=PAGE)
        page = await list_entries(db, caller, order=lambda: order, now=visit.now)
        seen = await show_upcoming(db, caller, institution_id=one.institution_id, now=visit.now)
        owner = ids.show_id(ids.INSTITUTION, one.institution_id)
        return Known(
            whose=await find_whose(db, caller, owner),
            view=ClientView.of(one, caller),
            coming=[RequestView.of(each, caller) for each in seen.requests if key in each.clients],
            entries=page.entries,
        )

    known = await visit.ask(work)
    return visit.page(
        "desk_client.html",
        whose=known.whose,
        view=known.view,
        coming=known.coming,
        entries=known.entries,
        booking_id=lambda one: ids.show_id(ids.BOOKING, one.booking_id),
        sites=dict(known.whose.places),
    )


@get("/desk/clients/{id:str}/erase", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def ask_to_erase(request: AnyRequest) -> Response[str]:
    """Ask whether a client is to be erased: it cannot be taken back."""
    visit = await at_desk(request)
    key = ids.read_id(ids.CLIENT, request.path_params["id"])

    async def work(db: Db, caller: Caller) -> tuple[Whose, ClientView]:
        one = await clients.show_client(db, caller, client_id=key, now=visit.now)
        owner = ids.show_id(ids.INSTITUTION, one.institution_id)
        return await find_whose(db, caller, owner), ClientView.of(one, caller)

    found, view = await visit.ask(work)
    return visit.page("desk_erase.html", whose=found, view=view)


@post("/desk/clients/{id:str}/erase", include_in_schema=False, status_code=200,
      exception_handlers=WORKPLACE_ERRORS)  # fmt: skip
async def erase_client(request: AnyRequest) -> Response[Any]:
    """Erase a client."""
    visit, said = await at_desk(request), await own_fields(request)
    key = ids.read_id(ids.CLIENT, request.path_params["id"])

    async def work(db: Db, caller: Caller) -> None:
        await clients.erase_client(db, caller, client_id=key, now=visit.now)

    await visit.once(said, work, lambda _, __: {})
    return see_other(f"/desk/clients/{request.path_params['id']}")


async def _list(
    visit: Visit, said: Fields, *, wrong: Invalid | None = None, refused: str | None = None
) -> Response[str]:
    code, before = said.coded("code"), ids.read_optional(ids.CLIENT, said.some("before"))

    async def work(db: Db, caller: Caller) -> tuple[Whose, list[ClientView]]:
        found = await find_whose(db, caller, said.some("institution"))
        search = ClientSearch(
            institution_id=found.id, reference=code, before=before, limit=PAGE + 1
        )
        each = await clients.list_clients(db, caller, search=lambda: search, now=visit.now)
        return found, [ClientView.of(one, caller) for one in each]

    found, views = await visit.ask(work)
    return visit.page(
        "desk_clients.html",
        200 if wrong is None and refused is None else 422,
        whose=found,
        rows=views[:PAGE],
        following=views[PAGE - 1].id if len(views) > PAGE else None,
        code=code or "",
        said=said,
        errors={} if wrong is None else visit.trouble(wrong),
        refused=refused,
        words=desk_words,
    )


ROUTES = (list_clients, add_client, show_client, ask_to_erase, erase_client)
