"""Every statement about the `statements` and `statement_entries` tables."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.statements import Frozen, Side
from interpreters.vault import vault_of


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that was issued, and perhaps opened again; `month` is its first day.

    `revision` counts the statements of the month, from 1.
    """

    id: UUID
    side: Side
    institution_id: UUID | None
    interpreter_id: UUID | None
    month: date
    number: str
    revision: int
    state: str
    frozen: Frozen
    issued_at: datetime
    issued_by: UUID | None
    reopened_at: datetime | None = None
    reason: str | None = None

    @property
    def party_id(self) -> UUID:
        """Whose it is."""
        party_id = self.institution_id or self.interpreter_id
        assert party_id is not None  # a CHECK holds it
        return party_id


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which statements are wanted; None takes all."""

    side: Side
    party_id: UUID | None = None
    month: date | None = None
    state: str | None = None


# $1 network_id
HOLD: Final[LiteralString] = """
    SELECT n.network_id FROM networks n WHERE n.network_id = $1 FOR NO KEY UPDATE
"""


async def hold(db: Db, *, network_id: UUID) -> None:
    """Have nobody else of the network issue or open a statement until this transaction ends.

    So numbers have no gaps, and what is read afterwards is what the one before wrote.
    """
    await db.execute(HOLD, network_id)


# $1 network_id, $2 side, $3 institution or interpreter
ISSUED_MONTHS: Final[LiteralString] = """
    SELECT s.month FROM statements s
    WHERE s.network_id = $1 AND s.side = $2 AND s.state = 'issued'
      AND coalesce(s.institution_id, s.interpreter_id) = $3
"""


async def issued_months(db: Db, *, network_id: UUID, side: Side, party_id: UUID) -> set[date]:
    """Return the months that are issued."""
    rows = await db.fetch(ISSUED_MONTHS, network_id, side, party_id)
    return {row["month"] for row in rows}


# $1 network_id, $2 side, $3 institution or interpreter, $4 month
OF_MONTH: Final[LiteralString] = """
    SELECT s.id, s.side, s.institution_id, s.interpreter_id, s.month, s.number, s.revision,
           s.state, s.totals, s.issued_at, s.issued_by, s.reopened_at, s.reason
    FROM statements s
    WHERE s.network_id = $1 AND s.side = $2 AND s.month = $4
      AND coalesce(s.institution_id, s.interpreter_id) = $3
    ORDER BY s.revision
"""


async def of_month(
    db: Db, *, network_id: UUID, side: Side, party_id: UUID, month: date
) -> list[Statement]:
    """Return the statements of a month, the first revision first; only the last may be issued."""
    rows = await db.fetch(OF_MONTH, network_id, side, party_id, month)
    return [_statement(db, network_id, row) for row in rows]


# $1 network_id, $2 below the year's numbers, $3 above them
LAST_NUMBER: Final[LiteralString] = """
    SELECT s.number FROM statements s
    WHERE s.network_id = $1 AND s.number > $2 AND s.number <= $3
    ORDER BY s.number DESC LIMIT 1
"""


async def last_number(db: Db, *, network_id: UUID, between: tuple[str, str]) -> str | None:
    """Return the highest number given; the caller holds the network."""
    number: str | None = await db.fetchval(LAST_NUMBER, network_id, *between)
    return number


# $1 network_id, $2 id, $3 side, $4 institution_id, $5 interpreter_id, $6 month, $7 number,
# $8 revision, $9 state, $10 totals, $11 issued_at, $12 issued_by
INSERT: Final[LiteralString] = """
    INSERT INTO statements (network_id, id, side, institution_id, interpreter_id, month, number,
        revision, state, totals, issued_at, issued_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text::jsonb, $11, $12)
    ON CONFLICT DO NOTHING
    RETURNING id
"""
# $1 network_id, $2 side, $3 statement_id, $4 entry_ids
INSERT_ENTRIES: Final[LiteralString] = """
    INSERT INTO statement_entries (network_id, entry_id, side, statement_id)
    SELECT $1, n.entry_id, $2, $3 FROM unnest($4::uuid[]) AS n (entry_id)
    ON CONFLICT DO NOTHING
    RETURNING entry_id
