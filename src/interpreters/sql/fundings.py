"""Every statement about the `fundings` table."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString
from uuid import UUID

import asyncpg
import msgspec

from interpreters.database import Db, Row, constraint_of
from interpreters.domain.fundings import Funding, FundingNumberTaken, Terms

NUMBER: Final = "fundings_number_is_unique"

# $1 network_id, $2 id, $3 number, $4 starts_on, $5 ends_on, $6 terms, $7 created_at, $8 version
INSERT: Final[LiteralString] = """
    INSERT INTO fundings (network_id, id, number, starts_on, ends_on, terms, created_at, version)
    VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7, $8)
    ON CONFLICT DO NOTHING
    RETURNING id
"""


async def insert(db: Db, *, network_id: UUID, funding: Funding) -> bool:
    """Add a funding; False when the network has one of this number."""
    made = await db.fetchval(
        INSERT, network_id, *_values(funding), funding.created_at, funding.version
    )
    return made is not None


# $1 network_id, $2 id, $3 number, $4 starts_on, $5 ends_on, $6 terms, $7 the new version
UPDATE: Final[LiteralString] = """
    UPDATE fundings AS f
    SET number = $3, starts_on = $4, ends_on = $5, terms = $6::text::jsonb, version = $7
    WHERE f.network_id = $1 AND f.id = $2 AND f.version = $7 - 1
    RETURNING f.id
"""


async def update(db: Db, *, network_id: UUID, funding: Funding) -> bool:
    """Write the next version; False when somebody else wrote it first.

    Raises:
        FundingNumberTaken: another has the number.
    """
    try:
        made = await db.fetchval(UPDATE, network_id, *_values(funding), funding.version)
    except asyncpg.UniqueViolationError as error:
        if constraint_of(error) == NUMBER:
            raise FundingNumberTaken from error
        raise
    return made is not None


# $1 network_id, $2 ids
OF_IDS: Final[LiteralString] = """
    SELECT f.id, f.number, f.starts_on, f.ends_on, f.terms, f.created_at, f.version
    FROM fundings f
    WHERE f.network_id = $1 AND f.id = ANY ($2::uuid[])
"""


async def of_ids(db: Db, *, network_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Funding]:
    """Return the fundings among the ids."""
    rows = await db.fetch(OF_IDS, network_id, list(ids))
    return {row["id"]: _funding(row) for row in rows}


async def find(db: Db, *, network_id: UUID, funding_id: UUID) -> Funding | None:
    """Return the funding, if the network has it."""
    return (await of_ids(db, network_id=network_id, ids=[funding_id])).get(funding_id)


# $1 network_id, $2 only those open to this institution (null = all), $3 before this id (null =
# from the newest), $4 limit
PAGE: Final[LiteralString] = """
    SELECT f.id, f.number, f.starts_on, f.ends_on, f.terms, f.created_at, f.version
    FROM fundings f
    WHERE f.network_id = $1
      AND ($2::text IS NULL OR f.terms -> 'institution_ids' = '[]'
           OR f.terms -> 'institution_ids' ? $2)
      AND ($3::uuid IS NULL OR f.id < $3)
    ORDER BY f.id DESC LIMIT $4
"""


async def page(
    db: Db, *, network_id: UUID, only: UUID | None, before: UUID | None, limit: int
) -> list[Funding]:
    """Return fundings, newest first; `only` is an institution they are open to."""
    wanted = None if only is None else str(only)
    return [_funding(row) for row in await db.fetch(PAGE, network_id, wanted, before, limit)]


def _values(one: Funding) -> tuple[object, ...]:
    terms = msgspec.json.encode(one.terms).decode()
    return (one.id, one.number, one.starts_on, one.ends_on, terms)


def _funding(row: Row) -> Funding:
    fields: dict[str, Any] = dict(row)
    terms = msgspec.json.decode(fields.pop("terms"), type=Terms)
    return Funding(**fields, terms=terms)
