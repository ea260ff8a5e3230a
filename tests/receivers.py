"""A real HTTP server for tests: it remembers what it was sent and answers as it is told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Call:
    """One call as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    line: object  # the connection


@dataclass
class Receiver:
    """What it answers, and what it was sent."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    pause: float = 0
    dripping: bool = False  # the body never ends
    breaks_off: bool = False
    calls: list[Call] = field(default_factory=list)
    url: str = ""

    @property
    def lines(self) -> int:
        return len({id(one.line) for one in self.calls})

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.calls.append(
            Call(request.method, request.path, request.headers, await request.read(),
                 request.transport)
        )  # fmt: skip
        await asyncio.sleep(self.pause)
        if self.breaks_off and request.transport is not None:
            request.transport.abort()
        if not self.dripping:
            return web.Response(status=self.status, body=self.body, headers=self.headers)
        response = web.StreamResponse(status=self.status, headers=self.headers)
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(b".")
                await asyncio.sleep(0.05)
        return response


@contextlib.asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncIterator[Receiver]:
    runner = web.ServerRunner(web.Server(receiver.answer, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/in"
    try:
        yield receiver
    finally:
        await runner.cleanup()
