"""The job `scenario`: a scripted interpreter of a sandbox makes a move."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from interpreters.application.scenarios import play
from interpreters.database import Pool


async def act(
    pool: Pool,
    *,
    network_id: UUID,
    id: UUID,  # noqa: A002 - the request
    clock: Callable[[], datetime],
) -> None:
    """Make the next move of a request's script."""
    await play(pool, network_id=network_id, request_id=id, now=clock())
