"""Opaque tokens: they carry their network, so that finding one is one network's read."""

import hashlib
import re
import secrets
from typing import Final, Literal, TypeAlias
from uuid import UUID

from interpreters.domain import ids
from interpreters.domain.errors import NotFound, NotSignedIn

# API keys (live, test), sign-ins, attempts to sign in, invitations, links of clients and offers,
# calendars, approvals.
Kind: TypeAlias = Literal["ik_live", "ik_test", "st", "at", "in", "cl", "ol", "ca", "ap"]
CALLERS: Final[tuple[Kind, ...]] = ("ik_live", "ik_test", "st")  # what a call may be made with

_SHAPE: Final = re.compile(
    r"(ik_live|ik_test|st|at|in|cl|ol|ca|ap)_([0-9A-HJKMNP-TV-Z]{26})([0-9A-HJKMNP-TV-Z]{32})"
)


def new_token(network_id: UUID, kind: Kind) -> str:
    """Return a new token: 160 random bits behind its network."""
    secret = "".join(secrets.choice(ids.ALPHABET) for _ in range(32))
    return f"{kind}_{ids.show_id('net', network_id)[4:]}{secret}"


def token_hash(token: str) -> bytes:
    """Return what is stored of a token: SHA-256 (the secret is random, so no salt is needed)."""
    return hashlib.sha256(token.encode()).digest()


def network_of(token: str, *kinds: Kind) -> UUID:
    """Return the network a token belongs to; of any kind a call is made with, unless named.

    Raises:
        NotSignedIn: the text is not such a token.
    """
    found = _SHAPE.fullmatch(token)
    if not found or found.group(1) not in (kinds or CALLERS):
        raise NotSignedIn
    try:
        return ids.read_id("net", f"net_{found.group(2)}")
    except NotFound as error:
        raise NotSignedIn from error


def has_token(value: object) -> bool:
    """Tell whether a text holds a token, as the address of a link does."""
    return isinstance(value, str) and _SHAPE.search(value) is not None


def is_sign_in(token: str) -> bool:
    """Tell a person's token from a key."""
    return token.startswith("st_")


def without_tokens(text: str) -> str:
    """Return the text with the secret of every token in it left out: of mails that hold a link."""
    return _SHAPE.sub(r"\1_…", text)
