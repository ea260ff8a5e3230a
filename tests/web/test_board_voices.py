"""Coordinators read what clients say through their links, and answer them."""

import re

import pytest

from api import serving
from centre import Centre
from clients_page import link, open_centre, opened, sent, text_of
from conftest import Clock
from desk_pages import Desk, consultant
from interpreters.database import Pool

pytestmark = pytest.mark.anyio


async def test_a_complaint_is_read_and_answered_and_the_client_reads_the_answer(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = Centre(network, clock)
        booking = await centre.booked(await open_centre(centre))
        made = await link(centre, booking, language="en")
        await sent(centre, made, "complaint", "He <shouted> at me")
        boss = Desk(await network.person(["coordinator"], email="boss@example.org"))
        page = (await boss.page("/board/voices")).text
        assert "He &lt;shouted&gt; at me" in page
        found = re.search(r'action="(/board/voices/\w+)"', page)
        assert found is not None
        empty = await boss.send(found[1], key="a", answer="")
        assert empty.status_code == 422
        assert "Please fill this in." in empty.text
        answered = await boss.send(found[1], key="b", answer="We are sorry. It is looked at.")
        assert "The answer is sent." in (await boss.page(answered.headers["location"])).text
        assert "We are sorry." in text_of(await opened(centre, made))
        assert "Nothing waits." in (await boss.page("/board/voices")).text
        assert "We are sorry." in (await boss.page("/board/voices?state=answered")).text


async def test_only_coordinators_read_it(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        desk = await consultant(await Centre(network, clock).open())
        assert (await desk.page("/board/voices")).status_code == 403
        other = await desk.send("/board/voices/voi_01AHR0TJR0EMWAMM1D2KJQCKZH", key="a", answer="x")
        assert other.status_code == 403
