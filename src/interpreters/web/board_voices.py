"""`/board/voices`: what clients said through their links, and the answers to them."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post

from interpreters.application import client_voices
from interpreters.application.client_voices import ClientVoice, VoiceFilter
from interpreters.application.party_names import name_parties
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Invalid, WrongState
from interpreters.domain.ids import BOOKING, CLIENT_VOICE, read_id, show_id
from interpreters.http.client_voices import AnswerIn
from interpreters.http.reading import read_body
from interpreters.web.entrance import see_other
from interpreters.web.fields import Fields, asked_fields, body_of, own_fields
from interpreters.web.workplace import WORKPLACE_ERRORS, Visit, visiting

AnyRequest = Request[Any, Any, Any]
PATH: Final = "/board/voices"
MOST: Final = 100


@get(PATH, include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def list_voices(request: AnyRequest) -> Response[str]:
    """Show what waits for an answer, or what was answered; the looks are noted."""
    visit = await visiting(request, "coordinator")
    asked = asked_fields(request)
    state = "answered" if asked.get("state") == "answered" else "open"
    return await _page(visit, state=state, done=asked.get("done"))


@post(f"{PATH}/{{id:str}}", include_in_schema=False, exception_handlers=WORKPLACE_ERRORS)
async def answer_voice(request: AnyRequest) -> Response[Any]:
    """Answer a client, who reads it on their page while the link lives."""
    visit, fields = await visiting(request, "coordinator"), await own_fields(request)
    shown_id = request.path_params["id"]
    raw = body_of({"answer": fields.some("answer")})

    async def work(db: Db, caller: Caller) -> None:
        await client_voices.answer_voice(
            db, caller, voice_id=read_id(CLIENT_VOICE, shown_id),
            answer=lambda: read_body(AnswerIn, raw, now=visit.now).answer, now=visit.now,
        )  # fmt: skip

    try:
        await visit.once(fields, work, lambda _, __: {})
    except Invalid as wrong:
        return await _page(visit, errors=visit.trouble(wrong), about=shown_id, said=fields)
    except WrongState:
        return see_other(f"{PATH}?state=answered")
    return see_other(f"{PATH}?done=answered")


async def _page(
    visit: Visit, *, state: str = "open", done: str = "", about: str = "",
    errors: dict[str, str] | None = None, said: Fields | None = None,
) -> Response[str]:  # fmt: skip
    async def work(db: Db, caller: Caller) -> tuple[list[ClientVoice], dict[UUID, str]]:
        found = await client_voices.list_voices(
            db, caller, wanted=lambda: VoiceFilter(state="answered" if state != "open" else "open"),
            page=lambda: (None, MOST), now=visit.now,
        )  # fmt: skip
        houses = [one.institution_id for one in found]
        return found, await name_parties(db, caller, institution_ids=houses, interpreter_ids=[])

    found, names = await visit.ask(work)
    return visit.page(
        "board_voices.html",
        422 if errors else 200,
        found=found,
        names=names,
        state=state,
        done=done,
        about=about,
        errors=errors or {},
        said=said or Fields([]),
        voice_id=lambda one: show_id(CLIENT_VOICE, one.id),
        booking_id=lambda one: show_id(BOOKING, one.booking_id),
    )


ROUTES = (list_voices, answer_voice)
