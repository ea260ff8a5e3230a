"""What every answer carries: a Request-Id, the rate limit, and safe headers.

A plain ASGI layer around the application: it costs microseconds and sees also what the framework
answers by itself. What no door is for (methods, paths with tricks) ends here.
"""

import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any, Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from interpreters.domain.errors import NotFound, NotSignedIn, Refusal
from interpreters.domain.rates import Gate, Rate
from interpreters.domain.tokens import network_of, token_hash
from interpreters.http.doors import COOKIE
from interpreters.http.metrics import Meters
from interpreters.http.problems import MEDIA_TYPE, problem_of, told_problem
from interpreters.http.proxies import Networks, counted, unwrap
from interpreters.http.rates import Limits, Rates, Share, Shared

# Pages bring nothing inline and load nothing from elsewhere; small pictures may be in the sheet.
POLICY: Final = (
    b"default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    b"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
UNUSED: Final = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope",
                 "magnetometer", "microphone", "midi", "payment", "usb")  # fmt: skip
SAFE: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", POLICY),
    (b"permissions-policy", ", ".join(f"{one}=()" for one in UNUSED).encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
HTTPS_ONLY: Final = (b"strict-transport-security", b"max-age=31536000")
FREE: Final = ("/health/live", "/health/ready")
METRICS: Final = "/metrics"
SIGN_IN: Final = "/v1/sign-in"
SIGN_IN_PAGE: Final = "/sign-in"
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
LONGEST_QUERY: Final = 8192  # bytes
LONGEST_PATH: Final = 2048
UNAUTHORIZED: Final = 401


class TooManyRequests(Refusal):
    """The caller's share of the minute is used up."""

    code = "too-many-requests"
    title = "Too many requests; wait a moment"


class MethodNotAllowed(Refusal):
    """No address answers this method. Browsers ask with OPTIONS for other sites: none may call."""

    code = "method-not-allowed"
    title = "This method is not answered"


class AddressTooLong(Refusal):
    """The path or the query is longer than any call needs."""

    code = "address-too-long"
    title = "The path has at most 2048 bytes, the query 8192"


def limits_of(
    *, per_token: Rate, per_address: Rate, per_sign_in: Rate, shared: Shared | None = None
) -> Limits:
    """Return every limit the edge knows. The names are those that callers read."""
    return Limits(
        {
            "token": Rates(per_token, "token"),
            "address": Rates(per_address, "address"),
            "stranger": Rates(per_address, "address"),  # tokens that nobody has, by address
            "metrics": Rates(per_address, "address"),  # of its own: read while others flood
            "sign-in": Rates(per_sign_in, "sign-in"),
        },
        shared,
    )


class Edge:
    """The outermost layer."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        limits: Limits,
        meters: Meters,
        trusted_proxies: Networks = (),
        ticking: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app = app
        self.limits = limits
        self.meters = meters
        self.trusted_proxies = trusted_proxies
        self.ticking = ticking

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Limit the rate, then pass on; add the headers to whatever is answered."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        began = self.ticking()
        unwrap(scope, self.trusted_proxies)
        share = None if scope["path"] in FREE else await self._share(scope, began)
        extra = _extra(scope, share)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._seen(scope, message["status"], began)
                present = {name.lower() for name, _ in message["headers"]}
                added = [pair for pair in extra if pair[0] not in present]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        refusal = _refusal(scope, share)
        if refusal is None:
            await self.app(scope, receive, sending)
        else:
            await _refuse(scope, sending, refusal)

    async def _share(self, scope: HTTPScope, at: float) -> Share:
        """Count the call: by its token, or by its address where it has none worth the name."""
        return await self.limits.take(self._gates(scope), at)

    def _gates(self, scope: HTTPScope) -> list[Gate]:
        address, gate = _address(scope), self.limits.gate
        path, token = scope["path"], _token(scope)
        if path == METRICS:
            return [gate("metrics", address)]
        if token is None:
            gates = [gate("address", address)]
        else:
            who = token_hash(token).hex()
            gates = [gate("stranger", address, counts=False), gate("token", who)]
        by_page = path.startswith(SIGN_IN_PAGE) and scope["method"] == "POST"
        if path == SIGN_IN or path.startswith(f"{SIGN_IN}/") or by_page:
            gates.append(gate("sign-in", address))
        return gates

    async def _seen(self, scope: HTTPScope, status: int, began: float) -> None:
        """Measure the call; remember the address of who tries tokens that nobody has."""
        now = self.ticking()
        if status == UNAUTHORIZED and _token(scope) is not None:
            await self.limits.take([self.limits.gate("stranger", _address(scope))], now)
        template = scope.get("path_template") or "none"
        self.meters.count(scope["method"], str(template), status, now - began)


def _extra(scope: HTTPScope, share: Share | None) -> list[tuple[bytes, bytes]]:
    extra = [(b"request-id", uuid.uuid4().hex.encode()), *SAFE]
    if scope["scheme"] == "https":
        extra.append(HTTPS_ONLY)
    return extra if share is None else extra + share.headers()


def _refusal(scope: HTTPScope, share: Share | None) -> Refusal | None:
    """Return why the call goes no further, if so."""
    if share is not None and share.wait is not None:
        return TooManyRequests(f"Try again in {share.wait} s")
    if scope["method"] not in METHODS:
        return MethodNotAllowed()
    if len(scope["query_string"]) > LONGEST_QUERY or len(scope["path"]) > LONGEST_PATH:
        return AddressTooLong()
    return NotFound() if _is_tricky(scope["path"]) else None


def _is_tricky(path: str) -> bool:
    """Tell whether a path could be read in two ways: empty and dotted steps, signs unseen."""
    if "//" in path or "\\" in path or not path.isprintable():
        return True
    return "/." in path and not {".", ".."}.isdisjoint(path.split("/"))


async def _refuse(scope: HTTPScope, send: Send, refusal: Refusal) -> None:
    problem = problem_of(refusal)
    body, told = told_problem(problem, scope["headers"])
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", b"%d" % len(body))]
    headers += [(name.lower().encode(), value.encode()) for name, value in told.items()]
    if isinstance(refusal, MethodNotAllowed):
        headers.append((b"allow", ", ".join(METHODS).encode()))
    start: Any = {"type": "http.response.start", "status": problem.status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _address(scope: HTTPScope) -> str:
    client = scope.get("client")
    return counted(client[0]) if client else "unknown"


def _token(scope: HTTPScope) -> str | None:
    """Return the token the call is made with, if it looks like one of ours.

    Only where there is no doubt which one that is: two cookies of the name count as none.
    """
    said = _header(scope["headers"], b"authorization")
    if said is None:
        cookies = b";".join(value for key, value in scope["headers"] if key.lower() == b"cookie")
        found = [one.strip() for one in cookies.split(b";") if COOKIE.encode() in one]
        scheme, _, text = found[0].partition(b"=") if len(found) == 1 else (b"", b"", b"")
        fits = scheme == COOKIE.encode()
    else:
        scheme, _, text = said.partition(b" ")
        fits = scheme.lower() == b"bearer"
    token = text.strip().decode("latin-1")
    try:
        network_of(token)
    except NotSignedIn:
        return None
    return token if fits else None


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    return next((value for key, value in headers if key.lower() == name), None)
