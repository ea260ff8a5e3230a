"""Web push: the standard's own example, octet by octet, and keys that are none."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.push import (
    PushKey,
    Shown,
    Subscription,
    WrongSubscription,
    check_subscription,
    encrypted,
    notification,
)

# RFC 8291, section 5 and appendix A.
PLAIN = b"When I grow up, I want to be a watermelon"
RECEIVER = Subscription(
    endpoint="https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
    p256dh="BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    auth="BTBZMqHH6r4Tts7J_aSIgg",
)
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
MESSAGE = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6"
    "TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulc"
    "y4a-fN"
)


def octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_the_example_of_rfc_8291():
    key = ec.derive_private_key(int.from_bytes(octets(SENDER)), ec.SECP256R1())

    assert encrypted(PLAIN, RECEIVER, salt=octets(SALT), key=key) == octets(MESSAGE)


@given(st.integers(1, 2**255))
def test_a_key_pair_is_read_as_it_was_shown(number):
    shown = base64.urlsafe_b64encode(number.to_bytes(32)).decode().rstrip("=")
    pair = PushKey.read(shown)

    assert pair.secret == shown
    assert PushKey.read(pair.secret + "=").public == pair.public
    assert len(octets(pair.public)) == 65
    assert shown not in repr(pair)


def test_new_pairs_differ():
    assert len({PushKey.new().secret for _ in range(20)}) == 20


@pytest.mark.parametrize("text", ["", "AA", "A" * 42 + "*", "A" * 44, "é" * 43, "A" * 43])
def test_what_is_no_private_key_is_refused(text):
    """The last is zero, which is no key on the curve."""
    with pytest.raises(ValueError, match=r"octets|base64url|private|key"):
        PushKey.read(text)


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        ("", RECEIVER.auth),
        (RECEIVER.p256dh, ""),
        (RECEIVER.p256dh, "BTBZMqHH6r4Tts7J_aSI"),
        (RECEIVER.p256dh[:-4], RECEIVER.auth),
        (RECEIVER.p256dh[:-4] + "AAAA", RECEIVER.auth),  # not on the curve
        ("AA" + RECEIVER.p256dh[2:], RECEIVER.auth),
        ("é" * 87, RECEIVER.auth),
    ],
)
def test_keys_that_nobody_can_encrypt_for_are_refused(p256dh, auth):
    wrong = Subscription(endpoint=RECEIVER.endpoint, p256dh=p256dh, auth=auth)

    with pytest.raises(WrongSubscription) as refusal:
        check_subscription(wrong)
    assert not p256dh or p256dh not in str(refusal.value)


def test_a_subscription_shows_nothing_of_itself():
    assert repr(RECEIVER) == "Subscription()"


def test_one_body_is_declarative_and_ours():
    shown = Shown(
        title="ترجمة", body="10:30", navigate="https://x.example/o/1", lang="ar", dir="rtl",
        tag="ofr_1",
    )  # fmt: skip
    body = notification(shown, ours={"urgent": True})

    assert json.loads(body) == {
        "web_push": 8030,
        "notification": {
            "title": "ترجمة", "body": "10:30", "navigate": "https://x.example/o/1", "lang": "ar",
            "dir": "rtl", "tag": "ofr_1",
        },
        "urgent": True,
    }  # fmt: skip


def test_what_a_push_service_need_not_take_is_refused():
    key = ec.generate_private_key(ec.SECP256R1())

    assert len(encrypted(b"x" * 3072, RECEIVER, salt=b"s" * 16, key=key)) <= 4096
    with pytest.raises(ValueError, match="3072"):
        encrypted(b"x" * 3073, RECEIVER, salt=b"s" * 16, key=key)
    with pytest.raises(ValueError, match="3072"):
        notification(Shown(title="x" * 3072, body="", navigate=""), ours={})
