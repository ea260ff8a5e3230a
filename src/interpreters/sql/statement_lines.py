"""Every statement about `usage_entries` as lines of statements."""

from datetime import date
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.statements import Frozen, Side, StatementLine, of_side
from interpreters.domain.windows import at_place

# $1 network_id, $2 institution_id, $3 from day, $4 until day. An interpreter's expense stands there
# when the institution is charged for it.
FREE_OF_INSTITUTION: Final[LiteralString] = """
    SELECT u.id AS entry_id, u.booking_id, u.kind, u.booked_starts_at, b.time_zone,
           u.language, u.mode, u.site_id, t.name AS site_name, u.booked_minutes,
           u.actual_minutes, u.break_minutes, u.billable_minutes, u.charge_minor, u.pay_minor,
           u.currency, u.lines, u.rule, u.corrects_id, u.reason_code, a.state AS approval
    FROM usage_entries u
    JOIN bookings b ON b.network_id = $1 AND b.id = u.booking_id
    LEFT JOIN sites t ON t.network_id = $1 AND t.id = u.site_id
    LEFT JOIN approvals a ON a.network_id = $1 AND a.booking_id = u.booking_id
    WHERE u.network_id = $1 AND u.institution_id = $2 AND u.booked_on >= $3 AND u.booked_on < $4
      AND (u.reason_code IS DISTINCT FROM 'expense' OR u.charge_minor <> 0)
      AND NOT EXISTS (
          SELECT 1 FROM statement_entries s
          WHERE s.network_id = $1 AND s.entry_id = u.id AND s.side = 'charge')
    ORDER BY u.booked_starts_at, u.booking_id, u.kind = 'adjustment', u.id
"""
# As FREE_OF_INSTITUTION, $2 interpreter_id
FREE_OF_INTERPRETER: Final[LiteralString] = """
    SELECT u.id AS entry_id, u.booking_id, u.kind, u.booked_starts_at, b.time_zone,
           u.language, u.mode, u.site_id, t.name AS site_name, u.booked_minutes,
           u.actual_minutes, u.break_minutes, u.billable_minutes, u.charge_minor, u.pay_minor,
           u.currency, u.lines, u.rule, u.corrects_id, u.reason_code, a.state AS approval
    FROM usage_entries u
    JOIN bookings b ON b.network_id = $1 AND b.id = u.booking_id
    LEFT JOIN sites t ON t.network_id = $1 AND t.id = u.site_id
    LEFT JOIN approvals a ON a.network_id = $1 AND a.booking_id = u.booking_id
    WHERE u.network_id = $1 AND u.interpreter_id = $2 AND u.booked_on >= $3 AND u.booked_on < $4
      AND NOT EXISTS (
          SELECT 1 FROM statement_entries s
          WHERE s.network_id = $1 AND s.entry_id = u.id AND s.side = 'pay')
    ORDER BY u.booked_starts_at, u.booking_id, u.kind = 'adjustment', u.id
"""


async def free_lines(
    db: Db, *, network_id: UUID, side: Side, party_id: UUID, since: date, until: date
) -> list[StatementLine]:
    """Return the entries of these days that are on no issued statement, in their order."""
    text = FREE_OF_INSTITUTION if side == "charge" else FREE_OF_INTERPRETER
    rows = await db.fetch(text, network_id, party_id, since, until)
    return [_line(row, side) for row in rows]


# $1 network_id, $2 statement_id
LINES: Final[LiteralString] = """
    SELECT u.id AS entry_id, u.booking_id, u.kind, u.booked_starts_at, b.time_zone,
           u.language, u.mode, u.site_id, t.name AS site_name, u.booked_minutes,
           u.actual_minutes, u.break_minutes, u.billable_minutes, u.charge_minor, u.pay_minor,
           u.currency, u.lines, u.rule, u.corrects_id, u.reason_code, a.state AS approval
    FROM statement_entries s
    JOIN usage_entries u ON u.network_id = $1 AND u.id = s.entry_id
    JOIN bookings b ON b.network_id = $1 AND b.id = u.booking_id
    LEFT JOIN sites t ON t.network_id = $1 AND t.id = u.site_id
    LEFT JOIN approvals a ON a.network_id = $1 AND a.booking_id = u.booking_id
    WHERE s.network_id = $1 AND s.statement_id = $2
    ORDER BY u.booked_starts_at, u.booking_id, u.kind = 'adjustment', u.id
"""


async def lines_of(
    db: Db, *, network_id: UUID, statement_id: UUID, side: Side, kept: Frozen
) -> list[StatementLine]:
    """Return what is on an issued statement, with names and disputes as they were then."""
    rows = await db.fetch(LINES, network_id, statement_id)
    return [
        msgspec.structs.replace(
            one,
            site_name=None if one.site_id is None else kept.site_names.get(one.site_id),
            disputed=one.entry_id in kept.disputed,
        )
        for one in (_line(row, side) for row in rows)
    ]


# $1 network_id, $2 until day
OWING_INSTITUTIONS: Final[LiteralString] = """
    SELECT u.institution_id AS party_id, date_trunc('month', u.booked_on)::date AS month
    FROM usage_entries u
    WHERE u.network_id = $1 AND u.booked_on < $2
      AND (u.reason_code IS DISTINCT FROM 'expense' OR u.charge_minor <> 0)
      AND NOT EXISTS (
          SELECT 1 FROM statement_entries s
          WHERE s.network_id = $1 AND s.entry_id = u.id AND s.side = 'charge')
    GROUP BY 1, 2
    ORDER BY 2, 1
"""
# As OWING_INSTITUTIONS
OWED_INTERPRETERS: Final[LiteralString] = """
    SELECT u.interpreter_id AS party_id, date_trunc('month', u.booked_on)::date AS month
    FROM usage_entries u
    WHERE u.network_id = $1 AND u.booked_on < $2
      AND NOT EXISTS (
          SELECT 1 FROM statement_entries s
          WHERE s.network_id = $1 AND s.entry_id = u.id AND s.side = 'pay')
    GROUP BY 1, 2
    ORDER BY 2, 1
"""


async def unsettled(
    db: Db, *, network_id: UUID, side: Side, until: date
) -> list[tuple[UUID, date]]:
    """Return who has entries of days before that are on no statement, and of which months."""
    text = OWING_INSTITUTIONS if side == "charge" else OWED_INTERPRETERS
    return [(row["party_id"], row["month"]) for row in await db.fetch(text, network_id, until)]


def _line(row: Row, side: Side) -> StatementLine:
    fields: dict[str, Any] = dict(row)
    starts_at, zone = fields.pop("booked_starts_at"), fields.pop("time_zone")
    disputed = fields.pop("approval") == "disputed"
    charge, pay = fields.pop("charge_minor"), fields.pop("pay_minor")
    rule = fields.pop("rule")
    return StatementLine(
        **fields | {"lines": of_side(msgspec.json.decode(fields["lines"]), side)},
        day=at_place(instant=starts_at, time_zone=zone).date(),
        amount_minor=charge if side == "charge" else pay,
        rule=None if rule is None else of_side(msgspec.json.decode(rule), side),
        disputed=disputed,
    )
