"""`/board/roster/{id}`: one interpreter, added and changed."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post

from interpreters.application import absences, availability, credentials, interpreters
from interpreters.application.interpreters import Profile
from interpreters.application.roster_lists import Expiring, warnings_of
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.ids import ABSENCE, CREDENTIAL, INTERPRETER, read_id, show_id
from interpreters.http.interpreters import InterpreterIn, InterpreterPatch
from interpreters.http.reading import read_body
from interpreters.http.roster_views import InterpreterView
from interpreters.web.fields import Fields, asked_fields, body_of, listed, own_fields
from interpreters.web.finance_words import dated, rows_of, with_spare
from interpreters.web.roster_words import DAYS, LANGUAGE, LANGUAGES, weekly_fields
from interpreters.web.saving import saved, seen_version
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
PATH: Final = "/board/roster/{id:str}"
SPARE: Final = 2
LISTED: Final = 100
TOPICS: Final = (
    "legal", "health", "psychology", "education", "social", "employment", "housing",
    "administration", "banking", "supervised_contact", "emergency", "other",
)  # fmt: skip


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One interpreter with everything that is known of them."""

    profile: Profile
    hours: availability.Availability
    absences: list[absences.Absence]
    papers: list[credentials.Credential]
    warnings: list[Expiring]
    today: date


