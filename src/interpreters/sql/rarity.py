"""The statement that says how few others have the languages that a booking would not use."""

from collections.abc import Collection, Sequence
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db

# $1 network_id, $2 interpreter_ids, $3 pairs that are wanted, $4 working language, $5 so many at
# most are counted: where there are more, nobody is missed
COLLEAGUES: Final[LiteralString] = """
    SELECT s.interpreter_id, array_agg(c.colleagues) AS colleagues
    FROM supply s
    CROSS JOIN LATERAL (
        SELECT count(*) AS colleagues FROM (
            SELECT FROM supply o
            WHERE o.network_id = $1 AND o.pair = s.pair AND o.active LIMIT $5
        ) AS others
    ) AS c
    WHERE s.network_id = $1 AND s.interpreter_id = ANY ($2::uuid[]) AND s.pair <> ALL ($3::text[])
      AND $4 = ANY (string_to_array(s.pair, ':'))
    GROUP BY s.interpreter_id
"""


async def colleagues(
    db: Db,
    *,
    network_id: UUID,
    interpreter_ids: Sequence[UUID],
    wanted: Collection[str],
    working_language: str,
    most: int,
) -> dict[UUID, list[int]]:
    """Return how many active people have each other pair of these with the working language."""
    rows = await db.fetch(
        COLLEAGUES, network_id, list(interpreter_ids), list(wanted), working_language, most
    )
    return {row["interpreter_id"]: row["colleagues"] for row in rows}
