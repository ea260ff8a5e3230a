"""64 at once on every way to a seat that is not the app: links, and a coordinator's hand."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import httpx
import pytest

from api import started
from interpreters.application.offer_links import link_offer
from interpreters.asgi import build_app
from interpreters.database import Db, Pool, open_pool
from interpreters.settings import load
from invariants import check_invariants
from sealing import VAULT
from servers import database_url
from wider_worlds import a_person, ask_widely, the_request
from worlds import ALL_AT_ONCE, SIXTEEN_AT_ONCE, World, a_world, tomorrow

pytestmark = pytest.mark.anyio
CROWD: Final = 64
PHONE: Final = ("phone",)


@pytest.fixture
async def wide_pool(database: str) -> AsyncIterator[Pool]:
    """A connection for each of a crowd."""
    made = await open_pool(
        database_url(role="interpreters_app", database=database), vault=VAULT, size=CROWD
    )
    yield made
    await made.close()


@asynccontextmanager
async def pages(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the pages by the world's clock."""

    async def opening() -> Pool:
        return world.pool

    app = build_app(load({"INTERPRETERS_RATE_ADDRESS_BURST": "10000"}), opening=opening,
                    clock=lambda: world.now)  # fmt: skip
    async with started(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client


async def paths(world: World, offers: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a link to each offer."""

    async def make(db: Db) -> list[str]:
        return [
            await link_offer(db, network_id=world.network_id, offer_id=one["id"], now=world.now)
            for one in offers
        ]

    return [f"/o/{token}" for token in await world.do(make)]


async def taps(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.post(f"{path}?lang=en", data={"answer": "yes"})
    return {200: "yes", 409: "no"}[answer.status_code]


async def at_once(world: World, calls: Sequence[Awaitable[str]]) -> Counter[str]:
    """Make the calls together, in any order; the invariants hold afterwards."""
    said = await asyncio.gather(*random.sample(calls, len(calls)))
    assert world.deadlocks == 0
    await check_invariants(world)
    return Counter(said)


async def code(world: World, call: Awaitable[Any]) -> str:
    return (await world.said(call)).code


async def states(world: World, table: str) -> Counter[str]:
    return Counter(one["state"] for one in await world.rows(table))


async def test_64_tap_their_links_to_one_seat_and_one_has_it(wide_pool: Pool) -> None:
    world = await a_world(wide_pool, people=CROWD, ladder=SIXTEEN_AT_ONCE)
    await world.ask_everybody(starts_at=tomorrow())
    links = await paths(world, await world.open_offers())
    assert len(links) == CROWD

    async with pages(world) as client:
        said = await at_once(world, [taps(client, one) for one in links])

        assert said == {"yes": 1, "no": CROWD - 1}
        assert await states(world, "offers") == {"accepted": 1, "taken": CROWD - 1}
        assert await states(world, "bookings") == {"confirmed": 1}


async def test_one_link_tapped_64_times_is_one_booking_and_64_times_yes(wide_pool: Pool) -> None:
    world = await a_world(wide_pool, people=2)
    await world.ask(starts_at=tomorrow())
    mine, *_ = await paths(world, await world.open_offers())

    async with pages(world) as client:
        said = await at_once(world, [taps(client, mine) for _ in range(CROWD)])

        assert said == {"yes": CROWD}
        assert await states(world, "bookings") == {"confirmed": 1}


async def test_64_links_to_a_team_of_two_fill_both_seats_and_no_third(wide_pool: Pool) -> None:
    world = await a_world(wide_pool, people=CROWD, ladder=SIXTEEN_AT_ONCE)
    await world.ask_everybody(starts_at=tomorrow(), needed=2)
    links = await paths(world, await world.open_offers())
    assert len(links) == CROWD

    async with pages(world) as client:
        said = await at_once(world, [taps(client, one) for one in links])

        assert said == {"yes": 2, "no": CROWD - 2}
        assert await states(world, "bookings") == {"confirmed": 2}
        assert {one["seat"] for one in await world.rows("bookings")} == {1, 2}


async def test_64_links_to_both_legs_of_a_relay_give_each_leg_one(wide_pool: Pool) -> None:
    world = await a_world(wide_pool, people=0, ladder=ALL_AT_ONCE)
    for _ in range(CROWD // 2):
        await a_person(world, "prs", "eng", modes=PHONE)
        await a_person(world, "eng", "lav", modes=PHONE)
    asked = await ask_widely(world, fallbacks={"relay": True}, modes=PHONE, starts_at=tomorrow())
    while (at := (await the_request(world, asked))["next_step_at"]) is not None:
        world.now = at
        await world.step(asked)
    links = await paths(world, await world.open_offers())
    assert len(links) == CROWD

    async with pages(world) as client:
        said = await at_once(world, [taps(client, one) for one in links])

        assert said == {"yes": 2, "no": CROWD - 2}
        assert sorted((one["seat"], one["state"]) for one in await world.rows("bookings")) == [
            (2, "confirmed"), (3, "confirmed"),
        ]  # fmt: skip


async def test_one_person_taps_64_links_to_sessions_at_one_time_and_has_one(
    wide_pool: Pool,
) -> None:
    world = await a_world(wide_pool, people=1)
    for number in range(CROWD):
        await world.ask(starts_at=tomorrow() + timedelta(minutes=number % 50))
    links = await paths(world, await world.open_offers())
    assert len(links) == CROWD

    async with pages(world) as client:
        said = await at_once(world, [taps(client, one) for one in links])

        assert said == {"yes": 1, "no": CROWD - 1}
        assert await states(world, "bookings") == {"confirmed": 1}


async def test_64_are_assigned_to_one_seat_by_hand_at_once_and_one_has_it(
    wide_pool: Pool,
) -> None:
    world = await a_world(wide_pool, people=CROWD)
    request = await world.ask(starts_at=tomorrow())

    said = await at_once(world, [code(world, world.assign(request, one)) for one in world.people])

    assert said == {"yes": 1, "wrong-state": CROWD - 1}
    assert await states(world, "bookings") == {"confirmed": 1}


async def test_one_person_is_assigned_to_64_sessions_at_one_time_and_has_one(
    wide_pool: Pool,
) -> None:
    world = await a_world(wide_pool, people=1)
    made: list[UUID] = [await world.ask(starts_at=tomorrow()) for _ in range(CROWD)]
    (person,) = world.people

    said = await at_once(world, [code(world, world.assign(one, person)) for one in made])

    assert said == {"yes": 1, "interpreter-is-busy": CROWD - 1}
    assert await states(world, "bookings") == {"confirmed": 1}


async def test_links_the_app_and_a_coordinator_race_for_one_seat(wide_pool: Pool) -> None:
    world = await a_world(wide_pool, people=CROWD, ladder=SIXTEEN_AT_ONCE)
    request = await world.ask_everybody(starts_at=tomorrow())
    offers = await world.open_offers()
    links = await paths(world, offers[:24])

    async with pages(world) as client:
        calls = [taps(client, one) for one in links]
        calls += [code(world, world.accept(one)) for one in offers[24:44]]
        calls += [code(world, world.assign(request, one["interpreter_id"])) for one in offers[44:]]
        assert len(calls) == CROWD
        said = await at_once(world, calls)

        assert said["yes"] == 1
        assert set(said) <= {"yes", "no", "offer-taken", "wrong-state"}
        assert await states(world, "bookings") == {"confirmed": 1}
