"""The desk gives a client their own link, where the institution wants it; it is shown once."""

import re

import pytest

from api import serving
from centre import Centre
from conftest import Clock
from desk_pages import consultant
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
OFFERED = "A link for the client"


async def test_a_consultant_makes_a_link_that_opens_and_is_shown_once(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open(client_links=True)
        booking = await centre.booked(await centre.person())
        desk = await consultant(centre)
        path = f"/desk/bookings/{booking['id']}"
        assert OFFERED in (await desk.page(path)).text
        made = await desk.send(f"{path}/client-link", key="one")
        link = re.search(r'value="[^"]*(/c/cl_\w+)"', made.text)
        assert link is not None, made.text
        assert (await network.client.get(link[1])).status_code == 200
        again = await desk.send(f"{path}/client-link", key="one")
        assert "/c/cl_" not in again.text
        assert (await network.client.get(link[1])).status_code == 200  # no second one was made


async def test_no_link_where_the_institution_gives_none_or_to_others(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        booking = await centre.booked(await centre.person())
        desk = await consultant(centre)
        path = f"/desk/bookings/{booking['id']}"
        assert OFFERED not in (await desk.page(path)).text
        assert (await desk.send(f"{path}/client-link", key="one")).status_code >= 400
        bank = await centre.made(centre.coordinator, "/v1/institutions",
                                 {"name": "Bank", "kind": "bank"})  # fmt: skip
        other = await consultant(centre, bank, email="other@example.org")
        assert (await other.send(f"{path}/client-link", key="two")).status_code == 404
        assert await network.count("client_links") == 0
