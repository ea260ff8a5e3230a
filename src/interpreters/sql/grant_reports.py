"""The statements behind a grant's report: entries on a funding, by month, language, topic, mode."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, LiteralString, TypeAlias
from uuid import UUID

import msgspec

from interpreters.database import Db, Row

Key: TypeAlias = tuple[int, str, str, str]  # the number of the month, language, topic, mode


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """Entries on a funding from `from_` up to, not on, `until`; `months` are their first days."""

    funding_id: UUID
    from_: date
    until: date
    months: Sequence[date]


# $1 network_id, $2 funding_id, $3 from day, $4 until day, $5 the first days of the months. What is
# outside the funding has no shares.
ROWS: Final[LiteralString] = """
    SELECT width_bucket(u.booked_on, $5::date[]) AS month, u.language, u.topic, u.mode,
           count(*) FILTER (WHERE u.kind = 'session') AS sessions,
           coalesce(sum(u.booked_minutes)
               FILTER (WHERE u.kind IN ('session', 'adjustment')), 0)::bigint AS booked_minutes,
           coalesce(sum(u.actual_minutes)
               FILTER (WHERE u.kind IN ('session', 'adjustment')), 0)::bigint AS actual_minutes,
           coalesce(sum(u.billable_minutes)
               FILTER (WHERE u.kind IN ('session', 'adjustment')), 0)::bigint AS billable_minutes,
           sum(u.charge_minor)::bigint AS charge_minor
    FROM usage_entries u
    WHERE u.network_id = $1 AND u.funding_id = $2 AND u.booked_on >= $3 AND u.booked_on < $4
      AND u.funding_shares <> '[]'
    GROUP BY 1, 2, 3, 4
    ORDER BY 1, 2, 3, 4
"""


async def rows(db: Db, *, network_id: UUID, granted: Granted) -> dict[Key, dict[str, int]]:
    """Count sessions, minutes and money."""
    found = await db.fetch(ROWS, network_id, *_given(granted))
    return {_key(row): {name: row[name] for name in list(row.keys())[4:]} for row in found}


# As ROWS; a client counts once in a row, however often they came
CLIENTS: Final[LiteralString] = """
    SELECT width_bucket(u.booked_on, $5::date[]) AS month, u.language, u.topic, u.mode,
           count(DISTINCT who.client_id) AS clients
    FROM usage_entries u
    CROSS JOIN LATERAL unnest(u.client_ids) AS who (client_id)
    WHERE u.network_id = $1 AND u.funding_id = $2 AND u.booked_on >= $3 AND u.booked_on < $4
      AND u.funding_shares <> '[]' AND u.kind = 'session'
    GROUP BY 1, 2, 3, 4
"""


async def clients(db: Db, *, network_id: UUID, granted: Granted) -> dict[Key, int]:
    """Count the distinct people of each row."""
    found = await db.fetch(CLIENTS, network_id, *_given(granted))
    return {_key(row): row["clients"] for row in found}


# $1 network_id, $2 funding_id, $3 from day, $4 until day
PEOPLE: Final[LiteralString] = """
    SELECT count(DISTINCT who.client_id)
    FROM usage_entries u
    CROSS JOIN LATERAL unnest(u.client_ids) AS who (client_id)
    WHERE u.network_id = $1 AND u.funding_id = $2 AND u.booked_on >= $3 AND u.booked_on < $4
      AND u.funding_shares <> '[]' AND u.kind = 'session'
"""


async def people(db: Db, *, network_id: UUID, granted: Granted) -> int:
    """Count the distinct people of the whole period."""
    found: int = await db.fetchval(PEOPLE, network_id, *_given(granted)[:3])
    return found


# As ROWS
DONORS: Final[LiteralString] = """
    SELECT width_bucket(u.booked_on, $5::date[]) AS month, u.language, u.topic, u.mode,
           given.share ->> 'donor' AS donor,
           sum((given.share ->> 'charge_minor')::bigint)::bigint AS charge_minor
    FROM usage_entries u
    CROSS JOIN LATERAL jsonb_path_query(u.funding_shares, '$[*]') AS given (share)
    WHERE u.network_id = $1 AND u.funding_id = $2 AND u.booked_on >= $3 AND u.booked_on < $4
    GROUP BY 1, 2, 3, 4, 5
"""


async def donors(db: Db, *, network_id: UUID, granted: Granted) -> dict[Key, dict[str, int]]:
    """Return what each donor pays, as it stands on the entries."""
    shares: dict[Key, dict[str, int]] = {}
    for row in await db.fetch(DONORS, network_id, *_given(granted)):
        shares.setdefault(_key(row), {})[row["donor"]] = row["charge_minor"]
    return shares


# $1 network_id, $2 funding_id, $3 from day, $4 until day
LEFT_OUT: Final[LiteralString] = """
    SELECT u.language, count(*) FILTER (WHERE u.kind = 'session') AS sessions,
           coalesce(sum(u.billable_minutes)
               FILTER (WHERE u.kind IN ('session', 'adjustment')), 0)::bigint AS billable_minutes,
           sum(u.charge_minor)::bigint AS charge_minor
    FROM usage_entries u
    WHERE u.network_id = $1 AND u.funding_id = $2 AND u.booked_on >= $3 AND u.booked_on < $4
      AND u.funding_shares = '[]'
    GROUP BY 1
    ORDER BY 1
"""


async def left_out(db: Db, *, network_id: UUID, granted: Granted) -> dict[str, dict[str, int]]:
    """Count by language what names the funding and is outside it."""
    found = await db.fetch(LEFT_OUT, network_id, *_given(granted)[:3])
    return {row["language"]: {name: row[name] for name in list(row.keys())[1:]} for row in found}


def _given(granted: Granted) -> tuple[Any, ...]:
    return (granted.funding_id, granted.from_, granted.until, list(granted.months))


def _key(row: Row) -> Key:
    return (row["month"], row["language"], row["topic"], row["mode"])
