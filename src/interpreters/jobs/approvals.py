"""The job `approval`: silence about what was recorded of a booking has become a yes.

The use-case decides, and sets or clears the `due` row that wakes it again.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from interpreters.application import approvals
from interpreters.application.calls import run
from interpreters.database import Pool


async def approve(
    pool: Pool,
    *,
    network_id: UUID,
    id: UUID,  # noqa: A002 - the booking
    clock: Callable[[], datetime],
) -> None:
    """Approve the booking, if nobody has said anything of it in time."""
    now = clock()
    await run(
        pool,
        network_id,
        lambda db: approvals.approve_silent(db, network_id=network_id, booking_id=id, now=now),
    )
