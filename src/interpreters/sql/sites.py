"""Every statement about the `sites` table: a place with its time zone and opening hours."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A place of an institution; no opening hours means always open."""

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
    opening_hours: Sequence[Mapping[str, Any]] = ()
    created_at: datetime
    version: int = 1


# $1 network_id, $2 id
FIND: Final[LiteralString] = """
    SELECT s.id, s.institution_id, s.name, s.city, s.address, s.latitude, s.longitude,
           s.time_zone, s.phone, s.email, s.opening_hours, s.created_at, s.version
    FROM sites s
    WHERE s.network_id = $1 AND s.id = $2
"""


async def find(db: Db, *, network_id: UUID, site_id: UUID) -> Site | None:
    """Return the site, if the network has it."""
    row = await db.fetchrow(FIND, network_id, site_id)
    return None if row is None else _site(row)


# $1 network_id, $2 ids
GET_MANY: Final[LiteralString] = """
    SELECT s.id, s.institution_id, s.name, s.city, s.address, s.latitude, s.longitude,
           s.time_zone, s.phone, s.email, s.opening_hours, s.created_at, s.version
    FROM sites s
    WHERE s.network_id = $1 AND s.id = ANY ($2::uuid[])
"""


async def get_many(db: Db, *, network_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Site]:
    """Return the sites by id."""
    return {row["id"]: _site(row) for row in await db.fetch(GET_MANY, network_id, list(ids))}


def _site(row: Row) -> Site:
    fields = dict(row)
    fields["opening_hours"] = msgspec.json.decode(fields["opening_hours"])
    return Site(**fields)
