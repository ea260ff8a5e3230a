"""The statements behind the service report: what requests came to, who waited, who worked."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.service_levels import Waited


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Requests whose session was to start from `starts_at` up to `ends_at`; `only` one's."""

    only: UUID | None
    starts_at: datetime
    ends_at: datetime


# $1 network_id, $2 institution_id (null = all), $3 from, $4 until, $5 the codes of cancellations
# that were not the requester's fault
OUTCOMES: Final[LiteralString] = """
    SELECT CASE WHEN came.completed > 0 THEN 'held'
                WHEN r.state IN ('searching', 'partly_filled', 'filled') THEN 'pending'
                WHEN came.client_no_shows > 0 THEN 'client_no_show'
                WHEN r.state = 'cancelled' THEN
                    CASE WHEN r.cancel_reason_code = ANY ($5::text[]) THEN 'cancelled_by_us'
                         WHEN came.late > 0 THEN 'cancelled_late'
                         WHEN came.cancelled > 0 THEN 'cancelled_in_time'
                         ELSE 'given_up' END
                WHEN came.no_shows > 0 THEN 'interpreter_no_show'
                ELSE 'unfilled' END AS outcome,
           CASE WHEN r.state = 'unfilled' THEN r.unfilled_reason END AS reason,
           count(*) AS requests,
           count(*) FILTER (WHERE came.completed >= r.interpreters_needed) AS in_full
    FROM requests r
    LEFT JOIN (
        SELECT b.request_id,
               count(*) FILTER (WHERE b.state = 'completed') AS completed,
               count(*) FILTER (WHERE b.state = 'client_no_show') AS client_no_shows,
               count(*) FILTER (WHERE b.state = 'interpreter_no_show') AS no_shows,
               count(*) FILTER (WHERE b.state = 'cancelled') AS cancelled,
               count(*) FILTER (WHERE CASE WHEN b.state = 'cancelled' THEN EXISTS (
                   SELECT 1 FROM usage_entries u
                   WHERE u.network_id = $1 AND u.booking_id = b.id
                     AND u.kind = 'late_cancellation'
               ) ELSE false END) AS late
        FROM bookings b
        WHERE b.network_id = $1 AND ($2::uuid IS NULL OR b.institution_id = $2)
        GROUP BY b.request_id
    ) AS came ON came.request_id = r.id
    WHERE r.network_id = $1 AND r.starts_at >= $3 AND r.starts_at < $4
      AND ($2::uuid IS NULL OR r.institution_id = $2)
    GROUP BY 1, 2
"""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """So many requests came to this, for this reason if nobody was found."""

    outcome: str
    reason: str | None
    requests: int
    in_full: int


async def outcomes(
    db: Db, *, network_id: UUID, asked: Asked, waived: Sequence[str]
) -> list[Outcome]:
    """Count requests by what they came to."""
    rows = await db.fetch(
        OUTCOMES, network_id, asked.only, asked.starts_at, asked.ends_at, list(waived)
    )
    return [Outcome(**dict(row)) for row in rows]


# As OUTCOMES; $5 now. An answer is the first booking that was promised to anybody.
WAITED: Final[LiteralString] = """
    SELECT greatest(0, ceil(extract(epoch FROM
               coalesce(came.answered_at, least(
                   coalesce(r.cancelled_at, CASE WHEN r.state = 'unfilled' THEN r.updated_at END),
                   upper(r.session), $5)) - r.created_at) / 60))::int AS minutes,
           came.answered_at IS NOT NULL AS answered,
           count(*) AS requests
    FROM requests r
    LEFT JOIN (
        SELECT b.request_id, min(b.created_at) AS answered_at
        FROM bookings b
        WHERE b.network_id = $1 AND ($2::uuid IS NULL OR b.institution_id = $2)
          AND b.state NOT IN ('held', 'released')
        GROUP BY b.request_id
    ) AS came ON came.request_id = r.id
    WHERE r.network_id = $1 AND r.starts_at >= $3 AND r.starts_at < $4
      AND ($2::uuid IS NULL OR r.institution_id = $2)
    GROUP BY 1, 2
"""


