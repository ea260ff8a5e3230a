"""`/desk/now`: a client stands at the desk. Three fields, and somebody is asked at once."""

import secrets
from typing import Any, Final

from litestar import Request, Response, get, post

from interpreters.application import requests
from interpreters.application.requests import ShownRequest
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Invalid
from interpreters.http.reading import read_body
from interpreters.http.request_bodies import RequestIn
from interpreters.web import desk_words
from interpreters.web.desk_again import with_choice, with_language
from interpreters.web.desk_form import order_of
from interpreters.web.desk_known import known_of
from interpreters.web.desk_whose import Whose, at_desk, whose
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields, asked_fields, body_of, own_fields
from interpreters.web.formats import Formats
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit

USUAL: Final = (("when", "now"), ("duration_minutes", "30"), ("mode", "phone"))
# A client nobody gave a code: letters alone, which are nobody's number.
LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH: Final = 6
AnyRequest = Request[Any, Any, Any]


@get("/desk/now", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_now(request: AnyRequest) -> Response[str]:
    """Show the three fields."""
    visit, asked = await at_desk(request), asked_fields(request)
    found = await whose(visit, asked)
    said = await _empty(visit, found)
    if asked.some("language"):
        said = with_language(said, asked.get("language"), _tell(visit))
    return _shown(visit, found, said)


@post("/desk/now", include_in_schema=False, status_code=200, exception_handlers=WORKPLACE_ERRORS)
async def ask_now(request: AnyRequest) -> Response[Any]:
    """Ask for somebody now; then the page of the request says how it goes."""
    visit, said = await at_desk(request), await own_fields(request)
    found = await whose(visit, said)
    if said.some("choice"):  # one of several languages of the name that was typed
        zone = visit.me.network.time_zone
        said = with_choice(said, said.get("choice"), time_zone=zone, tell=_tell(visit))
    raw = body_of(_order(visit, found, said))

    async def work(db: Db, caller: Caller) -> ShownRequest:
        return await requests.create_request(
            db, caller, order=lambda: read_body(RequestIn, raw, now=visit.now).order(),
            now=visit.now,
        )  # fmt: skip

    try:
        made = await visit.once(said, work, _id)
    except Invalid as wrong:
        return _shown(visit, found, said, wrong)
    return see_other(f"/desk/requests/{made['id']}")


async def _empty(visit: Visit, found: Whose) -> Fields:
    """Return the form as it is at first: with the number that was called last, or the place's."""

    async def work(db: Db, caller: Caller) -> str:
        known = await known_of(db, caller, institution_id=found.id)
        return known.number or _phone(found)

    at = found.places[0][0] if len(found.places) == 1 else ""
    number = "" if found.institution is None else await visit.ask(work)
    return Fields([*USUAL, ("connect_number", number), ("site_id", at)])


def _order(visit: Visit, found: Whose, said: Fields) -> dict[str, Any]:
    """Return the order; who gave no code is a client of that one time."""
    put = [("when", "now")]
    if not said.some("client"):
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        put.append(("client", f"walk-in-{code}"))
    if said.some("connect_number") and "phone" in said.all("mode"):
        put.append(("connect_by", "interpreter"))
    elif said.some("connect_url") and "video" in said.all("mode"):
        put.append(("connect_by", "link"))
    plain = said.but("when", put=put)
    return order_of(plain, found, time_zone=visit.me.network.time_zone)


def _shown(visit: Visit, found: Whose, said: Fields, wrong: Invalid | None = None) -> Response[str]:
    if found.institution is None:
        return visit.page("desk_which.html", whose=found, going_to="/desk/now")
    return visit.page(
        "desk_now.html",
        200 if wrong is None else 422,
        whose=found,
        said=said,
        errors={} if wrong is None else visit.trouble(wrong),
        offered=[] if wrong is None else desk_words.pointed(wrong, "/language"),
        words=desk_words,
    )


def _phone(found: Whose) -> str:
    """Return the number at which the institution's only place is called."""
    return (found.sites[0].site.phone or "") if len(found.sites) == 1 else ""


def _id(one: ShownRequest, _: Caller) -> dict[str, str]:
    return {"id": ids.show_id(ids.REQUEST, one.request.id)}


def _tell(visit: Visit) -> Formats:
    return Formats(visit.language, visit.me.network.time_zone)


ROUTES = (show_now, ask_now)
