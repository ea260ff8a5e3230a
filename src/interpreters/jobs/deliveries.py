"""The job `outbox`: one transaction's notices get their places in the feed and are told."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from interpreters.application.calls import run
from interpreters.application.deliveries import CHANNELS, Channel, deliver_batch
from interpreters.application.events import BATCH, place_events
from interpreters.database import Pool
from interpreters.jobs.relay import Job


def deliverer(channels: Sequence[Channel]) -> Job:
    """Return the job, for these channels."""
    return partial(deliver, channels=channels)


async def deliver(
    pool: Pool,
    *,
    network_id: UUID,
    id: UUID,  # noqa: A002 - the batch
    clock: Callable[[], datetime],
    channels: Sequence[Channel] = CHANNELS,
) -> None:
    """Place, then tell: in transactions of their own, so that the counter is held shortly."""
    now = clock()
    while (
        await run(pool, network_id, lambda db: place_events(db, network_id=network_id, now=now))
        == BATCH
    ):
        pass
    await run(
        pool,
        network_id,
        lambda db: deliver_batch(
            db, network_id=network_id, batch_id=id, now=now, channels=channels
        ),
    )
