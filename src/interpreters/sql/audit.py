"""Every statement about the `audit` table: who did what to whom. It only grows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.ids import new_id

# $1 network_id, $2 at, $3 key_id, $4 role, $5 action, $6 subject_kind, then arrays of one length:
# $7 ids, $8 subject ids
WRITE: Final[LiteralString] = """
    INSERT INTO audit (network_id, id, at, key_id, role, action, subject_kind, subject_id)
    SELECT $1, n.id, $2, $3, $4, $5, $6, n.subject_id
    FROM unnest($7::uuid[], $8::uuid[]) AS n (id, subject_id)
    ON CONFLICT DO NOTHING
"""


async def write(
    db: Db,
    *,
    caller: Caller,
    action: str,
    subject_kind: str,
    subject_ids: Sequence[UUID],
    now: datetime,
) -> None:
    """Note that the caller did `action` (`read`, `created`, `erased`) to each of the subjects."""
    if subject_ids:
        await db.execute(
            WRITE, caller.network_id, now, caller.key_id, caller.role, action, subject_kind,
            [new_id(now) for _ in subject_ids], list(subject_ids),
        )  # fmt: skip
