"""`/join/{token}`: an invitation looked at, and taken up by a button.

Mail scanners open every link before people do, so looking changes nothing; only the form's POST
signs in. A link that was used, is over, or never was shows one and the same page.
"""

from typing import Any

from litestar import Request, Response, get, post
from litestar.response import Redirect

from interpreters.application.invitations import (
    InvitationOver,
    accept_invitation,
    show_invitation,
)
from interpreters.http.cookies import set_sign_in_cookie
from interpreters.http.origin import device_of
from interpreters.web.rendering import HEADERS, PAGE_ERRORS, language_of, page, read_form

GONE = 410
AnyRequest = Request[Any, Any, Any]


@get("/join/{token:str}", include_in_schema=False, exception_handlers=PAGE_ERRORS)
async def show_join(request: AnyRequest) -> Response[str]:
    """Show whom the invitation is for."""
    state = request.app.state
    try:
        invited = await show_invitation(
            state.pool, token=request.path_params["token"], now=state.clock()
        )
    except InvitationOver:
        return _over(request)
    return page("join.html", language_of(request, invited.language), invited=invited)


@post("/join/{token:str}", include_in_schema=False, exception_handlers=PAGE_ERRORS)
async def join(request: AnyRequest) -> Response[Any]:
    """Use the invitation up: the browser is signed in."""
    await read_form(request)
    state = request.app.state
    now = state.clock()
    try:
        done = await accept_invitation(
            state.pool, token=request.path_params["token"], device=device_of(request), now=now
        )
    except InvitationOver:
        return _over(request)
    response = Redirect("/", status_code=303, headers=HEADERS)
    set_sign_in_cookie(response, request, token=done.token, expires_at=done.expires_at, now=now)
    return response


def _over(request: AnyRequest) -> Response[str]:
    return page("join_over.html", language_of(request), GONE)


ROUTES = (show_join, join)
