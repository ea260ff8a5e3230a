"""What every answer carries: a Request-Id, the rate limit, and safe headers.

A plain ASGI layer around the application: it costs microseconds and sees also what the framework
answers by itself.
"""

import time
import uuid
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from interpreters.domain.errors import Refusal
from interpreters.domain.tokens import token_hash
from interpreters.http.problems import MEDIA_TYPE, Problem

SAFE: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'self'; frame-ancestors 'none'; base-uri 'none'"),
)
FREE: Final = ("/health/", "/metrics")


class TooManyRequests(Refusal):
    """The caller's share of the minute is used up."""

    code = "too-many-requests"
    title = "Too many requests; wait a moment"


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """So many calls a minute, of which `burst` at once."""

    per_minute: int
    burst: int

    def item(self, name: str) -> RateLimitItem:
        """Return the same as a sliding window: `burst` calls in the time they take to refill."""
        seconds = max(1, round(60 * self.burst / self.per_minute))
        return RateLimitItemPerSecond(self.burst, seconds, namespace=name)


class Edge:
    """The outermost layer."""

    def __init__(self, app: ASGIApp, *, per_token: Rate, per_address: Rate) -> None:
        self.app = app
        self.per_token = (per_token, per_token.item("token"))
        self.per_address = (per_address, per_address.item("address"))
        self.limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Limit the rate, then pass on; add the headers to whatever is answered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        extra: list[tuple[bytes, bytes]] = [(b"request-id", uuid.uuid4().hex.encode()), *SAFE]
        wait = None
        if not scope["path"].startswith(FREE):
            wait = await self._limit(scope, extra)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                added = [pair for pair in extra if pair[0] not in present]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        if wait is None:
            await self.app(scope, receive, sending)
        else:
            await _refuse(sending, wait)

    async def _limit(self, scope: Scope, extra: list[tuple[bytes, bytes]]) -> int | None:
        """Count the call; return the seconds to wait when it is one too many."""
        token = _header(scope["headers"], b"authorization")
        rate, item = self.per_token if token else self.per_address
        client = scope.get("client") or ("unknown", 0)
        who = token_hash(token.decode("latin-1")).hex() if token else str(client[0])
        allowed = await self.limiter.hit(item, who)
        stats = await self.limiter.get_window_stats(item, who)
        wait = max(1, round(stats.reset_time - time.time()))  # noqa: TID251 - the limiter's own clock
        name = b"token" if token else b"address"
        policy = b'"%s";q=%d;w=60, "burst";q=%d;w=%d'
        refill = item.get_expiry()
        extra += [
            (b"ratelimit-policy", policy % (name, rate.per_minute, rate.burst, refill)),
            (b"ratelimit", b'"burst";r=%d;t=%d' % (max(0, stats.remaining), wait)),
        ]
        if allowed:
            return None
        extra.append((b"retry-after", str(wait).encode()))
        return wait


async def _refuse(send: Send, wait: int) -> None:
    problem = Problem(
        type=f"/problems/{TooManyRequests.code}",
        title=TooManyRequests.title,
        status=429,
        detail=f"Try again in {wait} s",
        code=TooManyRequests.code,
        user_message=TooManyRequests.title,
    )
    body = msgspec.json.encode(problem)
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", b"%d" % len(body))]
    start: Any = {"type": "http.response.start", "status": 429, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    return next((value for key, value in headers if key.lower() == name), None)
