"""`/board/roster/{id}/…`: when an interpreter works and is away, their papers, their stage."""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, post

from interpreters.application import absences, availability, credentials, interpreter_stages
from interpreters.application.absences import CalendarAbsence
from interpreters.application.invitations import NoAddress
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import NotFound, Refusal
from interpreters.domain.ids import ABSENCE, CREDENTIAL, INTERPRETER, read_id
from interpreters.domain.stages import InterpreterSuspended, NotVetted
from interpreters.http.absences import AbsenceIn
from interpreters.http.availability import AvailabilityIn
from interpreters.http.credentials import CredentialIn
from interpreters.http.interpreter_stages import SuspendIn, VetIn
from interpreters.http.reading import read_body
from interpreters.web.fields import Fields, body_of, own_fields
from interpreters.web.roster_people import person_page
from interpreters.web.roster_words import days_wrong, instant_of, weekly_of
from interpreters.web.saving import saved
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
PATH: Final = "/board/roster/{id:str}"
REFUSED: Final = (NotVetted, InterpreterSuspended, NoAddress, CalendarAbsence)
Work = Callable[[Db, Caller, UUID], Awaitable[Any]]


@post(f"{PATH}/hours", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def keep_hours(request: AnyRequest) -> Response[Any]:
    """Replace the weekly hours."""
    visit = await visiting(request, "coordinator")
    fields = await own_fields(request)
    rows = weekly_of(fields)

    async def work(db: Db, caller: Caller, interpreter_id: UUID) -> None:
        sent = {"weekly": rows, "outside_hours": fields.some("outside_hours")}
        body = read_body(AvailabilityIn, body_of(sent), now=visit.now)
        await availability.replace_availability(
            db, caller, interpreter_id=interpreter_id, if_match=None, order=body.order,
            now=visit.now,
        )  # fmt: skip

    return await _done(visit, fields, work, wrong=lambda errors: days_wrong(errors, rows))


@post(f"{PATH}/absences", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def add_absence(request: AnyRequest) -> Response[Any]:
    """Write when they are away, by the network's clock."""
    visit = await visiting(request, "coordinator")
    fields, zone = await own_fields(request), visit.me.network.time_zone

    async def work(db: Db, caller: Caller, interpreter_id: UUID) -> None:
        sent = {name: instant_of(fields.some(name), zone) for name in ("starts_at", "ends_at")}
        body = read_body(AbsenceIn, body_of(sent), now=visit.now)
        await absences.add_absence(
            db, caller, interpreter_id=interpreter_id, window=body.window, now=visit.now
        )

    return await _done(visit, fields, work)


@post(f"{PATH}/absences/remove", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def remove_absence(request: AnyRequest) -> Response[Any]:
    """Take an absence back."""
    visit = await visiting(request, "coordinator")
    fields = await own_fields(request)

    async def work(db: Db, caller: Caller, interpreter_id: UUID) -> None:
        absence_id = read_id(ABSENCE, fields.get("absence_id"))
        await absences.remove_absence(
            db, caller, interpreter_id=interpreter_id, absence_id=absence_id
        )

    return await _done(visit, fields, work)


@post(f"{PATH}/papers", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def add_paper(request: AnyRequest) -> Response[Any]:
    """Keep a paper."""
    visit = await visiting(request, "coordinator")
    fields = await own_fields(request)

    async def work(db: Db, caller: Caller, interpreter_id: UUID) -> None:
        sent = {
            "kind": "_".join(fields.get("kind").lower().split()) or None,
            "number": fields.some("number"),
            "issued_on": fields.some("issued_on"),
            "expires_on": fields.some("expires_on"),
        }
        body = read_body(CredentialIn, body_of(sent), now=visit.now)
        await credentials.add_credential(
            db, caller, interpreter_id=interpreter_id, order=body.order, now=visit.now
        )

    return await _done(visit, fields, work)


@post(f"{PATH}/papers/remove", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def remove_paper(request: AnyRequest) -> Response[Any]:
    """Take a paper away."""
    visit = await visiting(request, "coordinator")
    fields = await own_fields(request)

    async def work(db: Db, caller: Caller, interpreter_id: UUID) -> None:
        credential_id = read_id(CREDENTIAL, fields.get("paper_id"))
        await credentials.remove_credential(
            db, caller, interpreter_id=interpreter_id, credential_id=credential_id
        )

    return await _done(visit, fields, work)


@post(f"{PATH}/stage", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def move(request: AnyRequest) -> Response[Any]:
    """Invite them, say that they were looked at, have them asked, or ask them no more."""
    visit = await visiting(request, "coordinator")
    fields = await own_fields(request)
    verb, now = fields.get("verb"), visit.now

    async def work(db: Db, caller: Caller, interpreter_id: UUID) -> None:
        if verb == "invite":
            await interpreter_stages.invite_interpreter(
                db, caller, interpreter_id=interpreter_id, now=now,
                base_url=request.app.state.base_url,
            )  # fmt: skip
        elif verb == "vet":
            said = read_body(VetIn, body_of({"note": fields.some("note")}), now=now)
            await interpreter_stages.vet_interpreter(
                db, caller, interpreter_id=interpreter_id, note=lambda: said.note, now=now
            )
        elif verb == "activate":
            await interpreter_stages.activate_interpreter(
                db, caller, interpreter_id=interpreter_id, now=now
            )
        elif verb == "suspend":
            why = read_body(SuspendIn, body_of({"reason": fields.some("reason")}), now=now)
            await interpreter_stages.suspend_interpreter(
                db, caller, interpreter_id=interpreter_id, reason=lambda: why.reason, now=now
            )
        else:
            raise NotFound

    return await _done(visit, fields, work, said="invited" if verb == "invite" else "changed")


async def _done(
    visit: Visit, fields: Fields, work: Work, said: str = "changed",
    wrong: Callable[[dict[str, str]], dict[str, str]] = dict,
) -> Response[Any]:  # fmt: skip
    """Do what a form of the page says, and show the page again."""
    shown_id = visit.request.path_params["id"]
    interpreter_id = read_id(INTERPRETER, shown_id)
    try:
        return await saved(
            visit, fields, lambda db, caller: work(db, caller, interpreter_id),
            to=lambda _: f"/board/roster/{shown_id}?done={said}",
            wrong=lambda refused: person_page(
                visit, interpreter_id, errors=wrong(visit.trouble(refused)), said=fields,
                status=422,
            ),
        )  # fmt: skip
    except REFUSED as refused:
        return await person_page(visit, interpreter_id, refused=_code(refused), status=409)


def _code(refused: Refusal) -> str:
    return refused.code


ROUTES = (keep_hours, add_absence, remove_absence, add_paper, remove_paper, move)
