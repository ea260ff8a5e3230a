"""Web push: what is sent (RFC 8291, aes128gcm), and who says so (VAPID, RFC 8292).

The body is one JSON that is two things at once: a declarative notification, which newer browsers
show by themselves, and ours, which the page's worker reads. Nobody on the way can read it.
"""

import base64
import binascii
import hmac
import re
from datetime import datetime, timedelta
from typing import Any, Final, Self
from urllib.parse import urlsplit

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from joserfc import jwt
from joserfc.jwk import ECKey

DECLARATIVE: Final = 8030  # says that it is one (https://www.w3.org/TR/push-api, declarative)
RECORD: Final = 4096  # octets that every push service takes (RFC 8030 §7.2)
LARGEST_PAYLOAD: Final = 3 * 1024  # before encryption, which adds 103
POINT: Final = 65  # octets of a public key: 4, x, y
AUTH: Final = 16
SALT: Final = 16
TOKEN_FOR: Final = timedelta(hours=12)  # services refuse more than 24
TOPIC: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")  # RFC 8030 §5.4


class WrongSubscription(ValueError):
    """What a browser gave us cannot be sent to. It says nothing of what was given."""


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Where a browser is reached, and its keys as it gives them: base64url."""

    endpoint: str
    p256dh: str
    auth: str

    def __repr__(self) -> str:
        """Show nothing of it: whoever knows the endpoint can follow a person."""
        return "Subscription()"


class Pushing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a push goes, as whom (`secret` of a PushKey), and when."""

    subscription: Subscription
    secret: str
    at: datetime

    def __repr__(self) -> str:
        """Show nothing of it."""
        return "Pushing()"


class Shown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a browser shows. `navigate` is what a tap opens; the newest of a `tag` alone is shown.

    Neither names nor places belong in it: it stands on locked screens.
    """

    title: str
    body: str
    navigate: str
    lang: str | None = None
    dir: str | None = None
    tag: str | None = None
    silent: bool = False


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """A push as it is read again from its body."""

    notification: Shown
    urgent: bool = False


class PushKey:
    """The key pair by which push services know us; browsers subscribe to its public half."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key

    @classmethod
    def new(cls) -> Self:
        """Return a new pair on P-256."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def read(cls, secret: str) -> Self:
        """Return the pair of a secret as `secret` shows it.

        Raises:
            ValueError: it is none.
        """
        value = int.from_bytes(_decoded(secret, 32))
        return cls(ec.derive_private_key(value, ec.SECP256R1()))

    @property
    def secret(self) -> str:
        """The private half: 32 octets in base64url."""
        return _shown(self._key.private_numbers().private_value.to_bytes(32))

    @property
    def public(self) -> str:
        """What `applicationServerKey` is in a browser: 65 octets in base64url."""
        return _shown(_point(self._key.public_key()))

    def __repr__(self) -> str:
        """Show the public half alone."""
        return f"PushKey(public={self.public!r})"

    def authorization(self, *, endpoint: str, subject: str, now: datetime) -> str:
        """Return the header that names us to one push service for the next hours.

        `subject` is `mailto:` or `https:`, where the service's people find the operator.
        """
        to = urlsplit(endpoint)
        claims = {
            "aud": f"{to.scheme}://{to.netloc}",
            "exp": int((now + TOKEN_FOR).timestamp()),
            "sub": subject,
        }
        key = ECKey.import_key(self._key)
        token = jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, key)
        return f"vapid t={token}, k={self.public}"


def notification(shown: Shown, *, ours: dict[str, Any]) -> bytes:
    """Return the body of a push: what is shown, and what our page's worker reads beside it.

    Raises:
        ValueError: it is longer than is sent.
    """
    payload = msgspec.json.encode({**ours, "web_push": DECLARATIVE, "notification": shown})
    if len(payload) > LARGEST_PAYLOAD:
        raise ValueError(f"A push has at most {LARGEST_PAYLOAD} octets")
    return payload


def check_subscription(subscription: Subscription) -> None:
    """Refuse keys nobody can encrypt for; whether its endpoint may be called is judged elsewhere.

    Raises:
        WrongSubscription: `p256dh` is no point on P-256, or `auth` has not 16 octets.
    """
    _keys(subscription)


def encrypted(
    payload: bytes,
    subscription: Subscription,
    *,
    salt: bytes,
    key: ec.EllipticCurvePrivateKey,
) -> bytes:
    """Return the payload as one record that only that browser can read.

    `salt` (16 octets) and `key` (P-256) are new for each message.

    Raises:
        WrongSubscription: its keys are none.
        ValueError: the payload is longer than is sent.
    """
    if len(payload) > LARGEST_PAYLOAD:
        raise ValueError(f"A push has at most {LARGEST_PAYLOAD} octets")
    theirs, auth = _keys(subscription)
    ours = _point(key.public_key())
    shared = key.exchange(ec.ECDH(), theirs)
    info = b"WebPush: info\x00" + _point(theirs) + ours
    material = HKDF(hashes.SHA256(), 32, salt=auth, info=info).derive(shared)
    pseudorandom = hmac.digest(salt, material, "sha256")
    content_key = _expanded(pseudorandom, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _expanded(pseudorandom, b"Content-Encoding: nonce\x00", 12)
    sealed = AESGCM(content_key).encrypt(nonce, payload + b"\x02", None)  # 2: the last record
    return salt + RECORD.to_bytes(4) + bytes([len(ours)]) + ours + sealed


def _expanded(pseudorandom: bytes, info: bytes, octets: int) -> bytes:
    return HKDFExpand(hashes.SHA256(), octets, info=info).derive(pseudorandom)


def _keys(subscription: Subscription) -> tuple[ec.EllipticCurvePublicKey, bytes]:
    try:
        point = _decoded(subscription.p256dh, POINT)
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        return theirs, _decoded(subscription.auth, AUTH)
    except (ValueError, UnsupportedAlgorithm):
        raise WrongSubscription("The keys of a subscription are wrong") from None


def _decoded(text: str, octets: int) -> bytes:
    """Return so many octets of base64url, with or without its padding."""
    try:
        decoded = base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4),
                                   altchars=b"-_", validate=True)  # fmt: skip
    except (binascii.Error, ValueError):
        raise ValueError("It is not base64url") from None
    if len(decoded) != octets:
        raise ValueError(f"It has not {octets} octets")
    return decoded


def _shown(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    form = serialization.PublicFormat.UncompressedPoint
    return key.public_bytes(serialization.Encoding.X962, form)
