"""The job `approval`: somebody is reminded of what they have not approved; silence is a yes then.

The use-case decides, and sets or clears the `due` row that wakes it again.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from interpreters.application.approval_reminders import remind_or_approve
from interpreters.application.calls import run
from interpreters.application.people_messages import Outgoing
from interpreters.database import Pool
from interpreters.jobs.relay import Job


def approver(out: Outgoing) -> Job:
    """Return the job, for these ways out of the house."""

    async def approve(
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
            lambda db: remind_or_approve(db, out, network_id=network_id, booking_id=id, now=now),
        )

    return approve
