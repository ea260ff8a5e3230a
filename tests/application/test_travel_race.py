"""Travel under races: whatever is accepted at once, everybody can be where they are booked."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import asyncpg
import pytest

from interpreters.database import Pool, open_pool
from invariants import check_invariants, check_time
from sealing import VAULT
from servers import database_url
from worlds import JELGAVA, LIEPAJA, NUMBERS, RIGA, Said, World, a_world, tomorrow

pytestmark = pytest.mark.anyio
CROWD: Final = 64


@pytest.fixture(scope="module")
async def wide_pool(template: str) -> AsyncIterator[Pool]:
    """A connection for each of a crowd; each test opens a network of its own."""
    name = f"travel_{next(NUMBERS)}"
    owner = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    await owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    made = await open_pool(
        database_url(role="interpreters_app", database=name), vault=VAULT, size=CROWD
    )
    yield made
    await made.close()
    await owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await owner.close()


async def accept_all(world: World) -> list[Said]:
    asked, before = await world.open_offers(), len(await world.rows("bookings"))
    said = await asyncio.gather(
        *(world.said(world.accept(one)) for one in random.sample(asked, len(asked)))
    )
    assert world.deadlocks == 0
    assert {one.code for one in said} <= {"yes", "interpreter-is-busy"}
    booked = sum(one.refusal is None for one in said)
    assert len(await world.rows("bookings")) == before + booked
    await check_invariants(world)
    return list(said)


@pytest.mark.parametrize("home", [RIGA, LIEPAJA, JELGAVA])
async def test_64_sessions_in_two_cities_cannot_all_be_travelled(
    wide_pool: Pool, home: tuple[float, float]
) -> None:
    world = await a_world(wide_pool, people=1, homes=[home])
    for number in range(CROWD):
        # half an hour each, one after another: the road between the cities takes 255 minutes
        await world.ask(
            city=("riga", "liepaja")[number % 2],
            starts_at=tomorrow(4) + timedelta(minutes=30 * number),
            minutes=30,
        )
    assert len(await world.open_offers()) == CROWD

    said = await accept_all(world)

    booked = sum(one.refusal is None for one in said)
    # 31.5 h from the first start to the last: at most 32 in one city, and there is always one
    assert 1 <= booked <= 32
    assert max(one.seconds for one in said) < 5


async def test_a_crowd_races_for_the_gap_before_a_later_booking(wide_pool: Pool) -> None:
    world = await a_world(wide_pool, people=1)
    later = await world.ask(city="riga", starts_at=tomorrow(16))
    await world.accept((await world.open_offers(later))[0])
    (alone,) = await world.rows("bookings")
    assert alone["blocked"].lower == alone["session"].lower  # from home, which is there
    for number in range(CROWD):
        await world.ask(
            city=("liepaja", "jelgava", "riga")[number % 3],
            starts_at=tomorrow(8) + timedelta(minutes=7 * number),
            minutes=25,
        )

    said = await accept_all(world)

    assert sum(one.refusal is None for one in said) >= 1
    assert any(one["request_id"] == later for one in await world.live_bookings())


async def test_an_earlier_booking_squeezed_in_changes_the_road_to_the_later_one(
    wide_pool: Pool,
) -> None:
    world = await a_world(wide_pool, people=1)
    later = await world.ask(city="riga", starts_at=tomorrow(14))
    earlier = await world.ask(city="jelgava", starts_at=tomorrow(12))
    by_request = {one["request_id"]: one for one in await world.open_offers()}

    await world.accept(by_request[later])
    await world.accept(by_request[earlier])

    blocked = {one["request_id"]: one["blocked"] for one in await world.rows("bookings")}
    # 41 km of straight line are 55 minutes: there from home, and on to Riga, nobody goes home
    assert blocked[earlier].lower == tomorrow(12) - timedelta(minutes=55)
    assert blocked[earlier].upper == tomorrow(13)
    assert blocked[later].lower == tomorrow(14) - timedelta(minutes=55)
    assert blocked[later].upper == tomorrow(15)
    await check_time(world)


async def test_what_fits_between_sessions_by_the_clock_but_not_by_the_road_is_refused(
    wide_pool: Pool,
) -> None:
    world = await a_world(wide_pool, people=1)
    later = await world.ask(city="riga", starts_at=tomorrow(14))
    tight = await world.ask(city="jelgava", starts_at=tomorrow(12), minutes=66)
    fitting = await world.ask(city="jelgava", starts_at=tomorrow(12), minutes=65)
    by_request = {one["request_id"]: one for one in await world.open_offers()}
    await world.accept(by_request[later])

    refused = await world.said(world.accept(by_request[tight]))
    booked = await world.said(world.accept(by_request[fitting]))

    assert refused.code == "interpreter-is-busy"
    assert booked.code == "yes"
    await check_time(world)


async def test_a_crowd_races_for_gaps_while_the_bookings_around_them_are_given_back(
    wide_pool: Pool,
) -> None:
    world = await a_world(wide_pool, people=2, homes=[RIGA, JELGAVA])
    cities = ("riga", "jelgava", "liepaja", None)
    for hour in range(4, 20, 2):
        await world.ask(city=cities[hour // 2 % 4], starts_at=tomorrow(hour), minutes=20)
    for one in await world.open_offers():
        await world.said(world.accept(one))
    first = await world.live_bookings()
    assert len(first) >= 4
    for number in range(30):
        await world.ask(
            city=cities[number % 4],
            starts_at=tomorrow(4) + timedelta(minutes=31 * number),
            minutes=20,
        )
    world.now += timedelta(minutes=1)
    calls = [world.accept(one) for one in await world.open_offers()]
    calls += [world.give_back(one["id"]) for one in first]

    said = await asyncio.gather(*(world.said(one) for one in random.sample(calls, len(calls))))

    assert world.deadlocks == 0
    assert {one.code for one in said} <= {"yes", "interpreter-is-busy", "offer-taken"}
    await check_invariants(world)
