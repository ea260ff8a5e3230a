"""The statements that count usage, over four tables, in any combination of groupings.

A parameter switches each grouping on: what is not grouped by is null in every row. Each statement
answers the rows and, in the same scan, the ungrouped totals, so that a session of two clients
stands in both clients' rows and once in the totals. Dates and months are the network's.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row

GROUPINGS: Final = (
    "institution", "client", "language", "mode", "site", "nationality", "institution_kind",
    "topic", "funding", "month",
)  # fmt: skip


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted: sessions booked to start from `from_` up to, not including, `until`.

    `starts_at` and `ends_at` are the same two midnights as instants; `only` is one institution.
    """

    only: UUID | None
    from_: date
    until: date
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    groupings: frozenset[str]


class UsageKey(msgspec.Struct, frozen=True, kw_only=True):
    """What a row is about; None where it is not grouped by, or there is none."""

    institution_id: UUID | None = None
    client_id: UUID | None = None
    language: str | None = None
    mode: str | None = None
    site_id: UUID | None = None
    nationality: str | None = None
    institution_kind: str | None = None
    topic: str | None = None
    funding_id: UUID | None = None
    month: str | None = None


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What one statement counted: by row, and all together."""

    rows: dict[UsageKey, dict[str, int]]
    totals: dict[str, int]


# $1 network_id, $2 institution_id (null = all), $3 from day, $4 until day, $5 to $14 whether to
# group by institution, client, language, mode, site, nationality, institution_kind, topic,
# funding, month
ENTRIES: Final[LiteralString] = """
    SELECT part.detailed,
           CASE WHEN part.detailed AND $5::bool THEN u.institution_id END AS institution_id,
           who.client_id,
           CASE WHEN part.detailed AND $7::bool THEN u.language END AS language,
           CASE WHEN part.detailed AND $8::bool THEN u.mode END AS mode,
           CASE WHEN part.detailed AND $9::bool THEN u.site_id END AS site_id,
           who.nationality,
           CASE WHEN part.detailed AND $11::bool THEN i.kind END AS institution_kind,
           CASE WHEN part.detailed AND $12::bool THEN u.topic END AS topic,
           CASE WHEN part.detailed AND $13::bool THEN u.funding_id END AS funding_id,
           CASE WHEN part.detailed AND $14::bool THEN to_char(u.booked_on, 'YYYY-MM') END AS month,
           count(*) FILTER (WHERE u.kind = 'session') AS sessions,
           coalesce(sum(u.booked_minutes)
               FILTER (WHERE u.kind IN ('session', 'adjustment')), 0)::bigint AS booked_minutes,
           coalesce(sum(u.actual_minutes)
               FILTER (WHERE u.kind IN ('session', 'adjustment')), 0)::bigint AS actual_minutes,
           coalesce(sum(u.billable_minutes)
               FILTER (WHERE u.kind IN ('session', 'adjustment')), 0)::bigint AS billable_minutes,
           sum(u.charge_minor)::bigint AS charge_minor,
           sum(u.pay_minor)::bigint AS pay_minor,
           count(*) FILTER (WHERE u.kind = 'late_cancellation') AS late_cancelled,
           count(*) FILTER (WHERE u.kind = 'client_no_show') AS client_no_shows
    FROM usage_entries u
    JOIN institutions i ON i.network_id = $1 AND i.id = u.institution_id
    CROSS JOIN (VALUES (true), (false)) AS part (detailed)
    LEFT JOIN LATERAL (
        SELECT DISTINCT CASE WHEN $6::bool THEN c.id END AS client_id,
               CASE WHEN $10::bool THEN c.nationality END AS nationality
        FROM clients c
        WHERE c.network_id = $1 AND c.id = ANY (u.client_ids)
          AND part.detailed AND ($6::bool OR $10::bool)
    ) AS who ON true
    WHERE u.network_id = $1 AND u.booked_on >= $3 AND u.booked_on < $4
      AND ($2::uuid IS NULL OR u.institution_id = $2)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
