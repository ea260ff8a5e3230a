"""The job `calendar`: an interpreter's other calendar is read."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from interpreters.application.calendar_readings import read_calendar
from interpreters.application.people_messages import Outgoing
from interpreters.database import Pool
from interpreters.jobs.relay import Job

AT_ONCE: Final = 4  # readings of one worker: servers that are slow leave room for other jobs


def reader(out: Outgoing, *, allow_private: bool) -> Job:
    """Return the job, for the addresses that may be called.

    One whose calendar is being read here, or for whom there is no room, comes again when its lease
    has run out: whoever names a slow server again and again keeps one reading busy, not the worker.
    """
    reading: set[UUID] = set()

    async def read(
        pool: Pool,
        *,
        network_id: UUID,
        id: UUID,  # noqa: A002 - the interpreter
        clock: Callable[[], datetime],
    ) -> None:
        if id in reading or len(reading) >= AT_ONCE:
            return
        reading.add(id)
        try:
            await read_calendar(
                pool,
                network_id=network_id,
                interpreter_id=id,
                allow_private=allow_private,
                out=out,
                clock=clock,
            )
        finally:
            reading.discard(id)

    return read
