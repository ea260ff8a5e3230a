"""A slot that was freed, and many who would use it: one does, and the slot says which."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import asyncpg
import pytest

from interpreters.database import Pool, open_pool
from invariants import check_invariants
from sealing import VAULT
from servers import database_url
from worlds import NUMBERS, a_world, tomorrow

pytestmark = pytest.mark.anyio
CROWD: Final = 64


@pytest.fixture(scope="module")
async def wide_pool(template: str) -> AsyncIterator[Pool]:
    """A connection for each of a crowd."""
    name = f"freed_{next(NUMBERS)}"
    owner = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    await owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    made = await open_pool(
        database_url(role="interpreters_app", database=name), vault=VAULT, size=CROWD
    )
    yield made
    await made.close()
    await owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await owner.close()


async def test_64_sessions_within_one_slot_and_one_uses_it(wide_pool: Pool) -> None:
    world = await a_world(wide_pool, people=1)
    world.now = tomorrow() - timedelta(hours=5)
    first = await world.ask(starts_at=tomorrow())
    (offer,) = await world.open_offers()
    booking = await world.accept(offer)
    await world.cancel_booking(booking.id)
    assert [one["state"] for one in await world.rows("requests")] == ["cancelled"]
    for _ in range(CROWD):
        await world.ask(starts_at=tomorrow())
    asked = await world.open_offers()
    assert len(asked) == CROWD

    said = await asyncio.gather(*(world.said(world.accept(one)) for one in asked))

    assert world.deadlocks == 0
    await check_invariants(world)
    assert Counter(one.code for one in said) == {"yes": 1, "interpreter-is-busy": CROWD - 1}
    (live,) = await world.live_bookings()
    (slot,) = await world.rows("freed_slots")
    assert slot["request_id"] == live["request_id"] != first


async def test_calling_off_many_at_once_while_others_say_yes_waits_for_nobody(
    wide_pool: Pool,
) -> None:
    world = await a_world(wide_pool, people=8)
    world.now = tomorrow() - timedelta(hours=5)
    booked = []
    for _ in range(4):
        request = await world.ask(starts_at=tomorrow())
        offer = (await world.open_offers(request))[0]
        booked.append(await world.accept(offer))
    for _ in range(4):
        await world.ask(starts_at=tomorrow())
    asked = await world.open_offers()

    said = await asyncio.gather(
        *(world.said(world.cancel_booking(one.id)) for one in booked),
        *(world.said(world.accept(one)) for one in asked),
    )

    assert world.deadlocks == 0
    await check_invariants(world)
    assert {one.code for one in said} <= {"yes", "offer-taken", "interpreter-is-busy"}
    slots = await world.rows("freed_slots")
    assert {one["booking_id"] for one in slots} == {one.id for one in booked}
