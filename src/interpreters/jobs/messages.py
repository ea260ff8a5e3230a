"""The job `message`: one mail or text goes out."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from interpreters.application.messages import Carriers, send_message
from interpreters.database import Pool
from interpreters.jobs.relay import Job


def sender(carriers: Carriers, *, texts_per_day: int) -> Job:
    """Return the job, for these ways out of the house."""

    async def send(
        pool: Pool,
        *,
        network_id: UUID,
        id: UUID,  # noqa: A002 - the message
        clock: Callable[[], datetime],
    ) -> None:
        await send_message(
            pool,
            network_id=network_id,
            message_id=id,
            carriers=carriers,
            texts_per_day=texts_per_day,
            now=clock(),
        )

    return send
