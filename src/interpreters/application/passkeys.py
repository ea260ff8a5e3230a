"""A person's passkeys: added, listed, taken away. Nothing but the public half is ever kept."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from webauthn import generate_registration_options
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from interpreters.application.passkey_answers import (
    LASTS,
    Credential,
    challenge_in,
    handle_of,
    new_challenge,
    proved_new,
)
from interpreters.application.relying_party import RelyingParty, needed
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound, Refusal
from interpreters.domain.ids import new_id
from interpreters.sql import audit, networks, passkey_challenges, passkeys, sign_ins, users
from interpreters.sql.passkeys import Passkey
from interpreters.sql.users import User

__all__ = [
    "ChallengeOver", "Passkey", "PasskeyKnown", "PasskeyRefused", "SignInAgain", "TooManyPasskeys",
    "add_passkey", "list_passkeys", "remove_passkey", "remove_passkeys", "start_passkey",
]  # fmt: skip
MOST: Final = 10
FRESH: Final = timedelta(minutes=10)  # a sign-in that proves that it is still the same person


class SignInAgain(Refusal):
    """Who adds a passkey has signed in just now: else a minute at an open screen would last."""

    code = "sign-in-again"
    title = "Sign in again first: only who has just signed in adds a passkey"


class TooManyPasskeys(Refusal):
    """A person has ten passkeys at most; take one away first."""

    code = "too-many-passkeys"
    title = "You have ten passkeys; remove one first"


class PasskeyKnown(Refusal):
    """The passkey was added before, by this person or another."""

    code = "passkey-known"
    title = "This passkey was added before"


class PasskeyRefused(Refusal):
    """What came does not prove a new passkey: made elsewhere, or without its person's consent."""

    code = "passkey-refused"
    title = "This is not the answer of a passkey to what was asked here"


class ChallengeOver(Refusal):
    """What the passkey answers was never asked of this person, is answered, or five minutes old."""

    code = "challenge-over"
    title = "This took too long; begin again"


async def start_passkey(
    db: Db, caller: Caller, *, party: RelyingParty | None, now: datetime
) -> dict[str, Any]:
    """Return what the browser needs to make a passkey (PublicKeyCredentialCreationOptionsJSON).

    Raises:
        Forbidden: the caller is software with a key.
        PasskeysUnavailable: the installation has no name.
        SignInAgain: they signed in more than ten minutes ago.
        TooManyPasskeys: the person has ten.
    """
    user = await _user(db, caller)
    party = needed(party)
    await _refuse_old(db, caller, now)
    known = await passkeys.of_user(db, network_id=caller.network_id, user_id=user.id)
    if len(known) >= MOST:
        raise TooManyPasskeys
    challenge = new_challenge(user.id, now)
    await passkey_challenges.insert(db, network_id=caller.network_id, challenge=challenge, now=now)
    network = await networks.get(db, network_id=caller.network_id)
    name = user.display_name or user.email or user.phone or network.name
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=network.name,
        user_id=handle_of(caller.network_id, user.id),
        user_name=user.email or user.phone or name,
        user_display_name=name,
        challenge=challenge.challenge,
        timeout=int(LASTS.total_seconds() * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in known],
    )
    return options_to_json_dict(options)


async def add_passkey(
    db: Db,
    caller: Caller,
    *,
    party: RelyingParty | None,
    answer: Callable[[], tuple[Credential, str | None]],
    now: datetime,
) -> Passkey:
    """Add the passkey that answers what `start_passkey` asked, under the name `answer` gives it.

    Raises:
        Forbidden: the caller is software with a key.
        PasskeysUnavailable: the installation has no name.
        ChallengeOver: that was not asked of this person, or not just now.
        PasskeyRefused: it proves nothing.
        PasskeyKnown: somebody has it already.
        TooManyPasskeys: the person has ten.
    """
    user = await _user(db, caller)
    party = needed(party)
    credential, name = answer()
    network_id = caller.network_id
    proof = await _proof(db, network_id, user, credential, party, now)
    passkey = Passkey(
        id=new_id(now),
        user_id=user.id,
        credential_id=proof.credential_id,
        public_key=proof.credential_public_key,
        sign_count=proof.sign_count,
        name=name,
        created_at=now,
    )
    if len(await passkeys.of_user(db, network_id=network_id, user_id=user.id)) >= MOST:
        raise TooManyPasskeys
    if not await passkeys.insert(db, network_id=network_id, passkey=passkey):
        raise PasskeyKnown
    await _note(db, caller, "added", passkey.id, now)
    return passkey


async def list_passkeys(db: Db, caller: Caller) -> list[Passkey]:
    """Return the caller's passkeys, newest first: ten at most.

    Raises:
        Forbidden: the caller is software with a key.
    """
    user = await _user(db, caller)
    return await passkeys.of_user(db, network_id=caller.network_id, user_id=user.id)


async def remove_passkey(db: Db, caller: Caller, *, passkey_id: UUID, now: datetime) -> None:
    """Take one of the caller's passkeys away; devices it signed in stay signed in.

    Raises:
        Forbidden: the caller is software with a key.
        NotFound: the caller has no such passkey.
    """
    user = await _user(db, caller)
    if not await passkeys.delete(
        db, network_id=caller.network_id, user_id=user.id, passkey_id=passkey_id
    ):
        raise NotFound
    await _note(db, caller, "removed", passkey_id, now)


async def remove_passkeys(db: Db, caller: Caller, *, now: datetime) -> None:
    """Take all of the caller's passkeys away: when somebody else may have added one.

    Raises:
        Forbidden: the caller is software with a key.
    """
    for one in await list_passkeys(db, caller):
        await remove_passkey(db, caller, passkey_id=one.id, now=now)


async def _refuse_old(db: Db, caller: Caller, now: datetime) -> None:
    assert caller.sign_in_id is not None  # a person calls with one
    at = await sign_ins.signed_in_at(db, network_id=caller.network_id, sign_in_id=caller.sign_in_id)
    if at + FRESH <= now:
        raise SignInAgain


async def _proof(
    db: Db, network_id: UUID, user: User, credential: Credential, party: RelyingParty, now: datetime
) -> VerifiedRegistration:
    """Return what the answer proves, to a question that is answered once."""
    challenge = challenge_in(credential, user.id, now)
    if challenge is None:
        raise PasskeyRefused
    if not await passkey_challenges.take(db, network_id=network_id, challenge=challenge, now=now):
        raise ChallengeOver
    proof = proved_new(credential, challenge, party)
    if proof is None:
        raise PasskeyRefused
    return proof


async def _note(db: Db, caller: Caller, action: str, passkey_id: UUID, now: datetime) -> None:
    await audit.write(
        db, caller=caller, action=action, subject_kind="passkey", subject_ids=[passkey_id], now=now
    )


async def _user(db: Db, caller: Caller) -> User:
    if caller.user_id is None:
        raise Forbidden("Only people have passkeys")
    found = await users.find(db, network_id=caller.network_id, user_id=caller.user_id)
    assert found is not None  # their sign-in refers to them
    return found
