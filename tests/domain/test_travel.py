"""Distances, minutes on the road, what a booking blocks, and the cells within a radius."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interpreters.domain.travel import (
    EARTH_RADIUS_KM,
    Neighbour,
    Point,
    blocked,
    cell,
    disk,
    distance_km,
    travel_minutes,
)
from interpreters.domain.windows import Window

TEN = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
KM = 180 / (math.pi * EARTH_RADIUS_KM)  # degrees of latitude in one kilometre

HOME = Point(latitude=57.0, longitude=24.0)
CENTRE = Point(latitude=57.0 + 9 * KM, longitude=24.0)  # 9 km: 11.7 minutes, so 15
SCHOOL = Point(latitude=57.0 + 29 * KM, longitude=24.0)  # 29 km from home: 37.7, so 40

LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)
PLACES = st.sampled_from([None, HOME, CENTRE, SCHOOL])


def session(start: float, end: float) -> Window:
    return Window(starts_at=TEN + start * MINUTE, ends_at=TEN + end * MINUTE)


def neighbour(start: float, end: float, place: Point | None) -> Neighbour:
    return Neighbour(session=session(start, end), place=place)


@pytest.mark.parametrize(
    ("lat1", "lon1", "lat2", "lon2", "km"),
    [
        pytest.param(57, 24, 57, 24, 0, id="the same place"),
        pytest.param(0, 0, 0, 1, 111.195, id="a degree on the equator"),
        pytest.param(56.9496, 24.1052, 55.8747, 26.5362, 191.6, id="Riga to Daugavpils"),
        pytest.param(0, 179.5, 0, -179.5, 111.195, id="across the date line"),
        pytest.param(0, 0, 0, 180, math.pi * EARTH_RADIUS_KM, id="to the other side"),
        pytest.param(90, 0, 90, 137, 0, id="a pole has every longitude"),
    ],
)
def test_distance_follows_the_great_circle(
    lat1: float, lon1: float, lat2: float, lon2: float, km: float
) -> None:
    assert distance_km(lat1=lat1, lon1=lon1, lat2=lat2, lon2=lon2) == pytest.approx(km, abs=0.5)


@given(lat1=LATITUDES, lon1=LONGITUDES, lat2=LATITUDES, lon2=LONGITUDES)
def test_there_is_as_far_as_back(lat1: float, lon1: float, lat2: float, lon2: float) -> None:
    there = distance_km(lat1=lat1, lon1=lon1, lat2=lat2, lon2=lon2)
    back = distance_km(lat1=lat2, lon1=lon2, lat2=lat1, lon2=lon1)

    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= math.pi * EARTH_RADIUS_KM + 1e-6


@pytest.mark.parametrize(
    ("km", "minutes"),
    [(0, 0), (0.1, 5), (3.8, 5), (3.9, 10), (10, 15), (50, 65), (100, 130), (50.01, 70)],
)
def test_travel_is_rounded_up_to_five_minutes(km: float, minutes: int) -> None:
    assert travel_minutes(km) == minutes


@given(times=st.integers(0, 400))
def test_whole_fives_are_not_rounded_further(times: int) -> None:
    assert travel_minutes(50 * times) == 65 * times


def test_a_booking_alone_blocks_the_way_from_home_and_back() -> None:
    window = blocked(session=session(0, 60), place=CENTRE, home=HOME, before=None, after=None)

    assert window == session(-15, 75)


def test_a_remote_session_needs_no_travel() -> None:
    window = blocked(
        session=session(0, 60),
        place=None,
        home=HOME,
        before=neighbour(-90, -60, SCHOOL),
        after=neighbour(120, 180, CENTRE),
    )

    assert window == session(0, 60)


def test_without_a_home_no_way_is_blocked() -> None:
    window = blocked(session=session(0, 60), place=CENTRE, home=None, before=None, after=None)

    assert window == session(0, 60)


def test_without_a_home_the_way_between_two_places_still_counts() -> None:
    before = neighbour(-90, -60, SCHOOL)

    window = blocked(session=session(0, 60), place=CENTRE, home=None, before=before, after=None)

    assert window == session(-30, 60)


@pytest.mark.parametrize(
    ("gap", "way"),
    [
        pytest.param(239, 30, id="less than 4 h: from the school, 20 km"),
        pytest.param(240, 15, id="4 h: from home, 9 km"),
    ],
)
def test_the_way_there_starts_where_the_interpreter_is(gap: int, way: int) -> None:
    before = neighbour(-gap - 60, -gap, SCHOOL)

    window = blocked(session=session(0, 60), place=CENTRE, home=HOME, before=before, after=None)

    assert window == session(-way, 75)


@pytest.mark.parametrize(
    ("gap", "way"),
    [
        pytest.param(239, 0, id="less than 4 h: the next booking holds the way"),
        pytest.param(240, 15, id="4 h: home first"),
    ],
)
def test_the_way_back_leads_home_unless_the_next_booking_is_near(gap: int, way: int) -> None:
    after = neighbour(60 + gap, 120 + gap, SCHOOL)

    window = blocked(session=session(0, 60), place=CENTRE, home=HOME, before=None, after=after)

    assert window == session(-15, 60 + way)


def test_next_to_a_remote_session_the_way_is_from_home_and_back() -> None:
    window = blocked(
        session=session(0, 60),
        place=CENTRE,
        home=HOME,
        before=neighbour(-90, -60, None),
        after=neighbour(120, 180, None),
    )

    assert window == session(-15, 75)


@pytest.mark.parametrize(
    ("gap", "fits"),
    [
        pytest.param(30, True, id="exactly the 30 minutes of one trip"),
        pytest.param(29, False, id="a minute less"),
        pytest.param(0, False, id="back to back at two places"),
    ],
)
def test_two_bookings_fit_with_time_for_one_trip_between_them(gap: int, *, fits: bool) -> None:
    first, second = neighbour(0, 60, CENTRE), neighbour(60 + gap, 120 + gap, SCHOOL)

    earlier = blocked(
        session=first.session, place=first.place, home=HOME, before=None, after=second
    )
    later = blocked(session=second.session, place=second.place, home=HOME, before=first, after=None)

    assert earlier.overlaps(later) is not fits


def test_two_bookings_at_one_place_may_touch() -> None:
    first, second = neighbour(0, 60, CENTRE), neighbour(60, 120, CENTRE)

    earlier = blocked(session=first.session, place=CENTRE, home=HOME, before=None, after=second)
    later = blocked(session=second.session, place=CENTRE, home=HOME, before=first, after=None)

    assert not earlier.overlaps(later)


@given(
    place=PLACES,
    home=PLACES,
    gaps=st.tuples(st.integers(-30, 600), st.integers(-30, 600)),
    others=st.tuples(PLACES, PLACES),
)
def test_a_booking_always_blocks_its_session(
    place: Point | None,
    home: Point | None,
    gaps: tuple[int, int],
    others: tuple[Point | None, Point | None],
) -> None:
    window = blocked(
        session=session(0, 60),
        place=place,
        home=home,
        before=neighbour(-gaps[0] - 60, -gaps[0], others[0]),
        after=neighbour(60 + gaps[1], 120 + gaps[1], others[1]),
    )

    assert window.starts_at <= TEN
    assert window.ends_at >= TEN + HOUR


@given(latitude=LATITUDES, longitude=LONGITUDES)
def test_a_cell_fits_a_signed_column(latitude: float, longitude: float) -> None:
    assert 0 < cell(latitude=latitude, longitude=longitude) < 2**63


@given(
    latitude=LATITUDES,
    longitude=LONGITUDES,
    radius_km=st.floats(0, 500),
    share=st.floats(0, 1),
    bearing=st.floats(0, 2 * math.pi),
)
@example(latitude=57.0, longitude=24.0, radius_km=500, share=1, bearing=1.0)
@example(latitude=89.9, longitude=24.0, radius_km=100, share=1, bearing=0.0)
@example(latitude=0.0, longitude=179.99, radius_km=100, share=1, bearing=math.pi / 2)
@example(latitude=58.157, longitude=11.198, radius_km=400, share=1, bearing=2.0)  # a pentagon
def test_a_disk_holds_every_point_within_the_radius(
    latitude: float, longitude: float, radius_km: float, share: float, bearing: float
) -> None:
    far = point_at(latitude, longitude, radius_km * share, bearing)

    cells = disk(latitude=latitude, longitude=longitude, radius_km=radius_km)

    assert cell(latitude=far.latitude, longitude=far.longitude) in cells


def test_a_disk_is_no_wider_than_needed() -> None:
    assert len(disk(latitude=57.0, longitude=24.0, radius_km=0)) <= 7
    assert len(disk(latitude=57.0, longitude=24.0, radius_km=50)) <= 19


def test_a_disk_stops_at_five_hundred_kilometres() -> None:
    widest = disk(latitude=57.0, longitude=24.0, radius_km=500)

    assert disk(latitude=57.0, longitude=24.0, radius_km=20_000) == widest
    assert len(widest) < 1000


def point_at(latitude: float, longitude: float, km: float, bearing: float) -> Point:
    """Where one arrives after `km` in a direction (the direct problem on a sphere)."""
    phi, angle = math.radians(latitude), km / EARTH_RADIUS_KM
    sine = math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(bearing)
    east = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(phi), math.cos(angle) - math.sin(phi) * sine
    )
    return Point(
        latitude=math.degrees(math.asin(max(-1.0, min(1.0, sine)))),
        longitude=(longitude + math.degrees(east) + 540) % 360 - 180,
    )
