"""Every statement about the `institutions` table."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row


class Institution(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks and is charged; the centre itself is one too."""

    id: UUID
    name: str
    kind: str
    country: str | None
    time_zone: str
    working_language: str
    tariff_id: UUID | None = None
    cancellation_policy_id: UUID | None = None
    preferred_interpreter_ids: Sequence[UUID] = ()
    blocked_interpreter_ids: Sequence[UUID] = ()
    client_links: bool = False  # whether clients may be given a link to their booking
    ladder: dict[str, Any] | None = None  # in place of the network's
    created_at: datetime
    version: int = 1


# $1 network_id, $2 id, $3 name, $4 kind, $5 country, $6 time_zone, $7 working_language,
# $8 tariff_id, $9 cancellation_policy_id, $10 preferred, $11 blocked, $12 client_links,
# $13 created_at, $14 version, $15 ladder
INSERT: Final[LiteralString] = """
    INSERT INTO institutions (network_id, id, name, kind, country, time_zone, working_language,
        tariff_id, cancellation_policy_id, preferred_interpreter_ids, blocked_interpreter_ids,
        client_links, created_at, version, ladder)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::text::jsonb)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, institution: Institution) -> None:
    """Add an institution."""
    await db.execute(INSERT, network_id, *_values(institution))


# $1 network_id, $2 id
FIND: Final[LiteralString] = """
    SELECT i.id, i.name, i.kind, i.country, i.time_zone, i.working_language, i.tariff_id,
           i.cancellation_policy_id, i.preferred_interpreter_ids, i.blocked_interpreter_ids,
           i.client_links, i.ladder, i.created_at, i.version
    FROM institutions i
    WHERE i.network_id = $1 AND i.id = $2
"""


async def find(db: Db, *, network_id: UUID, institution_id: UUID) -> Institution | None:
    """Return the institution, if the network has it."""
    row = await db.fetchrow(FIND, network_id, institution_id)
    return None if row is None else _institution(row)


# $1 network_id, $2 ids
NAMES: Final[LiteralString] = """
    SELECT i.id, i.name FROM institutions i WHERE i.network_id = $1 AND i.id = ANY ($2::uuid[])
"""


async def names(db: Db, *, network_id: UUID, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return what the institutions are called."""
    return {row["id"]: row["name"] for row in await db.fetch(NAMES, network_id, list(ids))}


# $1 network_id, $2 id
LOCK: Final[LiteralString] = """
    SELECT i.id FROM institutions i WHERE i.network_id = $1 AND i.id = $2 FOR NO KEY UPDATE
"""


async def lock(db: Db, *, network_id: UUID, institution_id: UUID) -> None:
    """Keep others from changing the institution, or counting what it has, until the end."""
    await db.fetchval(LOCK, network_id, institution_id)


# $1 network_id, $2 only this id (null = all), $3 before this id (null = from the newest), $4 limit
PAGE: Final[LiteralString] = """
    SELECT i.id, i.name, i.kind, i.country, i.time_zone, i.working_language, i.tariff_id,
           i.cancellation_policy_id, i.preferred_interpreter_ids, i.blocked_interpreter_ids,
           i.client_links, i.ladder, i.created_at, i.version
    FROM institutions i
    WHERE i.network_id = $1
      AND ($2::uuid IS NULL OR i.id = $2)
      AND ($3::uuid IS NULL OR i.id < $3)
    ORDER BY i.id DESC LIMIT $4
"""


async def page(
    db: Db, *, network_id: UUID, only: UUID | None, before: UUID | None, limit: int
) -> list[Institution]:
    """Return institutions, newest first."""
    return [_institution(row) for row in await db.fetch(PAGE, network_id, only, before, limit)]


