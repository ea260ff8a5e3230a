"""Signing in with a passkey: it says by itself whose it is, so nobody types anything."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from webauthn import generate_authentication_options
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.structs import UserVerificationRequirement

from interpreters.application.calls import run
from interpreters.application.networks import list_networks
from interpreters.application.passkey_answers import (
    LASTS,
    Credential,
    challenge_in,
    credential_id_in,
    new_challenge,
    person_in,
    proved,
)
from interpreters.application.relying_party import RelyingParty, needed
from interpreters.application.sign_in import find_network
from interpreters.application.sign_ins import SignedIn, add_sign_in
from interpreters.database import Db, Pool
from interpreters.domain.callers import Caller
from interpreters.domain.errors import NotSignedIn, Refusal
from interpreters.sql import audit, passkey_challenges, passkeys, users
from interpreters.sql.passkey_challenges import Challenge
from interpreters.sql.passkeys import Passkey
from interpreters.sql.users import User


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, whose passkey it says it comes from, and which question it says it answers."""

    network_id: UUID
    user_id: UUID
    challenge: Challenge
    credential: Credential


class WrongPasskey(Refusal):
    """No passkey known here answered what was asked, here and just now; which of it is not told."""

    code = "wrong-passkey"
    title = "This passkey does not open anything here"


class PasskeyCloned(Refusal):
    """The passkey counts fewer uses than were seen: somebody else holds a copy, or did."""

    code = "passkey-cloned"
    title = "There may be a copy of this passkey; sign in with a code and remove it"


async def start_passkey_sign_in(
    pool: Pool, *, network: str | None, party: RelyingParty | None, now: datetime
) -> dict[str, Any]:
    """Return what the browser needs to ask for a passkey (PublicKeyCredentialRequestOptionsJSON).

    The same for a network that does not exist.

    Raises:
        PasskeysUnavailable: the installation has no name.
        Invalid: no network is named, and there are several.
    """
    party = needed(party)
    network_id = find_network(await list_networks(pool), network)
    challenge = new_challenge(None, now)
    if network_id is not None:
        await run(
            pool,
            network_id,
            lambda db: passkey_challenges.insert(
                db, network_id=network_id, challenge=challenge, now=now
            ),
        )
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge.challenge,
        timeout=int(LASTS.total_seconds() * 1000),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


async def sign_in_with_passkey(
    pool: Pool,
    *,
    party: RelyingParty | None,
    credential: Credential,
    device: str | None,
    now: datetime,
) -> SignedIn:
    """Sign in whose passkey answered.

    Raises:
        PasskeysUnavailable: the installation has no name.
        WrongPasskey: it is not known here, or does not answer what was asked.
        PasskeyCloned: it counts fewer uses than were seen. It is noted.
    """
    party = needed(party)
    person = person_in(credential)
    challenge = challenge_in(credential, None, now)
    if person is None or challenge is None:
        raise WrongPasskey
    claim = Claim(
        network_id=person[0], user_id=person[1], challenge=challenge, credential=credential
    )
    answer = await run(pool, claim.network_id, lambda db: _answer(db, claim, party, device, now))
    if isinstance(answer, Refusal):
        raise answer
    return answer


async def _answer(
    db: Db, claim: Claim, party: RelyingParty, device: str | None, now: datetime
) -> SignedIn | Refusal:
    """Sign in or return why not: a no is kept too, so that the question is used up."""
    network_id = claim.network_id
    if not await passkey_challenges.take(
        db, network_id=network_id, challenge=claim.challenge, now=now
    ):
        return WrongPasskey()
    passkey = await _known(db, claim)
    user = await users.find(db, network_id=network_id, user_id=claim.user_id)
    if passkey is None or user is None:
        return WrongPasskey()
    proof = proved(claim.credential, claim.challenge, party, passkey.public_key)
    if proof is None:
        return WrongPasskey()
    if not await passkeys.use(
        db, network_id=network_id, passkey_id=passkey.id, sign_count=proof.new_sign_count, now=now
    ):
        await _note_copy(db, network_id, user, passkey, now)
        return PasskeyCloned()
    try:
        return await add_sign_in(
            db, network_id=network_id, user=user, how="passkey", device=device, now=now
        )
    except NotSignedIn:
        return WrongPasskey()


async def _known(db: Db, claim: Claim) -> Passkey | None:
    """Return the person's passkey that answers; another person's is none."""
    name = credential_id_in(claim.credential)
    if name is None:
        return None
    found = await passkeys.find(db, network_id=claim.network_id, credential_id=name)
    return found if found is not None and found.user_id == claim.user_id else None


async def _note_copy(db: Db, network_id: UUID, user: User, passkey: Passkey, now: datetime) -> None:
    """Note it in the name of whom it would have signed in."""
    caller = Caller(network_id=network_id, role=user.roles[0], scopes=frozenset(), user_id=user.id)
    await audit.write(
        db, caller=caller, action="passkey-cloned", subject_kind="passkey",
        subject_ids=[passkey.id], now=now,
    )  # fmt: skip
