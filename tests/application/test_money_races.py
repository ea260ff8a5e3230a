"""Called off by many at once, and priced while prices change: what is owed is entered once."""

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
import pytest

from interpreters.application import cancellation_policies, tariffs
from interpreters.application.cancellation_policies import PolicyOrder
from interpreters.application.tariffs import TariffOrder
from interpreters.database import Pool, open_pool
from interpreters.domain.cancellations import PolicyRule
from interpreters.domain.ids import new_id
from interpreters.domain.tariffs import Terms
from interpreters.sql import usage_entries
from interpreters.sql.usage_entries import UsageEntry
from sealing import VAULT
from servers import database_url
from worlds import World, a_world, tomorrow

pytestmark = pytest.mark.anyio
CROWD = 16
DAY = date(2026, 1, 1)


async def with_prices(world: World) -> None:
    """60.00 an hour for everybody, all of it for calling off later than two days before."""
    rate = {"mode": "in_person", "charge_per_hour_minor": 6000, "pay_per_hour_minor": 4000}
    price = TariffOrder(
        name="2026", is_default=True, currency=None, valid_from=DAY, valid_until=None,
        terms=msgspec.convert({"rates": [rate]}, Terms),
    )  # fmt: skip
    rule = PolicyRule(free_until_hours=48, fee_percent=100)
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


async def called_off(world: World, booking: Mapping[str, Any], *, whole: bool) -> Any:
    """Call off the booking, or its whole request."""
    if whole:
        return await world.cancel_request(booking["request_id"])
    return await world.cancel_booking(booking["id"])


async def test_a_booking_that_many_call_off_at_once_costs_once(database: str) -> None:
    pool = await open_pool(
        database_url(role="interpreters_app", database=database), vault=VAULT, size=CROWD
    )
    try:
        world = await a_world(pool, people=1)
        await with_prices(world)
        request_id = await world.ask(starts_at=tomorrow())
        await world.assign(request_id, world.people[0])
        [booking] = await world.live_bookings()
        calls = [called_off(world, booking, whole=one % 2 == 0) for one in range(CROWD)]
        said = list(await asyncio.gather(*(world.said(one) for one in calls)))
        entries = await world.rows("usage_entries")
    finally:
        await pool.close()
    assert {one.code for one in said} == {"yes"}
    assert {one.value.charge_minor for one in said if hasattr(one.value, "charge_minor")} == {6000}
    owed = [(one["kind"], one["charge_minor"], one["pay_minor"]) for one in entries]
    assert owed == [("late_cancellation", 6000, 4000)]


async def test_a_booking_is_entered_once_whatever_is_tried(pool: Pool) -> None:
    """The constraint decides, also where no row is held."""
    world = await a_world(pool, people=1)
    request_id = await world.ask(starts_at=tomorrow())
    await world.assign(request_id, world.people[0])
    [booking] = await world.live_bookings()

    async def entered(kind: str) -> bool:
        made = UsageEntry(
            id=new_id(world.now), booking_id=booking["id"], request_id=request_id, kind=kind,
            institution_id=world.institution, client_ids=[], interpreter_id=world.people[0],
            language="prs", mode="in_person", site_id=None, topic="health", funding_id=None,
            booked_starts_at=world.now, booked_on=DAY, booked_minutes=60, actual_minutes=0,
            billable_minutes=60, charge_minor=1, pay_minor=1, currency="EUR",
            recorded_at=world.now,
        )  # fmt: skip
        return await world.do(
            lambda db: usage_entries.insert(db, network_id=world.network_id, entry=made)
        )

    assert await entered("late_cancellation") is True
    assert [await entered(one) for one in ("late_cancellation", "session", "client_no_show")] == [
        False, False, False,
    ]  # fmt: skip
    assert await entered("adjustment") is True
