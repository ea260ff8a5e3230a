"""When a place is open, and what is working time: by its clock, its holidays, on any night."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.availability import DAYS, WeeklyRow
from interpreters.domain.opening_hours import is_open, next_open, open_times, working_time
from interpreters.domain.public_holidays import is_public_holiday
from interpreters.domain.windows import Window

RIGA = "Europe/Riga"
HOUR = timedelta(hours=1)
OFFICE = tuple(WeeklyRow(day=day, from_=9 * 60, to=17 * 60) for day in DAYS[:5])
ALWAYS = tuple(WeeklyRow(day=day, from_=0, to=24 * 60) for day in DAYS)
SHOP = (*OFFICE, WeeklyRow(day="sun", from_=10 * 60, to=14 * 60))
WINDOWS = st.builds(
    lambda start, minutes: Window(starts_at=start, ends_at=start + timedelta(minutes=minutes)),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.integers(1, 10_080),
)


def at(text: str, hours: float = 1) -> Window:
    """Return a window that begins at a time in UTC."""
    start = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return Window(starts_at=start, ends_at=start + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("window", "is_so"),
    [
        pytest.param(at("2026-11-24T07:00"), True, id="Tuesday 09:00 in Riga"),
        pytest.param(at("2026-11-24T06:59"), False, id="a minute before nine"),
        pytest.param(at("2026-11-24T14:00"), True, id="until 17:00"),
        pytest.param(at("2026-11-24T14:01"), False, id="a minute after five"),
        pytest.param(at("2026-11-28T08:00"), False, id="Saturday"),
        pytest.param(at("2026-11-18T08:00"), False, id="Wednesday 18 November: a holiday"),
        pytest.param(at("2026-07-01T06:00"), True, id="summer time: 09:00 is 06:00 UTC"),
        pytest.param(at("2026-03-30T06:00"), True, id="the Monday after spring's change"),
        pytest.param(at("2026-10-26T07:00"), True, id="the Monday after autumn's change"),
        pytest.param(at("2026-11-24T07:00", 25), False, id="over night"),
    ],
)
def test_a_site_open_monday_to_friday(window: Window, *, is_so: bool) -> None:
    assert is_open(rows=OFFICE, window=window, time_zone=RIGA, country="LV") is is_so


@pytest.mark.parametrize("rows", [(), ALWAYS])
@given(window=WINDOWS)
def test_a_site_that_never_closes_is_open_on_holidays_and_in_every_night(
    rows: tuple[WeeklyRow, ...], window: Window
) -> None:
    assert is_open(rows=rows, window=window, time_zone=RIGA, country="LV")


def test_on_a_public_holiday_a_place_has_its_hours_of_a_sunday() -> None:
    morning = at("2026-11-18T08:00")  # 10:00 in Riga
    assert is_open(rows=SHOP, window=morning, time_zone=RIGA, country="LV")
    assert not is_open(rows=SHOP, window=at("2026-11-18T13:00"), time_zone=RIGA, country="LV")
    assert is_open(rows=SHOP, window=at("2026-11-18T13:00"), time_zone=RIGA, country="EE")


@pytest.mark.parametrize("country", [None, "AQ", "XK"])
def test_where_no_holidays_are_known_there_are_none(country: str | None) -> None:
    assert is_open(rows=OFFICE, window=at("2026-11-18T08:00"), time_zone=RIGA, country=country)


def test_midsummer_is_a_holiday_in_latvia_and_easter_moves() -> None:
    assert is_public_holiday(day=datetime(2026, 6, 24).date(), country="LV")
    assert is_public_holiday(day=datetime(2026, 4, 6).date(), country="LV")
    assert is_public_holiday(day=datetime(2027, 3, 29).date(), country="LV")
    assert not is_public_holiday(day=datetime(2027, 4, 6).date(), country="LV")


def test_the_next_time_it_is_open_long_enough() -> None:
    friday = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)  # 16:30 in Riga
    found = next_open(rows=OFFICE, at=friday, minutes=60, time_zone=RIGA, country="LV")
    assert found == datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    assert next_open(rows=OFFICE, at=friday, minutes=30, time_zone=RIGA, country="LV") == friday
    assert next_open(rows=OFFICE, at=friday, minutes=600, time_zone=RIGA, country="LV") is None


@given(window=WINDOWS)
def test_it_is_open_in_parts_of_the_window_alone(window: Window) -> None:
    parts = open_times(rows=OFFICE, window=window, time_zone=RIGA, country="LV")

    assert all(window.starts_at <= one.starts_at < one.ends_at <= window.ends_at for one in parts)
    assert all(a.ends_at < b.starts_at for a, b in itertools.pairwise(parts))


@pytest.mark.parametrize(
    ("window", "hours"),
    [
        pytest.param(at("2026-11-23T22:00", 24), 24, id="a Tuesday"),
        pytest.param(at("2026-11-20T10:00", 72), 12 + 12, id="Friday noon to Monday noon"),
        pytest.param(at("2026-11-16T22:00", 48), 24, id="a holiday is none"),
        pytest.param(at("2026-03-27T22:00", 71), 24, id="spring's weekend, 47 hours, and Monday"),
        pytest.param(at("2026-10-23T21:00", 73), 24, id="autumn's weekend, 49 hours, and Monday"),
    ],
)
def test_working_time_is_all_of_monday_to_friday_but_the_holidays(
    window: Window, hours: int
) -> None:
    assert working_time(window=window, time_zone=RIGA, country="LV") == hours * HOUR
