"""`/o/{token}`: one offer, answered with one tap.

It opens without an account, in an old browser, without scripts. Opening changes nothing, because
programs that look at mails open links too; only the form's button answers.
"""

from typing import Any, Final, Literal
from uuid import UUID

from litestar import Request, Response, get, post

from interpreters.application import offer_links
from interpreters.application.calls import run
from interpreters.application.offer_links import TOO_LATE, Answer, OpenedOffer
from interpreters.database import Db
from interpreters.domain.errors import NotFound, NotSignedIn
from interpreters.domain.offers import InterpreterIsBusy, OfferTaken
from interpreters.domain.tokens import network_of
from interpreters.domain.told_sessions import MODES, tell_briefing, tell_languages, tell_moment
from interpreters.domain.told_times import tell_date, tell_times, tell_zone
from interpreters.web.rendering import (
    NOTHING_HERE,
    PAGE_ERRORS,
    language_of,
    message_page,
    page,
    read_form,
)

PATH: Final = "/o/{token:str}"
ANSWERS: Final[dict[str, Answer]] = {"yes": "yes", "no": "no"}
# What became of it, of an offer that is not open.
ENDS: Final = {
    "accepted": "You have the job. You find the details after signing in.",
    "declined": "You said no. Thank you for answering.",
    "taken": "Somebody else has taken it. Nothing is held against you.",
    "expired": "The time to answer is over. Nothing is held against you.",
    "withdrawn": "It is not needed any more. Nothing is held against you.",
}
# Of one that was taken, to whom said yes a moment later.
STANDBY: Final = "Somebody else has taken it. If it is free again, you are asked first."
AnyRequest = Request[Any, Any, Any]


@get(PATH, include_in_schema=False, exception_handlers=PAGE_ERRORS)
async def show_offer(request: AnyRequest) -> Response[str]:
    """Show the offer, or how it ended."""
    opened = await _opened(request)
    return _nothing(request) if opened is None else _shown(request, opened)


@post(PATH, include_in_schema=False, status_code=200, exception_handlers=PAGE_ERRORS)
async def answer_offer(request: AnyRequest) -> Response[Any]:
    """Take the yes or the no; then show what came of it."""
    form, token = await read_form(request), _token(request)
    network_id, answer = _network(token), ANSWERS.get(form.get("answer", ""))
    if network_id is None or answer is None:
        return _nothing(request)
    try:
        came_to = await _answer(request, network_id, token, answer)
    except NotFound:
        return _nothing(request)
    opened = await _opened(request)
    if opened is None:
        return _nothing(request)
    busy = came_to == "busy"
    return _shown(request, opened, busy=busy, status=200 if came_to == "done" else 409)


async def _answer(
    request: AnyRequest, network_id: UUID, token: str, answer: Answer
) -> Literal["done", "busy", "late"]:
    """Take the answer; a yes that comes too late is noted apart, as it was refused."""
    pool, now = request.app.state.pool, request.app.state.clock()

    async def take(db: Db) -> None:
        await offer_links.answer_offer(db, network_id, token=token, answer=answer, now=now)

    async def wait(db: Db) -> None:
        await offer_links.wait_for_offer(db, network_id, token=token, now=now)

    try:
        await run(pool, network_id, take)
    except InterpreterIsBusy:
        return "busy"
    except TOO_LATE as refusal:
        if isinstance(refusal, OfferTaken) and answer == "yes":
            await run(pool, network_id, wait)
        return "late"
    return "done"


async def _opened(request: AnyRequest) -> OpenedOffer | None:
    state, token = request.app.state, _token(request)
    network_id = _network(token)
    if network_id is None:
        return None
    now = state.clock()

    async def work(db: Db) -> OpenedOffer | None:
        return await offer_links.open_offer(db, network_id, token=token, now=now)

    return await run(state.pool, network_id, work)


def _nothing(request: AnyRequest) -> Response[str]:
    return message_page(language_of(request), NOTHING_HERE, 404)


def _shown(
    request: AnyRequest, opened: OpenedOffer, *, busy: bool = False, status: int = 200
) -> Response[str]:
    language = language_of(request, opened.language)
    return page(
        "offer_link.html",
        language,
        status,
        end=STANDBY if opened.standby else ENDS.get(opened.state),
        busy=busy,
        told=_told(language, opened),
    )


def _told(language: str, opened: OpenedOffer) -> dict[str, Any] | None:
    told = opened.told
    if told is None:
        return None
    return {
        "languages": tell_languages(language, told),
        "mode": MODES[told.mode],
        "date": tell_date(language, told.session.starts_at, told.time_zone),
        "times": tell_times(told.session, told.time_zone),
        "briefing": tell_briefing(language, told),
        "city": tell_zone(language, told.time_zone),
        "place": told.place,
        "answer_by": tell_moment(language, opened.answer_by, told.time_zone),
    }


def _token(request: AnyRequest) -> str:
    return str(request.path_params["token"])


def _network(token: str) -> UUID | None:
    try:
        return network_of(token, "ol")
    except NotSignedIn:
        return None


ROUTES = (show_offer, answer_offer)
