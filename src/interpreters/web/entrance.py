"""Who is at a page: people come in at `/sign-in` and go on to where they wanted to be.

A room for people who are signed in takes `token_in(request)` for its calls and PERSON_ERRORS for
its `exception_handlers`: then whoever is not signed in is sent to `/sign-in` and back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from litestar import Request, Response
from litestar.datastructures import Cookie

from interpreters.application.sign_ins import SignedIn
from interpreters.domain.callers import Role, role_of
from interpreters.domain.errors import NotSignedIn
from interpreters.http.cookies import clear_sign_in_cookie, on_loopback, set_sign_in_cookie
from interpreters.http.doors import COOKIE
from interpreters.http.origin import CrossSite, check_same_origin
from interpreters.web.rendering import HEADERS, LANGUAGE_COOKIE, PAGE_ERRORS, NotOurPage, read_form

SIGN_IN: Final = "/sign-in"
# Where a person's work is, by the role they call in; what is not there yet leads to the front.
WORK: Final[Mapping[Role, str]] = {
    "coordinator": "/board", "finance": "/finance", "consultant": "/desk", "interpreter": "/app",
}  # fmt: skip
FRONT: Final = "/"
LONGEST: Final = 1000
YEAR: Final = 365 * 24 * 3600
AnyRequest = Request[Any, Any, Any]


def token_in(request: AnyRequest) -> str:
    """Return the token of the browser's sign-in.

    Raises:
        NotSignedIn: the browser has none.
    """
    found = request.cookies.get(COOKIE)
    if not found:
        raise NotSignedIn
    return found


def safe_next(text: str | None) -> str | None:
    """Return an address of this site to go on to; None for whatever might be another one's.

    Browsers also read `//host`, and what has backslashes or tabs in it, as other sites (OWASP,
    unvalidated redirects and forwards).
    """
    if text is None or not text.startswith("/") or len(text) > LONGEST:
        return None
    plain = text.isascii() and text.isprintable() and " " not in text
    path = text.partition("?")[0]
    if not plain or "\\" in text or "//" in path or path.startswith((SIGN_IN, "/v1/")):
        return None
    return text


def see_other(address: str) -> Response[Any]:
    """Send the browser on, after a form as well (303)."""
    return Response(b"", status_code=303, headers={**HEADERS, "Location": address})


def to_sign_in(request: AnyRequest) -> Response[Any]:
    """Send somebody who is not signed in to sign in, and then back to the page."""
    wanted = request.url.path if request.method == "GET" else ""
    if wanted and request.url.query:
        wanted += f"?{request.url.query}"
    following = safe_next(wanted)
    return see_other(SIGN_IN if following is None else f"{SIGN_IN}?next={quote(following)}")


def come_in(
    request: AnyRequest, done: SignedIn, following: str | None, now: datetime
) -> Response[Any]:
    """Sign the browser in and send it on: where its person wanted to be, else to their work."""
    response = see_other(safe_next(following) or work_of(request, done.roles))
    set_sign_in_cookie(response, request, token=done.token, expires_at=done.expires_at, now=now)
    return response


def go_out(request: AnyRequest) -> Response[Any]:
    """Have the browser forget the sign-in."""
    response = see_other(f"{SIGN_IN}?{urlencode(lang_in(request))}".rstrip("?"))
    clear_sign_in_cookie(response, request)
    return response


def work_of(request: AnyRequest, roles: Sequence[Role]) -> str:
    """Return where the work of a person with the roles is, if there is a page for it."""
    place = WORK.get(role_of(roles, None), FRONT)
    there = {route.path for route in request.app.routes}
    return place if place in there else FRONT


def has_passkeys(request: AnyRequest) -> bool:
    """Tell whether passkeys may be used at the address the page is looked at."""
    party = request.app.state.relying_party
    host = request.headers.get("host", "").lower()
    return party is not None and party.origin.partition("://")[2] == host


def chosen_language(request: AnyRequest, language: str) -> Cookie:
    """Return what has this browser's pages keep to a language that was chosen."""
    return Cookie(
        key=LANGUAGE_COOKIE,
        value=language,
        max_age=YEAR,
        path="/",
        httponly=True,
        samesite="lax",
        secure=not on_loopback(request),
    )


def lang_in(request: AnyRequest) -> dict[str, str]:
    """Return the language that the address asks for, to be asked for again."""
    asked = request.query_params.get("lang")
    return {} if asked is None else {"lang": asked}


async def own_form(request: AnyRequest) -> Mapping[str, str]:
    """Return the fields of a form of our own page: certainly, so that no other site signs in here.

    Raises:
        NotOurPage: it came from elsewhere, or the browser does not say.
    """
    try:
        check_same_origin(request)
    except CrossSite as error:
        raise NotOurPage from error
    return await read_form(request)


def on_signed_out(request: AnyRequest, _: NotSignedIn) -> Response[Any]:
    """Answer whoever is not signed in."""
    return to_sign_in(request)


PERSON_ERRORS: Final[dict[int | type[Exception], Any]] = {
    **PAGE_ERRORS,
    NotSignedIn: on_signed_out,
}