"""


async def entries(db: Db, *, network_id: UUID, report: Report) -> Counted:
    """Count sessions, minutes, money and fees from the ledger."""
    rows = await db.fetch(
        ENTRIES, network_id, report.only, report.from_, report.until, *_switches(report)
    )
    return _counted(rows)


# As ENTRIES. A client counts once in a row, however often they came; only held sessions count.
CLIENTS: Final[LiteralString] = """
    SELECT part.detailed,
           CASE WHEN part.detailed AND $5::bool THEN u.institution_id END AS institution_id,
           CASE WHEN part.detailed AND $6::bool THEN c.id END AS client_id,
           CASE WHEN part.detailed AND $7::bool THEN u.language END AS language,
           CASE WHEN part.detailed AND $8::bool THEN u.mode END AS mode,
           CASE WHEN part.detailed AND $9::bool THEN u.site_id END AS site_id,
           CASE WHEN part.detailed AND $10::bool THEN c.nationality END AS nationality,
           CASE WHEN part.detailed AND $11::bool THEN i.kind END AS institution_kind,
           CASE WHEN part.detailed AND $12::bool THEN u.topic END AS topic,
           CASE WHEN part.detailed AND $13::bool THEN u.funding_id END AS funding_id,
           CASE WHEN part.detailed AND $14::bool THEN to_char(u.booked_on, 'YYYY-MM') END AS month,
           count(DISTINCT c.id) AS clients
    FROM usage_entries u
    JOIN institutions i ON i.network_id = $1 AND i.id = u.institution_id
    CROSS JOIN LATERAL unnest(u.client_ids) AS who (client_id)
    JOIN clients c ON c.network_id = $1 AND c.id = who.client_id
    CROSS JOIN (VALUES (true), (false)) AS part (detailed)
    WHERE u.network_id = $1 AND u.booked_on >= $3 AND u.booked_on < $4
      AND ($2::uuid IS NULL OR u.institution_id = $2) AND u.kind = 'session'
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
"""


async def clients(db: Db, *, network_id: UUID, report: Report) -> Counted:
    """Count the distinct clients of held sessions."""
    rows = await db.fetch(
        CLIENTS, network_id, report.only, report.from_, report.until, *_switches(report)
    )
    return _counted(rows)


# $1 network_id, $2 institution_id (null = all), $3 from, $4 until (instants), $5 to $14 as in
# ENTRIES, $15 the network's time zone. Of several languages or modes wanted, the first counts.
REQUESTS: Final[LiteralString] = """
    SELECT part.detailed,
           CASE WHEN part.detailed AND $5::bool THEN r.institution_id END AS institution_id,
           who.client_id,
           CASE WHEN part.detailed AND $7::bool THEN r.languages[1] END AS language,
           CASE WHEN part.detailed AND $8::bool THEN r.modes[1] END AS mode,
           CASE WHEN part.detailed AND $9::bool THEN r.site_id END AS site_id,
           who.nationality,
           CASE WHEN part.detailed AND $11::bool THEN i.kind END AS institution_kind,
           CASE WHEN part.detailed AND $12::bool THEN r.topic END AS topic,
           CASE WHEN part.detailed AND $13::bool THEN r.funding_id END AS funding_id,
           CASE WHEN part.detailed AND $14::bool
               THEN to_char(r.starts_at AT TIME ZONE $15::text, 'YYYY-MM') END AS month,
           count(*) AS requests,
           count(*) FILTER (WHERE r.state IN ('filled', 'closed')) AS filled,
           count(*) FILTER (WHERE r.state = 'unfilled') AS unfilled,
           count(*) FILTER (WHERE r.state = 'cancelled') AS cancelled
    FROM requests r
    JOIN institutions i ON i.network_id = $1 AND i.id = r.institution_id
    CROSS JOIN (VALUES (true), (false)) AS part (detailed)
    LEFT JOIN LATERAL (
        SELECT DISTINCT CASE WHEN $6::bool THEN c.id END AS client_id,
               CASE WHEN $10::bool THEN c.nationality END AS nationality
        FROM request_clients w
        JOIN clients c ON c.network_id = $1 AND c.id = w.client_id
        WHERE w.network_id = $1 AND w.request_id = r.id
          AND part.detailed AND ($6::bool OR $10::bool)
    ) AS who ON true
    WHERE r.network_id = $1 AND r.starts_at >= $3 AND r.starts_at < $4
      AND ($2::uuid IS NULL OR r.institution_id = $2)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
