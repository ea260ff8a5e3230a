"""`/v1/passkeys`: a person's passkeys, and signing in with one."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import passkey_sign_in, passkeys
from interpreters.application.passkey_answers import Credential
from interpreters.application.passkey_sign_in import PasskeyCloned, WrongPasskey
from interpreters.application.passkeys import (
    ChallengeOver,
    Passkey,
    PasskeyKnown,
    PasskeyRefused,
    SignInAgain,
    TooManyPasskeys,
)
from interpreters.application.relying_party import PasskeysUnavailable, RelyingParty
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound
from interpreters.http.doors import Call, Page, door, public_answer
from interpreters.http.fields import In, Name
from interpreters.http.lists import List
from interpreters.http.origin import device_of
from interpreters.http.sign_in import SignedInView

TAG: Final = "Sign-in"
# What browsers write bytes as in JSON; a public key with its proof has some hundreds.
Bytes = Annotated[
    str, Meta(min_length=1, max_length=20_000, pattern="^[A-Za-z0-9_-]+$(?!\\n)",
              description="base64url without padding.")
]  # fmt: skip
Attachment = Literal["platform", "cross-platform"]
Extensions = dict[Annotated[str, Meta(max_length=100)], Any]
Transports = Annotated[list[Annotated[str, Meta(max_length=100)]], Meta(max_length=20)]


class NewAnswerIn(In, frozen=True, kw_only=True):
    """What a new passkey answers: AuthenticatorAttestationResponseJSON of WebAuthn level 3."""

    client_data: Bytes = msgspec.field(name="clientDataJSON")
    attestation: Bytes = msgspec.field(name="attestationObject")
    authenticator_data: Bytes | None = msgspec.field(name="authenticatorData", default=None)
    transports: Transports | None = None
    public_key: Bytes | None = msgspec.field(name="publicKey", default=None)
    public_key_algorithm: Annotated[int, Meta(ge=-(2**31), le=2**31)] | None = msgspec.field(
        name="publicKeyAlgorithm", default=None
    )


class AnswerIn(In, frozen=True, kw_only=True):
    """What a passkey answers: AuthenticatorAssertionResponseJSON of WebAuthn level 3."""

    client_data: Bytes = msgspec.field(name="clientDataJSON")
    authenticator_data: Bytes = msgspec.field(name="authenticatorData")
    signature: Bytes
    user_handle: Bytes | None = msgspec.field(name="userHandle", default=None)
    attestation: Bytes | None = msgspec.field(name="attestationObject", default=None)


class NewCredentialIn(In, frozen=True, kw_only=True):
    """A new passkey as a browser's `toJSON()` gives it."""

    id: Bytes
    raw_id: Bytes = msgspec.field(name="rawId")
    type: Literal["public-key"]
    response: NewAnswerIn
    attachment: Attachment | None = msgspec.field(name="authenticatorAttachment", default=None)
    extensions: Extensions = msgspec.field(name="clientExtensionResults", default_factory=dict)


class CredentialIn(In, frozen=True, kw_only=True):
    """A passkey's answer as a browser's `toJSON()` gives it."""

    id: Bytes
    raw_id: Bytes = msgspec.field(name="rawId")
    type: Literal["public-key"]
    response: AnswerIn
    attachment: Attachment | None = msgspec.field(name="authenticatorAttachment", default=None)
    extensions: Extensions = msgspec.field(name="clientExtensionResults", default_factory=dict)


class PasskeyIn(In, frozen=True, kw_only=True):
    """A new passkey, and what to call it in the list."""

    credential: NewCredentialIn
    name: Name | None = None


class PasskeyQuestionIn(In, frozen=True, kw_only=True):
    """`network` where there are several."""

    network: Name | None = None


class PasskeySignInIn(In, frozen=True, kw_only=True):
    """What the passkey answered."""

    credential: CredentialIn


class PasskeyOptionsView(msgspec.Struct, frozen=True, kw_only=True):
    """What to give to the browser: `PublicKeyCredential.parse…OptionsFromJSON` reads it."""

    options: dict[str, Any]


class PasskeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey in its owner's list."""

    id: str
    name: str | None
    created_at: datetime
    last_used_at: datetime | None

    @classmethod
    def of(cls, one: Passkey, _: Caller) -> "PasskeyView":
        """Shape a passkey."""
        return cls(
            id=ids.show_id(ids.PASSKEY, one.id),
            name=one.name,
            created_at=one.created_at,
            last_used_at=one.last_used_at,
        )


