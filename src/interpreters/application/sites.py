"""Sites of institutions: where people meet, and when somebody is there."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import msgspec

from interpreters.application.institutions import show_institution
from interpreters.database import Db
from interpreters.domain.availability import WeeklyRow
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import NotFound, Stale
from interpreters.domain.ids import new_id
from interpreters.sql import room_uses, rooms, sites
from interpreters.sql.rooms import Room
from interpreters.sql.sites import Site

__all__ = ["PlacedSite", "Room", "Site", "SiteOrder"]

Slice: TypeAlias = tuple[UUID | None, int]  # after which id, how many at most


class SiteOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A new site; the time zone is the institution's where it is None."""

    name: str
    city: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    time_zone: str | None = None
    phone: str | None = None
    email: str | None = None
    opening_hours: tuple[WeeklyRow, ...] = ()
    rooms: tuple[str, ...] = ()


class PlacedSite(msgspec.Struct, frozen=True, kw_only=True):
    """A site with its rooms."""

    site: Site
    rooms: tuple[Room, ...]

    @property
    def id(self) -> UUID:
        """The site's id, by which lists go on."""
        return self.site.id


async def create_site(
    db: Db, caller: Caller, *, institution_id: UUID, order: Callable[[], SiteOrder], now: datetime
) -> PlacedSite:
    """Add a site to an institution.

    Raises:
        Forbidden: only coordinators may.
        NotFound: there is no such institution.
    """
    permit(caller, "institutions:write", "coordinator")
    institution = await show_institution(db, caller, institution_id=institution_id)
    fields = msgspec.structs.asdict(order())
    names = fields.pop("rooms")
    fields["time_zone"] = fields["time_zone"] or institution.time_zone
    site = Site(id=new_id(now), institution_id=institution_id, created_at=now, **fields)
    await sites.insert(db, network_id=caller.network_id, site=site)
    made = await _furnish(db, caller, site, names, (), now)
    return PlacedSite(site=site, rooms=made)


async def list_sites(
    db: Db, caller: Caller, *, institution_id: UUID, page: Callable[[], Slice]
) -> list[PlacedSite]:
    """Return a page of the institution's sites, newest first.

    Raises:
        NotFound: there is no such institution in what the caller may see.
    """
    await show_institution(db, caller, institution_id=institution_id)
    network_id = caller.network_id
    before, limit = page()
    found = await sites.page(
        db, network_id=network_id, institution_id=institution_id, before=before, limit=limit
    )
    placed = await rooms.of_sites(db, network_id=network_id, site_ids=[one.id for one in found])
    return [PlacedSite(site=one, rooms=placed[one.id]) for one in found]


async def show_site(db: Db, caller: Caller, *, institution_id: UUID, site_id: UUID) -> PlacedSite:
    """Return a site.

    Raises:
        NotFound: the institution has none such, or is not the caller's to see.
    """
    await show_institution(db, caller, institution_id=institution_id)
    network_id = caller.network_id
    site = await sites.find(db, network_id=network_id, site_id=site_id)
    if site is None or site.institution_id != institution_id:
        raise NotFound
    placed = await rooms.of_sites(db, network_id=network_id, site_ids=[site_id])
    return PlacedSite(site=site, rooms=placed[site_id])


async def change_site(
    db: Db,
    caller: Caller,
    *,
    institution_id: UUID,
    site_id: UUID,
    if_match: int | None,
    change: Callable[[], Mapping[str, Any]],
    now: datetime,
) -> PlacedSite:
    """Change the given fields; `rooms` are the names of all rooms, those that stay keep their ids.

    Raises:
        Forbidden: only coordinators may.
        NotFound: the institution has none such.
        Stale: it was changed since the version in If-Match.
        RoomIsUsed: a room that would go is wanted by people who must not meet others.
    """
    permit(caller, "institutions:write", "coordinator")
    found = await show_site(db, caller, institution_id=institution_id, site_id=site_id)
    if if_match not in (None, found.site.version):
        raise Stale
    fields = dict(change())
    names = fields.pop("rooms", None)
    changed = msgspec.structs.replace(found.site, **fields, version=found.site.version + 1)
    if not await sites.update(db, network_id=caller.network_id, site=changed):
        raise Stale
    kept = found.rooms
    if names is not None:
        kept = await _furnish(db, caller, changed, names, found.rooms, now)
    return PlacedSite(site=changed, rooms=kept)


async def _furnish(
    db: Db, caller: Caller, site: Site, names: Sequence[str], there: Sequence[Room], now: datetime
) -> tuple[Room, ...]:
    """Make these the site's rooms, in order of their names."""
    known = {one.name: one for one in there}
    wanted = tuple(known.get(name) or Room(id=new_id(now), name=name) for name in sorted(names))
    if wanted or there:
        await room_uses.forget(db, network_id=caller.network_id, now=now)
        await rooms.replace(db, network_id=caller.network_id, site_id=site.id, rooms=wanted)
    return wanted
