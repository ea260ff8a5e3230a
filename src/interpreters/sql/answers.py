"""A statement about what people said when they were asked."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db

NEWEST: Final = 5_000  # offers of the network that are looked at


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What became of offers in a language and mode; `mode` None are all modes together."""

    language: str
    mode: str | None
    asked: int
    said_yes: int
    minutes: float | None


# $1 network_id, $2 the first id to look at, $3 how many, $4 languages, $5 longer than this
# before the start, $6 at most this
#
# The newest offers by the primary key, so the work is bounded whatever the network. Whoever lost
# to somebody faster said nothing, unless they wished to be told when it is free again.
ANSWERS: Final[LiteralString] = """
    SELECT h.from_language AS language, h.mode, count(*) AS asked,
           count(*) FILTER (WHERE h.said_yes) AS said_yes,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY h.minutes) FILTER (WHERE h.said_yes)
               AS minutes
    FROM (
        SELECT o.from_language, o.mode,
               o.state = 'accepted' OR o.wished_at IS NOT NULL AS said_yes,
               extract(epoch FROM coalesce(o.answered_at, o.wished_at) - o.created_at) / 60
                   AS minutes
        FROM (
            SELECT n.* FROM offers n
            WHERE n.network_id = $1 AND n.id >= $2
            ORDER BY n.id DESC LIMIT $3
        ) o
        JOIN requests r ON r.network_id = $1 AND r.id = o.request_id
        WHERE o.from_language = ANY ($4::text[])
          AND (o.state IN ('accepted', 'declined', 'expired') OR o.wished_at IS NOT NULL)
          AND r.starts_at - o.created_at > $5::interval
          AND r.starts_at - o.created_at <= $6::interval
    ) h
    GROUP BY GROUPING SETS ((h.from_language, h.mode), (h.from_language))
"""


async def answers(
    db: Db,
    *,
    network_id: UUID,
    since: datetime,
    languages: Sequence[str],
    lead: tuple[timedelta, timedelta],
) -> list[Answers]:
    """Return what was answered since then, about sessions that were as far away when asked."""
    first = UUID(int=int(since.timestamp() * 1000) << 80)  # ids begin with their milliseconds
    rows = await db.fetch(ANSWERS, network_id, first, NEWEST, list(languages), *lead)
    return [Answers(**dict(row)) for row in rows]
