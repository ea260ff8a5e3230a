"""Which page a call came from, and on what kind of device: said by the browser."""

import ipaddress
import re
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Request

from interpreters.domain.errors import Refusal

SAFE: Final = {"GET", "HEAD", "OPTIONS"}
OWN: Final = {"same-origin", "none"}  # `none`: typed or bookmarked, no page at all
FORWARDED: Final = (
    "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip",
)  # fmt: skip
BROWSERS: Final = (
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|Chromium/|CriOS/"),
    ("Safari", r"Safari/"),
)
SYSTEMS: Final = (
    ("Android", r"Android"),
    ("iPhone or iPad", r"iPhone|iPad|iPod"),
    ("Windows", r"Windows"),
    ("macOS", r"Macintosh|Mac OS X"),
    ("Linux", r"Linux|CrOS"),
)


class CrossSite(Refusal):
    """Another site's page made the call with this browser's cookie, or nobody can tell."""

    code = "cross-site"
    title = "A call with a cookie must come from a page of this site"


def check_same_origin(request: Request[Any, Any, Any]) -> None:
    """Let a call that changes something pass only from our own pages.

    Browsers say it in Sec-Fetch-Site, older ones in Origin; a page cannot change either (OWASP,
    cross-site request forgery: verifying origin with standard headers).

    Raises:
        CrossSite: it came from elsewhere, or says nothing.
    """
    if request.method in SAFE:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        own = site in OWN
    else:
        own = _host(request.headers.get("origin", "")) == request.headers.get("host", "").lower()
    if not own:
        raise CrossSite


def device_of(request: Request[Any, Any, Any]) -> str | None:
    """Return the browser's family and system, such as "Firefox, Android"; nothing finer is kept."""
    said = request.headers.get("user-agent", "")
    found = [next((name for name, has in kinds if re.search(has, said)), None)
             for kinds in (BROWSERS, SYSTEMS)]  # fmt: skip
    return ", ".join(one for one in found if one) or None


def address_of(request: Request[Any, Any, Any]) -> str:
    """Return the address the call came from; behind a trusted proxy, the caller's own."""
    client = request.scope.get("client")
    return client[0] if client else "unknown"


def is_near(request: Request[Any, Any, Any]) -> bool:
    """Tell whether the call comes from this machine itself, not through a proxy on it."""
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _host(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None
