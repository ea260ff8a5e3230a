"""Replacements asked for, and called off, by many at once: one stands, and the fee moves once."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import msgspec
import pytest

from interpreters.application import cancellation_policies, tariffs
from interpreters.application.cancellation_policies import PolicyOrder
from interpreters.application.ledger_checks import check_ledger
from interpreters.application.tariffs import TariffOrder
from interpreters.database import open_pool
from interpreters.domain.cancellations import PolicyRule
from interpreters.domain.tariffs import Terms
from sealing import VAULT
from servers import database_url
from worlds import World, a_world, tomorrow

pytestmark = pytest.mark.anyio
CROWD = 12
DAY = date(2026, 1, 1)


@asynccontextmanager
async def called_off_late(database: str) -> AsyncIterator[tuple[World, Mapping[str, Any]]]:
    """A world in which a booking of two hours, at 60.00 and 40.00, was called off late."""
    pool = await open_pool(
        database_url(role="interpreters_app", database=database), vault=VAULT, size=CROWD
    )
    try:
        world = await a_world(pool, people=2)
        rate = {"mode": "in_person", "charge_per_hour_minor": 6000, "pay_per_hour_minor": 4000}
        price = TariffOrder(
            name="2026", is_default=True, currency=None, valid_from=DAY, valid_until=None,
            terms=msgspec.convert({"rates": [rate]}, Terms),
        )  # fmt: skip
        rule = PolicyRule(free_until_hours=48, fee_percent=100, replacement=True)
        policy = PolicyOrder(
            name="2026", is_default=True, valid_from=DAY, valid_until=None, rules=[rule]
        )
        await world.do(
            lambda db: tariffs.create_tariff(db, world.house, order=lambda: price, now=world.now)
        )
        await world.do(
            lambda db: cancellation_policies.create_policy(
                db, world.house, order=lambda: policy, now=world.now
            )
        )
        request_id = await world.ask(starts_at=tomorrow(), minutes=120)
        await world.assign(request_id, world.people[0])
        [booking] = await world.live_bookings()
        await world.cancel_booking(booking["id"])
        yield world, booking
    finally:
        await pool.close()


async def moved(world: World) -> list[tuple[str | None, int, int]]:
    found = [
        (one["reason_code"], one["charge_minor"], one["pay_minor"])
        for one in await world.rows("usage_entries")
    ]
    return sorted(found, key=lambda one: str(one[0]))


async def adds_up(world: World) -> list[Any]:
    return [one async for one in check_ledger(world.pool, network_id=world.network_id)]


async def test_of_many_that_name_one_booking_one_replaces_it(database: str) -> None:
    async with called_off_late(database) as (world, booking):
        asked = [
            world.said(world.ask(starts_at=tomorrow(), minutes=60, replaces=booking["id"]))
            for _ in range(CROWD)
        ]
        said = await asyncio.gather(*asked)
        assert sorted(one.code for one in said) == ["already-replaced"] * (CROWD - 1) + ["yes"]
        [stands] = await world.live_bookings()
        assert stands["interpreter_id"] == booking["interpreter_id"]
        assert await moved(world) == [(None, 12000, 8000), ("replaced", -12000, -8000)]
        assert len(await world.rows("requests")) == 2  # what was refused is not stored
        assert await adds_up(world) == []


async def test_a_replacement_that_many_call_off_brings_the_fee_back_once(database: str) -> None:
    async with called_off_late(database) as (world, booking):
        await world.ask(starts_at=tomorrow(), minutes=60, replaces=booking["id"])
        [stands] = await world.live_bookings()
        calls = [
            world.cancel_request(stands["request_id"]) if one % 2 else
            world.cancel_booking(stands["id"])
            for one in range(CROWD)
        ]  # fmt: skip
        said = await asyncio.gather(*(world.said(one) for one in calls))
        assert {one.code for one in said} == {"yes"}
        assert {one.value.charge_minor for one in said if hasattr(one.value, "charge_minor")} == {
            12000
        }
        assert await moved(world) == [
            (None, 12000, 8000), ("replaced", -12000, -8000),
            ("replacement-called-off", 12000, 8000),
        ]  # fmt: skip
        assert await adds_up(world) == []


async def test_called_off_and_asked_again_at_once_the_fee_is_owed_once(database: str) -> None:
    async with called_off_late(database) as (world, booking):
        await world.ask(starts_at=tomorrow(), minutes=60, replaces=booking["id"])
        [stands] = await world.live_bookings()
        said = await asyncio.gather(
            world.said(world.cancel_booking(stands["id"])),
            world.said(world.ask(starts_at=tomorrow(), minutes=60, replaces=booking["id"])),
            world.said(world.give_back(stands["id"])),
        )
        assert said[1].code == "already-replaced"
        assert sorted(one.code for one in (said[0], said[2])) == ["wrong-state", "yes"]
        back = said[0].code == "yes"
        assert sum(one[1] for one in await moved(world)) == (12000 if back else 0)
        assert await adds_up(world) == []
