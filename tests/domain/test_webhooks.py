"""Signatures that the standard's own library accepts, and a table of retries that ends."""

import base64
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from interpreters.domain.webhooks import Hook, WrongHook, new_secret, retry_at, signed_headers

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
JITTERS = st.floats(0, 1, exclude_max=True)
# Waits between the attempts of Standard Webhooks 1.0.0, "Deliverability and reliability".
HOURS = (5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24)


def a_hook(**changes) -> Hook:
    fields = {
        "id": "msg_1", "url": "https://example.org/", "secrets": [new_secret()], "body": b"{}",
        "at": NOW,
    }  # fmt: skip
    return Hook(**{**fields, **changes})


def test_a_new_secret_is_32_bytes_that_nobody_had_before():
    secrets = {new_secret() for _ in range(50)}

    assert len(secrets) == 50
    assert {len(base64.b64decode(one.removeprefix("whsec_"))) for one in secrets} == {32}
    assert all(one.startswith("whsec_") for one in secrets)


@given(st.binary(max_size=200), st.text("abcXYZ019_-", min_size=1, max_size=40))
def test_any_message_is_signed_as_the_library_signs_it(body, name):
    secret = new_secret()
    text = body.decode("latin-1")

    headers = signed_headers(a_hook(id=name, secrets=[secret], body=text.encode()))

    assert headers["webhook-signature"] == Webhook(secret).sign(name, NOW, text)
    assert headers["webhook-timestamp"] == "1795597200"


def test_the_example_of_the_standard():
    """The secret, id, time and body of the standard's own libraries' tests."""
    headers = signed_headers(
        a_hook(
            id="msg_p5jXN8AQM9LWM0D4loKWxJek",
            secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
            body=b'{"test": 2432232314}',
            at=datetime.fromtimestamp(1614265330, tz=UTC),
        )
    )

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_while_a_secret_is_replaced_both_sign_the_newest_first():
    new, old = new_secret(), new_secret()

    both = signed_headers(a_hook(secrets=[new, old]))["webhook-signature"].split(" ")

    assert both == [Webhook(one).sign("msg_1", NOW, "{}") for one in (new, old)]


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "msg.1"},  # the dot parts id and time
        {"id": ""},
        {"id": "msg\r\nX: y"},
        {"secrets": []},
        {"secrets": ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]},
        {"secrets": ["whsec_***"]},
        {"secrets": ["whsec_" + base64.b64encode(b"short").decode()]},
        {"at": datetime(2026, 11, 25, 9, 0)},
    ],
)
def test_what_cannot_be_signed_is_refused_and_nothing_of_it_is_told(changes):
    with pytest.raises(WrongHook) as refusal:
        signed_headers(a_hook(**changes))

    assert "whsec_*" not in str(refusal.value)
    assert "msg" not in str(refusal.value)


def test_a_message_shows_neither_its_address_nor_its_secret():
    assert re.findall("example|whsec|{", repr(a_hook())) == []


@given(st.integers(1, 9), JITTERS)
def test_a_wait_is_the_standards_and_at_most_a_fifth_longer(failures, jitter):
    at = retry_at(failures=failures, now=NOW, jitter=jitter)

    assert at is not None
    usual = timedelta(hours=HOURS[failures - 1])
    assert usual <= at - NOW <= usual * 1.2


@given(JITTERS)
def test_the_first_retry_comes_within_ten_seconds(jitter):
    at = retry_at(failures=1, now=NOW, jitter=jitter)

    assert at is not None
    assert at - NOW < timedelta(seconds=10)


@given(st.integers(10, 1000), JITTERS)
def test_after_ten_attempts_over_three_days_it_is_given_up(failures, jitter):
    assert retry_at(failures=failures, now=NOW, jitter=jitter) is None
    assert timedelta(days=3) < timedelta(hours=sum(HOURS)) < timedelta(days=4)


@given(st.integers(1, 9), st.integers(1, 9), JITTERS)
def test_a_later_failure_never_waits_shorter(one, other, jitter):
    first, second = sorted((one, other))
    earlier = retry_at(failures=first, now=NOW, jitter=jitter)
    later = retry_at(failures=second, now=NOW, jitter=jitter)

    assert earlier is not None
    assert later is not None
    assert earlier <= later


@given(st.integers(1, 9), st.integers(0, 10**9), JITTERS)
def test_a_receiver_may_ask_for_more_time_up_to_a_day_but_not_for_less(failures, asked, jitter):
    usual = retry_at(failures=failures, now=NOW, jitter=jitter)
    at = retry_at(failures=failures, now=NOW, jitter=jitter, retry_after=asked)

    assert usual is not None
    assert at == max(usual, NOW + timedelta(seconds=min(asked, 86_400)))
