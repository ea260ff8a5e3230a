"""Plans that take long, made by the worker; and those that are made every night by themselves.

The seats are read portion by portion, each in a transaction of its own, the question is solved
outside of any, and the plan is kept in another. What changed meanwhile shows when it is accepted.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.calls import run
from interpreters.application.operations import finish_operation, start_operation
from interpreters.application.plan_questions import Posed, pose, rules_of
from interpreters.application.plan_seats import Seats, seats_of
from interpreters.application.plans import KIND, PlanJob, solved_aside, store_plan
from interpreters.database import Db, Pool
from interpreters.domain.callers import house
from interpreters.domain.imports import ImportInProgress
from interpreters.domain.planning import next_plan
from interpreters.domain.windows import Window
from interpreters.sql import due, networks, open_requests

PORTION: Final = 25  # requests looked at in one transaction
DAY: Final = timedelta(days=1)  # until it is looked at again whether a network plans by itself


def read_plan(given: bytes) -> PlanJob:
    """Return what an operation keeps."""
    return msgspec.msgpack.decode(given, type=PlanJob)


async def carry_out_plan(
    pool: Pool,
    *,
    job: PlanJob,
    operation_id: UUID,
    clock: Callable[[], datetime],
    tell: Callable[[int, int], None],
) -> None:
    """Make the plan, in the transaction that ends the operation; `tell` hears done and total.

    Raises:
        ImportInProgress: a twin has made it; nothing is kept.
    """
    network_id = job.caller.network_id
    ids = await run(
        pool,
        network_id,
        lambda db: open_requests.starting(
            db, network_id=network_id, since=job.window.starts_at, until=job.window.ends_at
        ),
    )
    found: list[Seats] = []
    for first in range(0, len(ids), PORTION):
        some = ids[first : first + PORTION]
        found += await run(pool, network_id, partial(_portion, network_id, some, clock()))
        tell(first + len(some), len(ids))
    posed = await run(pool, network_id, lambda db: _posed(db, network_id, found, job.window))
    solved = await solved_aside(posed)
    now = clock()

    async def keep(db: Db) -> None:
        plan = await store_plan(
            db, job.caller, posed=posed, solved=solved, window=job.window, now=now
        )
        ended = await finish_operation(
            db, network_id=network_id, operation_id=operation_id, succeeded=True,
            result=plan.id.bytes, now=now,
        )  # fmt: skip
        if not ended:
            raise ImportInProgress

    await run(pool, network_id, keep)


async def arrange_plans(pool: Pool, *, now: datetime) -> None:
    """Arrange the nightly plan of every network that has none arranged."""
    async with pool.acquire(timeout=10) as db:
        found = (await networks.names(db)).values()
    for network_id in found:
        await run(pool, network_id, partial(_arrange, network_id, now))


async def plan_tonight(db: Db, *, network_id: UUID, now: datetime) -> None:
    """Have the worker plan what is open, and arrange the next night; nothing open, nothing made."""
    network = await networks.get(db, network_id=network_id)
    rules = rules_of(network)
    if rules.minute_of_day is None:
        await due.set_at(db, network_id=network_id, kind="plan", id=network_id, at=now + DAY)
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
    at = next_plan(now=now, time_zone=network.time_zone, minute_of_day=rules.minute_of_day)
    await due.set_at(db, network_id=network_id, kind="plan", id=network_id, at=at)


async def _arrange(network_id: UUID, now: datetime, db: Db) -> None:
    network = await networks.get(db, network_id=network_id)
    minute = rules_of(network).minute_of_day
    if minute is not None:
        at = next_plan(now=now, time_zone=network.time_zone, minute_of_day=minute)
        await due.set_once(db, network_id=network_id, kind="plan", id=network_id, at=at)


async def _portion(network_id: UUID, ids: Sequence[UUID], now: datetime, db: Db) -> list[Seats]:
    found: list[Seats] = []
    for one in ids:
        found += await seats_of(db, network_id=network_id, request_id=one, now=now)
    return found


async def _posed(db: Db, network_id: UUID, found: Sequence[Seats], window: Window) -> Posed:
    network = await networks.get(db, network_id=network_id)
    return await pose(db, network=network, found=found, window=window)
