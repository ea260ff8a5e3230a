"""Statements that read what the ledger's money was reckoned from, a page of bookings at a time."""

from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.ids import POLICY, TARIFF, show_id
from interpreters.domain.ledger_money import CheckedMoney, EnteredMoney, Kept, Rules
from interpreters.domain.ledger_replacements import Standing

# $1 network_id, $2 after id, $3 limit. One statement: an entry and its booking are of one moment.
BOOKINGS: Final[LiteralString] = """
    SELECT b.id, b.mode, lower(b.session) AS starts_at, upper(b.session) AS ends_at, b.time_zone,
           b.started_at, b.ended_at, b.break_minutes, b.closed_at, r.created_at AS asked_at,
           r.starts_now AS asked_for_now, gone.stands_for, gone.replaced_lines,
           (SELECT jsonb_agg(jsonb_build_object(
                       'id', n.id, 'state', n.state, 'close_reason_code', n.close_reason_code))
            FROM requests q
            JOIN bookings n ON n.network_id = $1 AND n.request_id = q.id
            WHERE q.network_id = $1 AND q.replaces_id = b.id) AS standing,
           (SELECT c.was FROM time_changes c
            WHERE c.network_id = $1 AND c.booking_id = b.id AND c.field = 'started_at'
              AND c.was IS NOT NULL
            ORDER BY c.id LIMIT 1) AS first_started_at,
           (SELECT c.was FROM time_changes c
            WHERE c.network_id = $1 AND c.booking_id = b.id AND c.field = 'ended_at'
              AND c.was IS NOT NULL
            ORDER BY c.id LIMIT 1) AS first_ended_at,
           (SELECT c.was_minutes FROM time_changes c
            WHERE c.network_id = $1 AND c.booking_id = b.id AND c.field = 'break_minutes'
            ORDER BY c.id LIMIT 1) AS first_break_minutes,
           entered.entries
    FROM (
        SELECT p.id, p.request_id, p.mode, p.session, p.time_zone, p.started_at, p.ended_at,
               p.break_minutes, p.closed_at
        FROM bookings p
        WHERE p.network_id = $1 AND p.id > $2 ORDER BY p.id LIMIT $3
    ) AS b
    JOIN requests r ON r.network_id = $1 AND r.id = b.request_id
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'id', u.id, 'kind', u.kind, 'mode', u.mode,
                   'booked_starts_at', u.booked_starts_at, 'booked_minutes', u.booked_minutes,
                   'actual_minutes', u.actual_minutes, 'break_minutes', u.break_minutes,
                   'billable_minutes', u.billable_minutes,
                   'charge_minor', u.charge_minor, 'pay_minor', u.pay_minor, 'lines', u.lines,
                   'rule', u.rule, 'funding_shares', u.funding_shares,
                   'reason_code', u.reason_code) ORDER BY u.id), '[]') AS entries
        FROM usage_entries u WHERE u.network_id = $1 AND u.booking_id = b.id
    ) AS entered
    LEFT JOIN LATERAL (
        SELECT a.rule ->> 'replaced_by' AS stands_for, f.lines AS replaced_lines
        FROM usage_entries a
        JOIN usage_entries f ON f.network_id = $1 AND f.id = a.corrects_id
        WHERE a.network_id = $1 AND a.booking_id = r.replaces_id AND a.reason_code = 'replaced'
        LIMIT 1
    ) AS gone ON TRUE
    ORDER BY b.id
"""


async def bookings(db: Db, *, network_id: UUID, after: UUID, limit: int) -> list[CheckedMoney]:
    """Return bookings by their ids, with everything entered for them."""
    rows = await db.fetch(BOOKINGS, network_id, after, limit)
    return [_checked(row) for row in rows]


# $1 network_id
TARIFFS: Final[LiteralString] = """
    SELECT t.id, t.valid_from, t.valid_until, t.terms AS content
    FROM tariffs t WHERE t.network_id = $1
"""
# $1 network_id
POLICIES: Final[LiteralString] = """
    SELECT p.id, p.valid_from, p.valid_until, p.rules AS content
    FROM cancellation_policies p WHERE p.network_id = $1
"""


async def rules(db: Db, *, network_id: UUID) -> Rules:
    """Return every tariff and policy as it is stored; neither ever changes."""
    tariffs = await db.fetch(TARIFFS, network_id)
    policies = await db.fetch(POLICIES, network_id)
    return Rules(
        tariffs={show_id(TARIFF, row["id"]): _kept(row) for row in tariffs},
        policies={show_id(POLICY, row["id"]): _kept(row) for row in policies},
    )


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """An approved expense, or an entry that says it is one, where the two do not agree."""

    id: UUID
    approved_minor: int | None
    entered_minor: int | None


# $1 network_id
EXPENSES: Final[LiteralString] = """
    SELECT coalesce(u.id, e.entry_id) AS id, e.approved_minor, u.pay_minor AS entered_minor
    FROM (
        SELECT x.entry_id, x.approved_minor, x.currency FROM expenses x
        WHERE x.network_id = $1 AND x.entry_id IS NOT NULL
    ) AS e
    FULL JOIN (
        SELECT y.id, y.pay_minor, y.currency FROM usage_entries y
        WHERE y.network_id = $1 AND y.reason_code = 'expense'
    ) AS u ON u.id = e.entry_id
    WHERE u.pay_minor IS DISTINCT FROM e.approved_minor OR u.currency <> e.currency
"""


async def wrong_expenses(db: Db, *, network_id: UUID) -> list[Paid]:
    """Return the expenses that were not entered as they were approved, and the other way round."""
    return [Paid(**dict(row)) for row in await db.fetch(EXPENSES, network_id)]


def _checked(row: Row) -> CheckedMoney:
    fields: dict[str, Any] = dict(row)
    entries = msgspec.json.decode(fields.pop("entries"), type=list[EnteredMoney])
    standing = msgspec.json.decode(fields.pop("standing") or "[]", type=list[Standing])
    lines = fields.pop("replaced_lines")
    return CheckedMoney(
        **fields,
        entries=entries,
        standing=standing,
        replaced_lines=None if lines is None else msgspec.json.decode(lines),
    )


def _kept(row: Row) -> Kept:
    return Kept(
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        content=msgspec.json.decode(row["content"]),
    )
