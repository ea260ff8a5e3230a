"""`/v1/institutions/{id}/sites`: where people meet."""

from collections.abc import Iterator
from typing import Annotated, Any, TypeAlias
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import UNSET, Meta, UnsetType

from interpreters.application import sites
from interpreters.application.sites import PlacedSite, SiteOrder
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.availability import read_weekly, show_weekly
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, Invalid, NotFound, Stale
from interpreters.domain.parties import RoomIsUsed
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import (
    Email,
    In,
    Latitude,
    Longitude,
    Name,
    Phone,
    Text,
    TimeZone,
    e164,
    given,
)
from interpreters.http.lists import List, ListQuery, page_of

TAG = "Institutions"


class HoursIn(In, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Open on one weekday, by the site's own clock, at quarter hours."""

    day: Annotated[Text, Meta(description="mon, tue, wed, thu, fri, sat or sun.")]
    from_: Annotated[Text, Meta(description='Such as "09:00".')]
    to: Annotated[Text, Meta(description='Such as "17:45"; midnight is "24:00".')]


class RoomIn(In, frozen=True, kw_only=True):
    """A room; its name alone says the same."""

    name: Name


Hours: TypeAlias = Annotated[list[HoursIn], Meta(max_length=672)]
Rooms: TypeAlias = Annotated[list[Name | RoomIn], Meta(max_length=200)]


class SiteIn(In, frozen=True, kw_only=True):
    """A new site; without opening hours it is always open."""

    name: Name
    city: Name | None = None
    address: Text | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    time_zone: TimeZone | None = None
    phone: Phone | None = None
    email: Email | None = None
    opening_hours: Hours | None = None
    rooms: Rooms = msgspec.field(default_factory=list)

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """A point has two numbers; hours fit each other; no room stands twice."""
        yield from _errors(value, pointer)

    def order(self) -> SiteOrder:
        """Return the order in the application's words."""
        return SiteOrder(**_converted(msgspec.structs.asdict(self)))


class SitePatch(In, frozen=True, kw_only=True):
    """The fields to change; `rooms` replaces the list, and a name that stays keeps its id."""

    name: Name | UnsetType = UNSET
    city: Name | None | UnsetType = UNSET
    address: Text | None | UnsetType = UNSET
    latitude: Latitude | None | UnsetType = UNSET
    longitude: Longitude | None | UnsetType = UNSET
    time_zone: TimeZone | UnsetType = UNSET
    phone: Phone | None | UnsetType = UNSET
    email: Email | None | UnsetType = UNSET
    opening_hours: Hours | None | UnsetType = UNSET
    rooms: Rooms | UnsetType = UNSET

    @classmethod
    def check_together(cls, value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
        """As for a new site: a point is changed or taken away whole."""
        yield from _errors(value, pointer)

    def change(self) -> dict[str, Any]:
        """Return what was sent, in the application's words."""
        return _converted(given(**msgspec.structs.asdict(self)))


class HoursView(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Open on one weekday."""

    day: str
    from_: str
    to: str


class RoomView(msgspec.Struct, frozen=True, kw_only=True):
    """A room of the site."""

    id: str
    name: str


class SiteView(msgspec.Struct, frozen=True, kw_only=True):
    """A site as it is answered; opening hours are by the clock of `time_zone`."""

    id: str
    institution_id: str
    name: str
    city: str | None
    address: str | None
    latitude: float | None
    longitude: float | None
    time_zone: str
    phone: str | None
    email: str | None
    opening_hours: list[HoursView] | None
    rooms: list[RoomView]
    version: int

    @classmethod
    def of(cls, placed: PlacedSite, _: Caller) -> "SiteView":
        """Shape a site."""
        one = placed.site
        hours = [
            HoursView(day=row["day"], from_=row["from"], to=row["to"])
            for row in show_weekly(one.opening_hours)
        ]
        return cls(
            id=ids.show_id(ids.SITE, one.id),
            institution_id=ids.show_id(ids.INSTITUTION, one.institution_id),
            name=one.name,
            city=one.city,
            address=one.address,
            latitude=one.latitude,
            longitude=one.longitude,
            time_zone=one.time_zone,
            phone=one.phone,
            email=one.email,
            opening_hours=hours or None,
            rooms=[
                RoomView(id=ids.show_id(ids.ROOM, room.id), name=room.name) for room in placed.rooms
            ],
            version=one.version,
        )


@door("POST", "/v1/institutions/{id:str}/sites", body=SiteIn, answer=SiteView, status=201,
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def create_site(call: NamedDependency[Call]) -> Response[bytes]:
    """Add a site to an institution."""
    body = call.body(SiteIn)

    async def work(db: Db, caller: Caller) -> PlacedSite:
        return await sites.create_site(
            db,
            caller,
            institution_id=call.id(ids.INSTITUTION),
            order=lambda: body().order(),
            now=call.now,
        )

    return await call.once(work, SiteView.of, status=201)


@door("GET", "/v1/institutions/{id:str}/sites", query=ListQuery, answer=List[SiteView],
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def list_sites(call: NamedDependency[Call]) -> Response[bytes]:
    """An institution's sites, newest first."""
    query = call.query(ListQuery)

    async def work(db: Db, caller: Caller) -> Page:
        found = await sites.list_sites(
            db, caller, institution_id=call.id(ids.INSTITUTION), page=lambda: query().slice
        )
        return page_of(found, query(), lambda one: SiteView.of(one, caller))

    return await call.ask(work, lambda page, _: page)


@door("GET", "/v1/institutions/{id:str}/sites/{site_id:str}", answer=SiteView,
      refusals=(NotFound,), tag=TAG)  # fmt: skip
async def show_site(call: NamedDependency[Call]) -> Response[bytes]:
    """One site."""
    return await call.ask(
        lambda db, caller: sites.show_site(
            db, caller, institution_id=call.id(ids.INSTITUTION), site_id=_site_id(call)
        ),
        SiteView.of,
    )


@door("PATCH", "/v1/institutions/{id:str}/sites/{site_id:str}", body=SitePatch, answer=SiteView,
      refusals=(Forbidden, NotFound, Stale, RoomIsUsed), tag=TAG)  # fmt: skip
async def change_site(call: NamedDependency[Call]) -> Response[bytes]:
    """Change a site; If-Match guards against a change in between."""
    body = call.body(SitePatch)
    return await call.ask(
        lambda db, caller: sites.change_site(
            db,
            caller,
            institution_id=call.id(ids.INSTITUTION),
            site_id=_site_id(call),
            if_match=call.if_match,
            change=lambda: body().change(),
            now=call.now,
        ),
        SiteView.of,
    )


def _site_id(call: Call) -> UUID:
    return call.id(ids.SITE, "site_id")


def _errors(value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
    has = {name: value.get(name) is not None for name in ("latitude", "longitude")}
    if has["latitude"] != has["longitude"]:
        missing = "longitude" if has["latitude"] else "latitude"
        detail = "Latitude and longitude come together"
        yield FieldError(pointer=f"{pointer}/{missing}", code="required", detail=detail)
    yield from _hours_errors(value.get("opening_hours"), pointer)
    yield from _room_errors(value.get("rooms"), pointer)


def _hours_errors(rows: Any, pointer: str) -> Iterator[FieldError]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return
    try:
        read_weekly(rows)
    except Invalid as refusal:
        for one in refusal.errors:
            place = one.pointer.removeprefix("/weekly")
            yield msgspec.structs.replace(one, pointer=f"{pointer}/opening_hours{place}")


def _room_errors(rows: Any, pointer: str) -> Iterator[FieldError]:
    seen: set[str] = set()
    for place, row in enumerate(rows if isinstance(rows, list) else ()):
        name = row.get("name") if isinstance(row, dict) else row
        if isinstance(name, str):
            if name in seen:
                detail = "There is a room of this name already"
                at = f"{pointer}/rooms/{place}"
                yield FieldError(pointer=at, code="duplicate", detail=detail)
            seen.add(name)


def _converted(fields: dict[str, Any]) -> dict[str, Any]:
    """Return hours as rows, rooms as names, the telephone number as E.164."""
    if "opening_hours" in fields:
        rows = [
            {"day": row.day, "from": row.from_, "to": row.to}
            for row in fields["opening_hours"] or ()
        ]
        fields["opening_hours"] = read_weekly(rows)
    if "rooms" in fields:
        rooms = fields["rooms"]
        fields["rooms"] = tuple(one if isinstance(one, str) else one.name for one in rooms)
    if fields.get("phone") is not None:
        fields["phone"] = e164(fields["phone"])
    return fields


ROUTES = (create_site, list_sites, show_site, change_site)
