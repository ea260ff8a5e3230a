"""Every statement about the `usage_entries` table: the ledger, which only grows."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row


class UsageEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed for a booking: by the institution (`charge`), to the interpreter (`pay`).

    Money is in minor units of `currency`. `booked_on` is the day, in the network's zone, on which
    the session was booked to start: the day the entry belongs to. `break_minutes` lie within the
    actual ones. An adjustment may be negative; it names the entry it corrects, and by a code why.
    """

    id: UUID
    booking_id: UUID
    request_id: UUID
    kind: str
    institution_id: UUID
    client_ids: Sequence[UUID]
    interpreter_id: UUID
    language: str
    mode: str
    site_id: UUID | None
    topic: str
    funding_id: UUID | None
    booked_starts_at: datetime
    booked_on: date
    booked_minutes: int
    actual_minutes: int
    break_minutes: int = 0
    billable_minutes: int
    charge_minor: int
    pay_minor: int
    currency: str
    lines: Sequence[dict[str, Any]] = ()
    rule: dict[str, Any] | None = None
    funding_shares: Sequence[dict[str, Any]] = ()
    recorded_at: datetime
    corrects_id: UUID | None = None
    reason_code: str | None = None


class UsageFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are wanted; None takes all. `until` is the first day that is not.

    `unpriced` are those without a rule that should have one (True), or the others (False).
    """

    from_: date | None = None
    until: date | None = None
    institution_id: UUID | None = None
    client_id: UUID | None = None
    interpreter_id: UUID | None = None
    unpriced: bool | None = None


# $1 network_id, $2 id, $3 booking_id, $4 request_id, $5 kind, $6 institution_id, $7 client_ids,
# $8 interpreter_id, $9 language, $10 mode, $11 site_id, $12 topic, $13 funding_id,
# $14 booked_starts_at, $15 booked_on, $16 booked, $17 actual, $18 billable minutes, $19 charge,
# $20 pay, $21 currency, $22 lines, $23 rule, $24 funding_shares, $25 recorded_at,
# $26 corrects_id, $27 reason_code, $28 break_minutes
INSERT: Final[LiteralString] = """
    INSERT INTO usage_entries (network_id, id, booking_id, request_id, kind, institution_id,
        client_ids, interpreter_id, language, mode, site_id, topic, funding_id, booked_starts_at,
        booked_on, booked_minutes, actual_minutes, billable_minutes, charge_minor, pay_minor,
        currency, lines, rule, funding_shares, recorded_at, corrects_id, reason_code,
        break_minutes)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
        $20, $21, $22::text::jsonb, $23::text::jsonb, $24::text::jsonb, $25, $26, $27, $28)
    ON CONFLICT DO NOTHING
    RETURNING id
"""


async def insert(db: Db, *, network_id: UUID, entry: UsageEntry) -> bool:
    """Add an entry; False when the booking already has its `session`."""
    made = await db.fetchval(
        INSERT, network_id, entry.id, entry.booking_id, entry.request_id, entry.kind,
        entry.institution_id, list(entry.client_ids), entry.interpreter_id, entry.language,
        entry.mode, entry.site_id, entry.topic, entry.funding_id, entry.booked_starts_at,
        entry.booked_on, entry.booked_minutes, entry.actual_minutes, entry.billable_minutes,
        entry.charge_minor, entry.pay_minor, entry.currency, _json(entry.lines),
        None if entry.rule is None else _json(entry.rule), _json(entry.funding_shares),
        entry.recorded_at, entry.corrects_id, entry.reason_code, entry.break_minutes,
    )  # fmt: skip
    return made is not None


# $1 network_id, $2 from day, $3 until day, $4 institution_id, $5 client_id, $6 interpreter_id,
# $7 only this institution (null = any), $8 unpriced (null = any), $9 before this id (null = from
# the newest), $10 limit
PAGE: Final[LiteralString] = """
    SELECT u.id, u.booking_id, u.request_id, u.kind, u.institution_id, u.client_ids,
           u.interpreter_id, u.language, u.mode, u.site_id, u.topic, u.funding_id,
           u.booked_starts_at, u.booked_on, u.booked_minutes, u.actual_minutes,
           u.break_minutes, u.billable_minutes, u.charge_minor, u.pay_minor, u.currency, u.lines,
           u.rule, u.funding_shares, u.recorded_at, u.corrects_id, u.reason_code
    FROM usage_entries u
    WHERE u.network_id = $1
      AND ($2::date IS NULL OR u.booked_on >= $2)
      AND ($3::date IS NULL OR u.booked_on < $3)
      AND ($4::uuid IS NULL OR u.institution_id = $4)
      AND ($5::uuid IS NULL OR $5 = ANY (u.client_ids))
      AND ($6::uuid IS NULL OR u.interpreter_id = $6)
      AND ($7::uuid IS NULL OR (u.institution_id = $7
           AND (u.reason_code IS DISTINCT FROM 'expense' OR u.charge_minor <> 0)))
      AND ($8::boolean IS NULL
           OR $8 = (u.rule IS NULL AND u.kind IN ('session', 'client_no_show')))
      AND ($9::uuid IS NULL OR u.id < $9)
    ORDER BY u.id DESC LIMIT $10
