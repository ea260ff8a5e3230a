"""Opaque tokens: they carry their network, so that finding one is one network's read."""

import hashlib
import re
import secrets
from typing import Final
from uuid import UUID

from interpreters.domain import ids
from interpreters.domain.callers import Mode
from interpreters.domain.errors import NotFound, NotSignedIn

_SHAPE: Final = re.compile(r"ik_(?:live|test)_([0-9A-HJKMNP-TV-Z]{26})([0-9A-HJKMNP-TV-Z]{32})")


def new_token(network_id: UUID, mode: Mode) -> str:
    """Return a new API key: 160 random bits behind its network."""
    secret = "".join(secrets.choice(ids.ALPHABET) for _ in range(32))
    return f"ik_{mode}_{ids.show_id('net', network_id)[4:]}{secret}"


def token_hash(token: str) -> bytes:
    """Return what is stored of a token: SHA-256 (the secret is random, so no salt is needed)."""
    return hashlib.sha256(token.encode()).digest()


def network_of(token: str) -> UUID:
    """Return the network a token belongs to.

    Raises:
        NotSignedIn: the text is not a token.
    """
    found = _SHAPE.fullmatch(token)
    if not found:
        raise NotSignedIn
    try:
        return ids.read_id("net", f"net_{found.group(1)}")
    except NotFound as error:
        raise NotSignedIn from error
