"""Other calendars, read from a real server: when they changed, and no more than is safe."""

import gzip
import logging
import socket

import pytest

from interpreters.domain.calendar_parts import UnreadableCalendar
from interpreters.gateways.calendars import CalendarGateway, Read, Reading, Unchanged
from interpreters.gateways.trouble import Gone, TryLater
from receivers import Receiver, receiving

pytestmark = pytest.mark.anyio

FILE = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


async def read(receiver: Receiver, etag: str | None = None, *, wait: float = 5.0) -> Reading:
    async with receiving(receiver), CalendarGateway(allow_private=True, wait=wait) as gateway:
        return await gateway.read_calendar(receiver.url, etag)


async def test_a_calendar_is_read_with_its_etag():
    server = Receiver(body=FILE, headers={"ETag": 'W/"a1"', "Content-Type": "text/calendar"})

    assert await read(server) == Read(etag='W/"a1"', data=FILE)

    [call] = server.calls
    assert call.method == "GET"
    assert call.headers["Accept-Encoding"] == "identity"
    assert "If-None-Match" not in call.headers


async def test_what_has_not_changed_is_not_sent_again():
    server = Receiver(status=304)

    assert await read(server, '"a1"') == Unchanged()
    assert server.calls[0].headers["If-None-Match"] == '"a1"'


@pytest.mark.parametrize("etag", ["a1", '"a\r\nX: 1"', '"' + "a" * 300 + '"', ""])
async def test_an_etag_that_is_none_is_neither_kept_nor_sent(etag):
    server = Receiver(body=FILE, headers={} if "\n" in etag else {"ETag": etag})

    assert await read(server, etag) == Read(etag=None, data=FILE)
    assert "If-None-Match" not in server.calls[0].headers


async def test_304_to_a_question_that_was_not_asked_is_no_answer():
    with pytest.raises(UnreadableCalendar, match="304"):
        await read(Receiver(status=304))


@pytest.mark.parametrize("status", [404, 410])
async def test_a_calendar_that_is_no_more(status):
    with pytest.raises(Gone, match=str(status)):
        await read(Receiver(status=status))


@pytest.mark.parametrize("status", [204, 301, 302, 400, 401, 403])
async def test_what_the_owner_must_mend(status):
    server = Receiver(status=status, headers={"Location": "/elsewhere"})
    with pytest.raises(UnreadableCalendar, match=str(status)):
        await read(server)
    assert len(server.calls) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_busy_server_is_asked_later(status):
    with pytest.raises(TryLater) as trouble:
        await read(Receiver(status=status, headers={"Retry-After": "60"}))
    assert (trouble.value.code, trouble.value.retry_after) == (str(status), 60)


async def test_two_megabytes_are_read_and_no_more():
    most = 2 * 1024 * 1024

    assert await read(Receiver(body=b"x" * most)) == Read(etag=None, data=b"x" * most)
    with pytest.raises(UnreadableCalendar, match="too-large"):
        await read(Receiver(body=b"x" * (most + 1)))


async def test_a_compressed_answer_is_not_unpacked():
    bomb = gzip.compress(b"x" * 50_000_000)
    with pytest.raises(UnreadableCalendar, match="compressed"):
        await read(Receiver(body=bomb, headers={"Content-Encoding": "gzip"}))


async def test_an_answer_without_end_and_silence_are_given_up():
    for server in (Receiver(dripping=True), Receiver(pause=1)):
        with pytest.raises(TryLater, match="timeout"):
            await read(server, wait=0.3)
    with pytest.raises(TryLater, match="no-connection"):
        await read(Receiver(breaks_off=True))


@pytest.mark.parametrize("scheme", ["https", "webcal", "WEBCAL"])
async def test_an_address_inside_the_network_is_not_called(scheme):
    async with receiving(Receiver(body=FILE)) as server:
        port = server.url.split(":")[2]
        async with CalendarGateway(allow_private=False) as gateway:
            with pytest.raises(TryLater, match="private-address"):
                await gateway.read_calendar(f"{scheme}://127.0.0.1:{port}", None)
    assert server.calls == []


async def test_webcal_is_called_over_https():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        async with CalendarGateway(allow_private=True, wait=0.5) as gateway:
            with pytest.raises(TryLater):
                await gateway.read_calendar(f"webcal://127.0.0.1:{port}/a.ics", None)
        line, _ = listening.accept()
        with line:
            assert line.recv(1) == b"\x16"  # a TLS handshake, RFC 8446 §5.1


async def test_nothing_of_it_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(TryLater) as trouble:
        await read(Receiver(status=500, body=b"secret"))
    assert "/in" not in caplog.text + repr(trouble.value)
    assert repr(Read(etag=None, data=b"secret")) == "Read(6 bytes)"
