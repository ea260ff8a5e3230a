"""The statements that count the ledger, in any combination of groupings.

A parameter switches each grouping on: what is not grouped by is null in every row. Dates and
months are the network's. Totals are answered beside the rows, for one thing may stand in several.
"""

from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.usage_counts import (
    EVERYBODY,
    Counted,
    Report,
    counted,
    parameters,
    with_totals,
)

# $1 network_id, $2 institution_id (null = all), $3 from day, $4 until day, $5 to $17 whether to
# group by institution, client, language, mode, site, nationality, institution_kind, topic,
# funding, month, interpreter, unfilled_reason, cancelled_by; $18 the first days of the months,
# $19 the codes of cancellations that were not the requester's fault. By client or nationality, who
# is in `g` already: then distinct clients are counted here, and otherwise by CLIENTS.
ENTRIES: Final[LiteralString] = """
    WITH g AS MATERIALIZED (
        SELECT CASE WHEN $6::bool OR $10::bool THEN u.client_ids END AS client_ids,
               CASE WHEN $5::bool THEN u.institution_id END AS institution_id,
               CASE WHEN $7::bool THEN u.language END AS language,
               CASE WHEN $8::bool THEN u.mode END AS mode,
               CASE WHEN $9::bool THEN u.site_id END AS site_id,
               CASE WHEN $11::bool THEN i.kind END AS institution_kind,
               CASE WHEN $12::bool THEN u.topic END AS topic,
               CASE WHEN $13::bool THEN u.funding_id END AS funding_id,
               CASE WHEN $14::bool THEN width_bucket(u.booked_on, $18::date[]) END AS month,
               CASE WHEN $15::bool THEN u.interpreter_id END AS interpreter_id,
               CASE WHEN $16::bool THEN (
                   SELECT r.unfilled_reason FROM requests r
                   WHERE r.network_id = $1 AND r.id = u.request_id AND r.state = 'unfilled'
               ) END AS unfilled_reason,
               CASE WHEN $17::bool THEN (
                   SELECT CASE WHEN b.state = 'given_back' THEN 'interpreter'
                               WHEN b.close_reason_code = ANY ($19::text[]) THEN 'network'
                               ELSE 'requester' END
                   FROM bookings b
                   WHERE b.network_id = $1 AND b.id = u.booking_id
                     AND b.state IN ('cancelled', 'given_back')
               ) END AS cancelled_by,
               count(*) FILTER (WHERE u.kind = 'session') AS sessions,
               coalesce(sum(u.booked_minutes)
                   FILTER (WHERE u.kind IN ('session', 'adjustment')), 0) AS booked_minutes,
               coalesce(sum(u.actual_minutes)
                   FILTER (WHERE u.kind IN ('session', 'adjustment')), 0) AS actual_minutes,
               coalesce(sum(u.billable_minutes)
                   FILTER (WHERE u.kind IN ('session', 'adjustment')), 0) AS billable_minutes,
               sum(u.break_minutes) AS break_minutes,
               sum(u.charge_minor) AS charge_minor, sum(u.pay_minor) AS pay_minor,
               count(*) FILTER (WHERE u.kind = 'late_cancellation') AS late_cancelled,
               count(*) FILTER (WHERE u.kind = 'client_no_show') AS client_no_shows
        FROM usage_entries u
        LEFT JOIN institutions i ON i.network_id = $1 AND i.id = u.institution_id
        WHERE u.network_id = $1 AND u.booked_on >= $3 AND u.booked_on < $4
          AND ($2::uuid IS NULL OR u.institution_id = $2)
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
    ),
    seen AS MATERIALIZED (
        SELECT DISTINCT p.person, p.institution_id,
               CASE WHEN $6::bool THEN p.person END AS client_id, p.language, p.mode, p.site_id,
               CASE WHEN $10::bool THEN c.nationality END AS nationality, p.institution_kind,
               p.topic, p.funding_id, p.month, p.interpreter_id, p.unfilled_reason, p.cancelled_by
        FROM (
            SELECT unnest(g.client_ids) AS person, g.institution_id, g.language, g.mode, g.site_id,
                   g.institution_kind, g.topic, g.funding_id, g.month, g.interpreter_id,
                   g.unfilled_reason, g.cancelled_by
            FROM g
            WHERE g.sessions > 0 AND ($6::bool OR $10::bool)
        ) AS p
        LEFT JOIN clients c ON c.network_id = $1 AND c.id = p.person
    )
    SELECT a.institution_id, a.client_id, a.language, a.mode, a.site_id, a.nationality,
           a.institution_kind, a.topic, a.funding_id, a.month, a.interpreter_id,
           a.unfilled_reason, a.cancelled_by, sum(a.sessions)::bigint AS sessions,
           sum(a.booked_minutes)::bigint AS booked_minutes,
           sum(a.actual_minutes)::bigint AS actual_minutes,
           sum(a.billable_minutes)::bigint AS billable_minutes,
           sum(a.break_minutes)::bigint AS break_minutes,
           sum(a.charge_minor)::bigint AS charge_minor, sum(a.pay_minor)::bigint AS pay_minor,
           sum(a.late_cancelled)::bigint AS late_cancelled,
           sum(a.client_no_shows)::bigint AS client_no_shows,
           sum(a.clients)::bigint AS clients, false AS altogether
    FROM (
        SELECT g.institution_id, who.client_id, g.language, g.mode, g.site_id, who.nationality,
               g.institution_kind, g.topic, g.funding_id, g.month, g.interpreter_id,
               g.unfilled_reason, g.cancelled_by, g.sessions, g.booked_minutes, g.actual_minutes,
               g.billable_minutes, g.break_minutes, g.charge_minor, g.pay_minor, g.late_cancelled,
               g.client_no_shows, 0 AS clients
        FROM g
        LEFT JOIN LATERAL (
            SELECT DISTINCT CASE WHEN $6::bool THEN c.id END AS client_id,
                   CASE WHEN $10::bool THEN c.nationality END AS nationality
            FROM clients c
            WHERE c.network_id = $1 AND c.id = ANY (g.client_ids) AND ($6::bool OR $10::bool)
        ) AS who ON true
        UNION ALL
        SELECT s.institution_id, s.client_id, s.language, s.mode, s.site_id, s.nationality,
               s.institution_kind, s.topic, s.funding_id, s.month, s.interpreter_id,
               s.unfilled_reason, s.cancelled_by, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
        FROM seen s
        WHERE $6::bool OR $10::bool
    ) AS a
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           sum(g.sessions)::bigint, sum(g.booked_minutes)::bigint, sum(g.actual_minutes)::bigint,
           sum(g.billable_minutes)::bigint, sum(g.break_minutes)::bigint,
           sum(g.charge_minor)::bigint,
           sum(g.pay_minor)::bigint, sum(g.late_cancelled)::bigint,
           sum(g.client_no_shows)::bigint,
           (SELECT count(*) FROM (SELECT DISTINCT s.person FROM seen s) AS one), true
    FROM g
    HAVING count(*) > 0
"""


