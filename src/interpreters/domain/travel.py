"""Travel: how far, how long, what time it blocks, and which map cells lie within reach."""

import math
from datetime import datetime, timedelta
from typing import Annotated, Final

import h3.api.basic_int as h3
import msgspec

from interpreters.domain.windows import Window

Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90, description="Degrees, north positive.")]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180, description="Degrees, east positive.")]

EARTH_RADIUS_KM: Final = 6371.0088  # mean radius, IUGG
DETOUR: Final = 1.3  # a road is this much longer than the straight line
SPEED_KM_PER_HOUR: Final = 60
ROUND_UP_TO: Final = 5  # minutes
# A neighbour nearer than this in time is travelled from (or to) directly, without going home.
NEAR: Final = timedelta(hours=4)

RESOLUTION: Final = 4
# Measured on the cells of resolution 4 all over the Earth, pentagons among them, and then rounded
# to the safe side: a corner is at most 28.7 km from its centre, neighbours at least 31.4 km apart.
CELL_REACH_KM: Final = 29.5
CELL_STEP_KM: Final = 31.0
WIDEST_KM: Final = 500.0


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A place on the map, in degrees (WGS 84)."""

    latitude: Latitude
    longitude: Longitude


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """The interpreter's next booking on one side; `place` None is a remote session."""

    session: Window
    place: Point | None


def distance_km(*, lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Return the great-circle distance in km between two points in degrees (haversine)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    north, east = math.sin((phi2 - phi1) / 2), math.sin(math.radians(lon2 - lon1) / 2)
    square = north * north + math.cos(phi1) * math.cos(phi2) * east * east
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, square)))


def travel_minutes(km: float) -> int:
    """Return the minutes to travel `km` of straight line, rounded up to 5; none for no distance."""
    minutes = km * DETOUR / SPEED_KM_PER_HOUR * 60
    # 50 km are 65 minutes, also when the arithmetic makes them 65.00000000000001.
    return math.ceil(round(minutes, 6) / ROUND_UP_TO) * ROUND_UP_TO


def blocked(
    *,
    session: Window,
    place: Point | None,
    home: Point | None,
    before: Neighbour | None,
    after: Neighbour | None,
) -> Window:
    """Return the time that a booking takes: its session with the travel to and from it.

    A trip between two bookings belongs to the later one. So the time before a session holds the
    trip from the booking before it, when that ended less than 4 h ago and was at a place, else
    the trip from home; the time after it is empty when the next booking, at a place, follows
    within 4 h (that booking holds the trip), else it holds the trip home. Two bookings with
    exactly enough time for the trip between them touch; with a minute less they overlap.

    A remote session (`place` None) needs no travel, and one cannot travel from or to it: its
    neighbours start from home and return there. Without a known `home` those trips take no time.

    `before` and `after` are the nearest bookings on either side. When one is added or taken away
    its two neighbours must be computed again.
    """
    if place is None:
        return session
    return Window(
        starts_at=session.starts_at
        - timedelta(minutes=_minutes_there(session, place, home, before)),
        ends_at=session.ends_at + timedelta(minutes=_minutes_back(session, place, home, after)),
    )


def cell(*, latitude: float, longitude: float) -> int:
    """Return the H3 cell of resolution 4 around the point; it fits a signed 64-bit column."""
    found: int = h3.latlng_to_cell(latitude, longitude, RESOLUTION)
    return found


def disk(*, latitude: float, longitude: float, radius_km: float) -> list[int]:
    """Return cells that hold every point within `radius_km`, at most 500 km, in rising order.

    They hold points farther away too; whoever filters by cell checks the distance afterwards.
    """
    radius = min(max(radius_km, 0.0), WIDEST_KM)
    return sorted(
        one
        for one in h3.grid_disk(cell(latitude=latitude, longitude=longitude), _rings(radius))
        if _centre_km(one, latitude, longitude) <= radius + CELL_REACH_KM
    )


def _minutes_there(
    session: Window, place: Point, home: Point | None, before: Neighbour | None
) -> int:
    if before and before.place and _is_near(before.session.ends_at, session.starts_at):
        return _minutes_between(before.place, place)
    return _minutes_between(home, place)


def _minutes_back(
    session: Window, place: Point, home: Point | None, after: Neighbour | None
) -> int:
    if after and after.place and _is_near(session.ends_at, after.session.starts_at):
        return 0
    return _minutes_between(place, home)


def _is_near(end: datetime, start: datetime) -> bool:
    return start - end < NEAR


def _minutes_between(one: Point | None, other: Point | None) -> int:
    if one is None or other is None:
        return 0
    return travel_minutes(
        distance_km(
            lat1=one.latitude, lon1=one.longitude, lat2=other.latitude, lon2=other.longitude
        )
    )


def _rings(radius_km: float) -> int:
    """Return how many rings around a cell surely hold all within the radius of a point in it.

    The centres of ring n lie on a hexagon whose sides are n * step * sqrt(3) / 2 away or more,
    and neither the point nor the far one is farther than one reach from the centre of its cell.
    """
    return math.ceil((radius_km + 2 * CELL_REACH_KM) / (CELL_STEP_KM * math.sqrt(3) / 2))


def _centre_km(one: int, latitude: float, longitude: float) -> float:
    centre_latitude, centre_longitude = h3.cell_to_latlng(one)
    return distance_km(lat1=latitude, lon1=longitude, lat2=centre_latitude, lon2=centre_longitude)
