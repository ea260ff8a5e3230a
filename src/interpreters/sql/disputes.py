"""Every statement about the `disputes` table; the words of both sides are sealed."""

from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.approvals import DisputeState, Outcome, Party
from interpreters.vault import vault_of


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """What one side says is wrong with a booking, and what came of it."""

    id: UUID
    booking_id: UUID
    institution_id: UUID
    interpreter_id: UUID
    opened_by: Party
    reason: str | None
    state: DisputeState = "open"
    answer: str | None = None
    outcome: Outcome | None = None
    created_at: datetime
    closed_at: datetime | None = None
    version: int = 1


# $1 network_id, $2 id, $3 booking_id, $4 opened_by, $5 reason, $6 state, $7 created_at, $8 version
INSERT: Final[LiteralString] = """
    INSERT INTO disputes (network_id, id, booking_id, opened_by, reason, state, created_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT DO NOTHING
    RETURNING id
"""


async def insert(db: Db, *, network_id: UUID, dispute: Dispute) -> None:
    """Add a dispute; the caller holds the booking's request, and none is open."""
    made = await db.fetchval(
        INSERT, network_id, dispute.id, dispute.booking_id, dispute.opened_by,
        vault_of(db).seal_or_none(network_id, dispute.reason), dispute.state, dispute.created_at,
        dispute.version,
    )  # fmt: skip
    assert made is not None  # everybody who opens one holds the booking's request


# $1 network_id, $2 id
FIND: Final[LiteralString] = """
    SELECT d.id, d.booking_id, b.institution_id, b.interpreter_id, d.opened_by, d.reason, d.state,
           d.answer, d.outcome, d.created_at, d.closed_at, d.version
    FROM disputes d
    JOIN bookings b ON b.network_id = $1 AND b.id = d.booking_id
    WHERE d.network_id = $1 AND d.id = $2
"""


async def find(db: Db, *, network_id: UUID, dispute_id: UUID) -> Dispute | None:
    """Return the dispute, if the network has it."""
    row = await db.fetchrow(FIND, network_id, dispute_id)
    return None if row is None else _dispute(db, network_id, row)


# $1 network_id, $2 booking_id
LAST: Final[LiteralString] = """
    SELECT d.id, d.booking_id, b.institution_id, b.interpreter_id, d.opened_by, d.reason, d.state,
           d.answer, d.outcome, d.created_at, d.closed_at, d.version
    FROM disputes d
    JOIN bookings b ON b.network_id = $1 AND b.id = d.booking_id
    WHERE d.network_id = $1 AND d.booking_id = $2
    ORDER BY d.id DESC LIMIT 1
"""


async def last(db: Db, *, network_id: UUID, booking_id: UUID) -> Dispute | None:
    """Return the booking's last dispute: the open one, if one is open."""
    row = await db.fetchrow(LAST, network_id, booking_id)
    return None if row is None else _dispute(db, network_id, row)


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which disputes a list holds; None asks for nothing."""

    state: str | None = None
    booking_id: UUID | None = None
    institution_id: UUID | None = None
    interpreter_id: UUID | None = None
    opened_by: str | None = None


# $1 network_id, $2 before this id (null = from the newest), $3 limit, $4 state, $5 booking_id,
# $6 institution_id, $7 interpreter_id, $8 opened_by (null = any, of these five)
PAGE: Final[LiteralString] = """
    SELECT d.id, d.booking_id, b.institution_id, b.interpreter_id, d.opened_by, d.reason, d.state,
           d.answer, d.outcome, d.created_at, d.closed_at, d.version
    FROM disputes d
    JOIN bookings b ON b.network_id = $1 AND b.id = d.booking_id
    WHERE d.network_id = $1
      AND ($2::uuid IS NULL OR d.id < $2)
      AND ($4::text IS NULL OR d.state = $4)
      AND ($5::uuid IS NULL OR d.booking_id = $5)
      AND ($6::uuid IS NULL OR b.institution_id = $6)
      AND ($7::uuid IS NULL OR b.interpreter_id = $7)
      AND ($8::text IS NULL OR d.opened_by = $8)
    ORDER BY d.id DESC LIMIT $3
"""


async def page(
    db: Db, *, network_id: UUID, wanted: Filter, before: UUID | None, limit: int
) -> list[Dispute]:
    """Return disputes, newest first."""
    rows = await db.fetch(
        PAGE, network_id, before, limit, wanted.state, wanted.booking_id, wanted.institution_id,
        wanted.interpreter_id, wanted.opened_by,
    )  # fmt: skip
    return [_dispute(db, network_id, row) for row in rows]


# $1 network_id, $2 id, $3 state, $4 answer, $5 outcome, $6 closed_at, $7 new version
UPDATE: Final[LiteralString] = """
    UPDATE disputes AS d SET state = $3, answer = $4, outcome = $5, closed_at = $6, version = $7
    WHERE d.network_id = $1 AND d.id = $2 AND d.version = $7 - 1
    RETURNING d.id
"""


async def update(db: Db, *, network_id: UUID, dispute: Dispute) -> None:
    """Write the next version; the caller holds the booking's request."""
    made = await db.fetchval(
        UPDATE, network_id, dispute.id, dispute.state,
        vault_of(db).seal_or_none(network_id, dispute.answer), dispute.outcome, dispute.closed_at,
        dispute.version,
    )  # fmt: skip
    assert made is not None  # everybody who changes one holds the booking's request


def _dispute(db: Db, network_id: UUID, row: Row) -> Dispute:
    vault, fields = vault_of(db), dict(row)
    for name in ("reason", "answer"):
        fields[name] = vault.unseal_or_none(network_id, fields[name])
    return Dispute(**fields)
