"""Web push, against a push service that checks who calls and a browser that reads what comes."""

import base64
import hashlib
import hmac
import json
import logging
import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from interpreters.domain.push import PushKey, Subscription, notification
from interpreters.gateways.push import PushGateway
from interpreters.gateways.trouble import Gone, TryLater, Undeliverable
from receivers import Call, Receiver, receiving

pytestmark = pytest.mark.anyio

SUBJECT = "mailto:desk@example.org"
PAYLOAD = notification(
    title="Tulkojums", body="10:30", navigate="https://x.example/o", ours={"offer_id": "ofr_1"}
)


def shown(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


class Browser:
    """Subscribes, and decrypts as RFC 8291 §3 and RFC 8188 §2 tell a receiver to, by plain HMAC."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = os.urandom(16)

    def subscribe(self, service: Receiver) -> Subscription:
        return Subscription(
            endpoint=service.url,
            p256dh=shown(point(self.key.public_key())),
            auth=shown(self.auth),
        )

    def read(self, body: bytes) -> bytes:
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


async def sent(service: Receiver, *, payload=PAYLOAD, browser=None, topic=None, wait=5.0) -> None:
    subscription = (browser or Browser()).subscribe(service)
    async with PushGateway(SUBJECT, PushKey.new(), allow_private=True, wait=wait) as gateway:
        await gateway.send(
            subscription, payload,
            ttl_seconds=600, urgency="high", topic=topic, now=datetime.now(UTC),
        )  # fmt: skip


async def test_the_browser_reads_what_was_sent():
    browser = Browser()
    async with receiving(Receiver(status=201)) as service:
        await sent(service, browser=browser, topic="ofr_01H00000000000000000000000")

    [call] = service.calls
    assert browser.read(call.body) == PAYLOAD
    assert json.loads(browser.read(call.body))["web_push"] == 8030
    assert call.method == "POST"
    assert call.headers["Content-Encoding"] == "aes128gcm"
    assert (call.headers["TTL"], call.headers["Urgency"]) == ("600", "high")
    assert call.headers["Topic"] == "ofr_01H00000000000000000000000"
    assert b"Tulkojums" not in call.body


async def test_the_service_knows_who_sent_it_and_for_how_long():
    pair, now = PushKey.new(), datetime.now(UTC)
    async with (
        receiving(Receiver(status=201)) as service,
        PushGateway(SUBJECT, pair, allow_private=True) as gateway,
    ):
        await gateway.send(
            Browser().subscribe(service), PAYLOAD, ttl_seconds=0, urgency="low", topic=None, now=now
        )
    [call] = service.calls
    claims = verified(call, origin=service.url.removesuffix("/in"))

    assert claims["sub"] == SUBJECT
    assert claims["k"] == pair.public
    assert isinstance(claims["exp"], int)
    assert now.timestamp() < claims["exp"] <= (now + timedelta(hours=24)).timestamp()
    assert call.headers["TTL"] == "0"
    assert "Topic" not in call.headers


async def test_two_sends_of_one_text_have_nothing_in_common():
    browser = Browser()
    async with receiving(Receiver(status=201)) as service:
        await sent(service, browser=browser)
        await sent(service, browser=browser)

    first, second = (call.body for call in service.calls)
    assert first[:16] != second[:16]
    assert first[21:86] != second[21:86]


async def test_another_browser_cannot_read_it():
    async with receiving(Receiver(status=201)) as service:
        await sent(service)

    with pytest.raises(Exception) as trouble:  # noqa: PT011 - InvalidTag has no text
        Browser().read(service.calls[0].body)
    assert type(trouble.value).__name__ == "InvalidTag"


@pytest.mark.parametrize("status", [404, 410])
async def test_an_unsubscribed_browser_is_gone(status):
    async with receiving(Receiver(status=status)) as service:
        with pytest.raises(Gone, match=str(status)):
            await sent(service)


@pytest.mark.parametrize("status", [429, 500, 503, 302])
async def test_a_busy_service_is_tried_later_when_it_says(status):
    busy = Receiver(status=status, headers={"Retry-After": "90", "Location": "/x"})
    async with receiving(busy) as service:
        with pytest.raises(TryLater) as trouble:
            await sent(service)

    assert (trouble.value.code, trouble.value.retry_after) == (str(status), 90)
    assert len(service.calls) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 413])
async def test_what_the_service_will_not_take_is_given_up_and_the_browser_kept(status):
    async with receiving(Receiver(status=status)) as service:
        with pytest.raises(Undeliverable, match=str(status)) as trouble:
            await sent(service)
    assert not isinstance(trouble.value, Gone)


async def test_a_topic_that_is_none_is_refused_before_any_call():
    async with receiving(Receiver()) as service:
        with pytest.raises(Undeliverable, match="wrong-topic"):
            await sent(service, topic="a b")
    assert service.calls == []


async def test_an_endpoint_inside_the_network_is_not_called():
    async with (
        receiving(Receiver()) as service,
        PushGateway(SUBJECT, PushKey.new(), allow_private=False) as gateway,
    ):
        with pytest.raises(TryLater, match="address"):
            await gateway.send(
                Browser().subscribe(service), PAYLOAD,
                ttl_seconds=60, urgency="high", topic=None, now=datetime.now(UTC),
            )  # fmt: skip
    assert service.calls == []


async def test_nothing_of_it_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    async with receiving(Receiver(status=500, pause=0)) as service:
        with pytest.raises(TryLater) as trouble:
            await sent(service)
    told = caplog.text + repr(trouble.value)
    assert not [one for one in ("/in", "Tulkojums", "desk@") if one in told]