"""


async def requests(db: Db, *, network_id: UUID, report: Report) -> Counted:
    """Count requests by what became of them."""
    return _counted(await db.fetch(REQUESTS, network_id, *_of_instants(report)))


# As REQUESTS; the language and the mode are the booking's.
NO_SHOWS: Final[LiteralString] = """
    SELECT part.detailed,
           CASE WHEN part.detailed AND $5::bool THEN b.institution_id END AS institution_id,
           who.client_id,
           CASE WHEN part.detailed AND $7::bool THEN b.from_language END AS language,
           CASE WHEN part.detailed AND $8::bool THEN b.mode END AS mode,
           CASE WHEN part.detailed AND $9::bool THEN b.site_id END AS site_id,
           who.nationality,
           CASE WHEN part.detailed AND $11::bool THEN i.kind END AS institution_kind,
           CASE WHEN part.detailed AND $12::bool THEN r.topic END AS topic,
           CASE WHEN part.detailed AND $13::bool THEN r.funding_id END AS funding_id,
           CASE WHEN part.detailed AND $14::bool
               THEN to_char(b.starts_at AT TIME ZONE $15::text, 'YYYY-MM') END AS month,
           count(*) AS interpreter_no_shows
    FROM bookings b
    JOIN requests r ON r.network_id = $1 AND r.id = b.request_id
    JOIN institutions i ON i.network_id = $1 AND i.id = b.institution_id
    CROSS JOIN (VALUES (true), (false)) AS part (detailed)
    LEFT JOIN LATERAL (
        SELECT DISTINCT CASE WHEN $6::bool THEN c.id END AS client_id,
               CASE WHEN $10::bool THEN c.nationality END AS nationality
        FROM request_clients w
        JOIN clients c ON c.network_id = $1 AND c.id = w.client_id
        WHERE w.network_id = $1 AND w.request_id = b.request_id
          AND part.detailed AND ($6::bool OR $10::bool)
    ) AS who ON true
    WHERE b.network_id = $1 AND b.starts_at >= $3 AND b.starts_at < $4
      AND ($2::uuid IS NULL OR b.institution_id = $2) AND b.state = 'interpreter_no_show'
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
"""


async def no_shows(db: Db, *, network_id: UUID, report: Report) -> Counted:
    """Count the bookings whose interpreter did not come."""
    return _counted(await db.fetch(NO_SHOWS, network_id, *_of_instants(report)))


# $1 network_id, $2 institution ids, $3 site ids, $4 client ids
NAMES: Final[LiteralString] = """
    SELECT i.id, i.name, i.kind, i.id AS institution_id
    FROM institutions i WHERE i.network_id = $1 AND i.id = ANY ($2::uuid[])
    UNION ALL
    SELECT s.id, s.name, NULL, s.institution_id
    FROM sites s WHERE s.network_id = $1 AND s.id = ANY ($3::uuid[])
    UNION ALL
    SELECT c.id, c.reference, NULL, c.institution_id
    FROM clients c WHERE c.network_id = $1 AND c.id = ANY ($4::uuid[])
"""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What an institution, a site or a client (by its reference) is called."""

    id: UUID
    name: str | None
    kind: str | None
    institution_id: UUID


async def names(db: Db, *, network_id: UUID, keys: Sequence[UsageKey]) -> dict[UUID, Named]:
    """Return what the institutions, sites and clients of the rows are called."""
    wanted = (
        {key.institution_id for key in keys if key.institution_id is not None},
        {key.site_id for key in keys if key.site_id is not None},
        {key.client_id for key in keys if key.client_id is not None},
    )
    if not any(wanted):
        return {}
    rows = await db.fetch(NAMES, network_id, *(list(one) for one in wanted))
    return {row["id"]: Named(**dict(row)) for row in rows}


def _of_instants(report: Report) -> tuple[object, ...]:
    return (
        report.only, report.starts_at, report.ends_at, *_switches(report), report.time_zone,
    )  # fmt: skip


def _switches(report: Report) -> list[bool]:
    return [name in report.groupings for name in GROUPINGS]


def _counted(found: Sequence[Row]) -> Counted:
    rows: dict[UsageKey, dict[str, int]] = {}
    totals: dict[str, int] = {}
    for row in found:
        fields = dict(row)
        detailed = fields.pop("detailed")
        key = UsageKey(**{name: fields.pop(name) for name in UsageKey.__struct_fields__})
        if detailed:
            rows[key] = fields
        else:
            totals = fields
    return Counted(rows=rows, totals=totals)
