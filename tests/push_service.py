"""A push service for tests, with browsers: it checks who calls, and they read what comes.

It decrypts as RFC 8291 §3 and RFC 8188 §2 tell a receiver to, by plain HMAC.
"""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api import Api
from receivers import Call, Receiver, receiving


class Browser:
    """Subscribes with keys of its own, and decrypts what comes."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = os.urandom(16)

    @property
    def keys(self) -> dict[str, str]:
        """What the page gives to the application."""
        return {"p256dh": shown(point(self.key.public_key())), "auth": shown(self.auth)}

    async def subscribe(self, person: Api, url: str) -> Any:
        """Subscribe the person here; return what is answered."""
        made = await person.post("/v1/push-subscriptions", {"endpoint": url, "keys": self.keys})
        assert made.status_code in {200, 201}, made.text
        return made.json()

    def read(self, body: bytes) -> bytes:
        """Return what was encrypted for this browser."""
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.key.exchange(ec.ECDH(), theirs)
        info = b"WebPush: info\0" + point(self.key.public_key()) + sender
        material = hkdf(self.auth, shared, info, 32)
        key = hkdf(salt, material, b"Content-Encoding: aes128gcm\0", 16)
        nonce = hkdf(salt, material, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert padded[-1:] == b"\2"
        return padded[:-1]

    def shown(self, call: Call) -> Any:
        """Return the notification in a call to the push service."""
        message = json.loads(self.read(call.body))
        assert message["web_push"] == 8030
        return message["notification"]


def shown(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def hkdf(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    extracted = hmac.new(salt, material, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\1", hashlib.sha256).digest()[:length]


def verified(call: Call, *, origin: str) -> dict[str, object]:
    """What the service knows of the sender, once the token is found to be signed by its key."""
    scheme, _, rest = call.headers["Authorization"].partition(" ")
    assert scheme == "vapid"
    fields = dict(part.strip().split("=", 1) for part in rest.split(","))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), octets(fields["k"]))
    signed, _, signature = fields["t"].rpartition(".")
    r, s = octets(signature)[:32], octets(signature)[32:]
    both = encode_dss_signature(int.from_bytes(r), int.from_bytes(s))
    key.verify(both, signed.encode(), ec.ECDSA(hashes.SHA256()))
    header, claims = (json.loads(octets(part)) for part in signed.split("."))
    assert header == {"typ": "JWT", "alg": "ES256"}
    assert claims["aud"] == origin
    return {**claims, "k": fields["k"]}


class PushService(Receiver):
    """Takes only what is signed by the key that its browsers subscribed with."""

    def __init__(self) -> None:
        super().__init__(status=201)
        self.public_key = ""

    @property
    def origin(self) -> str:
        """What a token for this service is for."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    def check(self, call: Call) -> dict[str, object]:
        """Return the claims of whoever called; the key is the one that was subscribed to."""
        claims = verified(call, origin=self.origin)
        assert claims["k"] == self.public_key
        return claims


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    """Run one."""
    service = PushService()
    async with receiving(service):
        yield service
