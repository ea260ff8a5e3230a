"""Series under a crowd, over real connections: all dates or none, and nobody waits for ever."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest

from interpreters.application import requests, series_changes
from interpreters.application.cancelling import Why
from interpreters.application.request_orders import ClientOrder, RequestOrder
from interpreters.application.series_changes import Scope
from interpreters.database import Pool, open_pool
from invariants import check_invariants
from sealing import VAULT
from servers import database_url
from worlds import ALL_AT_ONCE, NUMBERS, Said, World, a_world, tomorrow

pytestmark = pytest.mark.anyio
CROWD: Final = 64
MOVERS: Final = 16  # each searches every date anew while the others wait


@pytest.fixture(scope="module")
async def wide_pool(template: str) -> AsyncIterator[Pool]:
    """A connection for each of a crowd; each test opens a network of its own."""
    name = f"series_races_{next(NUMBERS)}"
    owner = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    await owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    made = await open_pool(
        database_url(role="interpreters_app", database=name), vault=VAULT, size=CROWD
    )
    yield made
    await made.close()
    await owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await owner.close()


async def ask_series(world: World, *, count: int) -> list[UUID]:
    """Ask for Dari by phone every day; return the requests in the order of their dates."""
    order = RequestOrder(
        institution_id=world.institution,
        languages=("prs",),
        modes=("phone",),
        starts_at=tomorrow(),
        duration_minutes=60,
        clients=(ClientOrder(reference="LV-1042"),),
        topic="health",
        recurrence=f"FREQ=DAILY;COUNT={count}",
    )
    await world.do(
        lambda db: requests.create_request(db, world.house, order=lambda: order, now=world.now)
    )
    found = await world.rows("requests")
    assert len(found) == count
    return [one["id"] for one in sorted(found, key=lambda one: one["series_position"])]


async def cancel(world: World, request_id: UUID, scope: Scope) -> Any:
    return await world.do(
        lambda db: series_changes.cancel_requests(
            db, world.house, request_id=request_id, scope=lambda: scope,
            why=lambda: Why(reason="not needed"), now=world.now,
        )
    )  # fmt: skip


async def change(world: World, request_id: UUID, scope: Scope, **fields: Any) -> Any:
    return await world.do(
        lambda db: series_changes.change_requests(
            db, world.house, request_id=request_id, if_match=None, scope=lambda: scope,
            change=lambda: fields, now=world.now,
        )
    )  # fmt: skip


async def at_once(world: World, calls: Sequence[Awaitable[Any]]) -> Counter[str]:
    """Make the calls together, in any order; the invariants hold afterwards."""
    said: list[Said] = await asyncio.gather(
        *(world.said(one) for one in random.sample(calls, len(calls)))
    )
    assert world.deadlocks == 0
    await check_invariants(world)
    return Counter(one.code for one in said)


async def test_a_series_is_called_off_while_its_offers_are_accepted(wide_pool: Pool) -> None:
    world = await a_world(wide_pool, people=8, ladder=ALL_AT_ONCE)
    dates = await ask_series(world, count=8)
    asked = await world.open_offers()
    assert len(asked) == CROWD
    offers = random.sample(asked, CROWD - 4)
    calls = [world.accept(one) for one in offers]
    calls += [cancel(world, one, "all") for one in random.sample(dates, 4)]

    said = await at_once(world, calls)

    assert set(said) <= {"yes", "offer-taken", "offer-withdrawn"}
    assert said["yes"] >= 4
    assert {one["state"] for one in await world.rows("requests")} == {"cancelled"}
    assert await world.live_bookings() == []
    assert await world.open_offers() == []


async def test_called_off_from_a_date_on_while_people_give_back_and_accept(
    wide_pool: Pool,
) -> None:
    world = await a_world(wide_pool, people=8, ladder=ALL_AT_ONCE)
    dates = await ask_series(world, count=8)
    asked = await world.open_offers()
    first = {one["request_id"]: one for one in asked}
    booked = [await world.accept(one) for one in first.values()]
    world.now += timedelta(minutes=1)
    calls = [world.give_back(one.id) for one in booked]
    calls += [world.accept(one) for one in random.sample(asked, 40)]
    calls += [cancel(world, dates[4], "following") for _ in range(8)]
    calls += [cancel(world, one, "this") for one in dates]

    said = await at_once(world, calls)

    assert set(said) <= {
        "yes", "offer-taken", "offer-withdrawn", "wrong-state", "interpreter-is-busy",
    }  # fmt: skip
    assert {one["state"] for one in await world.rows("requests")} == {"cancelled"}
    assert await world.live_bookings() == []


async def test_those_who_move_one_series_at_once_move_it_whole(wide_pool: Pool) -> None:
    world = await a_world(wide_pool, people=3)
    dates = await ask_series(world, count=4)
    calls = [
        change(
            world, dates[number % 4], "all",
            starts_at=tomorrow(11) + timedelta(days=number % 4, minutes=number // 4),
        )
        for number in range(MOVERS)
    ]  # fmt: skip

    said = await at_once(world, calls)

    assert said == {"yes": MOVERS}
    found = sorted(await world.rows("requests"), key=lambda one: one["series_position"])
    starts = [one["starts_at"] for one in found]
    assert [one - starts[0] for one in starts] == [timedelta(days=day) for day in range(4)]


async def test_a_series_is_moved_whole_or_not_at_all_while_its_offers_are_accepted(
    wide_pool: Pool,
) -> None:
    world = await a_world(wide_pool, people=15, ladder=ALL_AT_ONCE)
    dates = await ask_series(world, count=4)
    asked = await world.open_offers()
    assert len(asked) == CROWD - 4
    calls = [world.accept(one) for one in asked]
    calls += [change(world, one, "all", duration_minutes=90) for one in dates]

    said = await at_once(world, calls)

    assert set(said) <= {"yes", "offer-taken", "offer-withdrawn", "wrong-state"}
    found = await world.rows("requests")
    assert len({one["duration_minutes"] for one in found}) == 1
    booked = {one["request_id"] for one in await world.live_bookings()}
    if found[0]["duration_minutes"] == 60:
        assert booked == set(dates)
