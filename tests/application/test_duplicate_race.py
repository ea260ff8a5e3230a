"""The same request 64 times at once, over real connections: who wishes so is stored once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest

from interpreters.application import requests
from interpreters.application.request_orders import ClientOrder, RequestOrder
from interpreters.database import Pool, open_pool
from interpreters.domain.ids import REQUEST, show_id
from sealing import VAULT
from servers import database_url
from worlds import NUMBERS, Said, World, a_world, tomorrow

pytestmark = pytest.mark.anyio
CROWD: Final = 64


@pytest.fixture(scope="module")
async def wide_pool(template: str) -> AsyncIterator[Pool]:
    """A connection for each of a crowd."""
    name = f"duplicates_{next(NUMBERS)}"
    owner = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    await owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    made = await open_pool(
        database_url(role="interpreters_app", database=name), vault=VAULT, size=CROWD
    )
    yield made
    await made.close()
    await owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await owner.close()


async def ask(world: World, *, client: str, refuse: bool, **changes: Any) -> UUID:
    order = RequestOrder(
        institution_id=world.institution,
        languages=("prs",),
        modes=("phone",),
        starts_at=tomorrow(),
        duration_minutes=60,
        clients=(ClientOrder(reference=client),),
        topic="health",
        refuse_duplicates=refuse,
        **changes,
    )
    made = await world.do(
        lambda db: requests.create_request(db, world.house, order=lambda: order, now=world.now)
    )
    return made.request.id


async def at_once(world: World, orders: list[Mapping[str, Any]]) -> list[Said]:
    said = await asyncio.gather(*(world.said(ask(world, **one)) for one in orders))
    assert world.deadlocks == 0
    return list(said)


@pytest.mark.parametrize("same", ["client", "case"])
async def test_of_64_at_once_one_is_stored_and_the_others_are_told_which(
    wide_pool: Pool, same: str
) -> None:
    world = await a_world(wide_pool, people=3)
    orders = [
        {"client": "LV-1042", "refuse": True}
        if same == "client"
        else {"client": f"LV-{number}", "refuse": True, "external_reference": "CASE-77"}
        for number in range(CROWD)
    ]

    said = await at_once(world, list(orders))

    assert Counter(one.code for one in said) == {"yes": 1, "duplicate-request": CROWD - 1}
    (stored,) = [one["id"] for one in await world.rows("requests")]
    assert [one.value for one in said if one.refusal is None] == [stored]
    told = {tuple(one.refusal.extra["options"]) for one in said if one.refusal is not None}
    assert told == {(show_id(REQUEST, stored),)}
    assert len(await world.rows("clients")) == 1  # those of the refused went with them


async def test_those_who_do_not_wish_so_are_all_stored_and_nobody_waits_for_ever(
    wide_pool: Pool,
) -> None:
    world = await a_world(wide_pool, people=3)
    orders = [{"client": f"LV-{n % 3}", "refuse": n % 2 == 0} for n in range(CROWD)]

    said = await at_once(world, list(orders))

    yes = [one for one, order in zip(said, orders, strict=True) if not order["refuse"]]
    assert {one.code for one in yes} == {"yes"}
    assert {one.code for one in said} <= {"yes", "duplicate-request"}
    refusers = Counter(
        (order["client"], one.code) for one, order in zip(said, orders, strict=True)
        if order["refuse"]
    )  # fmt: skip
    assert all(refusers[f"LV-{n}", "yes"] <= 1 for n in range(3))
