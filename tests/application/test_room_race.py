"""A room for people who must not meet, asked for by a crowd at once: one has it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest

from interpreters.application import requests, sites
from interpreters.application.request_orders import ClientOrder, RequestOrder
from interpreters.database import Db, Pool, open_pool
from invariants import check_invariants
from sealing import VAULT
from servers import database_url
from worlds import NUMBERS, World, a_world, tomorrow

pytestmark = pytest.mark.anyio
CROWD: Final = 64
MINUTE: Final = timedelta(minutes=1)


@pytest.fixture(scope="module")
async def wide_pool(template: str) -> AsyncIterator[Pool]:
    """A connection for each of a crowd; each test opens a network of its own."""
    name = f"rooms_{next(NUMBERS)}"
    owner = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    await owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    made = await open_pool(
        database_url(role="interpreters_app", database=name), vault=VAULT, size=CROWD
    )
    yield made
    await made.close()
    await owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await owner.close()


async def a_room(world: World) -> UUID:
    async def furnish(db: Db) -> Any:
        return await sites.change_site(
            db, world.house, institution_id=world.institution, site_id=world.sites["riga"],
            if_match=None, change=lambda: {"rooms": ("Blue",)}, now=world.now,
        )  # fmt: skip

    found: UUID = (await world.do(furnish)).rooms[0].id
    return found


async def ask(world: World, room_id: UUID, *, minute: int, number: int) -> Any:
    """Ask for a supervised contact of an hour, so many minutes after ten."""
    starts_at = tomorrow() + minute * MINUTE
    parties = [
        {"reference": f"P-{number % 3}", "arrives_at": starts_at.isoformat()},
        {"reference": f"Q-{number % 5}", "arrives_at": (starts_at + 20 * MINUTE).isoformat()},
    ]
    order = RequestOrder(
        institution_id=world.institution,
        languages=("prs",),
        modes=("in_person",),
        starts_at=starts_at,
        duration_minutes=60,
        site_id=world.sites["riga"],
        room_id=room_id,
        clients=(ClientOrder(reference=f"C-{number % 7}"),),
        topic="supervised_contact",
        details={"parties": parties},
    )
    return await world.do(
        lambda db: requests.create_request(db, world.house, order=lambda: order, now=world.now)
    )


async def test_64_ask_for_one_room_and_one_has_it_and_nothing_is_stored_of_the_others(
    wide_pool: Pool,
) -> None:
    world = await a_world(wide_pool, people=4)
    room_id = await a_room(world)

    said = await asyncio.gather(
        *(
            world.said(ask(world, room_id, minute=number % 50, number=number))
            for number in range(CROWD)
        )
    )

    assert Counter(one.code for one in said) == {"yes": 1, "room-is-taken": CROWD - 1}
    made = next(one.value.request for one in said if one.refusal is None)
    assert [one["request_id"] for one in await world.rows("room_uses")] == [made.id]
    assert [one["id"] for one in await world.rows("requests")] == [made.id]
    assert {one["request_id"] for one in await world.rows("offers")} == {made.id}
    assert len(await world.rows("clients")) == 3  # the client and the two parties
    await check_invariants(world)


async def test_a_room_is_never_used_twice_whatever_is_asked_moved_and_cancelled_at_once(
    wide_pool: Pool,
) -> None:
    world = await a_world(wide_pool, people=4)
    room_id = await a_room(world)
    standing = [
        (await ask(world, room_id, minute=60 * number, number=number)).request.id
        for number in range(6)
    ]

    said = await asyncio.gather(
        *(world.said(world.cancel_request(one)) for one in standing[:2]),
        *(
            world.said(world.move(one, tomorrow() + 60 * step * MINUTE))
            for one in standing[2:]
            for step in (0, 1, 6)
        ),
        *(
            world.said(ask(world, room_id, minute=60 * (number % 8), number=number))
            for number in range(24)
        ),
    )

    assert {one.code for one in said} <= {"yes", "room-is-taken"}
    used = sorted((one["used"] for one in await world.rows("room_uses")), key=lambda one: one.lower)
    assert all(one.upper <= two.lower for one, two in pairwise(used))
    live = {one["id"] for one in await world.rows("requests") if one["state"] != "cancelled"}
    assert {one["request_id"] for one in await world.rows("room_uses")} == live
    await check_invariants(world)
