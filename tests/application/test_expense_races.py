"""An expense that 64 approve, refuse and withdraw at once is decided once, and paid once."""

import asyncio
import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from interpreters.application import expense_decisions, expenses
from interpreters.application.expense_decisions import Approving
from interpreters.application.expenses import ExpenseOrder
from interpreters.application.networks import change_network
from interpreters.database import Pool, open_pool
from sealing import VAULT
from servers import database_url
from worlds import World, a_world, tomorrow

pytestmark = pytest.mark.anyio
CROWD = 64


async def spent(world: World, booking: Any, amount: int) -> Any:
    order = ExpenseOrder(kind="taxi", amount_minor=amount, currency="EUR")
    who = world.interpreter(booking["interpreter_id"])
    return await world.do(
        lambda db: expenses.add_expense(
            db, who, booking_id=booking["id"], order=lambda: order, now=world.now
        )
    )


async def decided(world: World, expense_id: Any, verb: str) -> Any:
    if verb == "approve":
        return await world.do(
            lambda db: expense_decisions.approve_expense(
                db, world.house, expense_id=expense_id, order=Approving, now=world.now
            )
        )
    if verb == "refuse":
        return await world.do(
            lambda db: expense_decisions.refuse_expense(
                db, world.house, expense_id=expense_id, reason=lambda: "no", now=world.now
            )
        )
    return await world.do(
        lambda db: expenses.withdraw_expense(db, world.house, expense_id=expense_id, now=world.now)
    )


async def a_trip(pool: Pool) -> tuple[World, Any]:
    world = await a_world(pool, people=1)
    await world.assign(await world.ask(starts_at=tomorrow()), world.people[0])
    (booking,) = await world.live_bookings()
    world.now = tomorrow() + timedelta(hours=2)
    return world, booking


async def test_64_decisions_at_once_are_one(database: str) -> None:
    pool = await open_pool(
        database_url(role="interpreters_app", database=database), vault=VAULT, size=CROWD
    )
    try:
        world, booking = await a_trip(pool)
        one = await spent(world, booking, 2350)
        verbs = random.sample(["approve"] * 40 + ["refuse"] * 12 + ["withdraw"] * 12, CROWD)

        said = await asyncio.gather(*(world.said(decided(world, one.id, verb)) for verb in verbs))

        (kept,) = await world.rows("expenses")
        paid = [row["pay_minor"] for row in await world.rows("usage_entries")]
    finally:
        await pool.close()
    number = Counter(it.code for it in said)["yes"]
    wins = {"approved": 40, "refused": 12, "withdrawn": 12}
    assert number == wins[kept["state"]]
    assert set(Counter(it.code for it in said)) <= {"yes", "wrong-state"}
    assert paid == ([2350] if kept["state"] == "approved" else [])
    assert world.deadlocks == 0


async def test_two_tickets_submitted_at_once_do_not_slip_under_the_threshold(
    pool: Pool,
) -> None:
    world, booking = await a_trip(pool)
    change = {"travel_approval_minor": 3000}
    await world.do(
        lambda db: change_network(
            db, world.house, if_match=None, change=lambda: change, now=world.now
        )
    )

    said = await asyncio.gather(*(world.said(spent(world, booking, 2000)) for _ in range(4)))

    assert Counter(it.code for it in said) == {"yes": 1, "needs-approval-beforehand": 3}
