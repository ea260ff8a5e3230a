"""What can be done to a server that listens, byte by byte: both servers, the same answers."""

import json
import socket
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from api import Api, Network, serving
from conftest import Clock
from faults.listening import Listening, listening
from interpreters.cli.serve import Server
from interpreters.database import Pool
from sealing import SECRET_KEYS
from servers import database_url

pytestmark = [pytest.mark.anyio]
WIDE = {
    f"INTERPRETERS_RATE_{whose}_{what}": "1000000"
    for whose in ("TOKEN", "ADDRESS", "SIGN_IN")
    for what in ("PER_MINUTE", "BURST")
}
SCHOOL = b'{"name": "School", "kind": "education"}'
LIMIT = 256 * 1024


class Wire:
    """A listening server, and a coordinator's token there."""

    def __init__(self, server: Listening, token: str, network: Network) -> None:
        self.server = server
        self.token = token
        self.network = network

    def head(self, line: str, *headers: str, signed: bool = True) -> bytes:
        told = [line, "Host: test", *headers]
        if signed:
            told.append(f"Authorization: Bearer {self.token}")
        return "\r\n".join([*told, "", ""]).encode("latin-1")

    def send(self, raw: bytes, *, seconds: float = 3.0) -> list[tuple[int, bytes]]:
        """Return the statuses and bodies of all answers to some bytes; check that it lives."""
        found = answers(self.server.say(raw, seconds=seconds))
        assert all(status < 500 for status, _ in found), (raw[:200], found)
        assert httpx.get(f"{self.server.url}/health/live").status_code == 200
        return found


def answers(raw: bytes) -> list[tuple[int, bytes]]:
    """Read the answers one after the other, by their Content-Length."""
    found = []
    while raw.startswith(b"HTTP/1."):
        head, _, rest = raw.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next(
            (int(one.split(b":")[1]) for one in lines if one.startswith(b"content-length:")), 0
        )
        found.append((int(lines[0].split()[1]), rest[:length]))
        raw = rest[length:]
    return found


def code(body: bytes) -> str:
    told: str = json.loads(body)["code"]
    return told


@pytest.fixture(params=list(Server), ids=lambda one: one.value)
async def wire(
    request: pytest.FixtureRequest, pool: Pool, clock: Clock, database: str, tmp_path: Path
) -> AsyncIterator[Wire]:
    async with serving(pool, clock) as network:
        coordinator: Api = await network.caller("coordinator")
        assert coordinator.token is not None
        url = database_url(role="interpreters_app", database=database)
        environment = WIDE | {"INTERPRETERS_SECRET_KEYS": SECRET_KEYS}
        with listening(
            request.param, database_url=url, folder=tmp_path, environment=environment
        ) as server:
            yield Wire(server, coordinator.token, network)


async def test_bodies_and_paths(wire: Wire) -> None:
    check_sizes(wire)
    check_paths(wire)
    check_encodings(wire)
    assert await wire.network.count("institutions") == 0


async def test_smuggling_and_noise(wire: Wire) -> None:
    check_smuggling(wire)
    check_noise(wire)
    check_slow_callers_hold_nobody_up(wire)
    assert await wire.network.count("institutions") == 0
    # Nothing of what was sent, and no token, is in what the server wrote.
    log = wire.server.log.read_text()
    assert wire.token not in log
    assert "Traceback" not in log


def check_sizes(wire: Wire) -> None:
    """Too large with and without a length, and lengths that are not true."""
    post = "POST /v1/institutions HTTP/1.1"
    large = b" " * (LIMIT + 1)
    found = wire.send(wire.head(post, f"Content-Length: {len(large)}") + large)
    assert [(status, code(body)) for status, body in found] == [(413, "body-too-large")]
    # Announced and never sent: the answer does not wait for it.
    found = wire.send(wire.head(post, "Content-Length: 99999999999"))
    assert [status for status, _ in found] == [413]
    chunk = b"%x\r\n%s\r\n" % (65536, b" " * 65536)
    found = wire.send(wire.head(post, "Transfer-Encoding: chunked") + chunk * 5 + b"0\r\n\r\n")
    assert [(status, code(body)) for status, body in found] == [(413, "body-too-large")]
    endless = wire.head(post, "Transfer-Encoding: chunked") + chunk * 200
    assert [status for status, _ in wire.send(endless)] in ([413], [])
    for length in ("-1", "1e3", "0x10", "99999999999999999999999", " ", "+5", "5, 5", "5,6"):
        found = wire.send(wire.head(post, f"Content-Length: {length}") + b"{}   ", seconds=1)
        assert all(status in (400, 413, 422) for status, _ in found), (length, found)
    deep = b"[" * 10_000 + b"]" * 10_000
    found = wire.send(wire.head(post, f"Content-Length: {len(deep)}") + deep)
    assert [status for status, _ in found] == [400]


