"""Approving, disputing and correcting at once, over real connections: one state, right sums."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
import pytest

from interpreters.application import approvals, disputes, ratings, tariffs, time_changes
from interpreters.application.disputes import Adjustment, Decision
from interpreters.application.ratings import Stars
from interpreters.application.tariffs import TariffOrder
from interpreters.application.time_changes import Times
from interpreters.database import Pool, open_pool
from interpreters.domain.callers import SCOPES, Caller
from interpreters.domain.tariffs import Terms
from sealing import VAULT
from servers import database_url
from worlds import NUMBERS, Said, World, a_world, tomorrow

pytestmark = pytest.mark.anyio
CROWD: Final = 64
WEEK: Final = timedelta(days=7)


@pytest.fixture(scope="module")
async def wide_pool(template: str) -> AsyncIterator[Pool]:
    """A connection for each of a crowd; each test opens a network of its own."""
    name = f"approval_races_{next(NUMBERS)}"
    owner = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    await owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    made = await open_pool(
        database_url(role="interpreters_app", database=name), vault=VAULT, size=CROWD
    )
    yield made
    await made.close()
    await owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await owner.close()


class Over:
    """A world with a session that was held for an hour, at 60.00 an hour charged and 40.00 paid."""

    def __init__(self, world: World, booking: Mapping[str, Any]) -> None:
        self.world = world
        self.id: UUID = booking["id"]
        self.starts_at = booking["session"].lower

    async def approve(self) -> Any:
        world = self.world
        return await world.do(
            lambda db: approvals.approve(db, world.house, booking_id=self.id, now=world.now)
        )

    async def silence(self) -> None:
        world = self.world
        await world.do(
            lambda db: approvals.approve_silent(
                db, network_id=world.network_id, booking_id=self.id, now=world.now
            )
        )

    async def dispute(self, caller: Caller | None = None) -> Any:
        world = self.world
        return await world.do(
            lambda db: disputes.open_dispute(
                db, caller or world.house, booking_id=self.id, reason=lambda: "x", now=world.now
            )
        )

    async def answer(self, dispute_id: UUID, decision: Decision) -> Any:
        world = self.world
        return await world.do(
            lambda db: disputes.answer_dispute(
                db, world.house, dispute_id=dispute_id, decision=lambda: decision, now=world.now
            )
        )

    async def correct(self, minutes: int) -> Any:
        world = self.world
        order = Times(ended_at=self.starts_at + timedelta(minutes=minutes), reason="x")
        return await world.do(
            lambda db: time_changes.correct_times(
                db, world.house, booking_id=self.id, order=lambda: order, now=world.now
            )
        )

    async def rate(self, stars: int) -> Any:
        world = self.world
        caller = Caller(
            network_id=world.network_id, role="consultant",
            scopes=frozenset(SCOPES["consultant"]), institution_id=world.institution,
        )  # fmt: skip
        return await world.do(
            lambda db: ratings.rate(
                db, caller, booking_id=self.id, given=lambda: Stars(stars=stars), now=world.now
            )
        )

    async def at_once(self, *calls: Any) -> list[Said]:
        shuffled = random.sample(calls, len(calls))
        said = await asyncio.gather(*(self.world.said(one) for one in shuffled))
        assert self.world.deadlocks == 0
        return list(said)

    async def state(self) -> str:
        [found] = await self.world.rows("approvals")
        state: str = found["state"]
        return state

    async def sums(self) -> tuple[int, int, int, int]:
        """Return actual and billable minutes, charge and pay of all entries together."""
        entries = await self.world.rows("usage_entries")
        actual, billable, charge, pay = (
            sum(one[name] for one in entries)
            for name in ("actual_minutes", "billable_minutes", "charge_minor", "pay_minor")
        )
        return actual, billable, charge, pay


async def over(pool: Pool) -> Over:
    world = await a_world(pool, people=1)
    rate = {"mode": "in_person", "charge_per_hour_minor": 6000, "pay_per_hour_minor": 4000}
    order = TariffOrder(
        name="2026", is_default=True, currency=None, valid_from=date(2026, 1, 1),
        valid_until=None, terms=msgspec.convert({"rates": [rate]}, Terms),
    )  # fmt: skip
    await world.do(
        lambda db: tariffs.create_tariff(db, world.house, order=lambda: order, now=world.now)
    )
    request_id = await world.ask(starts_at=tomorrow())
    await world.assign(request_id, world.people[0])
    [booking] = await world.live_bookings()
    for verb, at in (("start", tomorrow()), ("end", tomorrow() + timedelta(hours=1))):
        world.now = at
        await world.session(verb, booking["id"])
    world.now += timedelta(hours=10)
    return Over(world, booking)


async def test_64_approve_and_dispute_at_once_and_it_is_in_one_state(wide_pool: Pool) -> None:
    one = await over(wide_pool)
    caller = one.world.interpreter(one.world.people[0])
    said = [one.approve, one.dispute, lambda: one.dispute(caller), one.approve]
    calls = [said[number % 4]() for number in range(CROWD)]
    answers = await one.at_once(*calls)
    found = await one.world.rows("disputes")
    assert [each["state"] for each in found] == ["open"]
    assert await one.state() == "disputed"
    counts = Counter(each.code for each in answers)
    assert set(counts) <= {"yes", "wrong-state", "already-disputed"}
    assert counts["already-disputed"] == CROWD // 4  # the other side's, every one


async def test_silence_and_a_dispute_at_once_end_in_a_dispute_that_waits(wide_pool: Pool) -> None:
    for _ in range(5):
        one = await over(wide_pool)
        one.world.now += WEEK
        await one.at_once(*(one.silence() for _ in range(4)), one.dispute(), *(
            one.silence() for _ in range(4)
        ))  # fmt: skip
        assert await one.state() == "disputed"
        assert [row for row in await one.world.rows("due") if row["kind"] == "approval"] == []


async def test_silence_that_comes_many_times_is_told_once(wide_pool: Pool) -> None:
    one = await over(wide_pool)
    one.world.now += WEEK
    await one.at_once(*(one.silence() for _ in range(16)))
    assert await one.state() == "approved"
    told = [row for row in await one.world.rows("outbox") if row["type"] == "booking.approved"]
    assert len(told) == 1


async def test_a_correction_that_many_decide_at_once_is_entered_once(wide_pool: Pool) -> None:
    one = await over(wide_pool)
    dispute = await one.dispute()
    decision = Decision(
        answer="x", outcome="upheld",
        correction=Adjustment(minutes=-30, charge_minor=-3000, pay_minor=0, reason_code="x"),
    )  # fmt: skip
    said = await one.at_once(*(one.answer(dispute.id, decision) for _ in range(32)))
    assert Counter(each.code for each in said) == {"yes": 32}
    assert await one.sums() == (60, 30, 3000, 4000)


async def test_times_changed_by_many_at_once_come_to_the_last_of_them(wide_pool: Pool) -> None:
    """Whoever is last decides, and nothing is entered twice: the entries sum to one price."""
    one = await over(wide_pool)
    minutes = [random.Random(1).randint(61, 300) for _ in range(32)]
    said = await one.at_once(*(one.correct(each) for each in minutes))
    assert Counter(each.code for each in said) == {"yes": 32}
    [booking] = await one.world.rows("bookings")
    lasted = (booking["ended_at"] - one.starts_at) // timedelta(minutes=1)
    assert lasted in minutes
    charge, pay = (2 * lasted * 6000 + 60) // 120, (2 * lasted * 4000 + 60) // 120
    assert await one.sums() == (lasted, lasted, charge, pay)
    changes = await one.world.rows("time_changes")
    entries = await one.world.rows("usage_entries")
    assert len(entries) == len(changes) + 1  # each change is one entry


async def test_a_rating_that_many_give_at_once_is_one(wide_pool: Pool) -> None:
    one = await over(wide_pool)
    said = await one.at_once(*(one.rate(each % 5 + 1) for each in range(20)))
    assert Counter(each.code for each in said) == {"yes": 20}
    assert len(await one.world.rows("ratings")) == 1
