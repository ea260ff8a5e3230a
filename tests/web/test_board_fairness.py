"""How the work was shared, as coordinators see it; nobody else does."""

from datetime import timedelta

import pytest

from api import serving
from board_visitors import anna
from centre import START, Centre
from conftest import Clock
from interpreters.database import Pool

pytestmark = pytest.mark.anyio


async def test_an_hour_that_was_worked_is_an_hour_of_the_share(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        booking = await centre.booked(person)
        for verb, minutes in (("start", 0), ("end", 60)):
            clock.now = START + timedelta(minutes=minutes)
            said = await person.api.post(f"/v1/bookings/{booking['id']}/{verb}")
            assert said.status_code == 200, said.text
        clock.now = START + timedelta(days=1)
        desk = await anna(network)
        page = (await desk.get("/board/fairness")).text
        row = page[page.index("Person 1") :].partition("</tr>")[0]
        assert '<td class="figure">1</td>' in row
        for odd in ("to=x", "to=0001-01-01", "to=2016-02-30"):
            assert (await desk.get(f"/board/fairness?{odd}")).status_code == 200, odd


async def test_only_coordinators_see_how_it_was_shared(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        finance = await network.person(["finance"])
        cookie = {"Cookie": f"interpreters_token={finance.token}"}
        assert (await network.client.get("/board/fairness", headers=cookie)).status_code == 403
        assert (await network.client.get("/board/fairness")).status_code == 303
