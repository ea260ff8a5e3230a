"""Every statement about the `sites` table. Address, telephone and e-mail are sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.availability import WeeklyRow
from interpreters.vault import vault_of


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A place where people meet. `opening_hours` are by its own clock; none means always open."""

    id: UUID
    institution_id: UUID
    name: str
    city: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    time_zone: str
    phone: str | None = None
    email: str | None = None
    opening_hours: tuple[WeeklyRow, ...] = ()
    created_at: datetime
    version: int = 1


# $1 network_id, $2 id, $3 institution_id, $4 name, $5 city, $6 address, $7 latitude, $8 longitude,
# $9 time_zone, $10 phone, $11 email, $12 opening_hours, $13 created_at, $14 version
INSERT: Final[LiteralString] = """
    INSERT INTO sites (network_id, id, institution_id, name, city, address, latitude, longitude,
        time_zone, phone, email, opening_hours, created_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::text::jsonb, $13, $14)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, site: Site) -> None:
    """Add a site."""
    await db.execute(INSERT, network_id, *_values(db, network_id, site))


# $1 network_id, $2 ids
MANY: Final[LiteralString] = """
    SELECT s.id, s.institution_id, s.name, s.city, s.address, s.latitude, s.longitude,
           s.time_zone, s.phone, s.email, s.opening_hours, s.created_at, s.version
    FROM sites s
    WHERE s.network_id = $1 AND s.id = ANY ($2::uuid[])
"""


async def get_many(db: Db, *, network_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Site]:
    """Return those of the ids that the network has."""
    return {
        row["id"]: _site(db, network_id, row) for row in await db.fetch(MANY, network_id, list(ids))
    }


async def find(db: Db, *, network_id: UUID, site_id: UUID) -> Site | None:
    """Return the site, if the network has it."""
    return (await get_many(db, network_id=network_id, ids=[site_id])).get(site_id)


# $1 network_id, $2 institution_id, $3 before this id (null = from the newest), $4 limit
PAGE: Final[LiteralString] = """
    SELECT s.id, s.institution_id, s.name, s.city, s.address, s.latitude, s.longitude,
           s.time_zone, s.phone, s.email, s.opening_hours, s.created_at, s.version
    FROM sites s
    WHERE s.network_id = $1 AND s.institution_id = $2 AND ($3::uuid IS NULL OR s.id < $3)
    ORDER BY s.id DESC LIMIT $4
"""


async def page(
    db: Db, *, network_id: UUID, institution_id: UUID, before: UUID | None, limit: int
) -> list[Site]:
    """Return the institution's sites, newest first."""
    rows = await db.fetch(PAGE, network_id, institution_id, before, limit)
    return [_site(db, network_id, row) for row in rows]


# $1 network_id, $2 id, $3 to $13 as in INSERT, $14 new version; the old one is $14 - 1
UPDATE: Final[LiteralString] = """
    UPDATE sites AS s
    SET institution_id = $3, name = $4, city = $5, address = $6, latitude = $7, longitude = $8,
        time_zone = $9, phone = $10, email = $11, opening_hours = $12::text::jsonb,
        created_at = $13, version = $14
    WHERE s.network_id = $1 AND s.id = $2 AND s.version = $14 - 1
    RETURNING s.id
"""


async def update(db: Db, *, network_id: UUID, site: Site) -> bool:
    """Write the next version; False when somebody else wrote it first."""
    return await db.fetchval(UPDATE, network_id, *_values(db, network_id, site)) is not None


def _values(db: Db, network_id: UUID, one: Site) -> tuple[object, ...]:
    vault = vault_of(db)
    return (
        one.id, one.institution_id, one.name, one.city,
        vault.seal_or_none(network_id, one.address), one.latitude, one.longitude, one.time_zone,
        vault.seal_or_none(network_id, one.phone), vault.seal_or_none(network_id, one.email),
        msgspec.json.encode(one.opening_hours).decode(),
        one.created_at, one.version,
    )  # fmt: skip


def _site(db: Db, network_id: UUID, row: Row) -> Site:
    fields, vault = dict(row), vault_of(db)
    for name in ("address", "phone", "email"):
        fields[name] = vault.unseal_or_none(network_id, fields[name])
    hours = msgspec.json.decode(fields.pop("opening_hours"), type=tuple[WeeklyRow, ...])
    return Site(**fields, opening_hours=hours)
