"""`/a/{token}`: what was recorded of a session, to say yes or no to.

It opens without an account, in an old browser, without scripts. Opening changes nothing, because
programs that look at mails open links too; only the form's buttons answer.
"""

from typing import Any, Final

from litestar import Response, get, post

from interpreters.application import approval_links
from interpreters.application.approval_links import LONGEST, Answer, OpenedApproval
from interpreters.application.calls import run
from interpreters.database import Db
from interpreters.domain.approvals import AlreadyDisputed
from interpreters.domain.errors import Invalid, NotFound, WrongState
from interpreters.domain.told_sessions import tell_moment
from interpreters.domain.told_times import tell_span, tell_time
from interpreters.web.links import AnyRequest, network_behind, nothing_here, session_facts, token_of
from interpreters.web.rendering import (
    PAGE_ERRORS,
    language_of,
    page,
    read_form,
)

KIND: Final = "ap"  # how its tokens begin
PATH: Final = "/a/{token:str}"
ANSWERS: Final[dict[str, Answer]] = {"right": "right", "wrong": "wrong"}
# What became of it, of one that is not open.
ENDS: Final = {
    "approved": "It is approved. Thank you.",
    "disputed": "It is disputed. Somebody looks at it and answers.",
}
# What is wrong with the words, by the code of the refusal.
TROUBLE: Final = {
    "required": "Please write what is wrong first.",
    "personal-data-not-allowed": "Please leave out numbers of persons and cards.",
    "out-of-range": "Please write at most {count} characters.",
}


@get(PATH, include_in_schema=False, exception_handlers=PAGE_ERRORS)
async def show_approval(request: AnyRequest) -> Response[str]:
    """Show what was recorded, or how it ended."""
    opened = await _opened(request)
    return nothing_here(request) if opened is None else _shown(request, opened)


@post(PATH, include_in_schema=False, status_code=200, exception_handlers=PAGE_ERRORS)
async def answer_approval(request: AnyRequest) -> Response[str]:
    """Take the yes, or what is wrong; then show what came of it."""
    form, token = await read_form(request), token_of(request)
    network_id, answer = network_behind(token, KIND), ANSWERS.get(form.get("answer", ""))
    if network_id is None or answer is None:
        return nothing_here(request)
    pool, now, said = request.app.state.pool, request.app.state.clock(), form.get("reason", "")

    async def take(db: Db) -> None:
        await approval_links.answer_approval(
            db, network_id, token=token, answer=answer, reason=said, now=now
        )

    trouble, status = None, 200
    try:
        await run(pool, network_id, take)
    except NotFound:
        return nothing_here(request)
    except Invalid as wrong:
        trouble, status = wrong.errors[0].code, 422
    except (WrongState, AlreadyDisputed):
        status = 409
    opened = await _opened(request)
    if opened is None:
        return nothing_here(request)
    return _shown(request, opened, trouble=trouble, said=said, status=status)


async def _opened(request: AnyRequest) -> OpenedApproval | None:
    state, token = request.app.state, token_of(request)
    network_id = network_behind(token, KIND)
    if network_id is None:
        return None

    async def work(db: Db) -> OpenedApproval | None:
        return await approval_links.open_approval(db, network_id, token=token)

    return await run(state.pool, network_id, work)


def _shown(
    request: AnyRequest,
    opened: OpenedApproval,
    *,
    trouble: str | None = None,
    said: str = "",
    status: int = 200,
) -> Response[str]:
    language = language_of(request, opened.language)
    return page(
        "approval_link.html",
        language,
        status,
        end=ENDS.get(opened.state),
        trouble=None if trouble is None else TROUBLE[trouble],
        said=said,
        longest=LONGEST,
        told=_told(language, opened),
    )


def _told(language: str, opened: OpenedApproval) -> dict[str, Any] | None:
    told = opened.told
    if told is None or opened.due_at is None:
        return None
    return {
        **session_facts(language, told),
        "interpreter": opened.interpreter,
        "minutes": told.session.minutes,
        "recorded": _recorded(language, opened, told.time_zone),
        "until": tell_moment(language, opened.due_at, told.time_zone),
    }


def _recorded(language: str, opened: OpenedApproval, time_zone: str) -> dict[str, Any] | None:
    if opened.recorded is None:
        return None
    began, ended, minutes, breaks = opened.recorded
    times = tell_span(language, *(tell_time(one, time_zone) for one in (began, ended)))
    return {"times": times, "minutes": minutes, "breaks": breaks}


ROUTES = (show_approval, answer_approval)
