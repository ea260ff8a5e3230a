"""Every statement about the `rooms` table."""

from collections.abc import Sequence
from typing import Final, LiteralString
from uuid import UUID

import asyncpg
import msgspec

from interpreters.database import Db
from interpreters.domain.parties import RoomIsUsed


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """A room of a site."""

    id: UUID
    name: str


# $1 network_id, $2 site ids
OF_SITES: Final[LiteralString] = """
    SELECT r.site_id, r.id, r.name FROM rooms r
    WHERE r.network_id = $1 AND r.site_id = ANY ($2::uuid[])
    ORDER BY r.site_id, r.name
"""


async def of_sites(
    db: Db, *, network_id: UUID, site_ids: Sequence[UUID]
) -> dict[UUID, tuple[Room, ...]]:
    """Return each site's rooms by name; every id asked for has an entry."""
    found: dict[UUID, list[Room]] = {one: [] for one in site_ids}
    for row in await db.fetch(OF_SITES, network_id, list(site_ids)):
        found[row["site_id"]].append(Room(id=row["id"], name=row["name"]))
    return {site_id: tuple(rooms) for site_id, rooms in found.items()}


# $1 network_id, $2 site_id, $3 the ids that stay
DELETE_OTHERS: Final[LiteralString] = """
    DELETE FROM rooms AS r
    WHERE r.network_id = $1 AND r.site_id = $2 AND NOT (r.id = ANY ($3::uuid[]))
"""
# $1 network_id, $2 site_id, $3 ids, $4 names
INSERT: Final[LiteralString] = """
    INSERT INTO rooms (network_id, id, site_id, name)
    SELECT $1, n.id, $2, n.name FROM unnest($3::uuid[], $4::text[]) AS n (id, name)
    ON CONFLICT DO NOTHING
"""


async def replace(db: Db, *, network_id: UUID, site_id: UUID, rooms: Sequence[Room]) -> None:
    """Make these the site's rooms; a room that is there already stays as it is.

    Raises:
        RoomIsUsed: one that would go is taken by people who must not meet others.
    """
    ids = [one.id for one in rooms]
    try:
        await db.execute(DELETE_OTHERS, network_id, site_id, ids)
    except asyncpg.ForeignKeyViolationError as error:
        raise RoomIsUsed from error
    await db.execute(INSERT, network_id, site_id, ids, [one.name for one in rooms])