@get("/board/roster/new", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_new(request: AnyRequest) -> Response[str]:
    """Show the form of somebody new."""
    visit = await visiting(request, "coordinator")
    ticked = [(f"mode_{one}", "yes") for one in ("in_person", "phone", "video")]
    start = [("travel_radius_km", "50"), ("urgent_opt_in", "yes"), *ticked]
    return await _form(visit, Fields(start))


@post("/board/roster/new", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def add(request: AnyRequest) -> Response[Any]:
    """Put somebody on the roster."""
    visit = await visiting(request, "coordinator")
    fields = await own_fields(request)

    async def work(db: Db, caller: Caller) -> Profile:
        body = read_body(InterpreterIn, body_of(profile_body(fields)), now=visit.now)
        return await interpreters.create_interpreter(db, caller, order=body.order, now=visit.now)

    return await saved(
        visit, fields, work, shape=InterpreterView.of,
        to=lambda made: f"/board/roster/{made['id']}?done=added",
        wrong=lambda wrong: _form(visit, fields, errors=visit.trouble(wrong)),
    )  # fmt: skip


@get(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_person(request: AnyRequest) -> Response[str]:
    """Show one interpreter: what they do, when they work, when they are away, their papers."""
    visit = await visiting(request, "coordinator")
    interpreter_id = read_id(INTERPRETER, request.path_params["id"])
    return await person_page(visit, interpreter_id, done=asked_fields(request).get("done"))


@get(f"{PATH}/change", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def show_change(request: AnyRequest) -> Response[str]:
    """Show one interpreter as a form."""
    visit = await visiting(request, "coordinator")
    found = await _found(visit, read_id(INTERPRETER, request.path_params["id"]))
    return await _form(visit, as_fields(found), found=found)


@post(f"{PATH}/change", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def change(request: AnyRequest) -> Response[Any]:
    """Change one interpreter; what somebody else changed meanwhile is not written over."""
    visit = await visiting(request, "coordinator")
    fields, shown_id = await own_fields(request), request.path_params["id"]
    found = await _found(visit, read_id(INTERPRETER, shown_id))

    async def work(db: Db, caller: Caller) -> Profile:
        sent = {"phone": None, "email": None, "gender": None, "home": None, "quiet_hours": None}
        sent |= {name: one for name, one in profile_body(fields).items() if one is not None}
        body = read_body(InterpreterPatch, msgspec.json.encode(sent), now=visit.now)
        return await interpreters.change_interpreter(
            db, caller, interpreter_id=found.id, change=body.change,
            if_match=seen_version(fields),
        )  # fmt: skip

    return await saved(
        visit, fields, work,
        to=lambda _: f"/board/roster/{shown_id}?done=changed",
        wrong=lambda wrong: _form(visit, fields, found=found, errors=visit.trouble(wrong)),
        stale=lambda: _form(visit, as_fields(found), found=found, stale=True),
    )  # fmt: skip


async def person_page(
    visit: Visit, interpreter_id: UUID, *, errors: Mapping[str, str] | None = None,
    said: Fields | None = None, done: str = "", refused: str = "", status: int = 200,
) -> Response[str]:  # fmt: skip
    """Return the page of one interpreter, with what is wrong in one of its forms."""
    found = await visit.ask(lambda db, caller: _shown(db, caller, interpreter_id, visit))
    return visit.page(
        "roster_person.html",
        status,
        found=found,
        one=found.profile.interpreter,
        id=show_id(INTERPRETER, interpreter_id),
        hours=weekly_fields(found.hours.weekly),
        days=DAYS,
        absence_id=lambda one: show_id(ABSENCE, one.id),
        paper_id=lambda one: show_id(CREDENTIAL, one.id),
        dated=dated(visit.language),
        errors=errors or {},
        said=said or Fields(()),
        done=done,
        refused=refused,
    )


async def _shown(db: Db, caller: Caller, interpreter_id: UUID, visit: Visit) -> Shown:
    profile = await interpreters.show_interpreter(db, caller, interpreter_id=interpreter_id)
    today, warnings = await warnings_of(db, caller, interpreter_id=interpreter_id, now=visit.now)
    return Shown(
        profile=profile,
        hours=await availability.show_availability(
            db, caller, interpreter_id=interpreter_id, now=visit.now
        ),
        absences=[
            one
            for one in await absences.list_absences(
                db, caller, interpreter_id=interpreter_id, before=lambda: None,
                limit=lambda: LISTED,
            )
            if one.ends_at > visit.now
        ],
        papers=list(
            await credentials.list_credentials(
                db, caller, interpreter_id=interpreter_id, before=lambda: None,
                limit=lambda: LISTED,
            )
        ),
        warnings=list(warnings),
        today=today,
    )  # fmt: skip


def profile_body(fields: Fields) -> dict[str, Any]:
    """Return a profile's form as the API's body."""
    home = {"city": fields.some("city")} | {
        name: _decimal(fields.some(name)) for name in ("latitude", "longitude")
    }
    home = {name: one for name, one in home.items() if one is not None}
    said = {"from": fields.some("quiet_from"), "to": fields.some("quiet_to")}
    quiet = {name: one for name, one in said.items() if one is not None}
    return {
        "display_name": fields.some("display_name"),
        "phone": fields.some("phone"),
        "email": fields.some("email"),
        "gender": fields.some("gender"),
        "time_zone": fields.some("time_zone"),
        "languages": [_language(one) for one in _languages(fields)],
        "home": home or None,
        "travel_radius_km": fields.number("travel_radius_km"),
        "modes": [one for one in ("in_person", "phone", "video") if fields.ticked(f"mode_{one}")],
        "qualification": fields.some("qualification"),
        "topics": [one for one in TOPICS if fields.ticked(f"topic_{one}")],
        "urgent_opt_in": fields.ticked("urgent_opt_in"),
        "quiet_hours": quiet or None,
        "engagement": fields.some("engagement"),
    }


def as_fields(found: Profile) -> Fields:
    """Return a profile as its form's fields."""
    one = found.interpreter
    quiet = one.quiet_hours or {}
    pairs = [
        ("display_name", one.display_name), ("phone", one.phone or ""), ("email", one.email or ""),
        ("gender", one.gender or ""), ("time_zone", one.time_zone), ("city", one.city or ""),
        ("latitude", _shown_number(one.latitude)), ("longitude", _shown_number(one.longitude)),
        ("travel_radius_km", str(one.travel_radius_km)), ("qualification", one.qualification),
        ("urgent_opt_in", "yes" if one.urgent_opt_in else ""), ("engagement", one.engagement),
        ("quiet_from", quiet.get("from", "")), ("quiet_to", quiet.get("to", "")),
        ("version", str(one.version)),
        *((f"mode_{mode}", "yes") for mode in one.modes),
        *((f"topic_{topic}", "yes") for topic in one.topics),
    ]  # fmt: skip
    for at, spoken in enumerate(found.languages):
        row = (spoken.language, spoken.level, ", ".join(spoken.dialects))
        pairs += [(f"{name}-{at}", value) for name, value in zip(LANGUAGE, row, strict=True)]
    return Fields(pairs)


def _languages(fields: Fields) -> list[dict[str, str]]:
    return [one for one in rows_of(fields, LANGUAGE, LANGUAGES) if one["code"]]


def _language(row: Mapping[str, str]) -> dict[str, Any]:
    return {
        "code": row["code"],
        "level": row["level"] or "fluent",
        "dialects": listed(row["dialects"]),
    }


def _decimal(text: str | None) -> float | str | None:
    if text is None:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def _shown_number(value: float | None) -> str:
    return "" if value is None else str(value)


async def _found(visit: Visit, interpreter_id: UUID) -> Profile:
    return await visit.ask(
        lambda db, caller: interpreters.show_interpreter(db, caller, interpreter_id=interpreter_id)
    )


async def _form(
    visit: Visit, fields: Fields, *, found: Profile | None = None,
    errors: Mapping[str, str] | None = None, stale: bool = False,
) -> Response[str]:  # fmt: skip
    rows = _languages(fields)
    known = "" if found is None else show_id(INTERPRETER, found.id)
    return visit.page(
        "roster_form.html",
        422 if errors else 409 if stale else 200,
        found=found,
        id=known,
        action=f"/board/roster/{known}/change" if found else "/board/roster/new",
        said=fields,
        spoken=with_spare(rows, LANGUAGE, spare=SPARE, most=LANGUAGES),
        topics=TOPICS,
        errors=errors or {},
        stale=stale,
    )


ROUTES = (show_new, add, show_person, show_change, change)
