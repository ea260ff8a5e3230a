"""Who hears of a series: once for all dates, not once for each."""

from datetime import timedelta

import pytest

from api import serving
from centre import START, Centre
from conftest import Clock
from interpreters.database import Pool
from people_post import Post

pytestmark = pytest.mark.anyio
DESK = "desk@example.org"


async def test_who_asked_hears_once_what_is_done_to_a_whole_series_and_of_how_many_dates(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        desk = await network.person(["coordinator"], email=DESK, language="en")
        order = centre.order(
            institution_id=centre.institution["id"], recurrence="FREQ=WEEKLY;COUNT=12"
        )
        mine = await centre.made(desk, "/v1/requests", order)
        post = Post(centre)
        (received,) = [one for one in await post.sent("received") if one.recipient == DESK]
        assert "Number of dates: 12" in received.body
        assert "November 25, 2026" in received.body
        assert len(await post.sent("offer")) == 12  # each date asks for itself

        clock.now = clock.now.replace(minute=1)
        path = f"/v1/requests/{mine['id']}"
        await desk.patch(path, {"cost_centre": "K-1", "scope": "all"})
        (changed,) = [one for one in await post.sent("changed") if one.recipient == DESK]
        assert "Number of dates: 12" in changed.body

        clock.now = clock.now.replace(minute=2)
        await person.accept(mine)
        (filled,) = [one for one in await post.sent("filled") if one.recipient == DESK]
        assert "Number of dates" not in filled.body

        clock.now = clock.now.replace(minute=3)
        await desk.post(f"{path}/cancel", {"reason": "not needed", "scope": "all"})
        (cancelled,) = [one for one in await post.sent("cancelled") if one.recipient == DESK]
        assert "Number of dates: 12" in cancelled.body
        assert len(await post.sent("booking-cancelled")) == 1


async def test_one_date_called_off_alone_is_told_for_itself(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        desk = await network.person(["coordinator"], email=DESK, language="lv")
        order = centre.order(
            institution_id=centre.institution["id"], recurrence="FREQ=WEEKLY;COUNT=3"
        )
        mine = await centre.made(desk, "/v1/requests", order)
        found = (await desk.get(f"/v1/requests?series_id={mine['series_id']}")).json()["items"]
        last = max(found, key=lambda one: one["series_position"])
        clock.now = clock.now.replace(minute=1)
        await desk.post(f"/v1/requests/{last['id']}/cancel", {"reason": "not needed"})
        post = Post(centre)
        (received,) = await post.sent("received")
        assert "Datumu skaits: 3" in received.body
        (cancelled,) = await post.sent("cancelled")
        assert "Datumu skaits" not in cancelled.body


async def test_where_nobody_was_found_for_any_date_it_is_told_once(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        desk = await network.person(["coordinator"], email=DESK, language="en")
        order = centre.order(
            institution_id=centre.institution["id"], recurrence="FREQ=WEEKLY;COUNT=5"
        )
        await centre.made(desk, "/v1/requests", order)
        told = [one for one in await Post(centre).sent() if one.recipient == DESK]
        assert sorted(one.purpose for one in told) == ["nobody-found", "received", "unfilled"]
        assert all("Number of dates: 5" in one.body for one in told)


async def test_dates_called_off_with_one_that_is_over_are_told_all_the_same(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()  # nobody is there: each date stays unfilled
        desk = await network.person(["coordinator"], email=DESK, language="en")
        order = centre.order(
            institution_id=centre.institution["id"], recurrence="FREQ=WEEKLY;COUNT=3"
        )
        mine = await centre.made(desk, "/v1/requests", order)
        post = Post(centre)
        await post.sent()

        clock.now = START + timedelta(days=1)
        await desk.post(f"/v1/requests/{mine['id']}/cancel", {"reason": "x", "scope": "all"})

        (cancelled,) = [one for one in await post.sent("cancelled") if one.recipient == DESK]
        assert "Number of dates: 2" in cancelled.body
