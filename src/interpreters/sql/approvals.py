"""Every statement about the `approvals` table: the requester's word on what was recorded."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.approvals import ApprovalState, How


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the requester agrees; silence until `due_at` is a yes. `how` it was decided.

    At `remind_at` they are reminded; None when they were, and where nobody is.
    """

    booking_id: UUID
    state: ApprovalState
    due_at: datetime | None = None
    remind_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    how: How | None = None
    created_at: datetime
    version: int = 1


# $1 network_id, $2 booking_id, $3 state, $4 due_at, $5 decided_at, $6 decided_by, $7 how,
# $8 created_at, $9 version, $10 remind_at
INSERT: Final[LiteralString] = """
    INSERT INTO approvals (network_id, booking_id, state, due_at, decided_at, decided_by, how,
                           created_at, version, remind_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, approval: Approval) -> None:
    """Add the booking's approval; the caller holds its request."""
    await db.execute(
        INSERT, network_id, approval.booking_id, approval.state, approval.due_at,
        approval.decided_at, approval.decided_by, approval.how, approval.created_at,
        approval.version, approval.remind_at,
    )  # fmt: skip


# $1 network_id, $2 booking_id
FIND: Final[LiteralString] = """
    SELECT a.booking_id, a.state, a.due_at, a.remind_at, a.decided_at, a.decided_by, a.how,
           a.created_at, a.version
    FROM approvals a
    WHERE a.network_id = $1 AND a.booking_id = $2
"""


async def find(db: Db, *, network_id: UUID, booking_id: UUID) -> Approval | None:
    """Return the booking's approval, if there is one."""
    row = await db.fetchrow(FIND, network_id, booking_id)
    return None if row is None else _approval(row)


# $1 network_id, $2 token_hash
OF_LINK: Final[LiteralString] = """
    SELECT a.booking_id, a.state, a.due_at, a.remind_at, a.decided_at, a.decided_by, a.how,
           a.created_at, a.version
    FROM approvals a
    WHERE a.network_id = $1 AND (a.token_hash = $2 OR a.reminder_hash = $2)
"""


async def by_token(db: Db, *, network_id: UUID, token_hash: bytes) -> Approval | None:
    """Return the approval that a link is to."""
    row = await db.fetchrow(OF_LINK, network_id, token_hash)
    return None if row is None else _approval(row)


# $1 network_id, $2 booking_id, $3 state, $4 due_at, $5 decided_at, $6 decided_by, $7 how,
# $8 new version, $9 remind_at
UPDATE: Final[LiteralString] = """
    UPDATE approvals AS a
    SET state = $3, due_at = $4, decided_at = $5, decided_by = $6, how = $7, version = $8,
        remind_at = $9,
        reminder_hash = CASE WHEN $3 = 'open' THEN NULL ELSE a.reminder_hash END
    WHERE a.network_id = $1 AND a.booking_id = $2 AND a.version = $8 - 1
    RETURNING a.booking_id
"""


async def update(db: Db, *, network_id: UUID, approval: Approval) -> None:
    """Write the next version; the caller holds the booking's request.

    Where it is open anew, of other times, what a reminder linked to leads nowhere.
    """
    made = await db.fetchval(
        UPDATE, network_id, approval.booking_id, approval.state, approval.due_at,
        approval.decided_at, approval.decided_by, approval.how, approval.version,
        approval.remind_at,
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


# $1 network_id, $2 booking_id, $3 token_hash
LINK_AGAIN: Final[LiteralString] = """
    UPDATE approvals AS a SET reminder_hash = $3
    WHERE a.network_id = $1 AND a.booking_id = $2
"""


async def set_reminder_token(
    db: Db, *, network_id: UUID, booking_id: UUID, token_hash: bytes
) -> None:
    """Have another link lead to it beside the first."""
    await db.execute(LINK_AGAIN, network_id, booking_id, token_hash)


# $1 network_id, $2 booking_id, $3 remind_at
REMIND: Final[LiteralString] = """
    UPDATE approvals AS a SET remind_at = $3
    WHERE a.network_id = $1 AND a.booking_id = $2
"""


async def set_reminder(db: Db, *, network_id: UUID, booking_id: UUID, at: datetime | None) -> None:
    """Move the reminder; None takes it away. The caller holds the booking's request."""
    await db.execute(REMIND, network_id, booking_id, at)


# $1 network_id, $2 now
SETTLE: Final[LiteralString] = """
    UPDATE approvals AS a
    SET state = 'approved', how = 'silence', decided_at = a.due_at, due_at = NULL,
        remind_at = NULL, version = a.version + 1
    WHERE a.network_id = $1 AND a.state = 'open' AND a.due_at <= $2
"""


async def settle(db: Db, *, network_id: UUID, now: datetime) -> None:
    """Approve whatever nobody spoke of in time: of a past that is replayed, telling nobody."""
    await db.execute(SETTLE, network_id, now)


# $1 network_id, $2 now
WAITING: Final[LiteralString] = """
    SELECT a.booking_id, CASE WHEN a.remind_at > $2 THEN a.remind_at ELSE a.due_at END AS look_at
    FROM approvals a
    WHERE a.network_id = $1 AND a.state = 'open' AND a.due_at IS NOT NULL
"""


async def waiting(db: Db, *, network_id: UUID, now: datetime) -> dict[UUID, datetime]:
    """Return the bookings that wait for a word, and when they are to be looked at next."""
    rows = await db.fetch(WAITING, network_id, now)
    return {row["booking_id"]: row["look_at"] for row in rows}


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
