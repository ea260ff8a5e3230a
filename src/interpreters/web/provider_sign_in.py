"""`/sign-in/with/{provider}`: to an OpenID provider, and back from it.

The way out and the way back are plain redirects; between them the browser keeps one signed
cookie. Whatever goes wrong ends on a page that offers the code instead.
"""

from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.datastructures import Cookie

from interpreters.application.provider_sign_in import (
    ProviderAnswer,
    SignInStopped,
    Why,
    begin_sign_in,
    finish_sign_in,
    providers_at,
)
from interpreters.domain.ids import IDENTITY_PROVIDER, read_id
from interpreters.http.cookies import on_loopback
from interpreters.http.identity_providers import redirect_uri
from interpreters.http.origin import device_of
from interpreters.web.entrance import come_in, safe_next, see_other
from interpreters.web.rendering import PAGE_ERRORS, language_of, page

PATH: Final = "/sign-in/with"
COOKIE: Final = "interpreters_provider"
AnyRequest = Request[Any, Any, Any]
# None is a 5xx: what a provider does is no failure of ours.
PAGES: Final[dict[Why, tuple[int, str]]] = {
    "start-again": (400, "This sign-in took too long or was already used. Please start again."),
    "declined": (403, "You were not signed in there. Please start again, or sign in with a code."),
    "away": (409, "This sign-in does not work at the moment. Please sign in with a code instead."),
    "not-allowed": (403, "Your account is not allowed in here. Please ask your coordinator."),
}


@get(f"{PATH}/{{id:str}}", include_in_schema=False, exception_handlers=PAGE_ERRORS)
async def begin(request: AnyRequest) -> Response[Any]:
    """Go to the provider's own page."""
    state = request.app.state
    try:
        begun = await begin_sign_in(
            state.pool,
            providers=state.providers,
            network=_only(request, "network"),
            provider_id=read_id(IDENTITY_PROVIDER, request.path_params["id"]),
            next_path=safe_next(_only(request, "next")),
            redirect_uri=redirect_uri(request),
            now=state.clock(),
        )
    except SignInStopped as stopped:
        return _stopped(request, stopped.why)
    response = see_other(begun.url)
    response.set_cookie(_cookie(request, begun.cookie, int(begun.lasts.total_seconds())))
    return response


@get(f"{PATH}/callback", include_in_schema=False, exception_handlers=PAGE_ERRORS)
async def finish(request: AnyRequest) -> Response[Any]:
    """Come back from the provider: signed in, or on a page that says why not."""
    state = request.app.state
    now = state.clock()
    answer = ProviderAnswer(
        code=_only(request, "code"),
        state=_only(request, "state"),
        issuer=_only(request, "iss"),
        error=_only(request, "error"),
    )
    response: Response[Any]
    try:
        done, next_path = await finish_sign_in(
            state.pool,
            providers=state.providers,
            cookie=request.cookies.get(COOKIE),
            answer=answer,
            device=device_of(request),
            now=now,
        )
    except SignInStopped as stopped:
        response = _stopped(request, stopped.why)
    else:
        response = come_in(request, done, next_path, now)
    response.set_cookie(_cookie(request, "", 0))
    return response


async def ways_out(
    request: AnyRequest, network: str | None, following: str | None
) -> list[tuple[str, str]]:
    """Return the providers that the page for signing in offers: their names, and where to go.

    They are links, not forms: a form's way may not lead to another site (Content-Security-Policy).
    """
    found = await providers_at(request.app.state.pool, network)
    wanted = safe_next(following)
    query = "" if wanted is None else f"&{urlencode({'next': wanted})}"
    return [(name, path + query) for name, path in found]


def _only(request: AnyRequest, name: str) -> str | None:
    """Return a parameter that stands there once: twice is nothing (RFC 6749 §3.1)."""
    said = request.query_params.getall(name, [])
    return str(said[0]) if len(said) == 1 else None


def _cookie(request: AnyRequest, value: str, seconds: int) -> Cookie:
    """Kept for this way out and back only; sent along when the provider sends the browser back."""
    return Cookie(
        key=COOKIE,
        value=value,
        max_age=seconds,
        path=PATH,
        httponly=True,
        samesite="lax",
        secure=not on_loopback(request),
    )


def _stopped(request: AnyRequest, why: Why) -> Response[Any]:
    status, message = PAGES[why]
    return page("provider_sign_in.html", language_of(request), status, message=message)


ROUTES = (begin, finish)
