"""What a provider answers to a sign-in: checked, and read as who somebody is there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

import msgspec
import structlog

from interpreters.application.provider_people import Identity
from interpreters.domain.id_tokens import WrongToken
from interpreters.domain.ids import IDENTITY_PROVIDER, show_id
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
from interpreters.sql.identity_providers import IdentityProvider

Why: TypeAlias = Literal["start-again", "declined", "away", "not-allowed"]
LONGEST_CODE: Final = 2048
log = structlog.get_logger()


class SignInStopped(Exception):
    """The person is not signed in, for a reason that a page can tell."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


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
    next_path: str | None
    until: datetime


async def identity_of(
    providers: Providers,
    provider: IdentityProvider,
    under_way: UnderWay,
    answer: ProviderAnswer,
    now: datetime,
) -> Identity:
    """Return who came back, as the provider says, once all of it is checked.

    Raises:
        SignInStopped: something of it is wrong, or the provider is away.
    """
    try:
        async with providers.conversation(provider.issuer) as talk:
            _check_answer(await talk.metadata(), answer)
            return await _told(talk, provider, under_way, answer.code or "", now)
    except WrongToken as error:
        raise stopped("start-again", provider.id, error.why) from None
    except CodeRefused:
        raise stopped("start-again", provider.id, "code") from None
    except ProviderAway as error:
        raise stopped("away", provider.id, error.why) from None


def stopped(why: Why, provider_id: UUID, reason: str) -> SignInStopped:
    """Log which provider and why, in a word of ours: never who, nor what was sent."""
    shown = show_id(IDENTITY_PROVIDER, provider_id)
    log.warning("provider-sign-in-stopped", provider=shown, stopped=why, reason=reason)
    return SignInStopped(why)


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
