"""A statement about which languages lie between two: somebody speaks each half of the way."""

from collections.abc import Sequence
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db

# $1 network_id, $2 the client's languages, $3 working language, $4 limit
#
# Few speak the client's language, else nobody would look for a relay: their other languages come
# first, and only those are looked up towards the working language.
BETWEEN: Final[LiteralString] = """
    SELECT p.language
    FROM (
        SELECT o.language, count(*) AS speakers
        FROM interpreter_languages l
        JOIN interpreter_languages o
          ON o.network_id = $1 AND o.interpreter_id = l.interpreter_id
        WHERE l.network_id = $1 AND l.language = ANY ($2::text[])
          AND o.language <> ALL ($2::text[]) AND o.language <> $3
        GROUP BY o.language
    ) p
    WHERE EXISTS (
        SELECT FROM supply s
        WHERE s.network_id = $1
          AND s.pair = least(p.language COLLATE "C", $3 COLLATE "C") || ':'
                       || greatest(p.language COLLATE "C", $3 COLLATE "C"))
    ORDER BY p.speakers DESC, p.language
    LIMIT $4
"""


async def between(
    db: Db, *, network_id: UUID, languages: Sequence[str], working_language: str, limit: int
) -> list[str]:
    """Return languages that lie between, those with most speakers of the client's first."""
    rows = await db.fetch(BETWEEN, network_id, list(languages), working_language, limit)
    return [row["language"] for row in rows]