# $1 network_id, $2 id, $3 to $13 and $15 as in INSERT, $14 new version; the old one is $14 - 1
UPDATE: Final[LiteralString] = """
    UPDATE institutions AS i
    SET name = $3, kind = $4, country = $5, time_zone = $6, working_language = $7,
        tariff_id = $8, cancellation_policy_id = $9, preferred_interpreter_ids = $10,
        blocked_interpreter_ids = $11, client_links = $12, created_at = $13, version = $14,
        ladder = $15::text::jsonb
    WHERE i.network_id = $1 AND i.id = $2 AND i.version = $14 - 1
    RETURNING i.id
"""


async def update(db: Db, *, network_id: UUID, institution: Institution) -> bool:
    """Write the next version; False when somebody else wrote it first."""
    return await db.fetchval(UPDATE, network_id, *_values(institution)) is not None


async def insert_many(db: Db, *, network_id: UUID, institutions: Sequence[Institution]) -> None:
    """Add institutions."""
    await db.executemany(INSERT, [(network_id, *_values(one)) for one in institutions])


# $1 network_id, $2 ids
LOCK_MANY: Final[LiteralString] = """
    SELECT i.id, i.version FROM institutions i
    WHERE i.network_id = $1 AND i.id = ANY ($2::uuid[])
    ORDER BY i.id FOR NO KEY UPDATE
"""


async def lock_many(db: Db, *, network_id: UUID, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Keep others from changing the institutions; return their versions."""
    rows = await db.fetch(LOCK_MANY, network_id, list(ids))
    return {row["id"]: row["version"] for row in rows}


async def update_many(db: Db, *, network_id: UUID, institutions: Sequence[Institution]) -> None:
    """Write the next versions. The caller holds the rows (`lock_many`) and knows the old ones."""
    await db.executemany(UPDATE, [(network_id, *_values(one)) for one in institutions])


# $1 network_id, $2 ids, $3 references, $4 names in lower case
CALLED: Final[LiteralString] = """
    SELECT i.id, i.name, i.kind, i.country, i.time_zone, i.working_language, i.tariff_id,
           i.cancellation_policy_id, i.preferred_interpreter_ids, i.blocked_interpreter_ids,
           i.client_links, i.ladder, i.created_at, i.version, i.external_reference
    FROM institutions i
    WHERE i.network_id = $1
      AND (i.id = ANY ($2::uuid[]) OR i.external_reference = ANY ($3::text[])
           OR lower(i.name) = ANY ($4::text[]))
    ORDER BY i.id
"""


async def called(
    db: Db,
    *,
    network_id: UUID,
    ids: Sequence[UUID] = (),
    references: Sequence[str] = (),
    names: Sequence[str] = (),
) -> list[tuple[Institution, str | None]]:
    """Return the institutions known by an id, a reference or a name, each with its reference."""
    lower = [one.lower() for one in names]
    rows = await db.fetch(CALLED, network_id, list(ids), list(references), lower)
    return [(_institution(row), row["external_reference"]) for row in rows]


# $1 network_id, then arrays of one length: $2 ids, $3 references
SET_REFERENCES: Final[LiteralString] = """
    UPDATE institutions AS i SET external_reference = r.reference
    FROM unnest($2::uuid[], $3::text[]) AS r (id, reference)
    WHERE i.network_id = $1 AND i.id = r.id
"""


async def set_references(db: Db, *, network_id: UUID, references: Mapping[UUID, str]) -> None:
    """Give institutions their references. The caller holds their rows, or has just made them."""
    await db.execute(SET_REFERENCES, network_id, list(references.keys()), list(references.values()))


def _values(one: Institution) -> tuple[object, ...]:
    return (
        one.id, one.name, one.kind, one.country, one.time_zone, one.working_language,
        one.tariff_id, one.cancellation_policy_id, list(one.preferred_interpreter_ids),
        list(one.blocked_interpreter_ids), one.client_links, one.created_at, one.version,
        None if one.ladder is None else msgspec.json.encode(one.ladder).decode(),
    )  # fmt: skip


def _institution(row: Row) -> Institution:
    fields = dict(row)
    fields.pop("external_reference", None)
    ladder = fields.pop("ladder")
    return Institution(**fields, ladder=None if ladder is None else msgspec.json.decode(ladder))
