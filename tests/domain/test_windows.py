"""Windows are half-open; wall clocks are right on the nights they change."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.windows import (
    InvalidWindow,
    UnknownTimeZone,
    Window,
    at_place,
    even_pieces,
    joined,
    local_instant,
    without,
    zone,
)

RIGA = "Europe/Riga"
NINE = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def at(start: float, end: float) -> Window:
    return Window(starts_at=NINE + start * HOUR, ends_at=NINE + end * HOUR)


MINUTES = st.tuples(st.integers(0, 300), st.integers(1, 60))
WINDOWS = st.lists(MINUTES.map(lambda one: at(one[0] / 60, (one[0] + one[1]) / 60)), max_size=8)


@pytest.mark.parametrize("end", [NINE, NINE - MINUTE])
def test_a_window_ends_after_it_starts(end: datetime) -> None:
    with pytest.raises(InvalidWindow):
        Window(starts_at=NINE, ends_at=end)


def test_a_window_of_naive_instants_is_refused() -> None:
    with pytest.raises(InvalidWindow):
        Window(starts_at=datetime(2026, 12, 1, 9), ends_at=NINE + HOUR)


def test_a_window_keeps_its_instants_in_utc() -> None:
    start = datetime(2026, 12, 1, 11, tzinfo=timezone(2 * HOUR))

    window = Window(starts_at=start, ends_at=start + HOUR)

    assert window.starts_at.isoformat() == "2026-12-01T09:00:00+00:00"
    assert window == at(0, 1)


def test_a_window_over_the_autumn_change_has_its_true_length() -> None:
    riga = ZoneInfo(RIGA)
    window = Window(
        starts_at=datetime(2026, 10, 25, 2, 30, tzinfo=riga),
        ends_at=datetime(2026, 10, 25, 4, 30, tzinfo=riga),
    )

    assert window.minutes == 180


@pytest.mark.parametrize(
    ("length", "minutes"), [(HOUR, 60), (HOUR + timedelta(seconds=1), 61), (MINUTE, 1)]
)
def test_an_unfinished_minute_counts_whole(length: timedelta, minutes: int) -> None:
    assert Window(starts_at=NINE, ends_at=NINE + length).minutes == minutes


@pytest.mark.parametrize(
    ("other", "overlap"),
    [
        pytest.param(at(1, 2), False, id="touching after"),
        pytest.param(at(-1, 0), False, id="touching before"),
        pytest.param(at(0.5, 2), True, id="across the end"),
        pytest.param(at(0.25, 0.5), True, id="inside"),
        pytest.param(at(-1, 2), True, id="around"),
    ],
)
def test_windows_that_only_touch_do_not_overlap(other: Window, *, overlap: bool) -> None:
    assert at(0, 1).overlaps(other) is overlap
    assert other.overlaps(at(0, 1)) is overlap


@pytest.mark.parametrize(
    ("day", "minute", "instant"),
    [
        pytest.param(date(2026, 12, 1), 630, "2026-12-01T08:30:00+00:00", id="winter"),
        pytest.param(date(2026, 7, 1), 630, "2026-07-01T07:30:00+00:00", id="summer"),
        pytest.param(date(2026, 12, 1), 1440, "2026-12-01T22:00:00+00:00", id="24:00"),
        pytest.param(date(2026, 3, 29), 210, "2026-03-29T01:30:00+00:00", id="left out: forward"),
        pytest.param(date(2026, 10, 25), 210, "2026-10-25T00:30:00+00:00", id="twice: the first"),
    ],
)
def test_a_wall_clock_time_is_an_instant(day: date, minute: int, instant: str) -> None:
    assert local_instant(date=day, minute_of_day=minute, time_zone=RIGA).isoformat() == instant


def test_a_time_that_spring_leaves_out_is_shifted_forward_on_the_wall() -> None:
    instant = local_instant(date=date(2026, 3, 29), minute_of_day=210, time_zone=RIGA)

    assert at_place(instant=instant, time_zone=RIGA).strftime("%H:%M") == "04:30"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../x",
        "/etc/localtime",
        "Europe",
        "Europe/",
        "Mars/Olympus",
        "Europe/Riga\0",
        "\0",
        ".",
        "a" * 5000,
        "europe\\riga",
        "\ud800",
        "localtime",
        "right/Europe/Riga",
    ],
)
def test_an_impossible_zone_is_refused(name: str) -> None:
    with pytest.raises(UnknownTimeZone):
        zone(name)


@given(name=st.text(max_size=20))
def test_no_text_does_more_than_name_a_zone_or_not(name: str) -> None:
    try:
        found = zone(name)
    except UnknownTimeZone:
        return
    assert found.key == name


@pytest.mark.parametrize(
    ("start", "end", "offsets"),
    [
        pytest.param("2026-03-28T23:00Z", "2026-03-29T03:00Z", [2, 3], id="spring"),
        pytest.param("2026-10-24T23:00Z", "2026-10-25T03:00Z", [3, 2], id="autumn"),
        pytest.param("2026-03-29T00:00Z", "2026-03-29T01:00Z", [2], id="up to the change"),
        pytest.param("2026-03-29T01:00Z", "2026-03-29T02:00Z", [3], id="from the change"),
        pytest.param("2026-01-01T00:00Z", "2026-12-31T00:00Z", [2, 3, 2], id="a year"),
    ],
)
def test_a_window_is_cut_where_the_clock_changes(start: str, end: str, offsets: list[int]) -> None:
    window = Window(starts_at=datetime.fromisoformat(start), ends_at=datetime.fromisoformat(end))

    pieces = list(even_pieces(window=window, time_zone=RIGA))

    assert [offset for _, offset in pieces] == [hours * HOUR for hours in offsets]
    assert joined([piece for piece, _ in pieces]) == [window]
    assert {piece.starts_at.minute for piece, _ in pieces[1:]} <= {0}


@given(
    start=st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    hours=st.integers(1, 24 * 40),
    time_zone=st.sampled_from([RIGA, "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"]),
)
def test_within_a_piece_the_clock_runs_evenly(start: datetime, hours: int, time_zone: str) -> None:
    window = Window(starts_at=start, ends_at=start + hours * HOUR)

    pieces = list(even_pieces(window=window, time_zone=time_zone))

    assert joined([piece for piece, _ in pieces]) == [window]
    for piece, offset in pieces:
        for instant in (piece.starts_at, piece.ends_at - timedelta(microseconds=1)):
            assert at_place(instant=instant, time_zone=time_zone).utcoffset() == offset


@given(windows=WINDOWS, taken=WINDOWS)
def test_what_is_left_is_the_time_that_is_not_taken(
    windows: list[Window], taken: list[Window]
) -> None:
    left = without(windows=windows, taken=taken)

    for minute in range(370):
        moment = at(minute / 60, (minute + 1) / 60)
        wanted = any(moment.overlaps(one) for one in windows)
        gone = any(moment.overlaps(one) for one in taken)
        assert any(moment.overlaps(one) for one in left) is (wanted and not gone)
    assert left == joined(left)
