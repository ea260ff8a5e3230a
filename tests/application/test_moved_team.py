"""A team whose first yes moves the session: what is left of the search is urgent in time."""

from datetime import timedelta

import pytest

from interpreters.database import Pool
from later_invariants import check_the_clock
from later_verbs import do_all_that_is_due, order
from worlds import a_world

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)


async def test_a_team_moved_nearer_is_brought_before_people_from_its_new_time_on(
    pool: Pool,
) -> None:
    world = await a_world(pool, people=3)
    starts_at = world.now + 150 * MINUTE
    await order(world, starts_at=starts_at, interpreters_needed=2, fallbacks={"shift_minutes": 60})
    nearer = starts_at - 45 * MINUTE  # then it starts within two hours
    while not (asked := [it for it in await world.open_offers() if it["session"].lower == nearer]):
        for one in await world.open_offers():
            await world.decline(one)

    await world.accept(asked[0])

    (urgent,) = [one["at"] for one in await world.rows("due") if one["kind"] == "urgent"]
    assert urgent == world.now + 3 * MINUTE
    await do_all_that_is_due(world)
    await check_the_clock(world)
