"""Text messages (SMS) over HTTP, as Twilio's Messages resource takes them.

https://www.twilio.com/docs/messaging/api/message-resource; several providers and self-hosted
gateways speak the same.
"""

import re
import ssl
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
import msgspec

from interpreters.gateways.pauses import pause_of
from interpreters.gateways.trouble import TryLater, Undeliverable

__all__ = ["Text", "TextGateway", "TryLater", "Undeliverable"]

WAIT: Final = 15.0  # seconds for the whole
LARGEST_ANSWER: Final = 64 * 1024  # octets of it that are read
LONGEST_BODY: Final = 1600  # characters, as Twilio takes them
E164: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
ID: Final = re.compile(r"[\x21-\x7e]{1,255}")
NOT_IN_BODY: Final = re.compile(r"[\x00\ud800-\udfff]")
UNREADABLE: Final = (
    msgspec.DecodeError,
    UnicodeDecodeError,
    RecursionError,
    aiohttp.ClientError,
    OSError,
)
TOO_MANY: Final = 429
# What is wrong with this number or this body, and stays so
# (https://www.twilio.com/docs/api/errors). All others of the 400s are the operator's to mend.
PERMANENT: Final = frozenset(
    {
        21211,  # not a number
        21214,  # cannot be reached
        21217,  # not a number
        21265,  # a short code
        21407,  # the country takes no texts from this number
        21408,  # the country is not switched on
        21602,  # no body
        21604,  # no number
        21605,  # the body is too long
        21610,  # they have answered STOP
        21612,  # not from this number to that one
        21614,  # not a mobile
        21617,  # the body is too long
        21635,  # a landline
    }
)


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """One text message to one person. `to` is E.164, such as +37120000000."""

    id: str  # the same on every repeat
    to: str
    body: str

    def __repr__(self) -> str:
        """Show whom it is for and what it says to nobody."""
        return f"Text(id={self.id!r})"


class TextGateway:
    """Hands texts over to one provider, over connections that stay open until `close`.

    `sender` is a number, a name of up to eleven characters, or the id of a messaging service (MG…).
    `tls` replaces the system's certificate authorities.
    """

    def __init__(
        self,
        url: str,
        *,
        account: str,
        token: str,
        sender: str,
        tls: ssl.SSLContext | None = None,
        wait: float = WAIT,
    ) -> None:
        self._url = f"{url.rstrip('/')}/2010-04-01/Accounts/{account}/Messages.json"
        self._headers = {
            "Authorization": aiohttp.encode_basic_auth(account, token),
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        self._from = {"MessagingServiceSid" if sender.startswith("MG") else "From": sender}
        self._wait = aiohttp.ClientTimeout(total=wait)
        self._tls = True if tls is None else tls  # True: verified, as usual
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.close()

    async def send(self, text: Text) -> str:
        """Return the provider's id, "" where it gave none that can be read.

        Twilio itself knows no repeats: after a lost answer the person may get the text twice.
        Providers that honour `Idempotency-Key` send it once.

        Raises:
            Undeliverable: this number or this body will never be taken.
            TryLater: everything else: 429, 5xx, no connection, silence, and what only the operator
                can mend (account, token, sender, money).
        """
        if E164.fullmatch(text.to) is None:
            raise Undeliverable("wrong-number")
        if ID.fullmatch(text.id) is None:
            raise Undeliverable("wrong-id")
        if not 1 <= len(text.body) <= LONGEST_BODY or NOT_IN_BODY.search(text.body):
            raise Undeliverable("wrong-text")
        try:
            async with self._opened().post(
                self._url,
                data={"To": text.to, **self._from, "Body": text.body},
                headers={"Idempotency-Key": text.id},
                allow_redirects=False,  # the token goes nowhere else
            ) as response:
                return await _read(response)
        except TimeoutError:
            raise TryLater("timeout") from None
        except aiohttp.ClientConnectorCertificateError:
            raise TryLater("wrong-certificate") from None
        except (aiohttp.ClientError, OSError):
            raise TryLater("no-connection") from None

    async def close(self) -> None:
        """Let go of the connections; `send` opens them again."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self._tls),
                timeout=self._wait,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                headers=self._headers,
            )
        return self._session


async def _read(response: aiohttp.ClientResponse) -> str:
    if response.ok and response.status < 300:  # noqa: PLR2004 - RFC 9110 §15.3
        sid = (await _answer(response)).get("sid")
        return sid if isinstance(sid, str) else ""
    code = (await _answer(response)).get("code")
    known = code if isinstance(code, int) and not isinstance(code, bool) else None
    if known in PERMANENT and 400 <= response.status < 500 and response.status != TOO_MANY:  # noqa: PLR2004 - RFC 9110 §15.5
        raise Undeliverable(str(known))
    said = f"{response.status}" if known is None else f"{response.status} {known}"
    raise TryLater(said, retry_after=pause_of(response))


async def _answer(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """Return the object it answered with, {} for anything else.

    A body that breaks off says nothing of what the status has said already.
    """
    read = bytearray()
    try:
        async for some in response.content.iter_chunked(8192):
            read += some
            if len(read) > LARGEST_ANSWER:
                return {}
        return msgspec.json.decode(read, type=dict[str, Any])
    except UNREADABLE:
        return {}