"""


async def page(
    db: Db,
    *,
    network_id: UUID,
    only: UUID | None,
    wanted: UsageFilter,
    before: UUID | None,
    limit: int,
) -> list[UsageEntry]:
    """Return entries, the last recorded first.

    `only` is the institution that may be seen; it sees no expense that it is not charged.
    """
    rows = await db.fetch(
        PAGE, network_id, *_filter_values(wanted), only, wanted.unpriced, before, limit
    )
    return [_entry(row) for row in rows]


# $1 network_id, $2 booking_id
OF_BOOKING: Final[LiteralString] = """
    SELECT u.id, u.booking_id, u.request_id, u.kind, u.institution_id, u.client_ids,
           u.interpreter_id, u.language, u.mode, u.site_id, u.topic, u.funding_id,
           u.booked_starts_at, u.booked_on, u.booked_minutes, u.actual_minutes,
           u.break_minutes, u.billable_minutes, u.charge_minor, u.pay_minor, u.currency, u.lines,
           u.rule, u.funding_shares, u.recorded_at, u.corrects_id, u.reason_code
    FROM usage_entries u
    WHERE u.network_id = $1 AND u.booking_id = $2
    ORDER BY u.id
"""


async def of_booking(db: Db, *, network_id: UUID, booking_id: UUID) -> list[UsageEntry]:
    """Return what is owed for a booking, in the order in which it was entered."""
    return [_entry(row) for row in await db.fetch(OF_BOOKING, network_id, booking_id)]


# $1 network_id, $2 to $8 as in PAGE, $9 ids
CHANGED: Final[LiteralString] = """
    SELECT u.id, u.booking_id, u.request_id, u.kind, u.institution_id, u.client_ids,
           u.interpreter_id, u.language, u.mode, u.site_id, u.topic, u.funding_id,
           u.booked_starts_at, u.booked_on, u.booked_minutes, u.actual_minutes,
           u.break_minutes, u.billable_minutes, u.charge_minor, u.pay_minor, u.currency, u.lines,
           u.rule, u.funding_shares, u.recorded_at, u.corrects_id, u.reason_code
    FROM usage_entries u
    WHERE u.network_id = $1
      AND ($2::date IS NULL OR u.booked_on >= $2)
      AND ($3::date IS NULL OR u.booked_on < $3)
      AND ($4::uuid IS NULL OR u.institution_id = $4)
      AND ($5::uuid IS NULL OR $5 = ANY (u.client_ids))
      AND ($6::uuid IS NULL OR u.interpreter_id = $6)
      AND ($7::uuid IS NULL OR (u.institution_id = $7
           AND (u.reason_code IS DISTINCT FROM 'expense' OR u.charge_minor <> 0)))
      AND ($8::boolean IS NULL
           OR $8 = (u.rule IS NULL AND u.kind IN ('session', 'client_no_show')))
      AND u.id = ANY ($9::uuid[])
"""


async def among(
    db: Db, *, network_id: UUID, only: UUID | None, wanted: UsageFilter, ids: Sequence[UUID]
) -> list[UsageEntry]:
    """Return the entries with these ids that are wanted, in the order of the ids."""
    rows = await db.fetch(
        CHANGED, network_id, *_filter_values(wanted), only, wanted.unpriced, list(ids)
    )
    found = {row["id"]: _entry(row) for row in rows}
    return [found[id_] for id_ in ids if id_ in found]


def _filter_values(wanted: UsageFilter) -> tuple[object, ...]:
    return (
        wanted.from_, wanted.until, wanted.institution_id, wanted.client_id, wanted.interpreter_id,
    )  # fmt: skip


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _entry(row: Row) -> UsageEntry:
    fields = dict(row)
    for name in ("lines", "rule", "funding_shares"):
        fields[name] = None if fields[name] is None else msgspec.json.decode(fields[name])
    return UsageEntry(**fields)
