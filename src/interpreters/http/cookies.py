"""The cookie a browser keeps a sign-in in: set and cleared here alone.

A script cannot read it (HttpOnly), another site's form does not send it (SameSite=Lax, and
`http/origin.py` looks at what changes something), and it goes over TLS only (Secure). The one
exception is plain http on this machine's own loopback address, where nothing leaves the machine
and not every browser keeps a Secure cookie.
"""

from datetime import datetime
from typing import Any, Final

from litestar import Request, Response
from litestar.datastructures import Cookie

from interpreters.http.doors import COOKIE

# What a phone's app keeps. Not the "cache", for which big browsers let people wait: whatever tells
# of somebody is never in it (`no-store`).
CLEAR: Final = {"Clear-Site-Data": '"storage"'}
LOOPBACK: Final = {"127.0.0.1", "[::1]", "localhost"}


def set_sign_in_cookie(
    response: Response[Any],
    request: Request[Any, Any, Any],
    *,
    token: str,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Have the browser keep the sign-in's token for as long as the sign-in lasts."""
    seconds = max(0, int((expires_at - now).total_seconds()))
    response.set_cookie(_cookie(request, token, seconds))


def clear_sign_in_cookie(response: Response[Any], request: Request[Any, Any, Any]) -> None:
    """Have the browser forget the token and whatever scripts keep for this site.

    Nothing ends by this but the browser's knowledge.
    """
    response.set_cookie(_cookie(request, "", 0))
    response.headers.update(CLEAR)


def _cookie(request: Request[Any, Any, Any], value: str, seconds: int) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="lax",
        secure=not on_loopback(request),
    )


def on_loopback(request: Request[Any, Any, Any]) -> bool:
    """Tell plain http to this machine. A false Host only costs whoever sends it their own flag."""
    said = request.headers.get("host", "").lower()
    host, _, port = said.rpartition(":")
    name = host if host and port.isdigit() else said
    return request.url.scheme == "http" and name in LOOPBACK
