"""A team split while people answer: each yes counts once, and nobody waits for the others."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest

from interpreters.database import Pool, open_pool
from invariants import check_invariants
from sealing import VAULT
from servers import database_url
from worlds import (
    ALL_AT_ONCE,
    NUMBERS,
    SIXTEEN_AT_ONCE,
    Said,
    World,
    a_world,
    tomorrow,
)

pytestmark = pytest.mark.anyio
CROWD: Final = 64


@pytest.fixture(scope="module")
async def wide_pool(template: str) -> AsyncIterator[Pool]:
    """A connection for each of a crowd; each test opens a network of its own."""
    name = f"split_{next(NUMBERS)}"
    owner = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    await owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    made = await open_pool(
        database_url(role="interpreters_app", database=name), vault=VAULT, size=CROWD + 4
    )
    yield made
    await made.close()
    await owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await owner.close()


async def states(world: World, table: str) -> list[str]:
    return [one["state"] for one in await world.rows(table)]


async def code(world: World, request_id: UUID) -> str:
    return (await world.said(world.split(request_id))).code


def codes(said: Sequence[Said]) -> Counter[str]:
    return Counter(one.code for one in said)


@pytest.mark.parametrize("needed", [2, 3])
async def test_64_yeses_against_the_split_fill_the_seats_once(wide_pool: Pool, needed: int) -> None:
    for _ in range(3):
        world = await a_world(wide_pool, people=CROWD, ladder=SIXTEEN_AT_ONCE)
        team = await world.ask_everybody(starts_at=tomorrow(), needed=needed)
        calls: list[Any] = [world.accept(one) for one in await world.open_offers()]
        assert len(calls) == CROWD
        await calls.pop()  # one has said yes before: they wait for the others
        assert await states(world, "bookings") == ["held"]

        calls.insert(random.randrange(CROWD // 4), world.split(team))
        said = await asyncio.gather(*(world.said(one) for one in calls))

        assert world.deadlocks == 0
        await check_invariants(world)
        splits = [one for one in said if not hasattr(one.value, "interpreter_id")]
        refused = codes([one for one in splits if one.refusal is not None])
        assert set(refused) <= {"offer-taken", "wrong-state"}  # full before it was split
        assert refused["offer-taken"] == CROWD - needed
        assert await states(world, "bookings") == ["confirmed"] * needed
        assert await states(world, "requests") == ["filled"]
        assert await world.open_offers() == []


async def test_who_said_yes_is_booked_and_the_search_for_the_others_goes_on(
    wide_pool: Pool,
) -> None:
    world = await a_world(wide_pool, people=4, ladder=ALL_AT_ONCE)
    team = await world.ask(starts_at=tomorrow(), needed=3)
    one, two, *_ = await world.open_offers()
    assert (await world.accept(one)).state == "held"

    shown = await world.split(team)

    assert shown.request.partial_ok
    assert shown.request.state == "partly_filled"
    assert await states(world, "bookings") == ["confirmed"]
    assert sorted(await states(world, "request_seats")) == ["filled", "open", "open"]
    assert len(await world.open_offers()) == 3
    assert (await world.accept(two)).state == "confirmed"
    await check_invariants(world)


async def test_the_last_no_leaves_those_who_were_booked(wide_pool: Pool) -> None:
    world = await a_world(wide_pool, people=2)
    team = await world.ask(starts_at=tomorrow(), needed=2)
    one, two = await world.open_offers()
    await world.accept(one)
    await world.split(team)

    await world.decline(two)

    assert await states(world, "bookings") == ["confirmed"]
    assert await states(world, "requests") == ["partly_filled"]
    assert sorted(await states(world, "request_seats")) == ["filled", "unfilled"]
    await check_invariants(world)


async def test_a_team_that_was_given_up_is_looked_for_again_and_asks_who_was_let_go(
    wide_pool: Pool,
) -> None:
    world = await a_world(wide_pool, people=2)
    team = await world.ask(starts_at=tomorrow(), needed=2)
    one, two = await world.open_offers()
    await world.decline(two)
    await world.accept(one)
    assert await states(world, "requests") == ["unfilled"]
    assert await states(world, "bookings") == ["released"]
    world.now += timedelta(minutes=1)

    shown = await world.split(team)

    assert shown.request.state == "searching"
    (again,) = await world.open_offers()
    assert again["interpreter_id"] == one["interpreter_id"]  # who said no is not asked again
    assert (await world.accept(again)).state == "confirmed"
    assert await states(world, "requests") == ["partly_filled"]
    await check_invariants(world)


async def test_saying_it_again_changes_nothing(wide_pool: Pool) -> None:
    world = await a_world(wide_pool, people=3)
    team = await world.ask(starts_at=tomorrow(), needed=2)
    first = await world.split(team)
    again = await world.split(team, if_match=first.request.version - 1)
    assert again.request == first.request
    whole = await world.ask(starts_at=tomorrow(14), needed=2, partial_ok=True)
    before = [one["version"] for one in await world.rows("requests")]
    await world.split(whole)
    assert [one["version"] for one in await world.rows("requests")] == before


async def test_what_cannot_be_split_is_refused(wide_pool: Pool) -> None:
    world = await a_world(wide_pool, people=4, ladder=ALL_AT_ONCE)
    alone = await world.ask(starts_at=tomorrow())
    assert await code(world, alone) == "wrong-state"
    await world.cancel_request(alone)
    assert await code(world, alone) == "wrong-state"
    team = await world.ask(starts_at=tomorrow(), needed=2)
    for one in (await world.open_offers(team))[:2]:
        await world.accept(one)
    assert await code(world, team) == "wrong-state"
    late = await world.ask(starts_at=tomorrow(14), needed=4)
    for one in await world.open_offers(late):
        await world.decline(one)
    world.now = tomorrow(14)
    assert await code(world, late) == "wrong-state"
    stale = await world.ask(starts_at=tomorrow(18), needed=2)
    assert (await world.said(world.split(stale, if_match=99))).code == "precondition-failed"
    await check_invariants(world)
