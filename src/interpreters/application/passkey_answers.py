"""Questions to passkeys and their answers: asked once, answered within five minutes, and proved.

What a challenge is: the id of its row, then 32 random bytes. So its row is found by the answer
alone. A person's handle is the ids of network and user: whoever signs in needs to name neither.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.registration.verify_registration_response import VerifiedRegistration

from interpreters.application.relying_party import RelyingParty
from interpreters.domain.ids import new_id
from interpreters.sql.passkey_challenges import Challenge

LASTS: Final = timedelta(minutes=5)
RANDOM: Final = 32  # bytes
ID: Final = 16
# A credential as browsers write it in JSON (WebAuthn level 3, section 5.1).
Credential: TypeAlias = dict[str, Any]
# What the library lets through of bytes that are no answer at all.
STRANGE: Final = (WebAuthnException, ValueError, TypeError, KeyError, IndexError, AttributeError,
                  OverflowError, RecursionError)  # fmt: skip


def new_challenge(user_id: UUID | None, now: datetime) -> Challenge:
    """Return a question to a person's passkeys; without one, to whoever wants to sign in."""
    made = new_id(now)
    return Challenge(
        id=made,
        user_id=user_id,
        challenge=made.bytes + secrets.token_bytes(RANDOM),
        expires_at=now + LASTS,
    )


def challenge_in(credential: Credential, user_id: UUID | None, now: datetime) -> Challenge | None:
    """Return the question an answer says it answers; None when it cannot be ours."""
    try:
        said = parse_client_data_json(
            base64url_to_bytes(credential["response"]["clientDataJSON"])
        ).challenge
    except STRANGE:
        return None
    if len(said) != ID + RANDOM:
        return None
    return Challenge(id=UUID(bytes=said[:ID]), user_id=user_id, challenge=said, expires_at=now)


def handle_of(network_id: UUID, user_id: UUID) -> bytes:
    """Return what a passkey keeps of its person: 32 bytes that tell nothing about them."""
    return network_id.bytes + user_id.bytes


def person_in(credential: Credential) -> tuple[UUID, UUID] | None:
    """Return the network and the user whose passkey answers; None when it does not say."""
    try:
        handle = base64url_to_bytes(credential["response"]["userHandle"])
    except STRANGE:
        return None
    if len(handle) != 2 * ID:
        return None
    return UUID(bytes=handle[:ID]), UUID(bytes=handle[ID:])


def credential_id_in(credential: Credential) -> bytes | None:
    """Return by which name of its holder's the passkey goes."""
    try:
        return base64url_to_bytes(credential["rawId"])
    except STRANGE:
        return None


def proved_new(
    credential: Credential, challenge: Challenge, party: RelyingParty
) -> VerifiedRegistration | None:
    """Return what a new passkey is; None unless it answers the question, here, with its person."""
    try:
        return verify_registration_response(
            credential=credential,
            expected_challenge=challenge.challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except STRANGE:
        return None


def proved(
    credential: Credential, challenge: Challenge, party: RelyingParty, public_key: bytes
) -> VerifiedAuthentication | None:
    """Return what a passkey says; None unless it answers the question, here, with its person.

    How often it was used is not looked at.
    """
    try:
        return verify_authentication_response(
            credential=credential,
            expected_challenge=challenge.challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except STRANGE:
        return None