async def waited(db: Db, *, network_id: UUID, asked: Asked, now: datetime) -> list[Waited]:
    """Return how long people waited, in whole minutes, for a yes or to the end without one."""
    rows = await db.fetch(WAITED, network_id, asked.only, asked.starts_at, asked.ends_at, now)
    return [Waited(**dict(row)) for row in rows]


# $1 network_id, $2 institution_id (null = all), $3 from, $4 until
BOOKINGS: Final[LiteralString] = """
    SELECT count(*) FILTER (WHERE b.state NOT IN ('held', 'released')) AS bookings,
           count(*) FILTER (WHERE b.state = 'client_no_show') AS client_no_shows,
           count(*) FILTER (WHERE b.state = 'interpreter_no_show') AS interpreter_no_shows,
           count(*) FILTER (WHERE b.state = 'given_back') AS given_back,
           count(*) FILTER (WHERE b.state = 'given_back' AND b.given_back_late) AS given_back_late
    FROM bookings b
    WHERE b.network_id = $1 AND b.starts_at >= $3 AND b.starts_at < $4
      AND ($2::uuid IS NULL OR b.institution_id = $2)
"""


async def bookings(db: Db, *, network_id: UUID, asked: Asked) -> dict[str, int]:
    """Count bookings, and what befell them."""
    row = await db.fetchrow(BOOKINGS, network_id, asked.only, asked.starts_at, asked.ends_at)
    return dict(row or {})


# As BOOKINGS, of the requests of these days
OFFERS: Final[LiteralString] = """
    SELECT count(*) AS offers,
           count(*) FILTER (WHERE o.state = 'accepted') AS accepted,
           count(*) FILTER (WHERE o.state = 'declined') AS declined,
           count(*) FILTER (WHERE o.state = 'expired') AS expired,
           count(*) FILTER (WHERE coalesce(o.wished_at, o.standby_at) IS NOT NULL) AS too_late
    FROM requests r
    JOIN offers o ON o.network_id = $1 AND o.request_id = r.id
    WHERE r.network_id = $1 AND r.starts_at >= $3 AND r.starts_at < $4
      AND ($2::uuid IS NULL OR r.institution_id = $2)
"""


async def offers(db: Db, *, network_id: UUID, asked: Asked) -> dict[str, int]:
    """Count offers by how they ended."""
    row = await db.fetchrow(OFFERS, network_id, asked.only, asked.starts_at, asked.ends_at)
    return dict(row or {})


# $1 network_id, $2 from day, $3 until day, $4 until as an instant. Who says no hours may be asked
# at any: 10,080 minutes a week.
SHARES: Final[LiteralString] = """
    SELECT i.id AS interpreter_id, i.display_name,
           coalesce(week.minutes, 10080)::int AS week_minutes,
           coalesce(worked.minutes, 0)::int AS minutes
    FROM interpreters i
    LEFT JOIN (
        SELECT a.interpreter_id, sum(a.to_minute - a.from_minute) AS minutes
        FROM availability a WHERE a.network_id = $1 GROUP BY a.interpreter_id
    ) AS week ON week.interpreter_id = i.id
    LEFT JOIN (
        SELECT u.interpreter_id, sum(u.booked_minutes) AS minutes
        FROM usage_entries u
        WHERE u.network_id = $1 AND u.booked_on >= $2 AND u.booked_on < $3
          AND u.kind IN ('session', 'adjustment')
        GROUP BY u.interpreter_id
    ) AS worked ON worked.interpreter_id = i.id
    WHERE i.network_id = $1 AND i.active AND i.stage = 'active' AND i.created_at < $4
    ORDER BY minutes DESC, i.id
"""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one interpreter worked of what they offer in a week, in minutes."""

    interpreter_id: UUID
    display_name: str
    week_minutes: int
    minutes: int


async def shares(
    db: Db, *, network_id: UUID, from_: date, until: date, ends_at: datetime
) -> list[Share]:
    """Return what each active interpreter worked, those with nothing too."""
    rows = await db.fetch(SHARES, network_id, from_, until, ends_at)
    return [Share(**dict(row)) for row in rows]
