"""The world outside of a fault run: a mail server, a provider of texts, receivers of webhooks.

Each is real and remembers what it was handed, when, and whether it said so; each can be away.
"""

import asyncio
import contextlib
import random
import socket
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Final, Literal, TypeAlias

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope
from standardwebhooks import Webhook

Kind: TypeAlias = Literal["mail", "text", "webhook"]
Mood: TypeAlias = Literal["well", "refusing", "silent", "cut"]
FIXED: Final = (20_000, 32_000)  # below what kernels give to callers (32768 on; IANA 49152 on)


@dataclass
class Heard:
    """One thing that arrived. `id` is the same on every repeat; `to` an address or an endpoint."""

    kind: Kind
    id: str
    to: str
    at: float  # seconds of the real clock
    taken: bool  # we said that we have it
    text: str = ""
    wrong: str = ""  # what was wrong with it
    signed_at: datetime | None = None  # of a webhook, by the clock of the run


@dataclass
class Outside:
    """What was heard, and how each of the three feels."""

    clock: Callable[[], datetime]
    heard: list[Heard] = field(default_factory=list)
    moods: dict[Kind, Mood] = field(
        default_factory=lambda: {"mail": "well", "text": "well", "webhook": "well"}
    )
    secrets: dict[str, Webhook] = field(default_factory=dict)  # by the name in the path
    letters: asyncio.Queue[tuple[str, str]] = field(default_factory=asyncio.Queue)
    mail_port: int = 0
    url: str = ""

    def hears(self, kind: Kind, name: str, to: str, **more: Any) -> Heard:
        one = Heard(kind=kind, id=name, to=to, at=time.time(), **more)
        self.heard.append(one)
        return one

    def read(self, to: str, text: str) -> None:
        """Somebody has it in front of them."""
        self.letters.put_nowait((to, text))


class MailServer:
    """SMTP by aiosmtpd; it can refuse, or not be there at all."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside
        self.server: asyncio.Server | None = None

    async def handle_MAIL(self, server, session, envelope, address, options) -> str:  # noqa: N802 - aiosmtpd's name
        if self.outside.moods["mail"] == "refusing":
            return "451 4.3.2 Not now"
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server, session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.original_content or b""
        read = message_from_bytes(content, policy=policy.default)
        assert isinstance(read, EmailMessage)  # the policy makes one
        body = read.get_body(("plain",))  # others may stand beside it: an invitation
        text = "" if body is None else body.get_content()
        name = str(read["Message-ID"]).strip("<>").partition("@")[0]
        for to in envelope.rcpt_tos:
            self.outside.hears("mail", name, to, taken=True, text=text)
            self.outside.read(to, text)
        return "250 OK"

    async def open(self) -> None:
        port = self.outside.mail_port or free_port()
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(
            lambda: SMTP(self, hostname="mail.example"), "127.0.0.1", port
        )
        self.outside.mail_port = self.server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Take no further lines; what is being said is heard out."""
        if self.server is not None:
            self.server.close()
            self.server = None


class Receivers:
    """Webhooks at `/hooks/{name}`, texts where Twilio has them."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside

    async def hook(self, request: web.Request) -> web.StreamResponse:
        mood = self.outside.moods["webhook"]
        if mood == "cut":
            return await _hang_up(request)
        body = (await request.read()).decode()
        name, sent = request.match_info["name"], request.headers["webhook-id"]
        at = datetime.fromtimestamp(float(request.headers["webhook-timestamp"]), UTC)
        wrong = self._wrong(name, request, at, body)
        one = self.outside.hears(
            "webhook", sent, name, taken=False, text=body, wrong=wrong, signed_at=at
        )
        if mood == "silent":
            await self._wait_until_well()
            return await _hang_up(request)
        if mood == "refusing":
            return web.Response(status=503)
        one.taken = True
        return web.Response(status=204)

    async def text(self, request: web.Request) -> web.StreamResponse:
        if self.outside.moods["text"] == "cut":
            return await _hang_up(request)
        if self.outside.moods["text"] == "refusing":
            return web.json_response({"code": 20500}, status=503)
        form = await request.post()
        to, body = str(form["To"]), str(form["Body"])
        self.outside.hears("text", request.headers["Idempotency-Key"], to, taken=True, text=body)
        self.outside.read(to, body)
        return web.json_response({"sid": f"SM{random.getrandbits(64):032x}"}, status=201)

    def _wrong(self, name: str, request: web.Request, at: datetime, body: str) -> str:
        """Verify as the standard's own library does; of the time the checker judges."""
        right = self.outside.secrets[name].sign(request.headers["webhook-id"], at, body)
        return "" if right in request.headers["webhook-signature"].split(" ") else "signature"

    async def _wait_until_well(self) -> None:
        while self.outside.moods["webhook"] == "silent":
            await asyncio.sleep(0.1)


async def _hang_up(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


@contextlib.asynccontextmanager
async def opened(clock: Callable[[], datetime]) -> AsyncIterator[tuple[Outside, MailServer]]:
    """Open all three until the block ends."""
    outside = Outside(clock=clock)
    mails = MailServer(outside)
    await mails.open()
    receivers = Receivers(outside)
    app = web.Application()
    app.router.add_post("/hooks/{name}", receivers.hook)
    app.router.add_post("/2010-04-01/Accounts/{account}/Messages.json", receivers.text)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    outside.url = f"http://127.0.0.1:{port}"
    try:
        yield outside, mails
    finally:
        await mails.close()
        await runner.cleanup()


def free_port() -> int:
    """Return a port that nobody has, and that no call is given as its own meanwhile.

    Whoever calls a closed port of the range that the kernel gives to callers may be given that
    very port and so be connected to itself; then it cannot be opened again.
    """
    while True:
        number = random.randint(*FIXED)
        with socket.socket() as door, contextlib.suppress(OSError):
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(("127.0.0.1", number))
            return number
