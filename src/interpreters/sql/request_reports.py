"""The statements that count requests and bookings for the usage report: as `usage_reports`."""

from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.usage_counts import (
    SEVERAL,
    Counted,
    Report,
    counted,
    parameters,
    with_totals,
)

# $1 network_id, $2 institution_id (null = all), $3 from, $4 until (instants), $5 to $17 whether to
# group by institution, client, language, mode, site, nationality, institution_kind, topic,
# funding, month, interpreter, unfilled_reason, cancelled_by; $18 when the months begin, $19 the
# codes of cancellations that were not the requester's fault. Of several languages or modes wanted,
# the first counts. A request counts once for each nationality of its clients and each person who
# came: the later ones of the same request are left out.
REQUESTS: Final[LiteralString] = """
    SELECT CASE WHEN $5::bool THEN r.institution_id END AS institution_id,
           who.client_id,
           CASE WHEN $7::bool THEN r.languages[1] END AS language,
           CASE WHEN $8::bool THEN r.modes[1] END AS mode,
           CASE WHEN $9::bool THEN r.site_id END AS site_id,
           who.nationality,
           CASE WHEN $11::bool THEN i.kind END AS institution_kind,
           CASE WHEN $12::bool THEN r.topic END AS topic,
           CASE WHEN $13::bool THEN r.funding_id END AS funding_id,
           CASE WHEN $14::bool THEN width_bucket(r.starts_at, $18::timestamptz[]) END AS month,
           came.interpreter_id,
           CASE WHEN $16::bool AND r.state = 'unfilled' THEN r.unfilled_reason END
               AS unfilled_reason,
           CASE WHEN $17::bool AND r.state = 'cancelled'
               THEN CASE WHEN r.cancel_reason_code = ANY ($19::text[]) THEN 'network'
                         ELSE 'requester' END
           END AS cancelled_by,
           count(*) AS requests,
           count(*) FILTER (WHERE r.state IN ('filled', 'closed')) AS filled,
           count(*) FILTER (WHERE r.state = 'unfilled') AS unfilled,
           count(*) FILTER (WHERE r.state = 'cancelled') AS cancelled
    FROM requests r
    LEFT JOIN institutions i ON i.network_id = $1 AND i.id = r.institution_id
    LEFT JOIN (
        SELECT w.request_id, CASE WHEN $6::bool THEN w.client_id END AS client_id,
               CASE WHEN $10::bool THEN c.nationality END AS nationality
        FROM request_clients w
        LEFT JOIN clients c ON c.network_id = $1 AND c.id = w.client_id
        WHERE w.network_id = $1 AND ($6::bool OR $10::bool) AND NOT EXISTS (
            SELECT FROM request_clients v
            JOIN clients d ON d.network_id = $1 AND d.id = v.client_id
            WHERE v.network_id = $1 AND v.request_id = w.request_id AND NOT $6::bool
              AND v.client_id < w.client_id AND d.nationality IS NOT DISTINCT FROM c.nationality
        )
    ) AS who ON who.request_id = r.id
    LEFT JOIN (
        SELECT b.request_id, b.interpreter_id
        FROM bookings b
        WHERE b.network_id = $1 AND $15::bool
          AND b.state IN ('held', 'confirmed', 'in_progress', 'completed', 'client_no_show')
          AND (b.seat = 1 OR NOT EXISTS (
            SELECT FROM bookings a
            WHERE a.network_id = $1 AND a.request_id = b.request_id AND a.seat < b.seat
              AND a.interpreter_id = b.interpreter_id
              AND a.state IN ('held', 'confirmed', 'in_progress', 'completed', 'client_no_show')
        ))
    ) AS came ON came.request_id = r.id
    WHERE r.network_id = $1 AND r.starts_at >= $3 AND r.starts_at < $4
      AND ($2::uuid IS NULL OR r.institution_id = $2)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
"""


async def requests(db: Db, *, network_id: UUID, report: Report) -> Counted:
    """Count requests by what became of them."""
    if report.groupings & SEVERAL == {"nationality"}:
        return await _by_nationality(db, network_id, report)
    return await _counted(db, REQUESTS, network_id, report)


