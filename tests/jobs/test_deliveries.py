"""A batch is told once, whoever delivers it and how often."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import pytest

from interpreters.application.calls import run
from interpreters.application.deliveries import deliver_batch
from interpreters.application.due import Due, take_due
from interpreters.database import Db, Pool
from interpreters.jobs.deliveries import deliver
from interpreters.sql.outbox import Written
from told import NOON, about_request, centre, told

pytestmark = pytest.mark.anyio


class Postbox:
    """A channel that keeps what it is handed; it fails the first `failures` times."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.notices: list[Written] = []

    async def take(
        self, db: Db, *, network_id: UUID, notices: Sequence[Written], now: datetime
    ) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError
        self.notices += notices


async def batch(pool: Pool) -> UUID:
    """Return the id of the only batch that is due."""
    (one,) = await waiting(pool)
    return one.id


async def waiting(pool: Pool) -> list[Due]:
    return await take_due(pool, kinds=["outbox"], now=NOON, until=NOON, limit=100)


async def tell_to(pool: Pool, network_id: UUID, batch_id: UUID, box: Postbox) -> int:
    return await run(
        pool,
        network_id,
        lambda db: deliver_batch(
            db, network_id=network_id, batch_id=batch_id, now=NOON, channels=[box]
        ),
    )


async def test_delivering_places_the_events_and_clears_the_clock(pool: Pool) -> None:
    network_id = await centre(pool)
    await told(pool, network_id, about_request(), about_request())
    batch_id = await batch(pool)

    for _ in range(2):
        await deliver(pool, network_id=network_id, id=batch_id, clock=lambda: NOON)

    assert await waiting(pool) == []
    rows = await run(
        pool,
        network_id,
        lambda db: db.fetch(
            "SELECT o.done_at, e.place FROM outbox o JOIN events e ON e.network_id = $1"
            " AND e.id = o.event_id WHERE o.network_id = $1 ORDER BY e.place",
            network_id,
        ),
    )
    assert [(row["done_at"], row["place"]) for row in rows] == [(NOON, 1), (NOON, 2)]


async def test_every_channel_gets_the_whole_batch_in_its_order_with_event_ids(pool: Pool) -> None:
    network_id = await centre(pool)
    kinds = ["created", "searching", "filled"]
    await told(pool, network_id, *[about_request(kind=kind) for kind in kinds])
    await told(pool, network_id, about_request(), now=NOON)
    batches = [one.id for one in await waiting(pool)]
    box = Postbox()
    for one in batches:
        await deliver(pool, network_id=network_id, id=one, clock=lambda: NOON)
    await told(pool, network_id, *[about_request(kind=kind) for kind in kinds])
    batch_id = await batch(pool)

    assert await tell_to(pool, network_id, batch_id, box) == 3

    assert [one.type for one in box.notices] == [f"request.{kind}" for kind in kinds]


async def test_many_deliverers_at_once_tell_a_batch_once(pool: Pool) -> None:
    network_id = await centre(pool)
    await told(pool, network_id, *[about_request() for _ in range(50)])
    batch_id = await batch(pool)
    box = Postbox()

    counts = await asyncio.gather(*[tell_to(pool, network_id, batch_id, box) for _ in range(8)])

    assert sorted(counts) == [0] * 7 + [50]
    assert len(box.notices) == len({one.id for one in box.notices}) == 50


async def test_a_channel_that_fails_leaves_the_batch_as_it_was(pool: Pool) -> None:
    network_id = await centre(pool)
    await told(pool, network_id, about_request())
    batch_id = await batch(pool)
    box = Postbox(failures=1)

    with pytest.raises(ConnectionError):
        await tell_to(pool, network_id, batch_id, box)
    assert await batch(pool) == batch_id

    assert await tell_to(pool, network_id, batch_id, box) == 1
    assert await waiting(pool) == []
