"""OpenID providers: what they publish of themselves, and what they answer to a sign-in.

Every call goes to an address that a coordinator, or the provider itself, gave: so through the
guarded session. What is published is kept in memory for a while; a sign-in with all its calls
takes ten seconds at most, and a provider that was just away is not asked again at once.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote_plus

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver

from interpreters.domain.addresses import check_url
from interpreters.domain.errors import Refusal
from interpreters.domain.id_tokens import Signed, UnknownKey, read_id_token
from interpreters.gateways.addresses import UnusableAnswer, guarded_session, read_bounded

__all__ = ["CodeRefused", "Conversation", "Metadata", "ProviderAway", "Providers", "Tokens"]

T = TypeVar("T")
WAIT: Final = 10.0  # seconds for all calls of one sign-in
LARGEST: Final = 256 * 1024  # octets of an answer
MOST: Final = 500  # providers that are kept in memory
METADATA_LASTS: Final = 3600.0  # seconds
KEYS_LAST: Final = 600.0
KEYS_REST: Final = 10.0  # between two looks for a key that is not there
AWAY_LASTS: Final = 5.0
# What a stranger's false code cannot bring about, so that nobody can keep others out by it.
AWAY: Final = ("too-slow", "no-connection", "no-metadata", "private-address", "invalid-address")
WELL_KNOWN: Final = "/.well-known/openid-configuration"
OK: Final = 200
REFUSED: Final = 400  # RFC 6749 §5.2
WRONG_CODE: Final = ("invalid_grant", "invalid_request")


class ProviderAway(Exception):
    """It cannot be used at present. `why` is a word of ours, and tells nothing of anybody."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class CodeRefused(Exception):
    """The provider does not take the code: it was used, is too old, or not meant for us."""


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider publishes of itself (OpenID Connect Discovery 1.0 §3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    authorization_response_iss_parameter_supported: bool = False  # RFC 9207 §3


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """What a code is exchanged for."""

    id_token: str
    access_token: str | None = None

    def __repr__(self) -> str:
        """Never the tokens."""
        return "Tokens()"


class _Refused(msgspec.Struct, frozen=True, kw_only=True):
    error: str = ""


class _Keys(msgspec.Struct, frozen=True, kw_only=True):
    keys: list[dict[str, Any]]


class _Memory(Generic[T]):
    """The last values by name, each with the time it came."""

    def __init__(self, ticking: Callable[[], float]) -> None:
        self._ticking = ticking
        self._kept: OrderedDict[str, tuple[float, T]] = OrderedDict()

    def get(self, name: str, lasts: float) -> T | None:
        came, value = self._kept.get(name, (0.0, None))
        return value if value is not None and self._ticking() < came + lasts else None

    def put(self, name: str, value: T) -> T:
        self._kept.pop(name, None)
        self._kept[name] = (self._ticking(), value)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return value


class Providers:
    """All providers, as one process knows them.

    `resolver` stands in for the system's; `wait` is the seconds a whole sign-in may take.
    """

    def __init__(
        self,
        *,
        allow_private: bool,
        resolver: AbstractResolver | None = None,
        wait: float = WAIT,
        ticking: Callable[[], float] = time.monotonic,
    ) -> None:
        self._allow_private = allow_private
        self._resolver = resolver
        self._wait = wait
        self.metadata: _Memory[Metadata] = _Memory(ticking)
        self.keys: _Memory[Sequence[Mapping[str, Any]]] = _Memory(ticking)
        self.away: _Memory[str] = _Memory(ticking)
        self.asking: _Memory[asyncio.Lock] = _Memory(ticking)

    def check(self, url: str) -> None:
        """Refuse an address that must not be called.

        Raises:
            InvalidAddress, PrivateAddress: see `domain/addresses.py`.
        """
        check_url(url, allow_private=self._allow_private)

    @asynccontextmanager
    async def conversation(self, issuer: str) -> AsyncIterator["Conversation"]:
        """Speak with a provider: all that is said inside ends in time.

        Raises:
            ProviderAway: it does not answer, or with nothing that can be used.
        """
        why = self.away.get(issuer, AWAY_LASTS)
        if why is not None:
            raise ProviderAway(why)
        try:
            async with (
                asyncio.timeout(self._wait),
                guarded_session(
                    allow_private=self._allow_private,
                    timeout_seconds=self._wait,
                    resolver=self._resolver,
                ) as session,
            ):
                yield Conversation(self, session, issuer)
        except TimeoutError:
            self.away.put(issuer, "too-slow")
            raise ProviderAway("too-slow") from None
        except ProviderAway as error:
            if error.why in AWAY:
                self.away.put(issuer, error.why)
            raise


class Conversation:
    """The calls of one sign-in."""

    def __init__(self, providers: Providers, session: aiohttp.ClientSession, issuer: str) -> None:
        self._providers = providers
        self._session = session
        self._issuer = issuer

    async def metadata(self) -> Metadata:
        """Return what the provider publishes of itself; asked once, whoever waits for it."""
        memory, locks = self._providers.metadata, self._providers.asking
        lock = locks.get(self._issuer, METADATA_LASTS) or locks.put(self._issuer, asyncio.Lock())
        async with lock:
            known = memory.get(self._issuer, METADATA_LASTS)
            return known or memory.put(self._issuer, await self._published())

    async def exchange(
        self, *, client_id: str, secret: str | None, code: str, verifier: str, redirect_uri: str
    ) -> Tokens:
        """Exchange a code for tokens (RFC 6749 §4.1.3, RFC 7636 §4.5).

        With a secret by HTTP Basic (§2.3.1: both parts are form-encoded first); without one the
        client is a public one.

        Raises:
            CodeRefused: the code does not count any more.
            ProviderAway: anything else.
        """
        metadata = await self.metadata()
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }  # fmt: skip
        headers = {"Accept": "application/json"}
        if secret is None:
            form["client_id"] = client_id
        else:
            headers["Authorization"] = aiohttp.encode_basic_auth(
                quote_plus(client_id), quote_plus(secret)
            )
        status, body = await self._call("POST", metadata.token_endpoint, data=form, headers=headers)
        if status == REFUSED and _read(body, _Refused).error in WRONG_CODE:
            raise CodeRefused
        if status != OK:
            raise ProviderAway("token-refused")
        return _read(body, Tokens)

    async def signed(self, id_token: str) -> Signed:
        """Return what an ID token says, once its signature is found to be the provider's.

        A key that is not known is looked for anew, once: providers change their keys
        (OpenID Connect Core 1.0 §10.1.1).

        Raises:
            WrongToken: it is not the provider's.
            ProviderAway: its keys cannot be read.
        """
        metadata = await self.metadata()
        memory = self._providers.keys
        known = memory.get(metadata.jwks_uri, KEYS_LAST)
        if known is not None:
            try:
                return read_id_token(id_token, known)
            except UnknownKey:
                if memory.get(metadata.jwks_uri, KEYS_REST) is not None:
                    raise
        status, body = await self._call("GET", metadata.jwks_uri)
        if status != OK:
            raise ProviderAway("no-keys")
        fresh = memory.put(metadata.jwks_uri, _read(body, _Keys).keys)
        return read_id_token(id_token, fresh)

    async def userinfo(self, access_token: str | None) -> dict[str, Any]:
        """Return what else the provider says of the person; nothing where it has no such door."""
        url = (await self.metadata()).userinfo_endpoint
        if url is None or access_token is None:
            return {}
        headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
        status, body = await self._call("GET", url, headers=headers)
        if status != OK:
            raise ProviderAway("no-userinfo")
        return _read(body, dict[str, Any])

    async def _published(self) -> Metadata:
        status, body = await self._call("GET", f"{self._issuer.rstrip('/')}{WELL_KNOWN}")
        if status != OK:
            raise ProviderAway("no-metadata")
        found = _read(body, Metadata)
        if found.issuer != self._issuer:  # Discovery §4.3: exactly
            raise ProviderAway("another-issuer")
        try:
            self._providers.check(found.authorization_endpoint)  # a browser is sent there
        except Refusal as error:
            raise ProviderAway(error.code) from None
        return found

    async def _call(self, method: str, url: str, **options: Any) -> tuple[int, bytes]:
        try:
            async with self._session.request(method, url, **options) as response:
                return response.status, await read_bounded(response, LARGEST)
        except Refusal as refusal:
            raise ProviderAway(refusal.code) from None
        except UnusableAnswer:
            raise ProviderAway("unusable-answer") from None
        except TimeoutError:
            raise ProviderAway("too-slow") from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise ProviderAway("no-connection") from None


def _read(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ProviderAway("unusable-answer") from None
