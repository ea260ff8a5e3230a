"""The job `calendar`: an interpreter's other calendar is read."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from interpreters.application.calendar_readings import read_calendar
from interpreters.application.people_messages import Outgoing
from interpreters.database import Pool
from interpreters.jobs.relay import Job


def reader(out: Outgoing, *, allow_private: bool) -> Job:
    """Return the job, for the addresses that may be called."""

    async def read(
        pool: Pool,
        *,
        network_id: UUID,
        id: UUID,  # noqa: A002 - the interpreter
        clock: Callable[[], datetime],
    ) -> None:
        await read_calendar(
            pool,
            network_id=network_id,
            interpreter_id=id,
            allow_private=allow_private,
            out=out,
            clock=clock,
        )

    return read
