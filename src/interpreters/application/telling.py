"""What must be told of a change: written to the outbox in the change's own transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.ids import new_id
from interpreters.sql import due, outbox
from interpreters.sql.outbox import Notice


async def tell(db: Db, *, network_id: UUID, notices: Sequence[Notice], now: datetime) -> None:
    """Have the notices told, in this order, once the transaction commits."""
    if not notices:
        return
    batch_id = new_id(now)
    await outbox.put(
        db,
        network_id=network_id,
        batch_id=batch_id,
        ids=[new_id(now) for _ in notices],
        notices=notices,
        now=now,
    )
    await due.set_at(db, network_id=network_id, kind="outbox", id=batch_id, at=now)
