"""The job `operation`: work that was too long for a call, one at a time in each process.

It may take longer than a job of the queue, so the job only sets it going: a task of this process
does the work, says again and again that it lives, and dies with the process. Whoever then finds
it silent begins anew; the transaction that has the effect also ends the operation.
"""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from interpreters.application.calls import run
from interpreters.application.file_exports import KIND as EXPORT
from interpreters.application.file_exports import carry_out_export, read_export
from interpreters.application.imports import Progress, carry_out, read_job
from interpreters.application.operations import (
    Begun,
    begin_operation,
    fail_operation,
    note_progress,
)
from interpreters.application.plan_acceptances import KIND as ACCEPTANCE
from interpreters.application.plan_acceptances import carry_out_acceptance, read_acceptance
from interpreters.application.plan_making import carry_out_plan, read_plan
from interpreters.application.plan_proposals import KIND as PLAN
from interpreters.database import BUSY, GONE, TOO_LONG, Pool
from interpreters.domain.import_rows import Reader
from interpreters.domain.imports import ImportInProgress
from interpreters.http.usage_tables import usage_tables

BEAT: Final = 0.5  # seconds between two notes of progress
EXPECTED: Final = (ImportInProgress, *BUSY, *GONE)  # it comes again by itself
log = structlog.get_logger()


class Operations:
    """The operations of this process."""

    def __init__(self, read: Reader) -> None:
        self.read = read
        self.tasks: dict[UUID, asyncio.Task[None]] = {}
        self.turn = asyncio.Lock()

    async def start(
        self,
        pool: Pool,
        *,
        network_id: UUID,
        id: UUID,  # noqa: A002 - the operation
        clock: Callable[[], datetime],
    ) -> None:
        """Set an operation going, unless this process is at it already."""
        if id not in self.tasks:
            task = asyncio.create_task(self._run(pool, network_id, id, clock))
            self.tasks[id] = task
            task.add_done_callback(lambda _: self.tasks.pop(id, None))

    async def _run(
        self, pool: Pool, network_id: UUID, operation_id: UUID, clock: Callable[[], datetime]
    ) -> None:
        async with self.turn:
            try:
                await do(pool, network_id=network_id, id=operation_id, read=self.read, clock=clock)
            except EXPECTED as error:
                log.info("operation-waits", id=str(operation_id), error=type(error).__name__)
            except Exception as error:  # noqa: BLE001 - whatever it was, it is tried again
                log.error(  # noqa: TRY400 - a traceback would show values
                    "operation-failed", id=str(operation_id), error=type(error).__name__
                )


async def do(
    pool: Pool,
    *,
    network_id: UUID,
    id: UUID,  # noqa: A002 - the operation
    read: Reader,
    clock: Callable[[], datetime],
) -> None:
    """Carry an operation out to its end, unless it has ended.

    Raises:
        whatever went wrong: the operation comes again, for ten minutes.
    """
    begun = await run(
        pool,
        network_id,
        lambda db: begin_operation(db, network_id=network_id, operation_id=id, now=clock()),
    )
    if begun is None:
        return
    progress = Progress()
    beating = asyncio.create_task(_beat(pool, network_id, id, progress, clock))
    try:
        await _carry_out(pool, begun, id, read, progress, clock)
    except Exception as error:
        # What takes too long again and again would keep all others waiting for ever.
        if isinstance(error, TOO_LONG) or not isinstance(error, EXPECTED):
            await run(
                pool,
                network_id,
                lambda db: fail_operation(db, network_id=network_id, operation_id=id, now=clock()),
            )
        raise
    finally:
        progress.stopped = True
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating


async def _carry_out(
    pool: Pool,
    begun: Begun,
    operation_id: UUID,
    read: Reader,
    progress: Progress,
    clock: Callable[[], datetime],
) -> None:
    """Do what is wanted, by its kind."""
    if begun.kind == PLAN:
        await carry_out_plan(
            pool, job=read_plan(begun.given), operation_id=operation_id, clock=clock,
            tell=partial(_tell, progress),
        )  # fmt: skip
        return
    if begun.kind == ACCEPTANCE:
        await carry_out_acceptance(
            pool, job=read_acceptance(begun.given), operation_id=operation_id, clock=clock,
            tell=partial(_tell, progress),
        )  # fmt: skip
        return
    if begun.kind.startswith(EXPORT):

        def tell(rows: int) -> None:
            progress.total = rows
            progress.tell_written(rows)
            progress.tell_read(rows)

        await carry_out_export(
            pool, job=read_export(begun.given), tables=usage_tables, operation_id=operation_id,
            clock=clock, tell=tell,
        )  # fmt: skip
        return
    await carry_out(
        pool, job=read_job(begun.given), read=read, now=clock(), progress=progress,
        operation_id=operation_id,
    )  # fmt: skip


def _tell(progress: Progress, done: int, total: int) -> None:
    """Note how far something is that is not first read and then written."""
    progress.total, progress.read, progress.written = total, done, done


async def _beat(
    pool: Pool,
    network_id: UUID,
    operation_id: UUID,
    progress: Progress,
    clock: Callable[[], datetime],
) -> None:
    """Note how far it is and that it lives; a database that is away is asked again."""
    while True:
        await asyncio.sleep(BEAT)
        with contextlib.suppress(*GONE, *BUSY):
            await run(
                pool,
                network_id,
                lambda db: note_progress(
                    db,
                    network_id=network_id,
                    operation_id=operation_id,
                    done=progress.done,
                    now=clock(),
                ),
            )
