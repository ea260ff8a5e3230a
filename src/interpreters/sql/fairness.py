"""The statement behind the report on fairness: hours available, offered and worked, by person."""

from datetime import date, datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db

# $1 network_id, $2 from and $3 until as instants, $4 from and $5 until as days. Available are the
# weekly hours by each one's own clock, all day for who says none, without absences, and from when
# they came; a job that was offered twice counts once. Around a change of their clock each quarter
# hour counts in which it shows such a time: none that spring leaves out, twice what comes twice.
SHARES: Final[LiteralString] = """
    SELECT i.id AS interpreter_id, i.display_name,
           coalesce((
               SELECT sum(extract(epoch FROM upper(r.free) - lower(r.free)) / 60)
               FROM unnest(
                   hours.said
                   * tstzmultirange(tstzrange(greatest($2, i.created_at), $3))
                   - coalesce(away.absent, '{}'::tstzmultirange)
               ) AS r (free)), 0)::int AS available_minutes,
           coalesce(offered.minutes, 0)::int AS offered_minutes,
           coalesce(worked.minutes, 0)::int AS worked_minutes
    FROM interpreters i
    CROSS JOIN LATERAL (
        SELECT coalesce(range_agg(part.said), tstzmultirange(tstzrange($2, $3))) AS said
        FROM availability a
        JOIN generate_series($4::date::timestamp - interval '2 days',
                             $5::date::timestamp + interval '2 days', interval '1 day') AS d (day)
          ON extract(isodow FROM d.day) = a.day + 1
        CROSS JOIN LATERAL (
            SELECT d.day + a.from_minute * interval '1 minute' AS opens,
                   d.day + a.to_minute * interval '1 minute' AS closes,
                   (d.day - interval '3 hours') AT TIME ZONE i.time_zone AS before,
                   (d.day + interval '27 hours') AT TIME ZONE i.time_zone AS after
        ) AS clock
        CROSS JOIN LATERAL (
            SELECT tstzrange(clock.opens AT TIME ZONE i.time_zone,
                             clock.closes AT TIME ZONE i.time_zone) AS said
            WHERE clock.after - clock.before = interval '30 hours'
            UNION ALL
            SELECT tstzrange(q.at, q.at + interval '15 minutes') AS said
            FROM generate_series(clock.before, clock.after, interval '15 minutes') AS q (at)
            WHERE clock.after - clock.before <> interval '30 hours'
              AND q.at AT TIME ZONE i.time_zone >= clock.opens
              AND q.at AT TIME ZONE i.time_zone < clock.closes
        ) AS part
        WHERE a.network_id = $1 AND a.interpreter_id = i.id
    ) AS hours
    LEFT JOIN (
        SELECT e.interpreter_id, range_agg(e.absent) AS absent
        FROM absences e
        WHERE e.network_id = $1 AND e.absent && tstzrange($2, $3)
        GROUP BY e.interpreter_id
    ) AS away ON away.interpreter_id = i.id
    LEFT JOIN (
        SELECT once.interpreter_id, sum(once.minutes) AS minutes
        FROM (
            SELECT o.interpreter_id, o.request_id, extract(epoch FROM max(
                upper(coalesce(o.session, r.session)) - lower(coalesce(o.session, r.session))
                )) / 60 AS minutes
            FROM offers o
            JOIN requests r ON r.network_id = $1 AND r.id = o.request_id
            WHERE o.network_id = $1 AND o.created_at >= $2 AND o.created_at < $3
            GROUP BY o.interpreter_id, o.request_id
        ) AS once
        GROUP BY once.interpreter_id
    ) AS offered ON offered.interpreter_id = i.id
    LEFT JOIN (
        SELECT u.interpreter_id, sum(u.booked_minutes) AS minutes
        FROM usage_entries u
        WHERE u.network_id = $1 AND u.booked_on >= $4 AND u.booked_on < $5
          AND u.kind IN ('session', 'adjustment')
        GROUP BY u.interpreter_id
    ) AS worked ON worked.interpreter_id = i.id
    WHERE i.network_id = $1 AND i.active AND i.stage = 'active' AND i.created_at < $3
    ORDER BY worked_minutes DESC, offered_minutes DESC, i.id
"""


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """What one interpreter was there for, was offered and worked, in minutes."""

    interpreter_id: UUID
    display_name: str
    available_minutes: int
    offered_minutes: int
    worked_minutes: int


async def hours(
    db: Db, *, network_id: UUID, starts_at: datetime, ends_at: datetime, from_: date, until: date
) -> list[Hours]:
    """Return each active interpreter's hours in this time, who worked most first."""
    rows = await db.fetch(SHARES, network_id, starts_at, ends_at, from_, until)
    return [Hours(**dict(row)) for row in rows]