def check_paths(wire: Wire) -> None:
    """No spelling of a path leads to a door; each is a problem, where it is HTTP at all."""
    for path in ("/v1/./me", "/v1/../v1/me", "/docs/../v1/me", "//v1/me", "/v1//me", "/v1/me;a",
                 "/v1/%2e%2e/v1/me", "/v1/me%00", "/v1/me%0d%0aX:%201", "/%2e/v1/me", "/v1/me/.",
                 "/static/%2e%2e/%2e%2e/settings.py", "/docs/..%5c..%5cx", "/v1\\me"):  # fmt: skip
        for status, body in wire.send(wire.head(f"GET {path} HTTP/1.1", "Connection: close")):
            assert status in (400, 404), path
            assert status == 400 or code(body) == "not-found", path
    for line, wanted in (
        ("GET http://evil.example/v1/me HTTP/1.1", (200, 400, 404)),
        ("GET v1/me HTTP/1.1", (400, 404)),
        ("OPTIONS * HTTP/1.1", (400, 404, 405)),
        ("OPTIONS /v1/me HTTP/1.1", (405,)),
        ("TRACE /v1/me HTTP/1.1", (400, 405)),
        ("CONNECT evil.example:443 HTTP/1.1", (400, 404, 405)),
        ("HEAD /v1/me HTTP/1.1", (405,)),
        ("GET /v1/requests?" + "a=1&" * 5000 + " HTTP/1.1", (400, 414, 431)),
        ("GET /v1/" + "x" * 60_000 + " HTTP/1.1", (400, 414, 431)),
    ):
        found = wire.send(wire.head(line, "Connection: close"))
        assert all(status in wanted for status, _ in found), (line[:60], found)


def check_encodings(wire: Wire) -> None:
    """A body that is compressed, a form of another site."""
    post = "POST /v1/institutions HTTP/1.1"
    for header, refused in (
        ("Content-Encoding: gzip", "unsupported-encoding"),
        ("Content-Type: text/plain", "unsupported-media-type"),
        ("Content-Type: application/x-www-form-urlencoded", "unsupported-media-type"),
    ):
        raw = wire.head(post, header, f"Content-Length: {len(SCHOOL)}") + SCHOOL
        assert [(status, code(body)) for status, body in wire.send(raw)] == [(415, refused)]
    # Two types: one of them is not JSON.
    both = wire.head(post, "Content-Type: application/json", "Content-Type: text/plain",
                     f"Content-Length: {len(SCHOOL)}")  # fmt: skip
    assert [status for status, _ in wire.send(both + SCHOOL)] in ([415], [400])


def check_smuggling(wire: Wire) -> None:
    """A second call hidden in the body of a first is never answered, and never done."""
    hidden = wire.head("POST /v1/institutions HTTP/1.1", f"Content-Length: {len(SCHOOL)}") + SCHOOL
    first = "GET /v1/nowhere HTTP/1.1"
    ended = b"0\r\n\r\n"
    for headers in (
        (f"Content-Length: {len(ended + hidden)}", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", f"Content-Length: {len(ended + hidden)}"),
        ("Transfer-Encoding: xchunked", f"Content-Length: {len(ended + hidden)}"),
        ("Transfer-Encoding: chunked, identity", f"Content-Length: {len(ended + hidden)}"),
        (f"Content-Length: {len(ended + hidden)}", f"Content-Length: {len(ended)}"),
    ):
        raw = wire.head(first, *headers, signed=False) + ended + hidden
        found = wire.send(raw)
        assert 201 not in [status for status, _ in found], (headers, found)


def check_noise(wire: Wire) -> None:
    """What is not HTTP, or hardly."""
    me = "GET /v1/me HTTP/1.1"
    for raw in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x00" * 1000,
        b"GET\r\n\r\n",
        b"GET /v1/me\r\n\r\n",
        b"GET /v1/me HTTP/9.9\r\n\r\n",
        wire.head(me, "X-Folded: a\r\n b"),
        wire.head(me, "X-Nul: a\x00b"),
        wire.head(me, "X\x00Y: 1"),
        wire.head(me, ": empty"),
        wire.head(me, "Bad Name: 1"),
        wire.head(me, "Content-Length : 5") + b"hello",
        wire.head(me, *(f"X-{n}: 1" for n in range(500))),
        wire.head(me, "X-Long: " + "x" * 200_000),
        wire.head(me, "Host: second", "Host: third"),
        wire.head(me, "Expect: 100-continue", "Content-Length: 5"),
        wire.head(me, "Upgrade: websocket", "Connection: Upgrade",
                  "Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13"),
        wire.head("POST /v1/institutions HTTP/1.1", "Transfer-Encoding: chunked") + b"zz\r\n{}\r\n",
        wire.head("POST /v1/institutions HTTP/1.1", "Transfer-Encoding: chunked") + b"-5\r\n{}\r\n",
        wire.head("POST /v1/institutions HTTP/1.1", "Transfer-Encoding: chunked")
        + b"fffffffffffffffff\r\n{}\r\n",
    ):  # fmt: skip
        wire.send(raw, seconds=1)


def check_slow_callers_hold_nobody_up(wire: Wire) -> None:
    """A hundred connections that say half a sentence, and others that hang up in the middle."""
    half = wire.head("POST /v1/institutions HTTP/1.1", "Content-Length: 1000")
    lines = [socket.create_connection(("127.0.0.1", wire.server.port)) for _ in range(100)]
    for number, line in enumerate(lines):
        line.sendall(half[: 20 + number] if number % 2 else half + b"{")
    began = time.monotonic()
    for _ in range(20):
        assert httpx.get(f"{wire.server.url}/health/ready").status_code == 200
    assert time.monotonic() - began < 5
    closing = [threading.Thread(target=line.close) for line in lines]
    for one in closing:
        one.start()
    for one in closing:
        one.join()
    assert httpx.get(f"{wire.server.url}/health/live").status_code == 200