# As REQUESTS, by nationality and neither by client nor by interpreter: the clients of a request are
# brought together first, in the order of its key, so that none has to be looked for again and the
# totals are those of `g`. Most requests are for one client.
REQUESTS_BY_NATIONALITY: Final[LiteralString] = """
    WITH g AS MATERIALIZED (
        SELECT CASE WHEN cardinality(e.client_ids) = 1 THEN c.nationality END AS nationality,
               CASE WHEN cardinality(e.client_ids) > 1 THEN ARRAY (
                   SELECT DISTINCT d.nationality
                   FROM unnest(e.client_ids) AS p (client_id)
                   LEFT JOIN clients d ON d.network_id = $1 AND d.id = p.client_id
               ) END AS nationalities,
               CASE WHEN $5::bool THEN e.institution_id END AS institution_id,
               CASE WHEN $7::bool THEN e.language END AS language,
               CASE WHEN $8::bool THEN e.mode END AS mode,
               CASE WHEN $9::bool THEN e.site_id END AS site_id,
               CASE WHEN $11::bool THEN i.kind END AS institution_kind,
               CASE WHEN $12::bool THEN e.topic END AS topic,
               CASE WHEN $13::bool THEN e.funding_id END AS funding_id,
               CASE WHEN $14::bool THEN width_bucket(e.starts_at, $18::timestamptz[]) END AS month,
               CASE WHEN $16::bool AND e.state = 'unfilled' THEN e.unfilled_reason END
                   AS unfilled_reason,
               CASE WHEN $17::bool AND e.state = 'cancelled'
                   THEN CASE WHEN e.cancel_reason_code = ANY ($19::text[]) THEN 'network'
                             ELSE 'requester' END
               END AS cancelled_by,
               count(*) AS requests,
               count(*) FILTER (WHERE e.state IN ('filled', 'closed')) AS filled,
               count(*) FILTER (WHERE e.state = 'unfilled') AS unfilled,
               count(*) FILTER (WHERE e.state = 'cancelled') AS cancelled
        FROM (
            SELECT array_agg(w.client_id) AS client_ids, r.institution_id,
                   r.languages[1] AS language, r.modes[1] AS mode, r.site_id, r.topic,
                   r.funding_id, r.starts_at, r.state, r.unfilled_reason, r.cancel_reason_code
            FROM requests r
            LEFT JOIN request_clients w ON w.network_id = $1 AND w.request_id = r.id
            WHERE r.network_id = $1 AND r.starts_at >= $3 AND r.starts_at < $4
              AND ($2::uuid IS NULL OR r.institution_id = $2)
            GROUP BY r.network_id, r.id
        ) AS e
        LEFT JOIN institutions i ON i.network_id = $1 AND i.id = e.institution_id
        LEFT JOIN clients c ON c.network_id = $1 AND c.id = e.client_ids[1]
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
    )
    SELECT g.institution_id, CASE WHEN $6::bool THEN NULL::uuid END AS client_id, g.language,
           g.mode, g.site_id, CASE WHEN $10::bool THEN who.nationality END AS nationality,
           g.institution_kind, g.topic, g.funding_id, g.month,
           CASE WHEN $15::bool THEN NULL::uuid END AS interpreter_id, g.unfilled_reason,
           g.cancelled_by, sum(g.requests)::bigint AS requests, sum(g.filled)::bigint AS filled,
           sum(g.unfilled)::bigint AS unfilled, sum(g.cancelled)::bigint AS cancelled,
           false AS altogether
    FROM g
    CROSS JOIN LATERAL unnest(coalesce(g.nationalities, ARRAY[g.nationality]))
        AS who (nationality)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           sum(g.requests)::bigint, sum(g.filled)::bigint, sum(g.unfilled)::bigint,
           sum(g.cancelled)::bigint, true
    FROM g
    HAVING count(*) > 0
"""


async def _by_nationality(db: Db, network_id: UUID, report: Report) -> Counted:
    given = parameters(report, instants=True)
    found = await db.fetch(REQUESTS_BY_NATIONALITY, network_id, *given)
    return with_totals(report, found)


# As REQUESTS; the language, the mode and the interpreter are the booking's.
NO_SHOWS: Final[LiteralString] = """
    SELECT CASE WHEN $5::bool THEN b.institution_id END AS institution_id,
           who.client_id,
           CASE WHEN $7::bool THEN b.from_language END AS language,
           CASE WHEN $8::bool THEN b.mode END AS mode,
           CASE WHEN $9::bool THEN b.site_id END AS site_id,
           who.nationality,
           CASE WHEN $11::bool THEN i.kind END AS institution_kind,
           CASE WHEN $12::bool THEN r.topic END AS topic,
           CASE WHEN $13::bool THEN r.funding_id END AS funding_id,
           CASE WHEN $14::bool THEN width_bucket(b.starts_at, $18::timestamptz[]) END AS month,
           CASE WHEN $15::bool THEN b.interpreter_id END AS interpreter_id,
           CASE WHEN $16::bool AND r.state = 'unfilled' THEN r.unfilled_reason END
               AS unfilled_reason,
           CASE WHEN $17::bool AND r.state = 'cancelled'
               THEN CASE WHEN r.cancel_reason_code = ANY ($19::text[]) THEN 'network'
                         ELSE 'requester' END
           END AS cancelled_by,
           count(*) AS interpreter_no_shows
    FROM bookings b
    JOIN requests r ON r.network_id = $1 AND r.id = b.request_id
    LEFT JOIN institutions i ON i.network_id = $1 AND i.id = b.institution_id
    LEFT JOIN LATERAL (
        SELECT DISTINCT CASE WHEN $6::bool THEN c.id END AS client_id,
               CASE WHEN $10::bool THEN c.nationality END AS nationality
        FROM request_clients w
        JOIN clients c ON c.network_id = $1 AND c.id = w.client_id
        WHERE w.network_id = $1 AND w.request_id = b.request_id AND ($6::bool OR $10::bool)
    ) AS who ON true
    WHERE b.network_id = $1 AND b.starts_at >= $3 AND b.starts_at < $4
      AND ($2::uuid IS NULL OR b.institution_id = $2) AND b.state = 'interpreter_no_show'
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
"""


async def no_shows(db: Db, *, network_id: UUID, report: Report) -> Counted:
    """Count the bookings whose interpreter did not come."""
    return await _counted(db, NO_SHOWS, network_id, report)


async def _counted(db: Db, statement: LiteralString, network_id: UUID, report: Report) -> Counted:
    rows = await db.fetch(statement, network_id, *parameters(report, instants=True))
    if not report.groupings & SEVERAL:
        return counted(report, rows, None)
    alone = parameters(report, alone=True, instants=True)
    return counted(report, rows, await db.fetch(statement, network_id, *alone))
