"""The job `expense`: those it concerns hear of an expense, and again where nobody decides."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from interpreters.application import expense_messages
from interpreters.application.calls import run
from interpreters.application.people_messages import Outgoing
from interpreters.database import Pool
from interpreters.jobs.relay import Job


def teller(out: Outgoing) -> Job:
    """Return the job, for these ways out of the house."""

    async def tell(
        pool: Pool,
        *,
        network_id: UUID,
        id: UUID,  # noqa: A002 - the expense
        clock: Callable[[], datetime],
    ) -> None:
        now = clock()
        await run(
            pool,
            network_id,
            lambda db: expense_messages.tell_expense(
                db, out, network_id=network_id, expense_id=id, now=now
            ),
        )

    return tell