"""


async def insert(
    db: Db, *, network_id: UUID, statement: Statement, entry_ids: Sequence[UUID]
) -> None:
    """Add an issued statement with its entries; the caller holds the network."""
    made = await db.fetchval(
        INSERT, network_id, statement.id, statement.side, statement.institution_id,
        statement.interpreter_id, statement.month, statement.number, statement.revision,
        statement.state, _json(statement.frozen), statement.issued_at, statement.issued_by,
    )  # fmt: skip
    settled = await db.fetch(
        INSERT_ENTRIES, network_id, statement.side, statement.id, list(entry_ids)
    )
    # Whoever holds the network is the only one who issues.
    assert made is not None
    assert len(settled) == len(entry_ids)


# $1 network_id, $2 id, $3 totals, $4 reopened_at, $5 reason
REOPEN: Final[LiteralString] = """
    UPDATE statements AS s
    SET state = 'reopened', totals = $3::text::jsonb, reopened_at = $4, reason = $5
    WHERE s.network_id = $1 AND s.id = $2
"""
# $1 network_id, $2 statement_id
FREE_ENTRIES: Final[LiteralString] = """
    DELETE FROM statement_entries AS s WHERE s.network_id = $1 AND s.statement_id = $2
"""


async def reopen(db: Db, *, network_id: UUID, statement: Statement) -> None:
    """Keep a statement as opened again; its entries may be on another one."""
    reason = vault_of(db).seal_or_none(network_id, statement.reason)
    await db.execute(
        REOPEN, network_id, statement.id, _json(statement.frozen), statement.reopened_at, reason
    )
    await db.execute(FREE_ENTRIES, network_id, statement.id)


# $1 network_id, $2 side, $3 institution or interpreter (null = any), $4 month (null = any),
# $5 state (null = any), $6 before this id (null = from the newest), $7 limit
PAGE: Final[LiteralString] = """
    SELECT s.id, s.side, s.institution_id, s.interpreter_id, s.month, s.number, s.revision,
           s.state, s.totals, s.issued_at, s.issued_by, s.reopened_at, s.reason
    FROM statements s
    WHERE s.network_id = $1 AND s.side = $2
      AND ($3::uuid IS NULL OR coalesce(s.institution_id, s.interpreter_id) = $3)
      AND ($4::date IS NULL OR s.month = $4)
      AND ($5::text IS NULL OR s.state = $5)
      AND ($6::uuid IS NULL OR s.id < $6)
    ORDER BY s.id DESC LIMIT $7
"""


async def page(
    db: Db, *, network_id: UUID, wanted: Wanted, before: UUID | None, limit: int
) -> list[Statement]:
    """Return statements, the last issued first."""
    rows = await db.fetch(
        PAGE, network_id, wanted.side, wanted.party_id, wanted.month, wanted.state, before, limit
    )
    return [_statement(db, network_id, row) for row in rows]


# $1 network_id, $2 until instant, $3 from instant, $4 institution_id (null = any),
# $5 interpreter_id (null = any)
OPEN_SESSIONS: Final[LiteralString] = """
    SELECT count(*) FROM bookings b
    WHERE b.network_id = $1 AND b.starts_at >= $3 AND b.starts_at < $2
      AND b.state IN ('held', 'confirmed', 'in_progress')
      AND ($4::uuid IS NULL OR b.institution_id = $4)
      AND ($5::uuid IS NULL OR b.interpreter_id = $5)
"""


async def open_sessions(
    db: Db, *, network_id: UUID, side: Side, party_id: UUID, starts_at: datetime, ends_at: datetime
) -> int:
    """Return how many sessions booked to start in this time have not ended."""
    parties = (party_id, None) if side == "charge" else (None, party_id)
    count: int = await db.fetchval(OPEN_SESSIONS, network_id, ends_at, starts_at, *parties)
    return count


def _statement(db: Db, network_id: UUID, row: Row) -> Statement:
    fields: dict[str, Any] = dict(row)
    frozen = msgspec.json.decode(fields.pop("totals"), type=Frozen)
    fields["reason"] = vault_of(db).unseal_or_none(network_id, fields["reason"])
    return Statement(**fields, frozen=frozen)


def _json(value: Frozen) -> str:
    return msgspec.json.encode(value).decode()
