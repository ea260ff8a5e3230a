"""Signing in with an OpenID provider: sent there, come back with a code, and who that is.

Authorization code with PKCE (RFC 7636), state, nonce and the issuer's name in the answer
(RFC 9207). Nothing is stored on the way: what is needed again travels in a signed cookie that
lasts ten minutes. What the provider is asked, it is asked between transactions.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import msgspec
import structlog
from itsdangerous import BadData, URLSafeSerializer

from interpreters.application.calls import run
from interpreters.application.networks import list_networks
from interpreters.application.provider_people import Identity, person_of
from interpreters.application.sign_ins import SignedIn, add_sign_in
from interpreters.database import Db, Pool
from interpreters.domain.errors import NotFound
from interpreters.domain.id_tokens import WrongToken
from interpreters.domain.ids import IDENTITY_PROVIDER, NETWORK, read_id, show_id
from interpreters.domain.provider_claims import (
    check_id_token,
    groups_in,
    name_in,
    verified_email,
)
from interpreters.gateways.providers import (
    CodeRefused,
    Conversation,
    Metadata,
    ProviderAway,
    Providers,
)
from interpreters.sql import identity_providers
from interpreters.sql.identity_providers import IdentityProvider
from interpreters.vault import vault_of

Why: TypeAlias = Literal["start-again", "declined", "away", "not-allowed"]
LASTS: Final = timedelta(minutes=10)
SALT: Final = "provider-sign-in"
HOME: Final = "/"
MOST_SHOWN: Final = 50  # providers on the page for signing in
LONGEST_CODE: Final = 2048
OWN_PATH: Final = re.compile(r"/(?![/\\])[!#-\[\]-~]{0,499}", re.ASCII)
log = structlog.get_logger()


class SignInStopped(Exception):
    """The person is not signed in, for a reason that a page can tell."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """Where the browser goes, and what it keeps until it comes back, for `lasts`."""

    url: str
    cookie: str
    lasts: timedelta = LASTS


class ProviderAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser comes back with: a code or an error, and for which sign-in."""

    code: str | None
    state: str | None
    issuer: str | None
    error: str | None

    def __repr__(self) -> str:
        """Never the code."""
        return "ProviderAnswer()"


class UnderWay(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in between its two calls."""

    network_id: UUID
    provider_id: UUID
    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    next_path: str
    until: datetime


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
    """Return where to go to sign in with a provider; `network` may be absent where there is one.

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
        raise _stopped("away", provider_id, error.why) from None
    under_way = UnderWay(
        network_id=network_id,
        provider_id=provider_id,
        state=secrets.token_urlsafe(24),
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
        redirect_uri=redirect_uri,
        next_path=own_path(next_path),
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
) -> tuple[SignedIn, str]:
    """Return the sign-in of whoever came back, and the path on this site to go on to.

    Raises:
        SignInStopped: they are not signed in.
        NotFound: the provider was deleted or switched off meanwhile.
    """
    under_way = await _read_cookie(pool, cookie, now)
    network_id, provider_id = under_way.network_id, under_way.provider_id
    if not hmac.compare_digest((answer.state or "").encode(), under_way.state.encode()):
        raise _stopped("start-again", provider_id, "state")
    provider = await run(pool, network_id, lambda db: _active(db, network_id, provider_id))
    identity = await _identity(providers, provider, under_way, answer, now)

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
        raise _stopped("not-allowed", provider_id, "no-role")
    return done, under_way.next_path


def own_path(path: str | None) -> str:
    """Return a path on this site, as it was sent along, or else the front page.

    Browsers read two slashes, of either kind, as another site, and leave out tabs and line ends.
    """
    return path if path is not None and OWN_PATH.fullmatch(path) else HOME


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


async def _identity(
    providers: Providers,
    provider: IdentityProvider,
    under_way: UnderWay,
    answer: ProviderAnswer,
    now: datetime,
) -> Identity:
    """Return who came back, as the provider says, once all of it is checked."""
    try:
        async with providers.conversation(provider.issuer) as talk:
            _check_answer(await talk.metadata(), answer)
            return await _told(talk, provider, under_way, answer.code or "", now)
    except WrongToken as error:
        raise _stopped("start-again", provider.id, error.why) from None
    except CodeRefused:
        raise _stopped("start-again", provider.id, "code") from None
    except ProviderAway as error:
        raise _stopped("away", provider.id, error.why) from None


def _check_answer(metadata: Metadata, answer: ProviderAnswer) -> None:
    """Refuse another provider's answer, also to our own question (mix-up, RFC 9207 §2.4)."""
    named = metadata.authorization_response_iss_parameter_supported
    if answer.issuer != metadata.issuer and (named or answer.issuer is not None):
        raise WrongToken("answer-issuer")
    if answer.error is not None:
        raise SignInStopped("declined")
    if not answer.code or len(answer.code) > LONGEST_CODE:
        raise WrongToken("no-code")


async def _told(
    talk: Conversation,
    provider: IdentityProvider,
    under_way: UnderWay,
    code: str,
    now: datetime,
) -> Identity:
    tokens = await talk.exchange(
        client_id=provider.client_id,
        secret=provider.client_secret,
        code=code,
        verifier=under_way.verifier,
        redirect_uri=under_way.redirect_uri,
    )
    signed = await talk.signed(tokens.id_token)
    subject = check_id_token(
        signed,
        issuer=provider.issuer,
        client_id=provider.client_id,
        nonce=under_way.nonce,
        access_token=tokens.access_token,
        now=now,
    )
    more = {} if _is_enough(signed.claims, provider) else await talk.userinfo(tokens.access_token)
    if more and more.get("sub") != subject:  # OpenID Connect Core §5.3.2
        raise WrongToken("userinfo-subject")
    groups = groups_in(signed.claims, provider.groups_claim)
    if groups is None:
        groups = groups_in(more, provider.groups_claim)
    return Identity(
        subject=subject,
        groups=groups or frozenset(),
        # each with its own `email_verified`, never one source's address with the other's word
        email=verified_email(signed.claims) or verified_email(more),
        name=name_in(signed.claims) or name_in(more),
    )


def _is_enough(claims: Mapping[str, Any], provider: IdentityProvider) -> bool:
    """Tell whether the ID token says all that is wanted, so that nothing more need be asked."""
    knows_groups = not provider.group_roles or provider.groups_claim in claims
    return knows_groups and {"email", "email_verified", "name"} <= claims.keys()


def _stopped(why: Why, provider_id: UUID, reason: str) -> SignInStopped:
    """Log which provider and why, in a word of ours: never who, nor what was sent."""
    shown = show_id(IDENTITY_PROVIDER, provider_id)
    log.warning("provider-sign-in-stopped", provider=shown, stopped=why, reason=reason)
    return SignInStopped(why)
