"""The jobs `ladder` and `offers`: a request's next step, and offers whose time is over.

The use-cases decide, and set or clear the `due` rows that wake them again.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from interpreters.application import dispatch
from interpreters.application.calls import run
from interpreters.database import Pool


async def step(
    pool: Pool,
    *,
    network_id: UUID,
    id: UUID,  # noqa: A002 - the request
    clock: Callable[[], datetime],
) -> None:
    """Take the next step of a request's ladder, if it is due."""
    now = clock()
    await run(
        pool,
        network_id,
        lambda db: dispatch.step_request(db, network_id=network_id, request_id=id, now=now),
    )


async def expire(
    pool: Pool,
    *,
    network_id: UUID,
    id: UUID,  # noqa: A002 - the request
    clock: Callable[[], datetime],
) -> None:
    """Close the offers of a request whose time to answer is over."""
    now = clock()
    await run(
        pool,
        network_id,
        lambda db: dispatch.expire_offers(db, network_id=network_id, request_id=id, now=now),
    )
