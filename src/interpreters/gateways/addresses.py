"""Calling addresses that users gave: a session that reaches the public internet only.

Three walls, each of which would do: the text of the address is judged when a call starts; every
address a name has is judged when it is resolved, once, and the connection goes to exactly one of
those; and the socket of every connection is made for a judged address or not at all. So a name
that answers differently the second time is never asked a second time.
"""

import errno
import socket
from types import SimpleNamespace
from typing import Final

from aiohttp import (
    AddrInfoType,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    ThreadedResolver,
    TraceConfig,
    TraceRequestRedirectParams,
    TraceRequestStartParams,
)
from aiohttp.abc import AbstractResolver, ResolveResult

from interpreters.domain.addresses import PrivateAddress, check_address, check_url

AGENT: Final = "interpreters"
AT_ONCE: Final = 100  # connections of one session


class UnusableAnswer(Exception):
    """The other side answered, and not with anything that is read: the text says why."""


def guarded_session(
    *,
    allow_private: bool,
    timeout_seconds: float,
    resolver: AbstractResolver | None = None,
) -> ClientSession:
    """Return a session for addresses that users gave; whoever opens it closes it.

    No redirects, no cookies, no proxies from the environment, answers only as they are (no
    compression). A call ends after `timeout_seconds`, its body included. Read answers with
    `read_bounded`.

    Raises (its calls):
        InvalidAddress, PrivateAddress: the address must not be called.
        UnusableAnswer: it answered with a redirect.
        ClientError, TimeoutError: as every session of aiohttp.
    """
    guarded = _Resolver(resolver or ThreadedResolver(), allow_private=allow_private)

    def made(info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, where = info
        try:
            check_address(str(where[0]), allow_private=allow_private)
        except PrivateAddress as refusal:  # a connection that failed, to the library
            raise OSError(errno.EACCES, str(refusal)) from refusal
        return socket.socket(family=family, type=kind, proto=protocol)

    return ClientSession(
        connector=TCPConnector(
            resolver=guarded, use_dns_cache=False, socket_factory=made, limit=AT_ONCE
        ),
        timeout=ClientTimeout(total=timeout_seconds),
        trace_configs=[_watch(allow_private=allow_private)],
        headers={"Accept-Encoding": "identity", "User-Agent": AGENT},
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
    )


async def read_bounded(response: ClientResponse, most_bytes: int) -> bytes:
    """Return the body of an answer; the connection is dropped where it is not wanted.

    Raises:
        UnusableAnswer: it is longer than `most_bytes`, or compressed.
        ClientError, TimeoutError: it did not arrive.
    """
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        response.close()
        raise UnusableAnswer("The answer is compressed, although that was not asked for")
    announced = response.content_length
    body = bytearray()
    if announced is None or announced <= most_bytes:
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > most_bytes:
                break
        else:
            return bytes(body)
    response.close()
    raise UnusableAnswer(f"The answer is longer than {most_bytes} bytes")


class _Resolver(AbstractResolver):
    """Refuses a name of which any address is not public: such a name is no public name."""

    def __init__(self, inner: AbstractResolver, *, allow_private: bool) -> None:
        self._inner = inner
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a name, all of them judged."""
        found = await self._inner.resolve(host, port, family)
        for one in found:
            check_address(one["host"], allow_private=self._allow_private)
        return found

    async def close(self) -> None:
        """Let go of what the inner one holds."""
        await self._inner.close()


def _watch(*, allow_private: bool) -> TraceConfig:
    """Judge each call's address as the library understood it; stop where it would follow."""

    async def starting(
        _: ClientSession, __: SimpleNamespace, call: TraceRequestStartParams
    ) -> None:
        check_url(str(call.url), allow_private=allow_private)

    async def redirected(
        _: ClientSession, __: SimpleNamespace, call: TraceRequestRedirectParams
    ) -> None:
        call.response.close()
        raise UnusableAnswer(f"It answered {call.response.status}, a redirect")

    watch = TraceConfig()
    watch.on_request_start.append(starting)
    watch.on_request_redirect.append(redirected)
    return watch
