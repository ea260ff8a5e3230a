"""Text messages, against a real HTTP server that answers like Twilio's Messages resource."""

import asyncio
import base64
import contextlib
import logging
import socket
import ssl
import traceback
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from interpreters.gateways.texts import Text, TextGateway
from interpreters.gateways.trouble import TryLater, Undeliverable
from post_office import Authority

pytestmark = pytest.mark.anyio

PATH = "/2010-04-01/Accounts/{account}/Messages.json"
PERSIAN = "قرار شما ساعت 10:30؟ بله + نه & …"
AUTHORIZATION = "Basic " + base64.b64encode("AC1:geheim:é".encode()).decode()
GROUP = "MG" + "0a" * 16


@dataclass
class Provider:
    """What it was sent, and what it answers where that is not 201."""

    status: int = 201
    code: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    pause: float = 0
    breaks_off: bool = False
    forms: list[dict[str, str]] = field(default_factory=list)
    requests: list[web.Request] = field(default_factory=list)
    lines: set[object] = field(default_factory=set)
    url: str = ""

    async def messages(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append(form)
        self.requests.append(request)
        self.lines.add(request.transport)
        await asyncio.sleep(self.pause)
        if self.breaks_off and request.transport is not None:
            request.transport.abort()
        if self.raw is not None:
            return web.Response(status=self.status, body=self.raw, headers=self.headers)
        answer: dict[str, object] = {"sid": f"SM{len(self.forms)}", "status": "queued"}
        if self.status != 201:
            said = f"The number {form.get('To')} did not like {form.get('Body')}"
            answer = {"code": self.code, "message": said, "status": self.status}
        return web.json_response(answer, status=self.status, headers=self.headers)


@contextlib.asynccontextmanager
async def serving(provider: Provider, tls: ssl.SSLContext | None = None) -> AsyncIterator[Provider]:
    app = web.Application()
    app.router.add_post(PATH, provider.messages)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    assert site._server is not None
    scheme = "http" if tls is None else "https"
    provider.url = f"{scheme}://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    try:
        yield provider
    finally:
        await runner.cleanup()


def gateway(provider: Provider, *, sender="+37120000000", wait=5.0, tls=None) -> TextGateway:
    return TextGateway(
        provider.url, account="AC1", token="geheim:é", sender=sender, wait=wait, tls=tls
    )  # fmt: skip


def a_text(**changes) -> Text:
    return Text(**{"id": "0199a", "to": "+37129999999", "body": "Your code", **changes})


async def refused(provider: Provider, **changes) -> Undeliverable | TryLater:
    async with serving(provider), gateway(provider) as texts:
        with pytest.raises((Undeliverable, TryLater)) as trouble:
            await texts.send(a_text(**changes))
    return trouble.value


async def test_a_text_is_handed_over_as_the_provider_asks():
    async with serving(Provider()) as provider, gateway(provider) as texts:
        assert await texts.send(a_text(body=PERSIAN)) == "SM1"

    assert provider.forms == [{"To": "+37129999999", "From": "+37120000000", "Body": PERSIAN}]
    [request] = provider.requests
    assert request.path == PATH.format(account="AC1")
    assert request.headers["Authorization"] == AUTHORIZATION
    assert request.headers["Idempotency-Key"] == "0199a"
    assert request.content_type == "application/x-www-form-urlencoded"


async def test_a_messaging_service_is_named_as_one():
    async with serving(Provider()) as provider, gateway(provider, sender=GROUP) as texts:
        await texts.send(a_text())

    assert provider.forms[0]["MessagingServiceSid"] == GROUP
    assert "From" not in provider.forms[0]


async def test_a_repeat_has_the_same_key_and_the_line_is_kept():
    async with serving(Provider()) as provider, gateway(provider) as texts:
        for _ in range(3):
            await texts.send(a_text())

    assert [one.headers["Idempotency-Key"] for one in provider.requests] == ["0199a"] * 3
    assert len(provider.lines) == 1


async def test_a_closed_gateway_has_let_go_and_opens_again():
    async with serving(Provider()) as provider:
        texts = gateway(provider)
        await texts.close()
        await texts.send(a_text())
        session = texts._session
        await texts.close()
        assert session is not None
        assert session.closed
        assert await texts.send(a_text()) == "SM2"
        await texts.close()


@pytest.mark.parametrize("code", [21211, 21408, 21610, 21614])
async def test_a_number_that_will_never_take_it_is_given_up(code):
    trouble = await refused(Provider(status=400, code=code))

    assert type(trouble) is Undeliverable
    assert str(trouble) == trouble.code == str(code)


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (400, 21606, "400 21606"),  # our own number is wrong: the operator's to mend
        (400, None, "400"),
        (400, "21211", "400"),
        (400, True, "400"),
        (401, 20003, "401 20003"),
        (403, None, "403"),
        (404, 20404, "404 20404"),
        (429, 20429, "429 20429"),
        (429, 21610, "429 21610"),
        (500, 21211, "500 21211"),
        (503, 20503, "503 20503"),
    ],
)
async def test_everything_else_is_tried_again(status, code, said):
    trouble = await refused(Provider(status=status, code=code))

    assert type(trouble) is TryLater
    assert str(trouble) == trouble.code == said
    assert trouble.retry_after is None


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("30", 30),
        ("0", 0),
        ("999999999", 86_400),
        ("Tue, 24 Nov 2026 08:01:30 GMT", 90),
        ("Tue, 24 Nov 2026 07:00:00 GMT", 0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("9" * 400, None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_the_pause_the_provider_asks_for_is_passed_on(said, seconds, status):
    headers = {"Retry-After": said, "Date": "Tue, 24 Nov 2026 08:00:00 GMT"}
    trouble = await refused(Provider(status=status, headers=headers))

    assert isinstance(trouble, TryLater)
    assert trouble.retry_after == seconds


@pytest.mark.parametrize(
    "raw", [b"", b"<html>", b"[1]", b"{", b'{"sid": 5}', b"\xff\xfe", b'"' + b"a" * 100_000 + b'"']
)
async def test_a_taken_text_is_taken_whatever_stands_in_the_answer(raw):
    async with serving(Provider(raw=raw)) as provider, gateway(provider) as texts:
        assert await texts.send(a_text()) == ""

    assert len(provider.forms) == 1


@pytest.mark.parametrize(
    "raw", [b"", b"<html>", b"[21211]", b'{"code": 1e999}', b'{"a":' + b"[" * 50_000]
)
async def test_a_refusal_nobody_can_read_is_tried_again(raw):
    trouble = await refused(Provider(status=400, raw=raw))

    assert type(trouble) is TryLater
    assert trouble.code == "400"


async def test_nothing_is_sent_on_to_where_the_provider_points():
    async with serving(Provider()) as other:
        target = other.url + PATH.format(account="AC1")
        for status in (301, 302, 307, 308):
            trouble = await refused(Provider(status=status, headers={"Location": target}))
            assert type(trouble) is TryLater
            assert trouble.code == str(status)

    assert other.forms == []


async def test_a_slow_provider_is_waited_for_as_long_as_said():
    clock = asyncio.get_running_loop().time
    async with serving(Provider(pause=3)) as provider, gateway(provider, wait=0.2) as texts:
        began = clock()
        with pytest.raises(TryLater, match=r"^timeout$"):
            await texts.send(a_text())
        took = clock() - began

    assert 0.2 <= took < 1.5


async def test_a_provider_that_breaks_off_is_tried_again():
    trouble = await refused(Provider(breaks_off=True))

    assert type(trouble) is TryLater
    assert trouble.code == "no-connection"


async def test_the_provider_proves_who_it_is(tmp_path):
    authority = Authority.found(tmp_path)
    async with serving(Provider(), authority.server("127.0.0.1")) as provider:
        async with gateway(provider, tls=authority.trusted()) as texts:
            assert await texts.send(a_text()) == "SM1"
        async with gateway(provider) as texts:  # which trusts the system's authorities alone
            with pytest.raises(TryLater, match=r"^wrong-certificate$"):
                await texts.send(a_text())
    proof = authority.server("other.example")
    async with (
        serving(Provider(), proof) as other,
        gateway(other, tls=authority.trusted()) as texts,
    ):
        with pytest.raises(TryLater, match=r"^wrong-certificate$"):
            await texts.send(a_text())

    assert len(provider.forms) == 1
    assert other.forms == []


async def test_nobody_there_is_tried_again():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = Provider(url=f"http://127.0.0.1:{taken.getsockname()[1]}")
        async with gateway(nobody) as texts:
            with pytest.raises(TryLater, match=r"^no-connection$"):
                await texts.send(a_text())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": "29999999"}, "wrong-number"),
        ({"to": "+0299999999"}, "wrong-number"),
        ({"to": "+37129999999&From=Bank"}, "wrong-number"),
        ({"to": "+٣٧١٢٩٩٩٩٩٩٩"}, "wrong-number"),
        ({"to": "+37129999999\n"}, "wrong-number"),
        ({"to": "whatsapp:+37129999999"}, "wrong-number"),
        ({"body": ""}, "wrong-text"),
        ({"body": "a" * 1601}, "wrong-text"),
        ({"body": "a\x00"}, "wrong-text"),
        ({"body": "\ud800"}, "wrong-text"),
        ({"id": "a\r\nX-Other: b"}, "wrong-id"),
        ({"id": ""}, "wrong-id"),
    ],
)
async def test_what_no_provider_takes_is_not_sent(changes, code):
    provider = Provider()
    trouble = await refused(provider, **changes)

    assert type(trouble) is Undeliverable
    assert trouble.code == code
    assert provider.forms == []


async def test_no_log_and_no_trouble_names_a_person_or_repeats_a_text(caplog):
    caplog.set_level(logging.DEBUG)
    text = a_text(to="+37127777777", body="canary")
    shown = [repr(text)]
    for provider in (
        Provider(status=400, code=21211),
        Provider(status=500),
        Provider(breaks_off=True),
        Provider(raw=b"{"),
    ):
        async with serving(provider), gateway(provider) as texts:
            shown.append(repr(texts))
            try:
                await texts.send(text)
            except (Undeliverable, TryLater) as trouble:
                shown.append("".join(traceback.format_exception(trouble)))
    shown += [record.getMessage() for record in caplog.records]

    assert len(shown) >= 8
    for secret in ("canary", "7777777", "geheim"):
        assert secret not in "".join(shown)
