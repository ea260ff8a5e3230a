"""Nothing is lost and nothing done twice, whatever happens to the queue and the workers."""

import asyncio
import itertools
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from faults.workers import Valkey, Worker, a_valkey, workers
from interpreters.application.calls import run
from interpreters.database import Pool
from interpreters.gateways.queue import Queue
from servers import database_url
from told import about_request, centre, chance, told

pytestmark = pytest.mark.anyio


async def write(pool: Pool, network_id: UUID, *, batches: int, seconds: float) -> int:
    """Tell batches of one to three notices over some seconds; return how many notices."""
    count = 0
    for number in range(batches):
        size = 1 + number % 3
        notices = [about_request() for _ in range(size)]
        await told(pool, network_id, *notices, now=datetime.now(UTC))
        count += size
        await asyncio.sleep(seconds / batches)
    return count


async def left(pool: Pool) -> int:
    found: int = await pool.fetchval("SELECT count(*) FROM due d WHERE d.kind = 'outbox'")
    return found


async def wait_until_all_is_told(pool: Pool, *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while await left(pool):
        assert time.monotonic() < end, f"{await left(pool)} batches are not told"
        await asyncio.sleep(0.05)


async def check_told_once(pool: Pool, network_id: UUID, notices: int) -> None:
    """Every notice is done and is one event; places run from 1 without a gap."""
    outbox = await run(
        pool,
        network_id,
        lambda db: db.fetch(
            "SELECT o.event_id, o.done_at FROM outbox o WHERE o.network_id = $1", network_id
        ),
    )
    events = await run(
        pool,
        network_id,
        lambda db: db.fetch(
            "SELECT e.id, e.place, e.subject_id FROM events e WHERE e.network_id = $1"
            " ORDER BY e.place",
            network_id,
        ),
    )
    assert len(outbox) == notices
    assert all(row["done_at"] is not None for row in outbox)
    assert [row["place"] for row in events] == list(range(1, notices + 1))
    assert {row["event_id"] for row in outbox} == {row["id"] for row in events}
    assert len({row["subject_id"] for row in events}) == notices
    ids = [row["id"] for row in events]
    assert all(first < second for first, second in itertools.pairwise(ids))


async def havoc(valkey: Valkey, crew: list[Worker], *, seed: int, until: asyncio.Task[int]) -> int:
    """Flush, kill and restart while `until` runs; return how often."""
    times = 0
    with chance(seed) as dice:
        while not until.done():
            await asyncio.sleep(0.25)
            match times % 3:
                case 0:
                    await asyncio.to_thread(valkey.flush)
                case 1:
                    one = dice.choice(crew)
                    one.kill()
                    one.start()
                case _:
                    valkey.kill()
                    await asyncio.sleep(dice.uniform(0, 0.5))
                    await asyncio.to_thread(valkey.start)
            times += 1
    return times


async def test_300_batches_survive_flushes_restarts_and_kills_each_told_once(
    pool: Pool, database: str, tmp_path: Path
) -> None:
    network_id = await centre(pool, now=datetime.now(UTC))
    url = database_url(role="interpreters_app", database=database)
    with (
        a_valkey(tmp_path) as valkey,
        workers(3, database_url=url, redis_url=valkey.url, lease=1.5, folder=tmp_path) as crew,
    ):
        crew[0].wait_for("worker-started")
        writing = asyncio.create_task(write(pool, network_id, batches=300, seconds=8))
        times = await havoc(valkey, crew, seed=20261124, until=writing)

        await wait_until_all_is_told(pool, seconds=30)

        assert times >= 10
        assert writing.result() == 600
        await check_told_once(pool, network_id, 600)


async def test_without_a_queue_the_work_is_done_as_promptly(
    pool: Pool, database: str, tmp_path: Path
) -> None:
    network_id = await centre(pool, now=datetime.now(UTC))
    url = database_url(role="interpreters_app", database=database)
    nowhere = f"unix://{tmp_path}/nowhere.sock"
    with workers(1, database_url=url, redis_url=nowhere, lease=15, folder=tmp_path) as crew:
        crew[0].wait_for("worker-started")
        notices = await write(pool, network_id, batches=30, seconds=0.5)

        await wait_until_all_is_told(pool, seconds=10)

        await check_told_once(pool, network_id, notices)


async def test_two_workers_at_once_tell_nothing_twice(
    pool: Pool, database: str, tmp_path: Path
) -> None:
    network_id = await centre(pool, now=datetime.now(UTC))
    url = database_url(role="interpreters_app", database=database)
    with (
        a_valkey(tmp_path) as valkey,
        workers(2, database_url=url, redis_url=valkey.url, lease=15, folder=tmp_path) as crew,
    ):
        for one in crew:
            one.wait_for("worker-started")
        notices = await write(pool, network_id, batches=200, seconds=1)

        await wait_until_all_is_told(pool, seconds=10)

        await check_told_once(pool, network_id, notices)


async def test_the_worker_comes_back_to_the_queue_by_itself(
    pool: Pool, database: str, tmp_path: Path
) -> None:
    network_id = await centre(pool, now=datetime.now(UTC))
    url = database_url(role="interpreters_app", database=database)
    with (
        a_valkey(tmp_path) as valkey,
        workers(1, database_url=url, redis_url=valkey.url, lease=15, folder=tmp_path) as crew,
    ):
        crew[0].wait_for("worker-started")
        valkey.kill()
        notices = await write(pool, network_id, batches=3, seconds=0.3)
        crew[0].wait_for("queue-unreachable")
        await wait_until_all_is_told(pool, seconds=10)
        valkey.start()
        await asyncio.sleep(3)  # longer than the pauses have grown
        notices += await write(pool, network_id, batches=3, seconds=0.3)
        await asyncio.to_thread(crew[0].wait_for, "queue-reachable")

        await wait_until_all_is_told(pool, seconds=10)

        await check_told_once(pool, network_id, notices)


async def test_the_worker_waits_for_a_database_that_is_away_and_goes_on(
    pool: Pool, database: str, tmp_path: Path
) -> None:
    network_id = await centre(pool, now=datetime.now(UTC))
    url = database_url(role="interpreters_app", database=database)
    owner = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    with (
        a_valkey(tmp_path) as valkey,
        workers(1, database_url=url, redis_url=valkey.url, lease=2, folder=tmp_path) as crew,
    ):
        crew[0].wait_for("worker-started")
        await owner.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS false')
        await owner.execute(
            "SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a WHERE a.datname = $1",
            database,
        )
        await asyncio.to_thread(crew[0].wait_for, "part-stopped")
        await owner.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS true')
        await owner.close()
        notices = await write(pool, network_id, batches=5, seconds=0.3)

        await wait_until_all_is_told(pool, seconds=10)

        await check_told_once(pool, network_id, notices)


@pytest.mark.parametrize("queue_runs", [True, False])
async def test_a_worker_ends_within_two_seconds_and_its_log_is_json(
    pool: Pool, database: str, tmp_path: Path, *, queue_runs: bool
) -> None:
    network_id = await centre(pool, now=datetime.now(UTC))
    url = database_url(role="interpreters_app", database=database)
    with (
        a_valkey(tmp_path) as valkey,
        workers(1, database_url=url, redis_url=valkey.url, lease=15, folder=tmp_path) as crew,
    ):
        crew[0].wait_for("worker-started")
        if not queue_runs:
            valkey.kill()
        await write(pool, network_id, batches=20, seconds=0.3)

        code, seconds = await asyncio.to_thread(crew[0].end)

        assert code == 0
        assert seconds < 2
        lines = [json.loads(line) for line in crew[0].said().splitlines()]
        assert lines[-1]["event"] == "worker-ended"


async def test_the_queue_never_raises_and_says_whether_it_answers(tmp_path: Path) -> None:
    with a_valkey(tmp_path) as valkey:
        queue = Queue(valkey.url, pause=0.1)
        here = UUID(int=1)

        async def hand() -> bool:
            return await queue.enqueue("outbox", network_id=here, id=here, sends=1, expires=5)

        assert await queue.ping()
        assert await hand()
        valkey.kill()
        assert not await hand()
        assert not await queue.ping()
        valkey.start()
        await asyncio.sleep(0.2)
        assert await queue.ping()
        assert await hand()
        await queue.close()
