"""The job `webhook`: an endpoint is told what it waits for."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from interpreters.application.webhook_deliveries import send_webhooks
from interpreters.database import Pool
from interpreters.jobs.relay import Job


def sender(*, allow_private: bool) -> Job:
    """Return the job, for the addresses that may be called."""

    async def send(
        pool: Pool,
        *,
        network_id: UUID,
        id: UUID,  # noqa: A002 - the endpoint
        clock: Callable[[], datetime],
    ) -> None:
        await send_webhooks(
            pool, network_id=network_id, endpoint_id=id, allow_private=allow_private, clock=clock
        )

    return send
