"""A search looks closely at the best only, and yet overlooks nobody."""

import pytest

from interpreters.database import Pool
from invariants import check_invariants
from worlds import a_world, tomorrow

pytestmark = pytest.mark.anyio


async def test_those_far_down_are_asked_when_all_the_best_are_on_their_way(pool: Pool) -> None:
    world = await a_world(pool, people=68, certified=62)
    for first in range(0, 62, 20):
        team = world.people[first : min(first + 20, 62)]
        busy = await world.ask(
            city="jelgava", starts_at=tomorrow(9), needed=len(team), partial_ok=True
        )
        for person in team:
            await world.assign(busy, person)

    # 41 km are 55 minutes, and there are 10; the best 60 by their papers are all too late
    request = await world.ask(city="riga", starts_at=tomorrow(10, 10))

    asked = {one["interpreter_id"] for one in await world.open_offers(request)}
    assert len(asked) == 4
    assert asked <= set(world.people[62:])
    await check_invariants(world)


async def test_a_wave_for_a_large_team_goes_on_to_those_who_were_not_looked_at(
    pool: Pool,
) -> None:
    world = await a_world(pool, people=70)

    await world.ask_everybody(starts_at=tomorrow(), needed=20)

    assert len(await world.open_offers()) == 70
    await check_invariants(world)
