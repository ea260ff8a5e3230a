"""Webhooks, against a real receiver that verifies them with the standard's own library."""

import json
import logging
import socket
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from interpreters.domain.webhooks import Hook, new_secret
from interpreters.gateways.trouble import Gone, TryLater
from interpreters.gateways.webhooks import WebhookGateway
from receivers import Receiver, receiving

pytestmark = pytest.mark.anyio

BODY = '{"type":"booking.confirmed","data":{"place":"Rīga"}}'.encode()


def a_hook(url: str, **changes) -> Hook:
    fields = {
        "id": "msg_1", "url": url, "secrets": [new_secret()], "body": BODY,
        "at": datetime.now(UTC),
    }  # fmt: skip
    return Hook(**{**fields, **changes})


async def sent(receiver: Receiver, *, wait: float = 5.0, **changes) -> int:
    async with receiving(receiver), WebhookGateway(allow_private=True, wait=wait) as gateway:
        return await gateway.send(a_hook(receiver.url, **changes))


async def refused(receiver: Receiver, **changes) -> TryLater:
    with pytest.raises(TryLater) as trouble:
        await sent(receiver, **changes)
    return trouble.value


async def test_a_receiver_verifies_what_arrives():
    secret = new_secret()
    receiver = Receiver(status=204)

    assert await sent(receiver, secrets=[secret]) == 204

    [call] = receiver.calls
    assert (call.method, call.path, call.body) == ("POST", "/in", BODY)
    assert Webhook(secret).verify(call.body, dict(call.headers)) == json.loads(BODY)
    assert call.headers["webhook-id"] == "msg_1"
    assert call.headers["content-type"] == "application/json"
    assert call.headers["user-agent"] == f"interpreters/{version('interpreters')}"


async def test_while_a_secret_is_replaced_the_old_and_the_new_verify_and_no_other():
    new, old = new_secret(), new_secret()
    receiver = Receiver()
    await sent(receiver, secrets=[new, old])

    [call] = receiver.calls
    for one in (new, old):
        assert Webhook(one).verify(call.body, dict(call.headers)) == json.loads(BODY)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(call.body, dict(call.headers))


async def test_a_repeat_has_its_own_time_which_receivers_accept_and_the_old_one_they_do_not():
    secret = new_secret()
    receiver = Receiver()
    async with receiving(receiver), WebhookGateway(allow_private=True) as gateway:
        now = datetime.now(UTC)
        for at in (now - timedelta(minutes=6), now):
            await gateway.send(a_hook(receiver.url, secrets=[secret], at=at))

    first, repeat = receiver.calls
    assert first.headers["webhook-id"] == repeat.headers["webhook-id"]
    assert Webhook(secret).verify(repeat.body, dict(repeat.headers))
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(first.body, dict(first.headers))


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_any_status_of_success_is_delivered(status):
    assert await sent(Receiver(status=status)) == status


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_a_failure_and_not_followed(status):
    receiver = Receiver(status=status, headers={"Location": "/elsewhere"})

    assert (await refused(receiver)).code == str(status)
    assert len(receiver.calls) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500, 502, 503])
async def test_every_other_answer_is_tried_again(status):
    assert (await refused(Receiver(status=status))).code == str(status)


async def test_410_means_no_more():
    with pytest.raises(Gone) as gone:
        await sent(Receiver(status=410))
    assert gone.value.code == "410"


@pytest.mark.parametrize(
    ("said", "seconds"), [("120", 120), ("999999", 86_400), ("soon", None), ("-5", None)]
)
async def test_a_receiver_says_how_long_it_wants_to_be_left_alone(said, seconds):
    trouble = await refused(Receiver(status=503, headers={"Retry-After": said}))
    assert trouble.retry_after == seconds


async def test_a_long_answer_is_not_read_and_still_counts():
    receiver = Receiver(status=200, body=b"x" * 5_000_000)
    async with receiving(receiver), WebhookGateway(allow_private=True) as gateway:
        for _ in range(2):
            assert await gateway.send(a_hook(receiver.url)) == 200
    assert receiver.lines == 2


async def test_short_answers_keep_the_line_open():
    receiver = Receiver(status=200, body=b"x" * 4000)
    async with receiving(receiver), WebhookGateway(allow_private=True) as gateway:
        for _ in range(3):
            await gateway.send(a_hook(receiver.url))
    assert receiver.lines == 1


async def test_an_answer_that_never_ends_still_counts():
    assert await sent(Receiver(status=200, dripping=True), wait=5.0) == 200


async def test_silence_and_nobody_there_are_tried_again():
    assert (await refused(Receiver(pause=1), wait=0.1)).code == "timeout"
    assert (await refused(Receiver(breaks_off=True))).code == "no-connection"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        async with WebhookGateway(allow_private=True) as gateway:
            with pytest.raises(TryLater, match="no-connection"):
                await gateway.send(a_hook(url))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1:8443/", "private-address"),
        ("https://localhost:8443/", "private-address"),
        ("http://93.184.215.14/", "invalid-address"),
        ("ftp://example.org/", "invalid-address"),
    ],
)
async def test_what_must_not_be_called_is_not_called(url, code):
    async with WebhookGateway(allow_private=False) as gateway:
        with pytest.raises(TryLater, match=code):
            await gateway.send(a_hook(url))


async def test_nothing_of_a_message_is_logged_or_told(caplog):
    caplog.set_level(logging.DEBUG)
    trouble = await refused(Receiver(status=500, body=b"who is Ruta?"))

    told = caplog.text + repr(trouble) + str(trouble.__cause__)
    assert trouble.__suppress_context__ or trouble.__context__ is None
    for word in ("Ruta", "booking.confirmed", "/in", "whsec"):
        assert word not in told
