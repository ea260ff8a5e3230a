"""`/c/{token}`: the helped person's page about one booking, in their language.

It opens without an account, in an old browser, without scripts; whatever is not to be shown any
more answers as a link that never was.
"""

from typing import Any, Final, Literal
from uuid import UUID

from litestar import Response, get, post

from interpreters.application import client_links, client_voices
from interpreters.application.calls import run
from interpreters.application.client_links import Appointment, ClientVoice, OpenedLink
from interpreters.database import Db
from interpreters.domain.client_links import LONGEST, TooManyVoices, VoiceKind
from interpreters.domain.errors import Invalid
from interpreters.domain.told_times import tell_date, tell_time, tell_zone
from interpreters.web.links import AnyRequest, network_behind, token_of
from interpreters.web.rendering import PAGE_ERRORS, language_of, page, read_form

KIND: Final = "cl"  # how its tokens begin
PATH: Final = "/c/{token:str}"
# What may be said instead of the page's usual words, by what came of a form.
ANSWERS: Final = {"too-many-open": 409, "required": 422, "out-of-range": 422}
MODES: Final = {"phone": "By phone", "video": "By video"}
GENDERS: Final = {"female": "woman", "male": "man"}
Trouble = Literal["too-many-open", "required", "out-of-range"]


@get(PATH, include_in_schema=False, exception_handlers=PAGE_ERRORS)
async def show_appointment(request: AnyRequest) -> Response[str]:
    """Show the booking. Opening changes nothing, so programs that look at links do no harm."""
    state, token = request.app.state, token_of(request)
    network_id = network_behind(token, KIND)
    if network_id is None:
        return dead_link(request)
    now = state.clock()

    async def work(db: Db) -> OpenedLink | None:
        return await client_links.open_link(db, network_id, token=token, now=now)

    opened = await run(state.pool, network_id, work)
    return dead_link(request) if opened is None else _shown(request, opened)


@post(PATH, include_in_schema=False, status_code=200, exception_handlers=PAGE_ERRORS)
async def say(request: AnyRequest) -> Response[Any]:
    """Take a wish for another person, or a complaint; then show the page again."""
    state, token = request.app.state, token_of(request)
    network_id, form, now = network_behind(token, KIND), await read_form(request), state.clock()
    kind = form.get("kind", "")
    if network_id is None or kind not in LONGEST:
        return dead_link(request)
    said = form.get("said", "")

    async def work(db: Db) -> tuple[OpenedLink | None, Trouble | None]:
        opened = await client_links.find_link(db, network_id, token=token, now=now)
        if opened is None:
            return None, None
        return opened, await _keep(db, network_id, request, opened, kind, said)

    opened, trouble = await run(state.pool, network_id, work)
    if opened is None:
        return dead_link(request)
    language = language_of(request, opened.link.language)
    if trouble is None:
        return _see_other(f"/c/{token}?lang={language}&sent=1")
    return _shown(request, opened, trouble=trouble, kind=kind, said=said)


def dead_link(request: AnyRequest) -> Response[str]:
    """Return what every link without a booking answers: unknown, revoked, over, called off."""
    return page("dead_link.html", language_of(request), 404)


async def _keep(
    db: Db, network_id: UUID, request: AnyRequest, opened: OpenedLink, kind: VoiceKind, said: str
) -> Trouble | None:
    """Keep what was said; return what is wrong with it, if anything."""
    try:
        await client_voices.say_through_link(
            db,
            network_id,
            token=token_of(request),
            kind=kind,
            said=said,
            language=language_of(request, opened.link.language),
            now=request.app.state.clock(),
        )
    except TooManyVoices:
        return "too-many-open"
    except Invalid as wrong:
        return "required" if wrong.errors[0].code == "required" else "out-of-range"
    return None


def _shown(
    request: AnyRequest,
    opened: OpenedLink,
    *,
    trouble: Trouble | None = None,
    kind: str = "",
    said: str = "",
) -> Response[str]:
    language = language_of(request, opened.link.language)
    shown = opened.appointment
    return page(
        "client_link.html",
        language,
        ANSWERS[trouble] if trouble else 200,
        appointment=shown,
        told=_told(language, shown),
        mode=MODES.get(shown.mode),
        gender=GENDERS.get(shown.gender or ""),
        voices=[_voice(language, shown, one) for one in opened.voices],
        sent="sent" in request.query_params and trouble is None,
        trouble=trouble,
        kind=kind,
        said=said,
        longest=LONGEST,
    )


def _told(language: str, shown: Appointment) -> dict[str, str | int]:
    """Return the start and the length: a span of two times is read from either side."""
    return {
        "date": tell_date(language, shown.session.starts_at, shown.time_zone),
        "time": tell_time(shown.session.starts_at, shown.time_zone),
        "city": tell_zone(language, shown.time_zone),
        "minutes": shown.session.minutes,
    }


def _voice(language: str, shown: Appointment, voice: ClientVoice) -> dict[str, str | None]:
    """Return what the page says of a voice: that it was heard, never its words."""
    return {
        "kind": voice.kind,
        "date": tell_date(language, voice.created_at, shown.time_zone),
        "answer": voice.answer,
    }


def _see_other(address: str) -> Response[Any]:
    return Response(
        b"", status_code=303, headers={"Location": address, "Cache-Control": "no-store"}
    )


ROUTES = (show_appointment, say)
