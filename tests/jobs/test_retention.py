"""What was kept for a while is forgotten after seven days, once a day in each network."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from interpreters.application.calls import run
from interpreters.application.due import Due, take_due
from interpreters.application.retention import plan_retention
from interpreters.database import Pool
from interpreters.jobs.deliveries import deliver
from interpreters.jobs.retention import forget
from interpreters.sql import idempotency_keys
from told import NOON, about_request, centre, number, told

pytestmark = pytest.mark.anyio

WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)


async def due_at(pool: Pool, now: datetime, kind: str = "retention") -> list[Due]:
    return await take_due(pool, kinds=[kind], now=now, until=now, limit=100)  # type: ignore[list-item]  # one of them


async def deliver_all(pool: Pool, now: datetime) -> None:
    for one in await due_at(pool, now, "outbox"):
        await deliver(pool, network_id=one.network_id, id=one.id, clock=lambda: now)


async def count(pool: Pool, network_id: UUID, statement: str) -> int:
    found: int = await run(pool, network_id, lambda db: db.fetchval(statement, network_id))
    return found


async def test_told_notices_go_after_seven_days_and_events_stay(pool: Pool) -> None:
    network_id = await centre(pool)
    await told(pool, network_id, about_request(), now=NOON)
    await deliver_all(pool, NOON)
    later = NOON + 2 * SECOND
    await told(pool, network_id, about_request(), now=later)
    await deliver_all(pool, later)
    await told(pool, network_id, about_request(), now=NOON)  # never told: stays whatever its age

    now = NOON + WEEK + SECOND
    await forget(pool, network_id=network_id, id=network_id, clock=lambda: now)

    outbox = "SELECT count(*) FROM outbox o WHERE o.network_id = $1"
    events = "SELECT count(*) FROM events e WHERE e.network_id = $1"
    assert await count(pool, network_id, outbox) == 2
    assert await count(pool, network_id, events) == 2


async def test_idempotency_keys_go_after_seven_days_in_their_network_only(pool: Pool) -> None:
    one, other = await centre(pool, slug="one"), await centre(pool, slug="other")
    key_id = number()
    for network_id, key, at in (
        (one, "old", NOON), (one, "young", NOON + 2 * SECOND), (other, "old", NOON),
    ):  # fmt: skip
        await run(
            pool,
            network_id,
            lambda db, network_id=network_id, key=key, at=at: idempotency_keys.claim(
                db, network_id=network_id, key_id=key_id, key=key, request_hash=b"x", now=at
            ),
        )

    now = NOON + WEEK + SECOND
    await forget(pool, network_id=one, id=one, clock=lambda: now)

    keys = (
        "SELECT string_agg(i.idempotency_key, ',') FROM idempotency_keys i WHERE i.network_id = $1"
    )
    assert await run(pool, one, lambda db: db.fetchval(keys, one)) == "young"
    assert await run(pool, other, lambda db: db.fetchval(keys, other)) == "old"


async def test_every_network_has_one_round_a_day(pool: Pool) -> None:
    networks = [await centre(pool, slug=slug) for slug in ("one", "other")]

    await plan_retention(pool, now=NOON)
    assert sorted(one.network_id for one in await due_at(pool, NOON)) == sorted(networks)
    for one in networks:
        await forget(pool, network_id=one, id=one, clock=lambda: NOON)
    await plan_retention(pool, now=NOON)

    assert await due_at(pool, NOON + timedelta(days=1) - SECOND) == []
    tomorrow = await due_at(pool, NOON + timedelta(days=1))
    assert sorted(one.network_id for one in tomorrow) == sorted(networks)