ROOM: Final[tuple[LiteralString, ...]] = (
    "SET LOCAL work_mem = '64MB'",
    "SET LOCAL max_parallel_workers_per_gather = 2",
    "SET LOCAL parallel_tuple_cost = 0.01",
    "SET LOCAL plan_cache_mode = force_custom_plan",
    "SET LOCAL enable_sort = off",
    "SET LOCAL enable_incremental_sort = off",
)


async def make_room(db: Db) -> None:
    """Let this transaction count a year in memory, by both processors of a small machine.

    Each plan is made for the groupings that are asked, so that it leaves out what the others need
    (a LEFT JOIN that nothing is read from is none). Month and first language have no statistics:
    what is grouped by them would be counted by one processor, for so many rows seem dear to hand
    over, and sorted, which takes twice the time.
    """
    await db.execute("; ".join(ROOM))


PEOPLE: Final = frozenset({"client", "nationality"})


async def entries(db: Db, *, network_id: UUID, report: Report) -> Counted:
    """Count sessions, minutes, money and fees from the ledger; by any of PEOPLE, clients too."""
    return with_totals(report, await db.fetch(ENTRIES, network_id, *parameters(report)))


# As ENTRIES, by neither client nor nationality. A client counts once in a row, however often they
# came; only held sessions count. The same people came together again and again, so people are told
# apart last, and the months in which they came are the bits of a number (an era is the sixty months
# that it holds): so there is little to tell apart, and both processors do it. `everybody` is how
# many they are in all rows together.
CLIENTS: Final[LiteralString] = """
    WITH seen AS MATERIALIZED (
        SELECT p.person, p.institution_id, p.language, p.mode, p.site_id, p.institution_kind,
               p.topic, p.funding_id, p.era, p.interpreter_id, p.unfilled_reason, p.cancelled_by,
               bit_or(p.months) AS months
        FROM (
            SELECT unnest(g.client_ids) AS person, g.institution_id, g.language, g.mode, g.site_id,
                   g.institution_kind, g.topic, g.funding_id, g.era, g.interpreter_id,
                   g.unfilled_reason, g.cancelled_by, g.months
            FROM (
                SELECT u.client_ids,
                       CASE WHEN $5::bool THEN u.institution_id END AS institution_id,
                       CASE WHEN $7::bool THEN u.language END AS language,
                       CASE WHEN $8::bool THEN u.mode END AS mode,
                       CASE WHEN $9::bool THEN u.site_id END AS site_id,
                       CASE WHEN $11::bool THEN i.kind END AS institution_kind,
                       CASE WHEN $12::bool THEN u.topic END AS topic,
                       CASE WHEN $13::bool THEN u.funding_id END AS funding_id,
                       CASE WHEN $14::bool
                           THEN (width_bucket(u.booked_on, $18::date[]) - 1) / 60 END AS era,
                       CASE WHEN $15::bool THEN u.interpreter_id END AS interpreter_id,
                       CASE WHEN $16::bool THEN (
                           SELECT r.unfilled_reason FROM requests r
                           WHERE r.network_id = $1 AND r.id = u.request_id AND r.state = 'unfilled'
                       ) END AS unfilled_reason,
                       CASE WHEN $17::bool THEN (
                           SELECT CASE WHEN b.state = 'given_back' THEN 'interpreter'
                                       WHEN b.close_reason_code = ANY ($19::text[]) THEN 'network'
                                       ELSE 'requester' END
                           FROM bookings b
                           WHERE b.network_id = $1 AND b.id = u.booking_id
                             AND b.state IN ('cancelled', 'given_back')
                       ) END AS cancelled_by,
                       bit_or(CASE WHEN $14::bool THEN
                           1::bigint << ((width_bucket(u.booked_on, $18::date[]) - 1) % 60)
                       END) AS months
                FROM usage_entries u
                LEFT JOIN institutions i ON i.network_id = $1 AND i.id = u.institution_id
                WHERE u.network_id = $1 AND u.booked_on >= $3 AND u.booked_on < $4
                  AND ($2::uuid IS NULL OR u.institution_id = $2) AND u.kind = 'session'
                GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
            ) AS g
        ) AS p
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
    )
    SELECT s.institution_id, CASE WHEN $6::bool THEN NULL::uuid END AS client_id, s.language,
           s.mode, s.site_id, CASE WHEN $10::bool THEN NULL::text END AS nationality,
           s.institution_kind, s.topic, s.funding_id, 60 * s.era + m.month + 1 AS month,
           s.interpreter_id, s.unfilled_reason, s.cancelled_by, sum(s.clients)::bigint AS clients,
           (SELECT count(*) FROM (SELECT DISTINCT a.person FROM seen a) AS one) AS everybody
    FROM (
        SELECT a.institution_id, a.language, a.mode, a.site_id, a.institution_kind, a.topic,
               a.funding_id, a.era, a.interpreter_id, a.unfilled_reason, a.cancelled_by, a.months,
               count(*) AS clients
        FROM seen a
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
    ) AS s
    LEFT JOIN generate_series(0, 59) AS m (month) ON (s.months >> m.month) & 1 = 1
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
"""


async def clients(db: Db, *, network_id: UUID, report: Report) -> Counted:
    """Count the distinct clients of held sessions: whoever came in two rows is one in all.

    By any of PEOPLE nothing is left to count: `entries` has.
    """
    if report.groupings & PEOPLE:
        return Counted(rows={}, totals={})
    found = await db.fetch(CLIENTS, network_id, *parameters(report))
    return counted(report, found, [{"clients": row[EVERYBODY]} for row in found[:1]])
