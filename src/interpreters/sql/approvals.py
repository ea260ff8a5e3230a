"""Every statement about the `approvals` table: the requester's word on what was recorded."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.approvals import ApprovalState, How


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the requester agrees; silence until `due_at` is a yes. `how` it was decided."""

    booking_id: UUID
    state: ApprovalState
    due_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    how: How | None = None
    created_at: datetime
    version: int = 1


# $1 network_id, $2 booking_id, $3 state, $4 due_at, $5 decided_at, $6 decided_by, $7 how,
# $8 created_at, $9 version
INSERT: Final[LiteralString] = """
    INSERT INTO approvals (network_id, booking_id, state, due_at, decided_at, decided_by, how,
                           created_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, approval: Approval) -> None:
    """Add the booking's approval; the caller holds its request."""
    await db.execute(
        INSERT, network_id, approval.booking_id, approval.state, approval.due_at,
        approval.decided_at, approval.decided_by, approval.how, approval.created_at,
        approval.version,
    )  # fmt: skip


# $1 network_id, $2 booking_id
FIND: Final[LiteralString] = """
    SELECT a.booking_id, a.state, a.due_at, a.decided_at, a.decided_by, a.how, a.created_at,
           a.version
    FROM approvals a
    WHERE a.network_id = $1 AND a.booking_id = $2
"""


async def find(db: Db, *, network_id: UUID, booking_id: UUID) -> Approval | None:
    """Return the booking's approval, if there is one."""
    row = await db.fetchrow(FIND, network_id, booking_id)
    return None if row is None else _approval(row)


# $1 network_id, $2 token_hash
OF_LINK: Final[LiteralString] = """
    SELECT a.booking_id, a.state, a.due_at, a.decided_at, a.decided_by, a.how, a.created_at,
           a.version
    FROM approvals a
    WHERE a.network_id = $1 AND a.token_hash = $2
"""


async def by_token(db: Db, *, network_id: UUID, token_hash: bytes) -> Approval | None:
    """Return the approval that a link is to."""
    row = await db.fetchrow(OF_LINK, network_id, token_hash)
    return None if row is None else _approval(row)


# $1 network_id, $2 booking_id, $3 state, $4 due_at, $5 decided_at, $6 decided_by, $7 how,
# $8 new version
UPDATE: Final[LiteralString] = """
    UPDATE approvals AS a
    SET state = $3, due_at = $4, decided_at = $5, decided_by = $6, how = $7, version = $8
    WHERE a.network_id = $1 AND a.booking_id = $2 AND a.version = $8 - 1
    RETURNING a.booking_id
"""


async def update(db: Db, *, network_id: UUID, approval: Approval) -> None:
    """Write the next version; the caller holds the booking's request."""
    made = await db.fetchval(
        UPDATE, network_id, approval.booking_id, approval.state, approval.due_at,
        approval.decided_at, approval.decided_by, approval.how, approval.version,
    )  # fmt: skip
    assert made is not None  # everybody who changes it holds the booking's request


# $1 network_id, $2 booking_id, $3 token_hash
LINK: Final[LiteralString] = """
    UPDATE approvals AS a SET token_hash = $3
    WHERE a.network_id = $1 AND a.booking_id = $2
"""


async def set_token(db: Db, *, network_id: UUID, booking_id: UUID, token_hash: bytes) -> None:
    """Have a new link lead to the booking's approval; the one before leads nowhere then."""
    await db.execute(LINK, network_id, booking_id, token_hash)


# $1 network_id, $2 now
SETTLE: Final[LiteralString] = """
    UPDATE approvals AS a
    SET state = 'approved', how = 'silence', decided_at = a.due_at, due_at = NULL,
        version = a.version + 1
    WHERE a.network_id = $1 AND a.state = 'open' AND a.due_at <= $2
"""


async def settle(db: Db, *, network_id: UUID, now: datetime) -> None:
    """Approve whatever nobody spoke of in time: of a past that is replayed, telling nobody."""
    await db.execute(SETTLE, network_id, now)


# $1 network_id
WAITING: Final[LiteralString] = """
    SELECT a.booking_id, a.due_at FROM approvals a
    WHERE a.network_id = $1 AND a.state = 'open' AND a.due_at IS NOT NULL
"""


async def waiting(db: Db, *, network_id: UUID) -> dict[UUID, datetime]:
    """Return the bookings that wait for a word, and until when."""
    rows = await db.fetch(WAITING, network_id)
    return {row["booking_id"]: row["due_at"] for row in rows}


# $1 network_id, $2 booking_ids
STATES: Final[LiteralString] = """
    SELECT a.booking_id, a.state FROM approvals a
    WHERE a.network_id = $1 AND a.booking_id = ANY ($2::uuid[])
"""


async def states(
    db: Db, *, network_id: UUID, booking_ids: Sequence[UUID]
) -> dict[UUID, ApprovalState]:
    """Return which bookings are approved, disputed, or wait for it; others are left out."""
    rows = await db.fetch(STATES, network_id, list(booking_ids))
    return {row["booking_id"]: row["state"] for row in rows}


def _approval(row: Row) -> Approval:
    return Approval(**dict(row))
