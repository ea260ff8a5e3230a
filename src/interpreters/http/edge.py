"""What every answer carries: a Request-Id, the rate limit, and safe headers.

A plain ASGI layer around the application: it costs microseconds and sees also what the framework
answers by itself.
"""

import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from interpreters.domain.errors import NotSignedIn, Refusal
from interpreters.domain.tokens import network_of, token_hash
from interpreters.http.metrics import Meters
from interpreters.http.problems import MEDIA_TYPE, problem_of
from interpreters.http.rates import Rate, Rates, Share

SAFE: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'self'; frame-ancestors 'none'; base-uri 'none'"),
)
FREE: Final = ("/health/", "/metrics")
UNAUTHORIZED: Final = 401


class TooManyRequests(Refusal):
    """The caller's share of the minute is used up."""

    code = "too-many-requests"
    title = "Too many requests; wait a moment"


class Edge:
    """The outermost layer."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        per_token: Rate,
        per_address: Rate,
        meters: Meters,
        ticking: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app = app
        self.tokens = Rates(per_token, "token")
        self.addresses = Rates(per_address, "address")
        self.strangers = Rates(per_address, "address")  # tokens that nobody has, by address
        self.meters = meters
        self.ticking = ticking

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Limit the rate, then pass on; add the headers to whatever is answered."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        began = self.ticking()
        share = None if scope["path"].startswith(FREE) else self._share(scope, began)
        extra = [(b"request-id", uuid.uuid4().hex.encode()), *SAFE]
        extra += [] if share is None else share.headers()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._seen(scope, message["status"], began)
                present = {name.lower() for name, _ in message["headers"]}
                added = [pair for pair in extra if pair[0] not in present]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        if share is None or share.wait is None:
            await self.app(scope, receive, sending)
        else:
            await _refuse(sending, share.wait)

    def _share(self, scope: HTTPScope, at: float) -> Share:
        """Count the call: by its token, or by its address where it has none worth the name."""
        address = _address(scope)
        token = _token(scope)
        if token is None:
            return self.addresses.take(address, at)
        if self.strangers.spent(address, at):
            return self.strangers.take(address, at)
        return self.tokens.take(token_hash(token).hex(), at)

    def _seen(self, scope: HTTPScope, status: int, began: float) -> None:
        """Measure the call; remember the address of who tries tokens that nobody has."""
        now = self.ticking()
        if status == UNAUTHORIZED and _token(scope) is not None:
            self.strangers.take(_address(scope), now)
        template = scope.get("path_template") or "none"
        self.meters.count(scope["method"], str(template), status, now - began)


async def _refuse(send: Send, wait: int) -> None:
    problem = problem_of(TooManyRequests(f"Try again in {wait} s"))
    body = msgspec.json.encode(problem)
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", b"%d" % len(body))]
    start: Any = {"type": "http.response.start", "status": problem.status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _address(scope: HTTPScope) -> str:
    client = scope.get("client")
    return client[0] if client else "unknown"


def _token(scope: HTTPScope) -> str | None:
    """Return the bearer token, if it looks like one of ours."""
    text = (_header(scope["headers"], b"authorization") or b"").decode("latin-1")
    token = text.partition(" ")[2].strip()
    try:
        network_of(token)
    except NotSignedIn:
        return None
    return token


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    return next((value for key, value in headers if key.lower() == name), None)
