"""The nightly plan: when it is made, and what it sets going."""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import msgspec

from interpreters.application.calls import run
from interpreters.application.operations import start_operation
from interpreters.application.plan_proposals import KIND, PlanJob
from interpreters.application.plan_questions import rules_of
from interpreters.database import Db, Pool
from interpreters.domain.callers import house
from interpreters.domain.planning import next_plan
from interpreters.domain.windows import Window
from interpreters.sql import due, networks, open_requests
from interpreters.sql.networks import Network


async def arrange_plans(pool: Pool, *, now: datetime) -> None:
    """Arrange the nightly plan of every network that has none arranged."""
    async with pool.acquire(timeout=10) as db:
        found = (await networks.names(db)).values()
    for network_id in found:
        await run(pool, network_id, partial(_arrange, network_id, now))


async def arrange_next(db: Db, *, network: Network, now: datetime) -> None:
    """Have the next nightly plan made when the network says now, or none; not when it said once."""
    network_id, at = network.network_id, _next(network, now)
    if at is None:
        await due.clear(db, network_id=network_id, kind="plan", id=network_id)
    else:
        await due.set_at(db, network_id=network_id, kind="plan", id=network_id, at=at)


async def plan_tonight(db: Db, *, network_id: UUID, now: datetime) -> None:
    """Have the worker plan what is open, and arrange the next night; nothing open, nothing made."""
    network = await networks.get(db, network_id=network_id)
    await arrange_next(db, network=network, now=now)
    rules = rules_of(network)
    if rules.minute_of_day is None:
        return
    window = Window(starts_at=now, ends_at=now + timedelta(days=rules.days_ahead))
    ids = await open_requests.starting(
        db, network_id=network_id, since=window.starts_at, until=window.ends_at
    )
    if ids:
        given = msgspec.msgpack.encode(PlanJob(caller=house(network_id), window=window))
        await start_operation(
            db, house(network_id), kind=KIND, total=len(ids), given=given, now=now
        )


async def _arrange(network_id: UUID, now: datetime, db: Db) -> None:
    at = _next(await networks.get(db, network_id=network_id), now)
    if at is not None:
        await due.set_once(db, network_id=network_id, kind="plan", id=network_id, at=at)


def _next(network: Network, now: datetime) -> datetime | None:
    minute = rules_of(network).minute_of_day
    if minute is None:
        return None
    return next_plan(now=now, time_zone=network.time_zone, minute_of_day=minute)
