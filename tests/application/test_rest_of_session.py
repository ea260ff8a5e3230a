"""What is left of a session when its interpreter did not come: asked for while there is some."""

from datetime import timedelta

import pytest

from interpreters.database import Pool
from invariants import check_invariants
from later_verbs import order
from worlds import World, a_world, tomorrow

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


async def missed(world: World, *, left: timedelta, briefing: int = 0) -> None:
    """Have an hour by phone missed, with so much of it left."""
    await order(world, starts_at=tomorrow(), details={"briefing_minutes": briefing})
    booking = await world.accept((await world.open_offers())[0])
    world.now = tomorrow() + timedelta(hours=1) - left
    await world.session("interpreter_no_show", booking.id)


async def test_nobody_says_yes_to_the_rest_once_it_is_over(pool: Pool) -> None:
    world = await a_world(pool, people=2)
    await missed(world, left=MINUTE)
    (offer,) = await world.open_offers()
    assert offer["answer_by"] == tomorrow() + timedelta(hours=1)

    world.now += MINUTE
    said = await world.said(world.accept(offer))

    assert said.code == "offer-expired"
    assert await world.live_bookings() == []
    await world.do_what_is_due()
    await check_invariants(world)
    assert [one["state"] for one in await world.rows("requests")] == ["unfilled"]


async def test_of_a_longer_rest_an_offer_stands_for_five_minutes(pool: Pool) -> None:
    world = await a_world(pool, people=2)
    await missed(world, left=6 * MINUTE)
    (offer,) = await world.open_offers()
    assert offer["answer_by"] == world.now + 5 * MINUTE


@pytest.mark.parametrize("left", [SECOND, timedelta(microseconds=1)])
async def test_even_the_last_instant_may_be_missed(pool: Pool, left: timedelta) -> None:
    world = await a_world(pool, people=2)
    await missed(world, left=left)
    await check_invariants(world)
    world.now += left
    await world.do_what_is_due()
    await check_invariants(world)
    assert [one["state"] for one in await world.rows("requests")] == ["unfilled"]


async def test_who_would_help_now_needs_no_time_for_a_briefing_that_is_over(pool: Pool) -> None:
    world = await a_world(pool, people=2)
    before = await world.ask(city=None, starts_at=tomorrow() - 30 * MINUTE, minutes=60)
    await world.assign(before, world.people[1])  # until half past ten
    await order(world, starts_at=tomorrow(), details={"briefing_minutes": 15})
    booking = await world.accept((await world.open_offers())[0])
    world.now = tomorrow() + 31 * MINUTE

    await world.session("interpreter_no_show", booking.id)

    (offer,) = await world.open_offers()
    await world.accept(offer)
    now = [one for one in await world.live_bookings() if one["request_id"] != before]
    assert [(one["session"].lower, one["blocked"].lower) for one in now] == [(world.now, world.now)]
