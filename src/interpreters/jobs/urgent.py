"""The job `urgent`: an urgent search that has found nobody yet is brought before people.

The use-case decides, and sets or clears the `due` row that wakes it again.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from interpreters.application import escalations
from interpreters.application.calls import run
from interpreters.database import Pool


async def step(
    pool: Pool,
    *,
    network_id: UUID,
    id: UUID,  # noqa: A002 - the request
    clock: Callable[[], datetime],
) -> None:
    """Offer the requester to widen, ring who is on call: whatever it is time for."""
    now = clock()
    await run(
        pool,
        network_id,
        lambda db: escalations.step_urgent(db, network_id=network_id, request_id=id, now=now),
    )
