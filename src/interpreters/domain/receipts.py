"""Receipts of agreed terms: what is signed, as which octets, and the key that signs (Ed25519).

Whoever has the terms, the signature and the network's public key checks them without us.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final, Literal, Self, TypeAlias

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Side: TypeAlias = Literal["interpreter", "institution"]
Terms: TypeAlias = Mapping[str, Any]  # texts, whole numbers, null, and objects of them

TYPE: Final = "agreed-terms-1"
SIGNATURE: Final = 64  # octets (RFC 8032 §5.1.6)


class ReceiptKey:
    """The key pair by which a network signs what was agreed."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def new(cls) -> Self:
        """Return a new pair."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def read(cls, secret: str) -> Self:
        """Return the pair of a secret as `secret` shows it.

        Raises:
            ValueError: it is none.
        """
        return cls(Ed25519PrivateKey.from_private_bytes(_octets(secret)))

    @property
    def secret(self) -> str:
        """The private half: 32 octets in base64url."""
        return shown(self._key.private_bytes_raw())

    @property
    def public(self) -> str:
        """The public half: 32 octets in base64url."""
        raw, form = serialization.Encoding.Raw, serialization.PublicFormat.Raw
        return shown(self._key.public_key().public_bytes(raw, form))

    @property
    def id(self) -> str:
        """By what the key is known: the thumbprint of its JWK (RFC 7638, RFC 8037 §2)."""
        required = {"crv": "Ed25519", "kty": "OKP", "x": self.public}
        return shown(hashlib.sha256(canonical(required)).digest())

    def __repr__(self) -> str:
        """Show the public half alone."""
        return f"ReceiptKey(public={self.public!r})"

    def sign(self, terms: Terms) -> bytes:
        """Return the signature of the terms' octets: 64 octets."""
        return self._key.sign(canonical(terms))


def canonical(terms: Terms) -> bytes:
    """Return the one form of the terms that is signed: UTF-8, names in order, no spaces.

    For these terms (no floats, names in ASCII) it is the form of RFC 8785.
    """
    return json.dumps(terms, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def shown(octets: bytes) -> str:
    """Return octets in base64url, without padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
