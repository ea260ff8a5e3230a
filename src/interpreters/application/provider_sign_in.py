"""Signing in with an OpenID provider: sent there, come back with a code, and who that is.

Authorization code with PKCE (RFC 7636), state, nonce and the issuer's name in the answer
(RFC 9207). Nothing is stored on the way: what is needed again travels in a signed cookie that
lasts ten minutes. What the provider is asked, it is asked between transactions.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import msgspec
from itsdangerous import BadData, URLSafeSerializer

from interpreters.application.calls import run
from interpreters.application.networks import list_networks
from interpreters.application.provider_answers import (
    ProviderAnswer,
    SignInStopped,
    UnderWay,
    Why,
    identity_of,
    stopped,
)
from interpreters.application.provider_people import person_of
from interpreters.application.sign_in import find_network
from interpreters.application.sign_ins import SignedIn, add_sign_in
from interpreters.database import Db, Pool
from interpreters.domain.errors import Invalid, NotFound
from interpreters.domain.ids import IDENTITY_PROVIDER, NETWORK, read_id, show_id
from interpreters.gateways.providers import Metadata, ProviderAway, Providers
from interpreters.sql import identity_providers
from interpreters.sql.identity_providers import IdentityProvider
from interpreters.vault import vault_of

__all__ = [
    "Begun",
    "ProviderAnswer",
    "SignInStopped",
    "Why",
    "begin_sign_in",
    "finish_sign_in",
    "providers_at",
    "providers_for",
]

LASTS: Final = timedelta(minutes=10)
SALT: Final = "provider-sign-in"
MOST_SHOWN: Final = 50  # providers on the page for signing in


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """Where the browser goes, and what it keeps until it comes back, for `lasts`."""

    url: str
    cookie: str
    lasts: timedelta = LASTS


async def providers_for(pool: Pool, network_id: UUID) -> list[tuple[str, str]]:
    """Return the names of the providers people of a network may sign in with, and their paths."""
    found = await run(
        pool,
        network_id,
        lambda db: identity_providers.names(db, network_id=network_id, limit=MOST_SHOWN),
    )
    query = urlencode({"network": show_id(NETWORK, network_id)})
    return [
        (name, f"/sign-in/with/{show_id(IDENTITY_PROVIDER, provider_id)}?{query}")
        for provider_id, name in found
    ]


async def providers_at(pool: Pool, network: str | None) -> list[tuple[str, str]]:
    """Return what `providers_for` does, for a network as a person names it on a page."""
    try:
        found = find_network(await list_networks(pool), network)
    except Invalid:  # there are several, and none is named
        return []
    return [] if found is None else await providers_for(pool, found)


async def begin_sign_in(
    pool: Pool,
    *,
    providers: Providers,
    network: str | None,
    provider_id: UUID,
    next_path: str | None,
    redirect_uri: str,
    now: datetime,
) -> Begun:
    """Return where to go to sign in with a provider.

    `network` is an id, and may be absent where there is one only; `next_path` an address of this
    site that comes back when it is done.

    Raises:
        NotFound: the network has no such provider, or it is switched off.
        SignInStopped: the provider is away.
    """
    network_id = await _network(pool, network)
    provider = await run(pool, network_id, lambda db: _active(db, network_id, provider_id))
    try:
        async with providers.conversation(provider.issuer) as talk:
            metadata = await talk.metadata()
    except ProviderAway as error:
        raise stopped("away", provider_id, error.why) from None
    under_way = UnderWay(
        network_id=network_id,
        provider_id=provider_id,
        state=secrets.token_urlsafe(24),
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
        redirect_uri=redirect_uri,
        next_path=next_path,
        until=now + LASTS,
    )
    cookie = (await _serializer(pool)).dumps(msgspec.to_builtins(under_way))
    return Begun(url=_address(metadata, provider, under_way), cookie=str(cookie))


async def finish_sign_in(
    pool: Pool,
    *,
    providers: Providers,
    cookie: str | None,
    answer: ProviderAnswer,
    device: str | None,
    now: datetime,
) -> tuple[SignedIn, str | None]:
    """Return the sign-in of whoever came back, and where they wanted to go on to.

    Raises:
        SignInStopped: they are not signed in.
        NotFound: the provider was deleted or switched off meanwhile.
    """
    under_way = await _read_cookie(pool, cookie, now)
    network_id, provider_id = under_way.network_id, under_way.provider_id
    if not hmac.compare_digest((answer.state or "").encode(), under_way.state.encode()):
        raise stopped("start-again", provider_id, "state")
    provider = await run(pool, network_id, lambda db: _active(db, network_id, provider_id))
    identity = await identity_of(providers, provider, under_way, answer, now)

    async def sign_in(db: Db) -> SignedIn | None:
        present = await _active(db, network_id, provider_id)
        user = await person_of(
            db, network_id=network_id, provider=present, identity=identity, now=now
        )
        if user is None:  # no refusal: what the groups took away is to be stored
            return None
        return await add_sign_in(
            db, network_id=network_id, user=user, how="provider", device=device, now=now
        )

    done = await run(pool, network_id, sign_in)
    if done is None:
        raise stopped("not-allowed", provider_id, "no-role")
    return done, under_way.next_path


async def _network(pool: Pool, named: str | None) -> UUID:
    if named is not None:
        return read_id(NETWORK, named)
    known = await list_networks(pool)
    if len(known) != 1:
        raise NotFound
    return next(iter(known.values()))


async def _active(db: Db, network_id: UUID, provider_id: UUID) -> IdentityProvider:
    found = await identity_providers.find(db, network_id=network_id, provider_id=provider_id)
    if found is None or not found.active:
        raise NotFound
    return found


def _address(metadata: Metadata, provider: IdentityProvider, under_way: UnderWay) -> str:
    """Return the address of the provider's page for signing in (OpenID Connect Core §3.1.2.1)."""
    digest = hashlib.sha256(under_way.verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": under_way.redirect_uri,
        "scope": " ".join(provider.scopes),
        "state": under_way.state,
        "nonce": under_way.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    parts = urlsplit(metadata.authorization_endpoint)
    query = "&".join(one for one in (parts.query, urlencode(asked)) if one)
    return parts._replace(query=query, fragment="").geturl()


async def _serializer(pool: Pool) -> URLSafeSerializer:
    async with pool.acquire() as db:
        key = vault_of(db).signing_key()
    return URLSafeSerializer(key, salt=SALT, signer_kwargs={"digest_method": hashlib.sha256})


async def _read_cookie(pool: Pool, cookie: str | None, now: datetime) -> UnderWay:
    try:
        said = (await _serializer(pool)).loads(cookie or "")
        under_way = msgspec.convert(said, UnderWay)
    except (BadData, msgspec.ValidationError):
        raise SignInStopped("start-again") from None
    if now >= under_way.until:
        raise SignInStopped("start-again")
    return under_way
