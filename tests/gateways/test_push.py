"""Web push, against a push service that checks who calls and a browser that reads what comes."""

import json
import logging
from datetime import UTC, datetime, timedelta

import pytest

from interpreters.domain.push import PushKey, Shown, Subscription, notification
from interpreters.gateways.push import PushGateway
from interpreters.gateways.trouble import Gone, TryLater, Undeliverable
from push_service import Browser, verified
from receivers import Receiver, receiving

pytestmark = pytest.mark.anyio

SUBJECT = "mailto:desk@example.org"
PAYLOAD = notification(
    Shown(title="Tulkojums", body="10:30", navigate="https://x.example/o"), ours={"offer_id": "1"}
)


def subscription_of(browser: Browser, service: Receiver) -> Subscription:
    return Subscription(endpoint=service.url, **browser.keys)


async def sent(service: Receiver, *, payload=PAYLOAD, browser=None, topic=None, wait=5.0) -> None:
    subscription = subscription_of(browser or Browser(), service)
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
            subscription_of(Browser(), service),
            PAYLOAD,
            ttl_seconds=0,
            urgency="low",
            topic=None,
            now=now,
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
                subscription_of(Browser(), service), PAYLOAD,
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
