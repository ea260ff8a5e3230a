"""`/o/{token}`: one offer, answered with one tap.

It opens without an account, in an old browser, without scripts. Opening changes nothing, because
programs that look at mails open links too; only the form's button answers.
"""

from typing import Any, Final, Literal
from uuid import UUID

from litestar import Response, get, post

from interpreters.application import offer_links
from interpreters.application.calls import run
from interpreters.application.offer_links import TOO_LATE, Answer, OpenedOffer
from interpreters.database import Db
from interpreters.domain.errors import NotFound
from interpreters.domain.offers import InterpreterIsBusy, OfferTaken
from interpreters.domain.told_sessions import tell_briefing, tell_moment
from interpreters.web.links import AnyRequest, network_behind, nothing_here, session_facts, token_of
from interpreters.web.rendering import (
    PAGE_ERRORS,
    from_our_page,
    language_of,
    page,
    read_form,
)

KIND: Final = "ol"  # how its tokens begin
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


@get(PATH, include_in_schema=False, exception_handlers=PAGE_ERRORS)
async def show_offer(request: AnyRequest) -> Response[str]:
    """Show the offer, or how it ended."""
    opened = await _opened(request)
    return nothing_here(request) if opened is None else _shown(request, opened)


@post(PATH, include_in_schema=False, status_code=200, exception_handlers=PAGE_ERRORS)
async def answer_offer(request: AnyRequest) -> Response[Any]:
    """Take the yes or the no; then show what came of it."""
    answer, token = await _said(request), token_of(request)
    network_id = network_behind(token, KIND)
    if network_id is None or answer is None:
        return nothing_here(request)
    try:
        came_to = await _answer(request, network_id, token, answer)
    except NotFound:
        return nothing_here(request)
    opened = await _opened(request)
    if opened is None:
        return nothing_here(request)
    busy = came_to == "busy"
    return _shown(request, opened, busy=busy, status=200 if came_to == "done" else 409)


async def _said(request: AnyRequest) -> Answer | None:
    """Return the form's answer; a POST of nothing at all, from a program, is the link's yes."""
    alone = "content-type" not in request.headers and from_our_page(request)
    if alone and not await request.body():
        return "yes"
    return ANSWERS.get((await read_form(request)).get("answer", ""))


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
    state, token = request.app.state, token_of(request)
    network_id = network_behind(token, KIND)
    if network_id is None:
        return None
    now = state.clock()

    async def work(db: Db) -> OpenedOffer | None:
        return await offer_links.open_offer(db, network_id, token=token, now=now)

    return await run(state.pool, network_id, work)


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
        **session_facts(language, told),
        "briefing": tell_briefing(language, told),
        "place": told.place,
        "answer_by": tell_moment(language, opened.answer_by, told.time_zone),
    }


ROUTES = (show_offer, answer_offer)