def party_of(call: Call) -> RelyingParty | None:
    """Return as whom passkeys know this installation."""
    found: RelyingParty | None = call.request.app.state.relying_party
    return found


def plain(credential: NewCredentialIn | CredentialIn) -> Credential:
    """Return a credential as the application reads it: as it came."""
    made: Credential = msgspec.to_builtins(credential)
    return made


@door("POST", "/v1/passkeys/options", answer=PasskeyOptionsView,
      refusals=(PasskeysUnavailable, SignInAgain, TooManyPasskeys), tag=TAG)  # fmt: skip
async def start_passkey(call: NamedDependency[Call]) -> Response[bytes]:
    """What a browser needs to make a passkey; to be answered within five minutes, once.

    For whoever signed in within the last ten minutes.
    """
    return await call.once(
        lambda db, caller: passkeys.start_passkey(db, caller, party=party_of(call), now=call.now),
        lambda options, _: PasskeyOptionsView(options=options),
    )


@door("POST", "/v1/passkeys", body=PasskeyIn, answer=PasskeyView, status=201,
      refusals=(PasskeysUnavailable, ChallengeOver, PasskeyRefused, PasskeyKnown, TooManyPasskeys),
      tag=TAG)  # fmt: skip
async def add_passkey(call: NamedDependency[Call]) -> Response[bytes]:
    """Add the passkey that was made."""
    body = call.body(PasskeyIn)
    return await call.once(
        lambda db, caller: passkeys.add_passkey(
            db,
            caller,
            party=party_of(call),
            answer=lambda: (plain(body().credential), body().name),
            now=call.now,
        ),
        PasskeyView.of,
        201,
    )


@door("GET", "/v1/passkeys", answer=List[PasskeyView], tag=TAG)
async def list_passkeys(call: NamedDependency[Call]) -> Response[bytes]:
    """The caller's passkeys, newest first: ten at most."""

    async def work(db: Db, caller: Caller) -> Page:
        found = await passkeys.list_passkeys(db, caller)
        return Page(items=[PasskeyView.of(one, caller) for one in found])

    return await call.ask(work, lambda page, _: page)


@door("DELETE", "/v1/passkeys/{id:str}", answer=None, status=204, refusals=(Forbidden, NotFound),
      tag=TAG)  # fmt: skip
async def remove_passkey(call: NamedDependency[Call]) -> Response[bytes]:
    """Take one of the caller's passkeys away; it signs nobody in any more."""
    return await call.ask(
        lambda db, caller: passkeys.remove_passkey(
            db, caller, passkey_id=call.id(ids.PASSKEY), now=call.now
        ),
        lambda _, __: None,
    )


@door("POST", "/v1/sign-in/passkey/options", body=PasskeyQuestionIn, answer=PasskeyOptionsView,
      refusals=(PasskeysUnavailable,), tag=TAG, public=True)  # fmt: skip
async def start_passkey_sign_in(call: NamedDependency[Call]) -> Response[bytes]:
    """What a browser needs to ask for a passkey; to be answered within five minutes, once."""
    options = await passkey_sign_in.start_passkey_sign_in(
        call.pool, network=call.body(PasskeyQuestionIn)().network, party=party_of(call),
        now=call.now,
    )  # fmt: skip
    return public_answer(PasskeyOptionsView(options=options))


@door("POST", "/v1/sign-in/passkey", body=PasskeySignInIn, answer=SignedInView,
      refusals=(PasskeysUnavailable, WrongPasskey, PasskeyCloned), tag=TAG,
      public=True)  # fmt: skip
async def sign_in_with_passkey(call: NamedDependency[Call]) -> Response[bytes]:
    """Sign in with what a passkey answered; it says itself whose it is."""
    done = await passkey_sign_in.sign_in_with_passkey(
        call.pool,
        party=party_of(call),
        credential=plain(call.body(PasskeySignInIn)().credential),
        device=device_of(call.request),
        now=call.now,
    )
    return public_answer(SignedInView.of(done))


ROUTES = (
    start_passkey, add_passkey, list_passkeys, remove_passkey, start_passkey_sign_in,
    sign_in_with_passkey,
)  # fmt: skip
