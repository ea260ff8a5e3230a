"""Every statement about the `tariffs` table, which only grows."""

from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.tariffs import Tariff, Terms

# $1 network_id, $2 id, $3 name, $4 is_default, $5 currency, $6 valid_from, $7 valid_until,
# $8 terms, $9 created_at
INSERT: Final[LiteralString] = """
    INSERT INTO tariffs (network_id, id, name, is_default, currency, valid_from, valid_until,
        terms, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb, $9)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, tariff: Tariff) -> None:
    """Add a tariff."""
    await db.execute(
        INSERT, network_id, tariff.id, tariff.name, tariff.is_default, tariff.currency,
        tariff.valid_from, tariff.valid_until, msgspec.json.encode(tariff.terms).decode(),
        tariff.created_at,
    )  # fmt: skip


# $1 network_id, $2 id
FIND: Final[LiteralString] = """
    SELECT t.id, t.name, t.is_default, t.currency, t.valid_from, t.valid_until, t.terms,
           t.created_at
    FROM tariffs t
    WHERE t.network_id = $1 AND t.id = $2
"""


async def find(db: Db, *, network_id: UUID, tariff_id: UUID) -> Tariff | None:
    """Return the tariff, if the network has it."""
    row = await db.fetchrow(FIND, network_id, tariff_id)
    return None if row is None else _tariff(row)


# $1 network_id, $2 an institution's own tariff (null = none)
FOR_INSTITUTION: Final[LiteralString] = """
    SELECT t.id, t.name, t.is_default, t.currency, t.valid_from, t.valid_until, t.terms,
           t.created_at
    FROM tariffs t
    WHERE t.network_id = $1
      AND (t.is_default
           OR t.name = (SELECT o.name FROM tariffs o WHERE o.network_id = $1 AND o.id = $2))
    ORDER BY t.id DESC
"""


async def for_institution(db: Db, *, network_id: UUID, own_id: UUID | None) -> list[Tariff]:
    """Return the tariffs that may apply to an institution on any day: the network's defaults, its
    own and those of the same name; newest first.
    """
    return [_tariff(row) for row in await db.fetch(FOR_INSTITUTION, network_id, own_id)]


# $1 network_id, $2 before this id (null = from the newest), $3 limit
PAGE: Final[LiteralString] = """
    SELECT t.id, t.name, t.is_default, t.currency, t.valid_from, t.valid_until, t.terms,
           t.created_at
    FROM tariffs t
    WHERE t.network_id = $1 AND ($2::uuid IS NULL OR t.id < $2)
    ORDER BY t.id DESC LIMIT $3
"""


async def page(db: Db, *, network_id: UUID, before: UUID | None, limit: int) -> list[Tariff]:
    """Return tariffs, newest first."""
    return [_tariff(row) for row in await db.fetch(PAGE, network_id, before, limit)]


def _tariff(row: Row) -> Tariff:
    fields: dict[str, Any] = dict(row)
    terms = msgspec.json.decode(fields.pop("terms"), type=Terms)
    return Tariff(**fields, terms=terms)
