"""The worker process: the relay, the queue's consumer and the daily round, each kept alive.

Nothing here holds anything that may not be lost. Whatever goes away, the database or the queue,
is waited for; SIGTERM and Ctrl-C end the process within two seconds.
"""

import asyncio
import contextlib
import gc
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import structlog
from arq.worker import Function, Worker, func

from interpreters.application.carriers import carriers_of
from interpreters.application.deliveries import CHANNELS
from interpreters.application.due import Due, Kind
from interpreters.application.networks import check_keys
from interpreters.application.people_messages import Outgoing
from interpreters.application.told_people import People
from interpreters.database import GONE, Pool, open_pool
from interpreters.embedded.processes import die_with_parent
from interpreters.gateways.queue import NAME, Queue, connect
from interpreters.http.import_bodies import read_row
from interpreters.jobs import (
    approvals,
    calendars,
    deliveries,
    expenses,
    ladders,
    messages,
    plans,
    reminders,
    retention,
    scenarios,
    urgent,
    webhooks,
)
from interpreters.jobs.operations import Operations
from interpreters.jobs.relay import JOB_SECONDS, LEASE, Clock, Job, Jobs, apart, attempt, relay
from interpreters.logs import log_to_stderr
from interpreters.secret_keys import right_keys_or_exit
from interpreters.settings import Settings, load_or_exit
from interpreters.vault import Vault, vault_from

JOBS: Final[Jobs] = {
    "ladder": ladders.step,
    "offers": ladders.expire,
    "urgent": urgent.step,
    "retention": retention.forget,
    "scenario": scenarios.act,
}  # and those that need the settings (`jobs_of`)
AT_ONCE: Final = 16  # jobs of the queue at once; more than connections, they take turns
SHORTEST, LONGEST = 0.2, 1.0  # seconds before something that ended is started again
LASTING: Final = 10.0  # seconds after which it counts as having run well
ENDING: Final = 1.0  # seconds that running jobs have when the process is to end
log = structlog.get_logger()


def main() -> None:
    """Run the worker with the environment's settings until told to end."""
    settings = load_or_exit()
    if settings.supervised:
        die_with_parent()
    log_to_stderr(settings)
    asyncio.run(work(settings))


async def work(
    settings: Settings,
    *,
    clock: Clock = lambda: datetime.now(UTC),
    lease: timedelta = LEASE,
) -> None:
    """Work until SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_log_from_loop)
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stopping.set)
    working = asyncio.create_task(_work(settings, clock, lease))
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait((working, told), return_when=asyncio.FIRST_COMPLETED)
    working.cancel()
    told.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working
    log.info("worker-ended")


async def _work(settings: Settings, clock: Clock, lease: timedelta) -> None:
    assert settings.database_url is not None  # the supervisor, or the operator, gives it
    with right_keys_or_exit():
        pool = await _opened(settings.database_url, settings.pool_size, vault_from(settings))
    jobs = jobs_of(settings)
    queue = None if settings.redis_url is None else Queue(settings.redis_url)
    gc.collect()
    gc.freeze()
    log.info("worker-started")
    try:
        async with asyncio.TaskGroup() as parts:
            for name, some in zip(("relay", "relay-outside"), apart(jobs), strict=True):
                part = partial(relay, pool, queue=queue, jobs=some, clock=clock, lease=lease)
                parts.create_task(kept(name, part))
            parts.create_task(kept("retention", lambda: retention.keep_planned(pool, clock=clock)))
            parts.create_task(kept("plans", lambda: plans.keep_arranged(pool, clock=clock)))
            if settings.redis_url is not None:
                url = settings.redis_url
                parts.create_task(
                    kept(
                        "consumer",
                        lambda: consume(pool, url=url, jobs=jobs, clock=clock),
                    )
                )
    finally:
        await _closed(pool, queue)


def jobs_of(settings: Settings) -> Jobs:
    """Return the job of every kind of work."""
    carriers = carriers_of(settings)
    message = messages.sender(carriers, texts_per_day=settings.texts_per_day)
    out = Outgoing(
        base_url=settings.base_url, ways=frozenset(carriers), mail_from=settings.mail_from
    )
    operation = Operations(read_row).start
    webhook = webhooks.sender(allow_private=settings.allow_private_urls)
    return {
        **JOBS,
        "outbox": deliveries.deliverer((*CHANNELS, People(out))),
        "reminder": reminders.reminder(out),
        "approval": approvals.approver(out),
        "expense": expenses.teller(out),
        "plan": plans.planner(out),
        "message": message,
        "operation": operation,
        "webhook": webhook,
        "calendar": calendars.reader(out, allow_private=settings.allow_private_urls),
    }


async def kept(name: str, part: Callable[[], Awaitable[None]]) -> None:
    """Run a part for ever: one that fails is started again, after a growing pause."""
    pause, said = SHORTEST, ""
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        try:
            await part()
        except Exception as error:  # noqa: BLE001 - whatever it was, the part must come back
            if loop.time() - began > LASTING:
                pause, said = SHORTEST, ""
            kind = type(error).__name__
            if kind != said:  # not every second of an outage again
                log.warning("part-stopped", part=name, error=kind)
            said = kind
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST)


async def consume(pool: Pool, *, url: str, jobs: Jobs, clock: Clock) -> None:
    """Run the jobs that come through the queue, until it goes away.

    Raises:
        RedisError, OSError: it did.
    """
    redis = await connect(url)
    worker = Worker(
        functions=[_function(pool, kind, job, clock) for kind, job in jobs.items()],
        queue_name=NAME,
        redis_pool=redis,
        job_serializer=redis.job_serializer,
        job_deserializer=redis.job_deserializer,
        max_jobs=AT_ONCE,
        job_timeout=JOB_SECONDS,
        max_tries=1_000_000_000,  # whether to try again is the database's to say
        keep_result=0,
        poll_delay=0.1,
        handle_signals=False,
    )
    try:
        await worker.async_run()
    finally:
        for task in worker.tasks.values():
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ENDING):
                await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
                await redis.aclose(close_connection_pool=True)


def _function(pool: Pool, kind: Kind, job: Job, clock: Clock) -> Function:
    """Return the job as arq knows it: called with the ids as texts, never failing."""

    async def run(ctx: dict[Any, Any], *args: Any, **_kwargs: Any) -> None:  # noqa: ARG001 - arq gives it
        network_id, thing_id = args
        one = Due(network_id=UUID(network_id), kind=kind, id=UUID(thing_id))
        await attempt(job, one, pool=pool, clock=clock)

    return func(run, name=kind)


async def _opened(url: str, size: int, vault: Vault) -> Pool:
    """Return the pool, as soon as the database can be reached."""
    pause = SHORTEST
    while True:
        try:
            return await _checked(await open_pool(url, vault=vault, size=size))
        except GONE as error:
            log.warning("database-unreachable", error=type(error).__name__, again_in=pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST)


async def _checked(pool: Pool) -> Pool:
    try:
        await check_keys(pool)
    except BaseException:
        pool.terminate()
        raise
    return pool


async def _closed(pool: Pool, queue: Queue | None) -> None:
    if queue is not None:
        await queue.close()
    try:
        async with asyncio.timeout(ENDING / 2):
            await pool.close()
    except GONE:
        pool.terminate()


def _log_from_loop(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    log.warning(
        "library", logger="asyncio", said=context["message"], error=error and type(error).__name__
    )


if __name__ == "__main__":
    main()
