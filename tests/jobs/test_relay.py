"""The relay hands over what is due, once for each lease, and does it itself without a queue."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from conftest import Clock
from interpreters.application.due import Due, take_due
from interpreters.database import Pool, transaction
from interpreters.gateways.queue import Queue
from interpreters.jobs.relay import LEASE, apart, relay, tick
from interpreters.sql import due
from servers import start_test_valkey
from told import NOON, number

pytestmark = pytest.mark.anyio


class Seen:
    """A job that remembers what it was called with; it fails for `bad`."""

    def __init__(self, bad: UUID | None = None) -> None:
        self.bad = bad
        self.ids: list[UUID] = []

    async def __call__(self, _: Pool, *, id: UUID, **_rest: Any) -> None:  # noqa: A002 - the id of the thing
        self.ids.append(id)
        if id == self.bad:
            raise ValueError("what it says may be personal")


async def arrange(pool: Pool, *, count: int, at: datetime = NOON) -> list[UUID]:
    """Have things looked at in three networks; return their ids."""
    networks = [number() for _ in range(3)]
    ids = [number() for _ in range(count)]
    async with pool.acquire() as db:
        for place, one in enumerate(ids):
            await due.set_at(db, network_id=networks[place % 3], kind="ladder", id=one, at=at)
    return ids


async def take(pool: Pool, *, now: datetime = NOON, limit: int = 200) -> list[Due]:
    return await take_due(pool, kinds=["ladder"], now=now, until=now + LEASE, limit=limit)


async def test_what_is_taken_is_nobody_elses_until_the_lease_ends(pool: Pool) -> None:
    ids = await arrange(pool, count=7)

    first = await take(pool)
    second = await take(pool, now=NOON + LEASE - timedelta(milliseconds=1))
    third = await take(pool, now=NOON + LEASE)

    assert sorted(one.id for one in first) == sorted(ids)
    assert second == []
    assert sorted(one.id for one in third) == sorted(ids)


async def test_four_workers_at_once_take_nothing_twice(pool: Pool) -> None:
    ids = await arrange(pool, count=100)

    rounds = [await asyncio.gather(*[take(pool, limit=20) for _ in range(4)]) for _ in range(6)]
    taken = Counter(one.id for some in rounds for part in some for one in part)
    taken.update(one.id for one in await take(pool))

    assert taken == Counter(ids)


async def test_what_is_not_due_or_of_another_kind_is_left(pool: Pool) -> None:
    await arrange(pool, count=2, at=NOON + timedelta(seconds=1))
    async with pool.acquire() as db:
        await due.set_at(db, network_id=number(), kind="retention", id=number(), at=NOON)

    assert await take(pool) == []


async def test_without_a_queue_the_work_is_done_here_and_one_failure_stops_no_other(
    pool: Pool, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = await arrange(pool, count=9)
    job = Seen(bad=ids[4])
    clock.now = NOON

    queue = Queue("unix:///nowhere/valkey.sock")
    assert await tick(pool, queue=queue, jobs={"ladder": job}, clock=clock) == 9
    await queue.close()

    assert sorted(job.ids) == sorted(ids)
    said = capsys.readouterr()
    assert "job-failed" in said.out + said.err
    assert "personal" not in said.out + said.err


async def test_a_job_that_failed_comes_again_when_its_lease_has_run_out(
    pool: Pool, clock: Clock
) -> None:
    (only,) = await arrange(pool, count=1)
    job = Seen(bad=only)
    for clock.now in (NOON, NOON + LEASE / 2, NOON + LEASE):
        await tick(pool, queue=None, jobs={"ladder": job}, clock=clock)

    assert job.ids == [only, only]


async def test_a_ladder_does_not_wait_for_a_mail_server_that_hangs(
    pool: Pool, clock: Clock
) -> None:
    clock.now = NOON
    async with pool.acquire() as db:
        for _ in range(9):
            await due.set_at(db, network_id=number(), kind="message", id=number(), at=NOON)
    hangs = asyncio.Event()

    async def never(*_: object, **__: object) -> None:
        hangs.set()
        await asyncio.Event().wait()

    job = Seen()
    parts = [
        asyncio.create_task(relay(pool, queue=None, jobs=some, clock=clock))
        for some in apart({"ladder": job, "message": never})
    ]
    async with asyncio.timeout(5):
        await hangs.wait()
        (only,) = await arrange(pool, count=1)
        while job.ids != [only]:
            await asyncio.sleep(0.05)
    for one in parts:
        one.cancel()
    ended = await asyncio.gather(*parts, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in ended)


async def test_with_a_queue_the_work_is_handed_over_and_not_done_here(
    pool: Pool, clock: Clock
) -> None:
    await arrange(pool, count=5)
    job = Seen()
    queue = Queue(start_test_valkey())
    clock.now = NOON

    assert await tick(pool, queue=queue, jobs={"ladder": job}, clock=clock) == 5
    assert await tick(pool, queue=queue, jobs={"ladder": job}, clock=clock) == 0
    await queue.close()

    assert job.ids == []


async def test_a_thing_held_by_a_transaction_is_skipped_not_waited_for(pool: Pool) -> None:
    network_id, held, free = number(), number(), number()
    async with pool.acquire() as db:
        for one in (held, free):
            await due.set_at(db, network_id=network_id, kind="ladder", id=one, at=NOON)

    async with transaction(pool, network_id) as holder:
        assert await due.claim(holder, network_id=network_id, kind="ladder", id=held)
        async with asyncio.timeout(2):
            assert [one.id for one in await take(pool)] == [free]
