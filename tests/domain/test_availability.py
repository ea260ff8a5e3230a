"""Weekly hours on the wall clock: reading them, their bits, the exact check and free time."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interpreters.domain.availability import (
    DAYS,
    WeeklyRow,
    covers,
    free_times,
    read_weekly,
    show_weekly,
    week_bits,
    week_mask,
)
from interpreters.domain.errors import Invalid
from interpreters.domain.windows import InvalidWindow, Window, at_place, local_instant

RIGA = "Europe/Riga"
ZONES = [RIGA, "UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "America/New_York", "Pacific/Apia"]
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
OFFICE = read_weekly([{"day": day, "from": "09:00", "to": "17:00"} for day in DAYS[:5]])
NIGHTS = read_weekly(
    [
        {"day": "sat", "from": "22:00", "to": "24:00"},
        {"day": "sun", "from": "00:00", "to": "06:00"},
        {"day": "sun", "from": "22:00", "to": "24:00"},
        {"day": "mon", "from": "00:00", "to": "06:00"},
    ]
)

# Around both changes of 2026 in Riga (29 March, 25 October) and elsewhere.
INSTANTS = st.one_of(
    st.datetimes(datetime(2026, 3, 27), datetime(2026, 4, 6)),
    st.datetimes(datetime(2026, 10, 3), datetime(2026, 11, 3)),
).map(lambda instant: instant.replace(second=0, microsecond=0, tzinfo=UTC))
QUARTERS = st.tuples(st.integers(0, 95), st.integers(1, 96)).filter(lambda one: one[0] < one[1])
ROWS = st.lists(
    st.builds(
        lambda day, ends: WeeklyRow(day=day, from_=ends[0] * 15, to=ends[1] * 15),
        st.sampled_from(DAYS),
        QUARTERS,
    ),
    max_size=12,
)


def riga(start: str, end: str) -> Window:
    """A window between two wall times without a change between them."""
    return Window(starts_at=_instant(start), ends_at=_instant(end))


def utc(start: str, end: str) -> Window:
    return Window(starts_at=datetime.fromisoformat(start), ends_at=datetime.fromisoformat(end))


def _instant(text: str) -> datetime:
    wall = datetime.fromisoformat(text)
    minute = wall.hour * 60 + wall.minute
    return local_instant(date=wall.date(), minute_of_day=minute, time_zone=RIGA)


def is_in_hours(rows: Sequence[WeeklyRow], instant: datetime, time_zone: str) -> bool:
    """The rule itself, for one moment: the wall shows a day and time that a row covers."""
    wall = at_place(instant=instant, time_zone=time_zone)
    minute = wall.hour * 60 + wall.minute
    day = DAYS[wall.weekday()]
    return not rows or any(row.day == day and row.from_ <= minute < row.to for row in rows)


def test_rows_are_read_in_order_and_overlaps_are_joined() -> None:
    rows = read_weekly(
        [
            {"day": "tue", "from": "13:00", "to": "24:00"},
            {"day": "mon", "from": "11:00", "to": "12:30"},
            {"day": "mon", "from": "09:00", "to": "12:00"},
            {"day": "tue", "from": "12:00", "to": "13:00"},
            {"day": "tue", "from": "14:00", "to": "15:00"},
        ]
    )

    assert show_weekly(rows) == [
        {"day": "mon", "from": "09:00", "to": "12:30"},
        {"day": "tue", "from": "12:00", "to": "13:00"},
        {"day": "tue", "from": "13:00", "to": "24:00"},
    ]


def test_every_wrong_field_of_every_row_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        read_weekly(
            [
                {"day": "monday", "from": "9:00", "to": "17:00"},
                {"day": "mon", "from": "09:00", "to": "17:00"},
                {"day": "tue", "from": "22:00", "to": "02:00"},
                {"day": ["wed"], "from": 540},
                {"day": "thu", "from": "24:00", "to": "24:00"},
            ]
        )

    assert [(error.pointer, error.code) for error in caught.value.errors] == [
        ("/weekly/0/day", "unknown-day"),
        ("/weekly/0/from", "not-a-quarter-hour"),
        ("/weekly/2/to", "ends-before-start"),
        ("/weekly/3/day", "unknown-day"),
        ("/weekly/3/from", "not-a-quarter-hour"),
        ("/weekly/3/to", "not-a-quarter-hour"),
        ("/weekly/4/to", "ends-before-start"),
    ]


@pytest.mark.parametrize(
    "clock",
    [
        "",
        "24:15",
        "25:00",
        "09:10",
        "9:00",
        "09:00 ",
        "09:00\n",
        "\u0660\u0669:\u0660\u0660",
        "09:60",
        "-1:00",
    ],
)
def test_only_quarter_hours_are_times(clock: str) -> None:
    with pytest.raises(Invalid):
        read_weekly([{"day": "mon", "from": clock, "to": "24:00"}])


@given(rows=ROWS)
def test_what_is_shown_is_read_again_as_the_same(rows: list[WeeklyRow]) -> None:
    once = read_weekly(show_weekly(rows))

    assert read_weekly(show_weekly(once)) == once
    assert week_bits(once) == week_bits(rows)


def test_a_row_is_stored_by_its_public_names() -> None:
    row = WeeklyRow(day="mon", from_=540, to=1440)

    assert msgspec.to_builtins(row) == {"day": "mon", "from": 540, "to": 1440}


def test_office_hours_are_bits_of_the_week() -> None:
    day = "0" * 36 + "1" * 32 + "0" * 28

    assert week_bits(OFFICE) == day * 5 + "0" * 192 + day


def test_without_rows_every_quarter_hour_is_open() -> None:
    assert week_bits(()) == "1" * 768


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        pytest.param(riga("2026-11-30T00:00", "2026-11-30T00:15"), [(0, 1)], id="first slot"),
        pytest.param(riga("2026-12-01T10:30", "2026-12-01T11:30"), [(138, 142)], id="Tuesday"),
        pytest.param(riga("2026-12-01T10:20", "2026-12-01T11:20"), [(137, 142)], id="outwards"),
        pytest.param(
            riga("2026-12-06T23:45", "2026-12-07T00:15"), [(0, 1), (671, 672)], id="over the week"
        ),
        pytest.param(
            riga("2026-12-06T23:45", "2026-12-08T00:01"), [(0, 97), (671, 672)], id="a long one"
        ),
        pytest.param(riga("2026-12-01T10:00", "2026-12-20T10:00"), [(0, 672)], id="many weeks"),
        pytest.param(
            utc("2026-03-29T00:00Z", "2026-03-29T02:00Z"), [(584, 588), (592, 596)], id="spring"
        ),
        pytest.param(utc("2026-10-25T00:00Z", "2026-10-25T02:00Z"), [(588, 592)], id="autumn"),
    ],
)
def test_a_window_touches_quarter_hours_of_the_local_week(
    window: Window, expected: list[tuple[int, int]]
) -> None:
    ones = {slot for first, end in expected for slot in range(first, end)}

    found = week_mask(window=window, time_zone=RIGA)

    assert len(found) == 768
    assert {slot for slot, bit in enumerate(found) if bit == "1"} == ones


@pytest.mark.parametrize(
    ("rows", "window", "covered"),
    [
        pytest.param(OFFICE, riga("2026-12-01T09:00", "2026-12-01T17:00"), True, id="all day"),
        pytest.param(OFFICE, riga("2026-12-01T08:59", "2026-12-01T10:00"), False, id="too early"),
        pytest.param(OFFICE, riga("2026-12-01T16:30", "2026-12-01T17:01"), False, id="too late"),
        pytest.param(OFFICE, riga("2026-12-05T10:00", "2026-12-05T11:00"), False, id="Saturday"),
        pytest.param(OFFICE, riga("2026-12-01T16:00", "2026-12-02T10:00"), False, id="two days"),
        pytest.param((), riga("2026-12-01T16:00", "2026-12-19T10:00"), True, id="no rows: always"),
        pytest.param(NIGHTS, riga("2026-12-05T23:00", "2026-12-06T05:00"), True, id="midnight"),
        pytest.param(NIGHTS, riga("2026-12-06T23:00", "2026-12-07T05:00"), True, id="week's end"),
        pytest.param(
            NIGHTS, utc("2026-03-28T22:00Z", "2026-03-29T03:00Z"), True, id="spring, to 06:00"
        ),
        pytest.param(
            NIGHTS, utc("2026-03-28T22:00Z", "2026-03-29T03:01Z"), False, id="spring, past 06:00"
        ),
        pytest.param(
            NIGHTS, utc("2026-10-24T21:00Z", "2026-10-25T04:00Z"), True, id="autumn, to 06:00"
        ),
        pytest.param(
            NIGHTS, utc("2026-10-24T21:00Z", "2026-10-25T04:01Z"), False, id="autumn, past 06:00"
        ),
        pytest.param(
            (WeeklyRow(day="sun", from_=180, to=240),),
            utc("2026-10-25T00:00Z", "2026-10-25T02:00Z"),
            True,
            id="autumn, the hour shown twice",
        ),
        pytest.param(
            (WeeklyRow(day="sun", from_=0, to=180), WeeklyRow(day="sun", from_=240, to=360)),
            utc("2026-03-29T00:00Z", "2026-03-29T02:00Z"),
            True,
            id="spring, around the hour left out",
        ),
    ],
)
def test_hours_are_those_of_the_wall_clock(
    rows: tuple[WeeklyRow, ...], window: Window, *, covered: bool
) -> None:
    assert covers(rows=rows, window=window, time_zone=RIGA) is covered


def test_round_the_clock_rows_cover_any_number_of_weeks() -> None:
    rows = read_weekly([{"day": day, "from": "00:00", "to": "24:00"} for day in DAYS])

    window = utc("2026-01-01T00:00Z", "2026-12-31T23:59Z")

    assert covers(rows=rows, window=window, time_zone=RIGA)


@given(
    rows=ROWS,
    start=INSTANTS,
    minutes=st.integers(1, 400),
    time_zone=st.sampled_from(ZONES),
)
def test_a_window_is_covered_when_each_of_its_minutes_is(
    rows: list[WeeklyRow], start: datetime, minutes: int, time_zone: str
) -> None:
    window = Window(starts_at=start, ends_at=start + minutes * MINUTE)
    each = all(is_in_hours(rows, start + n * MINUTE, time_zone) for n in range(minutes))

    assert covers(rows=rows, window=window, time_zone=time_zone) is each


@given(
    rows=ROWS,
    start=INSTANTS,
    minutes=st.one_of(st.integers(1, 400), st.integers(1, 15_000)),
    time_zone=st.sampled_from(ZONES),
)
@example(rows=[], start=datetime(2026, 10, 25, 0, 0, tzinfo=UTC), minutes=60, time_zone=RIGA)
def test_the_bits_answer_as_exactly_as_the_rows(
    rows: list[WeeklyRow], start: datetime, minutes: int, time_zone: str
) -> None:
    window = Window(starts_at=start, ends_at=start + minutes * MINUTE)

    mask = week_mask(window=window, time_zone=time_zone)

    within = all(bit >= asked for bit, asked in zip(week_bits(rows), mask, strict=True))
    assert within is covers(rows=rows, window=window, time_zone=time_zone)


def test_free_time_is_the_hours_without_bookings_and_absences() -> None:
    free = free_times(
        rows=OFFICE,
        busy=[riga("2026-12-01T10:15", "2026-12-01T12:00")],
        absences=[riga("2026-12-01T16:00", "2026-12-03T09:30")],
        from_=_instant("2026-12-01T08:00"),
        to=_instant("2026-12-03T11:00"),
        time_zone=RIGA,
    )

    assert free == [
        riga("2026-12-01T09:00", "2026-12-01T10:15"),
        riga("2026-12-01T12:00", "2026-12-01T16:00"),
        riga("2026-12-03T09:30", "2026-12-03T11:00"),
    ]


def test_free_time_runs_through_midnight_where_rows_meet_there() -> None:
    free = free_times(
        rows=NIGHTS,
        busy=[],
        absences=[],
        from_=datetime(2026, 10, 24, 12, tzinfo=UTC),
        to=datetime(2026, 10, 25, 12, tzinfo=UTC),
        time_zone=RIGA,
    )

    assert free == [utc("2026-10-24T19:00Z", "2026-10-25T04:00Z")]  # nine hours: 3 to 4 is twice


def test_free_time_needs_an_end_after_its_start() -> None:
    start = datetime(2026, 12, 1, tzinfo=UTC)

    with pytest.raises(InvalidWindow):
        free_times(rows=(), busy=[], absences=[], from_=start, to=start, time_zone=RIGA)


def test_the_week_begins_on_monday() -> None:
    assert DAYS[date(2026, 11, 30).weekday()] == "mon"
