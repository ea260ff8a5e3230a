"""The statements that count the ledger by donor, beside any other groupings.

They are those of `usage_reports.py` with the shares of each entry. A session stands in the row of
each of its donors, with what that donor pays of the charge; what nobody has a share in stands in
the row without a donor. So the charges of the rows add up to the charge of all. Totals
are not counted here.
"""

from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.usage_counts import Counted, Report, counted, parameters

# As `usage_reports.ENTRIES`
ENTRIES: Final[LiteralString] = """
    SELECT CASE WHEN $5::bool THEN u.institution_id END AS institution_id,
           who.client_id,
           CASE WHEN $7::bool THEN u.language END AS language,
           CASE WHEN $8::bool THEN u.mode END AS mode,
           CASE WHEN $9::bool THEN u.site_id END AS site_id,
           who.nationality,
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
           paid.donor,
           count(*) FILTER (WHERE u.kind = 'session') AS sessions,
           coalesce(sum(u.booked_minutes)
               FILTER (WHERE u.kind IN ('session', 'adjustment')), 0)::bigint AS booked_minutes,
           coalesce(sum(u.actual_minutes)
               FILTER (WHERE u.kind IN ('session', 'adjustment')), 0)::bigint AS actual_minutes,
           coalesce(sum(u.billable_minutes)
               FILTER (WHERE u.kind IN ('session', 'adjustment')), 0)::bigint AS billable_minutes,
           sum(u.break_minutes)::bigint AS break_minutes,
           sum(coalesce(paid.charge_minor, u.charge_minor))::bigint AS charge_minor,
           sum(u.pay_minor)::bigint AS pay_minor,
           count(*) FILTER (WHERE u.kind = 'late_cancellation') AS late_cancelled,
           count(*) FILTER (WHERE u.kind = 'client_no_show') AS client_no_shows
    FROM usage_entries u
    JOIN institutions i ON i.network_id = $1 AND i.id = u.institution_id
    LEFT JOIN LATERAL (
        SELECT DISTINCT CASE WHEN $6::bool THEN c.id END AS client_id,
               CASE WHEN $10::bool THEN c.nationality END AS nationality
        FROM clients c
        WHERE c.network_id = $1 AND c.id = ANY (u.client_ids) AND ($6::bool OR $10::bool)
    ) AS who ON true
    LEFT JOIN LATERAL (
        SELECT share ->> 'donor' AS donor, (share ->> 'charge_minor')::bigint AS charge_minor
        FROM jsonb_path_query(u.funding_shares, '$[*]') AS share
    ) AS paid ON true
    WHERE u.network_id = $1 AND u.booked_on >= $3 AND u.booked_on < $4
      AND ($2::uuid IS NULL OR u.institution_id = $2)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
"""


async def entries(db: Db, *, network_id: UUID, report: Report) -> Counted:
    """Count sessions, minutes, money and fees by donor."""
    return counted(report, await db.fetch(ENTRIES, network_id, *parameters(report)), ())


# As `usage_reports.CLIENTS`
CLIENTS: Final[LiteralString] = """
    SELECT seen.institution_id, seen.client_id, seen.language, seen.mode, seen.site_id,
           seen.nationality, seen.institution_kind, seen.topic, seen.funding_id, seen.month,
           seen.interpreter_id, seen.unfilled_reason, seen.cancelled_by,
           seen.donor, count(*) AS clients
    FROM (
        SELECT DISTINCT who.person,
               CASE WHEN $5::bool THEN u.institution_id END AS institution_id,
               CASE WHEN $6::bool THEN who.person END AS client_id,
               CASE WHEN $7::bool THEN u.language END AS language,
               CASE WHEN $8::bool THEN u.mode END AS mode,
               CASE WHEN $9::bool THEN u.site_id END AS site_id,
               CASE WHEN $10::bool THEN c.nationality END AS nationality,
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
               paid.donor
        FROM usage_entries u
        JOIN institutions i ON i.network_id = $1 AND i.id = u.institution_id
        CROSS JOIN LATERAL unnest(u.client_ids) AS who (person)
        LEFT JOIN clients c ON $10::bool AND c.network_id = $1 AND c.id = who.person
        LEFT JOIN LATERAL (
            SELECT share ->> 'donor' AS donor
            FROM jsonb_path_query(u.funding_shares, '$[*]') AS share
        ) AS paid ON true
        WHERE u.network_id = $1 AND u.booked_on >= $3 AND u.booked_on < $4
          AND ($2::uuid IS NULL OR u.institution_id = $2) AND u.kind = 'session'
    ) AS seen
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
"""


async def clients(db: Db, *, network_id: UUID, report: Report) -> Counted:
    """Count the distinct clients of the sessions that a donor has a share in."""
    return counted(report, await db.fetch(CLIENTS, network_id, *parameters(report)), ())
