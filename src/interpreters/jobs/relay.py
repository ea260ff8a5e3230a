"""The relay: what is due is taken from the database and handed to a worker through the queue.

The clock is the table `due`, looked at four times a second: one indexed read over all networks.
What waits for somebody outside (a mail server, a webhook's receiver) has a relay of its own, so
that ladders and reminders never wait for it. The queue carries ids only and may lose them: a
lease that runs out is handed over again, and where the queue is away the work is done here.
Every job may run twice, at once or after another.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeAlias
from uuid import UUID

import structlog

from interpreters.application.calls import run
from interpreters.application.due import Due, Kind, take_due
from interpreters.database import Db, Pool

PAUSE: Final = 0.25  # seconds between two looks
LEASE: Final = timedelta(seconds=15)
LIMIT: Final = 200  # things taken at one look
AT_ONCE: Final = 4  # jobs run in this process while the queue is away
JOB_SECONDS: Final = 10.0  # less than a lease: what takes longer is ended and comes again
OUTSIDE: Final[tuple[Kind, ...]] = (
    "message",
    "webhook",
    "calendar",
    "operation",
)  # what may wait for others
log = structlog.get_logger()

Clock: TypeAlias = Callable[[], datetime]
Job: TypeAlias = Callable[..., Awaitable[None]]  # (pool, *, network_id, id, clock)
Jobs: TypeAlias = Mapping[Kind, Job]
UseCase: TypeAlias = Callable[[Db, UUID, UUID, datetime], Awaitable[None]]  # network, id, now


class Queue(Protocol):
    """What the relay asks of the queue."""

    async def enqueue(
        self, name: str, *, network_id: UUID, id: UUID, sends: int, expires: float  # noqa: A002 - the id of the thing
    ) -> bool:  # fmt: skip
        """Hand over; False when the queue cannot be reached."""
        ...


def in_transaction(use_case: UseCase) -> Job:
    """Return the job that carries a use-case out in one transaction of its network.

    The use-case decides, and sets or clears the `due` row that wakes it again.
    """

    async def job(
        pool: Pool,
        *,
        network_id: UUID,
        id: UUID,  # noqa: A002 - of the thing
        clock: Clock,
    ) -> None:
        now = clock()
        await run(pool, network_id, lambda db: use_case(db, network_id, id, now))

    return job


def apart(jobs: Jobs) -> tuple[Jobs, Jobs]:
    """Return the jobs that work on the database alone, and those that may wait for others."""
    inside: Jobs = {kind: job for kind, job in jobs.items() if kind not in OUTSIDE}
    return inside, {kind: job for kind, job in jobs.items() if kind in OUTSIDE}


async def relay(
    pool: Pool, *, queue: Queue | None, jobs: Jobs, clock: Clock, lease: timedelta = LEASE
) -> None:
    """Look at the clock until cancelled.

    Raises:
        any error of the database, when it is away.
    """
    while True:
        await tick(pool, queue=queue, jobs=jobs, clock=clock, lease=lease)
        await asyncio.sleep(PAUSE)


async def tick(
    pool: Pool, *, queue: Queue | None, jobs: Jobs, clock: Clock, lease: timedelta = LEASE
) -> int:
    """Take what is due and have it done; return how many things that were."""
    now = clock()
    taken = await take_due(pool, kinds=list(jobs), now=now, until=now + lease, limit=LIMIT)
    sends = int(now.timestamp() * 1000)
    left = [one for one in taken if not await _handed_over(queue, one, sends, lease)]
    await _do(left, pool=pool, jobs=jobs, clock=clock)
    return len(taken)


async def attempt(job: Job, one: Due, *, pool: Pool, clock: Clock) -> None:
    """Run a job; one that fails is logged and comes again when its lease has run out.

    Logged is where and what kind of error: never its text, which may hold values.
    """
    began = time.monotonic()
    try:
        await job(pool, network_id=one.network_id, id=one.id, clock=clock)
    except Exception as error:  # noqa: BLE001 - one failing job must not stop the others
        log.error(  # noqa: TRY400 - a traceback would show values
            "job-failed",
            kind=one.kind,
            network_id=str(one.network_id),
            id=str(one.id),
            error=type(error).__name__,
            at=_where(error),
        )
    else:
        took = round((time.monotonic() - began) * 1000)
        log.debug("job-done", kind=one.kind, id=str(one.id), milliseconds=took)


async def _handed_over(queue: Queue | None, one: Due, sends: int, lease: timedelta) -> bool:
    return queue is not None and await queue.enqueue(
        one.kind,
        network_id=one.network_id,
        id=one.id,
        sends=sends,
        expires=lease.total_seconds(),
    )


async def _do(left: Sequence[Due], *, pool: Pool, jobs: Jobs, clock: Clock) -> None:
    """Do the work here, a few things at once."""
    waiting = iter(left)

    async def hand() -> None:
        for one in waiting:
            await attempt(_bounded(jobs[one.kind]), one, pool=pool, clock=clock)

    async with asyncio.TaskGroup() as hands:
        for _ in range(min(AT_ONCE, len(left))):
            hands.create_task(hand())


def _bounded(job: Job) -> Job:
    async def bounded(*args: Any, **kwargs: Any) -> None:
        async with asyncio.timeout(JOB_SECONDS):
            await job(*args, **kwargs)

    return bounded


def _where(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
