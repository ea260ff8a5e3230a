"""Booking somebody without asking while they say yes elsewhere: never twice, and never an error."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from typing import Any, Final

import asyncpg
import pytest

from interpreters.application.interpreters import change_interpreter
from interpreters.database import Pool, open_pool
from invariants import check_invariants
from sealing import VAULT
from servers import database_url
from worlds import NUMBERS, World, a_world, tomorrow

pytestmark = pytest.mark.anyio
CROWD: Final = 64


@pytest.fixture(scope="module")
async def wide_pool(template: str) -> AsyncIterator[Pool]:
    """A connection for each of a crowd."""
    name = f"unasked_{next(NUMBERS)}"
    owner = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    await owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    made = await open_pool(
        database_url(role="interpreters_app", database=name), vault=VAULT, size=CROWD
    )
    yield made
    await made.close()
    await owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await owner.close()


async def opt_in(world: World) -> None:
    """Have everybody of the world opt in."""
    for person in world.people:
        await world.do(
            lambda db, person=person: change_interpreter(  # type: ignore[misc]  # bound at once
                db, world.house, interpreter_id=person, if_match=None,
                change=lambda: {"auto_assign": True},
            )
        )  # fmt: skip


async def at_once(world: World, calls: list[Awaitable[Any]]) -> Counter[str]:
    said = await asyncio.gather(*(world.said(one) for one in random.sample(calls, len(calls))))
    assert world.deadlocks == 0
    await check_invariants(world)
    return Counter(one.code for one in said)


async def test_64_requests_for_the_one_who_opted_in_book_them_once_and_ask_for_the_rest(
    wide_pool: Pool,
) -> None:
    world = await a_world(wide_pool, people=1)
    await opt_in(world)

    said = await at_once(world, [world.ask(starts_at=tomorrow()) for _ in range(CROWD)])

    assert said == {"yes": CROWD}
    assert len(await world.live_bookings()) <= 1
    states = Counter(one["state"] for one in await world.rows("requests"))
    assert states["filled"] == len(await world.live_bookings())
    assert sum(states.values()) == CROWD


async def test_booking_somebody_while_they_accept_32_others_is_one_booking(
    wide_pool: Pool,
) -> None:
    world = await a_world(wide_pool, people=1)
    for _ in range(CROWD // 2):
        await world.ask(starts_at=tomorrow())
    asked = await world.open_offers()
    await opt_in(world)

    said = await at_once(
        world,
        [world.accept(one) for one in asked]
        + [world.ask(starts_at=tomorrow()) for _ in range(CROWD // 2)],
    )

    assert set(said) <= {"yes", "interpreter-is-busy"}
    assert len(await world.live_bookings()) == 1
    states = Counter(one["state"] for one in await world.rows("requests"))
    assert states["filled"] == 1


async def test_teams_of_the_same_people_who_opted_in_do_not_wait_for_each_other(
    wide_pool: Pool,
) -> None:
    world = await a_world(wide_pool, people=4)
    await opt_in(world)

    said = await at_once(
        world, [world.ask(starts_at=tomorrow(), needed=2) for _ in range(CROWD // 4)]
    )

    assert said == {"yes": CROWD // 4}
    booked = Counter(one["interpreter_id"] for one in await world.live_bookings())
    assert set(booked.values()) <= {1}
