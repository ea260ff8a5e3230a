"""Deliveries: what was written to the outbox is told, once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from interpreters.application.receipts import Receipts
from interpreters.application.waking import Waking
from interpreters.application.webhook_deliveries import Webhooks
from interpreters.database import Db
from interpreters.sql import due, outbox
from interpreters.sql.outbox import Written


class Channel(Protocol):
    """A way to tell people or machines: mail, texts, push, webhooks.

    Inside the transaction it only writes down what it will send, with a `due` row of its own;
    it sends later and outside, and repeats with the same id (`event_id`) after a crash.
    """

    async def take(
        self, db: Db, *, network_id: UUID, notices: Sequence[Written], now: datetime
    ) -> None:
        """Write down what of these notices, one batch in its order, this channel will send."""
        ...


CHANNELS: Final[Sequence[Channel]] = (Webhooks(), Waking(), Receipts())


async def deliver_batch(
    db: Db,
    *,
    network_id: UUID,
    batch_id: UUID,
    now: datetime,
    channels: Sequence[Channel] = CHANNELS,
) -> int:
    """Hand one transaction's notices to every channel, once; return how many there were.

    The notices have their events already (`place_events`). The batch's `due` row is the claim:
    whoever holds it has all of the batch, and it goes with the commit, so a second call finds
    nothing, and a crash leaves everything as it was.
    """
    if not await due.claim(db, network_id=network_id, kind="outbox", id=batch_id):
        return 0
    notices = await outbox.not_done(db, network_id=network_id, batch_id=batch_id)
    for channel in channels:
        await channel.take(db, network_id=network_id, notices=notices, now=now)
    await outbox.mark_done(db, network_id=network_id, batch_id=batch_id, now=now)
    await due.clear(db, network_id=network_id, kind="outbox", id=batch_id)
    return len(notices)
