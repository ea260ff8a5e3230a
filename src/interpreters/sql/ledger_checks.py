"""Statements that read the whole ledger for its checker, a page at a time."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.ledger_checks import CheckedBooking, CheckedEntry, CheckedStatement
from interpreters.domain.statements import HELD, Frozen
from interpreters.domain.windows import Window

# $1 network_id, $2 after id, $3 limit
ENTRIES: Final[LiteralString] = """
    SELECT u.id, u.kind, u.charge_minor, u.pay_minor, u.booked_minutes, u.actual_minutes,
           u.break_minutes, u.billable_minutes, u.lines, u.funding_shares
    FROM usage_entries u
    WHERE u.network_id = $1 AND u.id > $2
    ORDER BY u.id LIMIT $3
"""


async def entries(db: Db, *, network_id: UUID, after: UUID, limit: int) -> list[CheckedEntry]:
    """Return entries by their ids."""
    rows = await db.fetch(ENTRIES, network_id, after, limit)
    return [_entry(row) for row in rows]


# $1 network_id, $2 after id, $3 limit
BOOKINGS: Final[LiteralString] = """
    SELECT b.id, b.state, lower(b.session) AS starts_at, upper(b.session) AS ends_at,
           b.started_at, b.ended_at, b.break_minutes,
           count(u.id) FILTER (WHERE u.kind = 'session') AS sessions,
           count(u.id) FILTER (WHERE u.kind IN ('late_cancellation', 'client_no_show')) AS others,
           sum(u.booked_minutes) FILTER (WHERE u.kind = 'session') AS booked_minutes,
           sum(u.actual_minutes) FILTER (
               WHERE u.kind = 'session' OR u.reason_code = 'changed-times') AS actual_minutes,
           sum(u.break_minutes) FILTER (
               WHERE u.kind = 'session' OR u.reason_code = 'changed-times') AS entered_break_minutes
    FROM (
        SELECT p.id, p.state, p.session, p.started_at, p.ended_at, p.break_minutes FROM bookings p
        WHERE p.network_id = $1 AND p.id > $2 ORDER BY p.id LIMIT $3
    ) AS b
    LEFT JOIN usage_entries u ON u.network_id = $1 AND u.booking_id = b.id
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    ORDER BY 1
"""


async def bookings(db: Db, *, network_id: UUID, after: UUID, limit: int) -> list[CheckedBooking]:
    """Return bookings by their ids, with what is entered for them."""
    rows = await db.fetch(BOOKINGS, network_id, after, limit)
    return [_booking(row) for row in rows]


# $1 network_id, $2 after id, $3 limit. A row for each kind and currency on a statement.
STATEMENTS: Final[LiteralString] = """
    SELECT s.id, s.number, s.state, s.totals, u.kind, u.currency, count(u.id) AS entries,
           sum(CASE WHEN s.side = 'charge' THEN u.charge_minor ELSE u.pay_minor END) AS amount,
           sum(u.booked_minutes) AS booked, sum(u.actual_minutes) AS actual,
           sum(u.billable_minutes) AS billable,
           count(u.id) FILTER (
               WHERE e.side <> s.side OR u.booked_on >= s.month + interval '1 month'
                  OR coalesce(s.institution_id, s.interpreter_id)
                     <> CASE WHEN s.side = 'charge' THEN u.institution_id ELSE u.interpreter_id END
           ) AS strangers
    FROM (
        SELECT p.id, p.number, p.state, p.side, p.totals, p.institution_id, p.interpreter_id,
               p.month
        FROM statements p
        WHERE p.network_id = $1 AND p.id > $2 ORDER BY p.id LIMIT $3
    ) AS s
    LEFT JOIN statement_entries e ON e.network_id = $1 AND e.statement_id = s.id
    LEFT JOIN usage_entries u ON u.network_id = $1 AND u.id = e.entry_id
    GROUP BY 1, 2, 3, 4, 5, 6
    ORDER BY 1, 5, 6
"""


async def statements(
    db: Db, *, network_id: UUID, after: UUID, limit: int
) -> list[CheckedStatement]:
    """Return statements by their ids, with the sums of what is on them."""
    rows = await db.fetch(STATEMENTS, network_id, after, limit)
    return [_statement(list(group)) for _, group in groupby(rows, key=lambda row: row["id"])]


# $1 network_id
NUMBERS: Final[LiteralString] = """
    SELECT s.number FROM statements s WHERE s.network_id = $1
"""


async def numbers(db: Db, *, network_id: UUID) -> list[str]:
    """Return every number that was ever given."""
    return [row["number"] for row in await db.fetch(NUMBERS, network_id)]


def _entry(row: Row) -> CheckedEntry:
    fields: dict[str, Any] = dict(row)
    for name in ("lines", "funding_shares"):
        fields[name] = msgspec.json.decode(fields[name])
    return CheckedEntry(**fields)


def _booking(row: Row) -> CheckedBooking:
    fields: dict[str, Any] = dict(row)
    session = Window(starts_at=fields.pop("starts_at"), ends_at=fields.pop("ends_at"))
    return CheckedBooking(**fields, session=session)


def _statement(rows: Sequence[Row]) -> CheckedStatement:
    first = rows[0]
    said = msgspec.json.decode(first["totals"], type=Frozen).totals
    held = [row for row in rows if row["kind"] in HELD]
    summed = {
        "entries": sum(row["entries"] for row in rows),
        "sessions": sum(row["entries"] for row in rows if row["kind"] == "session"),
        "booked_minutes": sum(row["booked"] for row in held),
        "actual_minutes": sum(row["actual"] for row in held),
        "billable_minutes": sum(row["billable"] for row in held),
    } | {f"{row['kind']} {row['currency']}": row["amount"] for row in rows if row["kind"]}
    wanted = {
        "entries": said.entries,
        "sessions": said.sessions,
        "booked_minutes": said.booked_minutes,
        "actual_minutes": said.actual_minutes,
        "billable_minutes": said.billable_minutes,
    } | {f"{one.kind} {one.currency}": one.amount_minor for one in said.kinds}
    return CheckedStatement(
        id=first["id"],
        number=first["number"],
        # What was opened again has nothing on it any more.
        said=wanted if first["state"] == "issued" else {},
        summed=summed,
        strangers=sum(row["strangers"] for row in rows),
    )
