"""What a provider says of a person, and what they may be by it.

Checks as in OpenID Connect Core 1.0 §3.1.3.7 and §3.1.3.8; who is told apart by `sub` alone.
"""

import base64
import hashlib
import hmac
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from interpreters.domain.callers import SCOPES, Role
from interpreters.domain.id_tokens import Signed, WrongToken

GroupRoles: TypeAlias = Mapping[str, Sequence[Role]]

LEEWAY: Final = 60  # seconds by which two clocks may differ
LONGEST_SUBJECT: Final = 255
LONGEST_NAME: Final = 200
LONGEST_EMAIL: Final = 254
MOST_GROUPS: Final = 1000
# What a provider may make of a person, and for whom else it may vouch.
OF_INSTITUTION: Final[frozenset[Role]] = frozenset({"consultant"})
OF_NETWORK: Final[frozenset[Role]] = frozenset({"coordinator", "finance"})
ALSO_OF_NETWORK: Final[frozenset[Role]] = frozenset({"interpreter"})


def check_id_token(
    signed: Signed,
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str | None,
    now: datetime,
) -> str:
    """Return the subject of an ID token that was made by the issuer, for us, for this sign-in.

    Raises:
        WrongToken: it was not.
    """
    claims = signed.claims
    wrong = (
        ("issuer", claims.get("iss") != issuer),
        # exactly us: no other audience is trusted (§3.1.3.7 point 3)
        ("audience", claims.get("aud") not in (client_id, [client_id])),
        ("authorized-party", claims.get("azp", client_id) != client_id),
        ("nonce", not _is_same(claims.get("nonce"), nonce)),
        ("access-token", not _fits_access_token(signed, access_token)),
    )
    for why, is_wrong in wrong:
        if is_wrong:
            raise WrongToken(why)
    _check_times(claims, now.timestamp())
    return _subject(claims)


def groups_in(claims: Mapping[str, Any], name: str) -> frozenset[str] | None:
    """Return the groups a person is in; None where the claims do not tell.

    Raises:
        WrongToken: they are said to stand elsewhere (§5.6.2), so that nothing is known of them.
    """
    elsewhere = claims.get("_claim_names")
    if name not in claims and isinstance(elsewhere, Mapping) and name in elsewhere:
        raise WrongToken("groups-elsewhere")
    if name not in claims:
        return None
    said = claims[name]
    listed = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    return frozenset(one for one in listed[:MOST_GROUPS] if isinstance(one, str))


def verified_email(claims: Mapping[str, Any]) -> str | None:
    """Return the e-mail address the provider has verified; None for one it has not."""
    email, verified = claims.get("email"), claims.get("email_verified")
    # some providers write the truth as a text
    if (verified is not True and verified != "true") or not isinstance(email, str):
        return None
    plain = 3 <= len(email) <= LONGEST_EMAIL and email.isprintable() and " " not in email  # noqa: PLR2004 - a@b
    name, _, host = email.rpartition("@")
    return email.casefold() if plain and name and "@" not in name and "." in host else None


def name_in(claims: Mapping[str, Any]) -> str | None:
    """Return what the person is called."""
    name = claims.get("name")
    if not isinstance(name, str):
        return None
    return "".join(one for one in name if one.isprintable()).strip()[:LONGEST_NAME] or None


def may_give(institution_id: UUID | None) -> frozenset[Role]:
    """Return the roles that the provider of an institution, or of the network, may give."""
    return OF_NETWORK if institution_id is None else OF_INSTITUTION


def may_vouch_for(institution_id: UUID | None) -> frozenset[Role]:
    """Return the roles of people it may sign in: all of theirs must be among these.

    So an institution's provider never signs in somebody who is a coordinator as well.
    """
    return OF_NETWORK | ALSO_OF_NETWORK if institution_id is None else OF_INSTITUTION


def roles_spoken_of(group_roles: GroupRoles, default_roles: Iterable[Role]) -> frozenset[Role]:
    """Return the roles that a provider decides about."""
    return frozenset(default_roles).union(*group_roles.values())


def roles_given(
    groups: Collection[str], group_roles: GroupRoles, default_roles: Iterable[Role]
) -> frozenset[Role]:
    """Return the roles of somebody in these groups; everybody has the default ones."""
    of_groups = (roles for group, roles in group_roles.items() if group in groups)
    return frozenset(default_roles).union(*of_groups)


def roles_after(
    current: Iterable[Role], *, given: Collection[Role], spoken_of: Collection[Role]
) -> tuple[Role, ...]:
    """Return a person's roles after signing in, in their usual order.

    The provider decides about the roles it speaks of; the others are the coordinators' and stay.
    """
    kept = {one for one in current if one not in spoken_of}
    return tuple(one for one in SCOPES if one in kept or one in given)


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    ends, made = _time(claims.get("exp")), _time(claims.get("iat"))
    starts = _time(claims["nbf"]) if "nbf" in claims else made
    if now >= ends + LEEWAY:
        raise WrongToken("expired")
    if max(made, starts) > now + LEEWAY:
        raise WrongToken("from-the-future")


def _time(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise WrongToken("times")
    return value


def _is_same(said: object, expected: str) -> bool:
    return isinstance(said, str) and hmac.compare_digest(said.encode(), expected.encode())


def _fits_access_token(signed: Signed, access_token: str | None) -> bool:
    """Hold `at_hash` against the access token (§3.1.3.8), where there is one."""
    said = signed.claims.get("at_hash")
    if said is None:
        return True
    if access_token is None:
        return False
    short = signed.algorithm not in ("EdDSA", "Ed25519")
    digest = (hashlib.sha256 if short else hashlib.sha512)(access_token.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    return _is_same(said, half)


def _subject(claims: Mapping[str, Any]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.isascii() or not subject.isprintable():
        raise WrongToken("subject")
    if not 1 <= len(subject) <= LONGEST_SUBJECT:
        raise WrongToken("subject")
    return subject
