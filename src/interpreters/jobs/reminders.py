"""The job `reminder`: somebody is reminded of a session they are booked for."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from interpreters.application import reminders
from interpreters.application.calls import run
from interpreters.application.people_messages import Outgoing
from interpreters.database import Pool
from interpreters.jobs.relay import Job


def reminder(out: Outgoing) -> Job:
    """Return the job, for these ways out of the house."""

    async def remind(
        pool: Pool,
        *,
        network_id: UUID,
        id: UUID,  # noqa: A002 - the booking
        clock: Callable[[], datetime],
    ) -> None:
        now = clock()
        await run(
            pool,
            network_id,
            lambda db: reminders.remind(db, out, network_id=network_id, booking_id=id, now=now),
        )

    return remind
