"""A session for addresses that users gave reaches no server it should not."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from interpreters.domain.addresses import InvalidAddress, PrivateAddress
from interpreters.gateways.addresses import UnusableAnswer, guarded_session, read_bounded

pytestmark = pytest.mark.anyio
PUBLIC = "93.184.215.14"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Answers(AbstractResolver):
    """A name server of which every question gets the next answer, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(
                hostname=host, host=one, port=port, proto=0, flags=0,
                family=socket.AF_INET6 if ":" in one else socket.AF_INET,
            )
            for one in found
        ]  # fmt: skip

    async def close(self) -> None:
        pass


class Server:
    """A server that remembers who called, and answers as it is told."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.seen: list[web.Request] = []


@asynccontextmanager
async def a_server(handler: Handler, host: str = "127.0.0.1") -> AsyncIterator[Server]:
    server: Server

    async def remember(request: web.Request) -> web.StreamResponse:
        server.seen.append(request)
        return await handler(request)

    runner = web.ServerRunner(web.Server(remember), shutdown_timeout=0.1)  # type: ignore[arg-type]  # a Request is what comes
    await runner.setup()
    site = web.TCPSite(runner, host, 0)
    await site.start()
    server = Server(runner.addresses[0][1])
    try:
        yield server
    finally:
        await runner.cleanup()


async def fine(_: web.Request) -> web.StreamResponse:
    return web.Response(text="fine")


async def test_a_private_server_is_not_reached_by_address_or_by_name() -> None:
    async with a_server(fine) as server:
        for host, resolver in (
            ("127.0.0.1", Answers([PUBLIC])),
            ("2130706433", Answers(["127.0.0.1"])),
            ("0x7f.1", Answers(["127.0.0.1"])),
            ("127.1", Answers(["127.0.0.1"])),
            ("hook.example.org", Answers(["127.0.0.1"])),
            ("hook.example.org", Answers(["::1"])),
            ("hook.example.org", Answers(["::ffff:127.0.0.1"])),
            ("hook.example.org", Answers([PUBLIC, "127.0.0.1"])),
            ("hook.example.org", Answers(["169.254.169.254"])),
        ):
            async with guarded_session(
                allow_private=False, timeout_seconds=5, resolver=resolver
            ) as session:
                with pytest.raises(PrivateAddress):
                    await session.post(f"https://{host}:{server.port}/", data=b"x")
        assert server.seen == []


async def test_a_name_that_changes_its_answer_is_asked_once_and_never_believed_twice() -> None:
    async with a_server(fine) as server:
        resolver = Answers([PUBLIC], ["127.0.0.1"])
        tried: list[str] = []
        loop = asyncio.get_running_loop()
        connect = loop.sock_connect

        async def connecting(sock: socket.socket, address: tuple[str, int]) -> None:
            tried.append(address[0])
            raise ConnectionRefusedError  # the public server is not there; nobody is called

        loop.sock_connect = connecting  # type: ignore[method-assign,assignment]  # the wire itself
        try:
            async with guarded_session(
                allow_private=False, timeout_seconds=5, resolver=resolver
            ) as session:
                with pytest.raises(aiohttp.ClientConnectorError):
                    await session.get(f"https://rebinding.example.org:{server.port}/")
                assert (resolver.asked, tried) == (["rebinding.example.org"], [PUBLIC])
                with pytest.raises(PrivateAddress):
                    await session.get(f"https://rebinding.example.org:{server.port}/")
        finally:
            loop.sock_connect = connect  # type: ignore[method-assign]  # as it was
        assert tried == [PUBLIC]
        assert server.seen == []


async def test_a_socket_is_made_for_judged_addresses_only() -> None:
    async with a_server(fine) as server:
        async with guarded_session(allow_private=False, timeout_seconds=5) as session:
            make = session.connector._socket_factory  # type: ignore[union-attr]  # the last wall
            info = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))
            with pytest.raises(OSError, match="public internet"):
                make(info)
        assert server.seen == []


async def test_where_private_addresses_are_allowed_they_are_reached() -> None:
    async with (
        a_server(fine) as server,
        guarded_session(
            allow_private=True, timeout_seconds=5, resolver=Answers(["127.0.0.1"])
        ) as session,
    ):
        for host in ("127.0.0.1", "hook.example.org"):
            async with session.get(f"http://{host}:{server.port}/") as response:
                assert await read_bounded(response, 10) == b"fine"


async def test_ipv6_is_judged_and_reached_the_same() -> None:
    async with (
        a_server(fine, host="::1") as server,
        guarded_session(allow_private=True, timeout_seconds=5) as free,
        guarded_session(allow_private=False, timeout_seconds=5) as held,
    ):
        async with free.get(f"http://[::1]:{server.port}/") as response:
            assert await read_bounded(response, 10) == b"fine"
        for host in ("[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[fe80::1%25lo]"):
            with pytest.raises(PrivateAddress):
                await held.get(f"https://{host}:{server.port}/")
        assert len(server.seen) == 1


@pytest.mark.parametrize("url", ["http://example.org/", "https://u:p@example.org/", "ftp://a.org"])
async def test_other_schemes_and_passwords_are_refused(url: str) -> None:
    resolver = Answers([PUBLIC])
    async with guarded_session(
        allow_private=False, timeout_seconds=5, resolver=resolver
    ) as session:
        with pytest.raises((InvalidAddress, aiohttp.NonHttpUrlClientError)):
            await session.get(url)
    assert resolver.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async def elsewhere(request: web.Request) -> web.StreamResponse:
        if request.path == "/secret":
            return web.Response(text="secret")
        return web.Response(status=status, headers={"Location": "/secret"})

    async with (
        a_server(elsewhere) as server,
        guarded_session(allow_private=True, timeout_seconds=5) as session,
    ):
        with pytest.raises(UnusableAnswer, match=str(status)):
            await session.get(f"http://127.0.0.1:{server.port}/")
        assert [one.path for one in server.seen] == ["/"]


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_server(fine) as server, a_server(fine) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        async with (
            guarded_session(allow_private=True, timeout_seconds=5) as session,
            session.get(f"http://127.0.0.1:{server.port}/") as response,
        ):
            assert await read_bounded(response, 10) == b"fine"
        assert (len(server.seen), len(proxy.seen)) == (1, 0)


async def test_an_answer_that_drips_ends_with_the_time() -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(1000):
            await response.write(b".")
            await asyncio.sleep(0.02)
        return response

    async with (
        a_server(drip) as server,
        guarded_session(allow_private=True, timeout_seconds=0.3) as session,
    ):
        began = asyncio.get_running_loop().time()
        with pytest.raises(TimeoutError):
            async with session.get(f"http://127.0.0.1:{server.port}/") as response:
                await read_bounded(response, 10_000)
        assert asyncio.get_running_loop().time() - began < 2


@pytest.mark.parametrize("announced", [True, False])
async def test_an_answer_that_is_too_long_is_not_read_to_its_end(announced: bool) -> None:
    sent = 0

    async def long(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        if announced:
            response.content_length = 200_000_000
        await response.prepare(request)
        for _ in range(2000):
            await response.write(b"x" * 100_000)
            sent += 100_000
        return response

    async with (
        a_server(long) as server,
        guarded_session(allow_private=True, timeout_seconds=10) as session,
        session.get(f"http://127.0.0.1:{server.port}/") as response,
    ):
        with pytest.raises(UnusableAnswer, match="longer than 1000 bytes"):
            await read_bounded(response, 1000)
        await asyncio.sleep(0.1)
        assert sent < 50_000_000


async def test_an_answer_may_be_exactly_as_long_as_allowed() -> None:
    async def exact(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"x" * 1000)

    async with (
        a_server(exact) as server,
        guarded_session(allow_private=True, timeout_seconds=5) as session,
    ):
        async with session.get(f"http://127.0.0.1:{server.port}/") as response:
            assert await read_bounded(response, 1000) == b"x" * 1000
        async with session.get(f"http://127.0.0.1:{server.port}/") as response:
            with pytest.raises(UnusableAnswer):
                await read_bounded(response, 999)


async def test_a_compressed_answer_is_not_asked_for_and_not_unpacked() -> None:
    async def bomb(_: web.Request) -> web.StreamResponse:
        packed = gzip.compress(b"\x00" * 10_000_000)
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    async with (
        a_server(bomb) as server,
        guarded_session(allow_private=True, timeout_seconds=5) as session,
        session.get(f"http://127.0.0.1:{server.port}/") as response,
    ):
        assert server.seen[0].headers["Accept-Encoding"] == "identity"
        with pytest.raises(UnusableAnswer, match="compressed"):
            await read_bounded(response, 100_000)


async def test_cookies_are_not_kept() -> None:
    async def giving(_: web.Request) -> web.StreamResponse:
        return web.Response(headers={"Set-Cookie": "a=b"})

    async with (
        a_server(giving) as server,
        guarded_session(allow_private=True, timeout_seconds=5) as session,
    ):
        for _ in range(2):
            async with session.get(f"http://127.0.0.1:{server.port}/") as response:
                assert response.status == 200
        assert [one.headers.get("Cookie") for one in server.seen] == [None, None]
