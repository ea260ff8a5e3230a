"""Mail over SMTP: one connection for each mail, its certificate verified, every wait bounded."""

import asyncio
import contextlib
import re
import ssl
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
import msgspec

from interpreters.domain.mail_addresses import read_mail_sender
from interpreters.gateways.letters import Letter, Mail, compose
from interpreters.gateways.trouble import TryLater, Undeliverable

__all__ = ["Mail", "MailGateway", "TryLater", "Undeliverable"]

WAIT: Final = 15.0  # seconds for each answer
WAITS: Final = 4  # so many of them for the whole, however many answers come in time
PORTS: Final = {"smtp": 587, "smtps": 465}
FAREWELL: Final = 2.0  # seconds for the answer to QUIT, which changes nothing any more
ENHANCED: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\S)")  # RFC 3463


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Where mail is handed over. `starttls`: auto, required, never."""

    host: str
    port: int
    tls: bool  # from the first byte
    starttls: str
    user: str | None
    password: str


class MailGateway:
    """Hands mail over to one server.

    `url` is `smtp://user:password@host:587?starttls=required` or `smtps://…`. `starttls=auto` takes
    encryption where it is offered, which is the default without a password; with one, `required`
    is, and `auto` does not show it on an open line. `sender` is an address, with or without a name.
    `tls` replaces the system's certificate authorities.
    """

    def __init__(
        self, url: str, sender: str, *, tls: ssl.SSLContext | None = None, wait: float = WAIT
    ) -> None:
        self._route = _route(url)
        self._sender = read_mail_sender(sender)
        self._tls = tls or ssl.create_default_context()
        self._wait = wait

    async def send(self, mail: Mail) -> None:
        """Return once the server has taken the mail over.

        A server that breaks off after the text may have taken it: the repeat has the same
        Message-ID.

        Raises:
            Undeliverable: the recipient or the text was refused for good (5xx), or cannot be sent.
            TryLater: everything else: 4xx, no connection, silence, no encryption where it must
                be, and what only the operator can mend (sign-in or sender refused).
        """
        letter = compose(mail, self._sender)
        client = self._client()
        try:
            async with asyncio.timeout(self._wait * WAITS):
                await self._connect(client)
                await _hand_over(client, letter)
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=min(FAREWELL, self._wait))
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _trouble(error) from None
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        route = self._route
        return aiosmtplib.SMTP(
            hostname=route.host,
            port=route.port,
            use_tls=route.tls,
            start_tls=False,  # done below, where what is missing has a name
            tls_context=self._tls,
            timeout=self._wait,
            local_hostname=self._sender.domain,  # and no look-up of this machine's name
        )

    async def _connect(self, client: aiosmtplib.SMTP) -> None:
        route = self._route
        await client.connect()
        await client.ehlo()
        private = route.tls
        if not private and route.starttls != "never" and client.supports_extension("starttls"):
            await client.starttls()
            await client.ehlo()
            private = True
        if not private and (route.starttls == "required" or _would_show(route)):
            raise TryLater("no-encryption")
        if route.user is not None:
            if not client.supports_extension("auth"):
                raise TryLater("no-sign-in")
            await client.login(route.user, route.password)


def _route(url: str) -> Route:
    parts = urlsplit(url)
    usual = "auto" if parts.username is None else "required"
    return Route(
        host=parts.hostname or "localhost",
        port=parts.port or PORTS[parts.scheme],
        tls=parts.scheme == "smtps",
        starttls=parse_qs(parts.query).get("starttls", [usual])[0],
        user=None if parts.username is None else unquote(parts.username),
        password=unquote(parts.password or ""),
    )


def _would_show(route: Route) -> bool:
    """Whether a password would be readable on the way, and nobody has said that it may."""
    return route.user is not None and route.starttls != "never"


async def _hand_over(client: aiosmtplib.SMTP, letter: Letter) -> None:
    options = []
    if letter.international:
        if not client.supports_extension("smtputf8"):
            raise Undeliverable("no-smtputf8")
        options = ["SMTPUTF8", "BODY=8BITMIME"]
    await client.mail(letter.sender, options=options)
    await client.rcpt(letter.recipient, encoding="utf-8" if letter.international else "ascii")
    await client.data(letter.content)


def _trouble(error: Exception) -> Undeliverable | TryLater:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _answered(error)
    if isinstance(error, TimeoutError):
        return TryLater("timeout")
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return TryLater("wrong-certificate")
        seen = seen.__cause__ or seen.__context__
    return TryLater("no-connection")


def _answered(error: aiosmtplib.SMTPResponseException) -> Undeliverable | TryLater:
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return TryLater("sign-in-refused")
    enhanced = ENHANCED.match(error.message)
    code = f"{error.code} {enhanced[0]}" if enhanced else str(error.code)
    ends = isinstance(error, (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError))
    if ends and 500 <= error.code <= 599:  # noqa: PLR2004 - RFC 5321 §4.2.1
        return Undeliverable(code)
    return TryLater(code)
