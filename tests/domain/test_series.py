"""Dates of a series: by the clock of the place, ended, and never more than a hundred."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.errors import Invalid
from interpreters.domain.series import Date, dates, read_series, shifted

RIGA = "Europe/Riga"
TUESDAY = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)  # 10:30 in Riga


def of(rule: str, first: datetime = TUESDAY, time_zone: str = RIGA) -> list[Date]:
    return dates(read_series(rule), first=first, time_zone=time_zone)


def days(found: list[Date]) -> list[str]:
    return [f"{one.wall:%Y-%m-%d}" for one in found]


def clocks(found: list[Date], time_zone: str = RIGA) -> list[str]:
    """Return what the clock at the place shows, with its offset."""
    return [f"{one.starts_at.astimezone(ZoneInfo(time_zone)):%m-%d %H:%M %z}" for one in found]


def refused(rule: str, first: datetime = TUESDAY) -> str:
    with pytest.raises(Invalid) as raised:
        of(rule, first)
    (error,) = raised.value.errors
    assert error.pointer == "/recurrence"
    return error.code


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY;COUNT=3", ["2026-12-01", "2026-12-08", "2026-12-15"]),
        ("freq=daily;interval=2;count=2", ["2026-12-01", "2026-12-03"]),
        ("FREQ=WEEKLY;BYDAY=TU,TH;COUNT=3", ["2026-12-01", "2026-12-03", "2026-12-08"]),
        ("FREQ=MONTHLY;BYDAY=1TU;COUNT=3", ["2026-12-01", "2027-01-05", "2027-02-02"]),
        ("FREQ=WEEKLY;COUNT=1", ["2026-12-01"]),
        # UNTIL is included: a date, an instant, the clock of the place
        ("FREQ=WEEKLY;UNTIL=20261215", ["2026-12-01", "2026-12-08", "2026-12-15"]),
        ("FREQ=WEEKLY;UNTIL=20261215T083000Z", ["2026-12-01", "2026-12-08", "2026-12-15"]),
        ("FREQ=WEEKLY;UNTIL=20261215T082959Z", ["2026-12-01", "2026-12-08"]),
        ("FREQ=WEEKLY;UNTIL=20261215T103000", ["2026-12-01", "2026-12-08", "2026-12-15"]),
        ("FREQ=WEEKLY;UNTIL=20261215T102959", ["2026-12-01", "2026-12-08"]),
        # a day that not every month has is left out where it is missing (RFC 5545 §3.3.10)
        ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", ["2026-12-01", "2026-12-31", "2027-01-31"]),
    ],
)
def test_a_rule_has_its_dates(rule: str, expected: list[str]) -> None:
    assert days(of(rule)) == expected


def test_the_first_date_is_the_start_also_where_the_rule_does_not_hit_it_and_it_counts() -> None:
    assert days(of("FREQ=WEEKLY;BYDAY=MO;COUNT=3")) == ["2026-12-01", "2026-12-07", "2026-12-14"]


def test_half_past_ten_stays_half_past_ten_when_the_clocks_go_forward() -> None:
    # Riga, 28 March 2027: from +02:00 to +03:00
    first = datetime(2027, 3, 23, 8, 30, tzinfo=UTC)
    assert clocks(of("FREQ=WEEKLY;COUNT=2", first)) == ["03-23 10:30 +0200", "03-30 10:30 +0300"]


def test_half_past_ten_stays_half_past_ten_when_the_clocks_go_back() -> None:
    # Riga, 31 October 2027: from +03:00 to +02:00
    first = datetime(2027, 10, 30, 7, 30, tzinfo=UTC)
    assert clocks(of("FREQ=DAILY;COUNT=3", first)) == [
        "10-30 10:30 +0300", "10-31 10:30 +0200", "11-01 10:30 +0200",
    ]  # fmt: skip


def test_an_hour_left_out_in_spring_is_held_an_hour_later_that_night_only() -> None:
    # Riga, 28 March 2027: 03:00 is 04:00
    first = datetime(2027, 3, 27, 1, 30, tzinfo=UTC)
    found = of("FREQ=DAILY;COUNT=3", first)
    assert clocks(found) == ["03-27 03:30 +0200", "03-28 04:30 +0300", "03-29 03:30 +0300"]
    assert [f"{one.wall:%H:%M}" for one in found] == ["03:30", "03:30", "03:30"]


def test_of_an_hour_that_comes_twice_the_first_is_meant() -> None:
    # Riga, 31 October 2027: 03:30 comes with +03:00 and again with +02:00
    first = datetime(2027, 10, 30, 0, 30, tzinfo=UTC)
    assert clocks(of("FREQ=DAILY;COUNT=3", first)) == [
        "10-30 03:30 +0300", "10-31 03:30 +0300", "11-01 03:30 +0200",
    ]  # fmt: skip


def test_a_first_date_in_the_second_of_two_hours_stays_there() -> None:
    first = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)  # 03:30 with +02:00
    assert of("FREQ=DAILY;COUNT=2", first)[0].starts_at == first


def test_until_is_compared_on_the_night_of_a_change_by_instants() -> None:
    first = datetime(2027, 10, 30, 0, 30, tzinfo=UTC)
    assert len(of("FREQ=DAILY;UNTIL=20271031T003000Z", first)) == 2
    assert len(of("FREQ=DAILY;UNTIL=20271031T002959Z", first)) == 1


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("every tuesday", "unreadable-rule"),
        ("RRULE:FREQ=WEEKLY;COUNT=3", "unreadable-rule"),
        ("FREQ=WEEKLY;COUNT=0", "unreadable-rule"),
        ("FREQ=WEEKLY;COUNT=", "unreadable-rule"),
        ("FREQ=WEEKLY;UNTIL=soon", "unreadable-rule"),
        ("FREQ=WEEKLY;UNTIL=20261301", "unreadable-rule"),
        ("FREQ=WEEKLY;COUNT=3;BYDYA=MO", "unreadable-rule"),
        ("FREQ=WEEKLY;COUNT=3;COUNT=4", "unreadable-rule"),
        ("FREQ=WEEKLY;COUNT=3;BYDAY=2MO", "unreadable-rule"),
        ("FREQ=WEEKLY;COUNT=3;RSCALE=CHINESE", "unreadable-rule"),
        ("COUNT=3", "unreadable-rule"),
        ("FREQ=WEEKLY", "endless-rule"),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=20261231", "conflicting"),
        ("FREQ=HOURLY;COUNT=3", "sub-daily"),
        ("FREQ=MINUTELY;COUNT=3", "sub-daily"),
        ("FREQ=SECONDLY;COUNT=3", "sub-daily"),
        ("FREQ=DAILY;BYHOUR=9,14;COUNT=3", "sub-daily"),
        ("FREQ=DAILY;COUNT=101", "too-many-dates"),
        ("FREQ=DAILY;COUNT=999999999", "too-many-dates"),
        ("FREQ=DAILY;UNTIL=20270311", "too-many-dates"),
        ("FREQ=DAILY;UNTIL=99991231", "too-many-dates"),
        ("FREQ=DAILY;UNTIL=20261130", "no-date"),
        ("FREQ=DAILY;UNTIL=20261201T082959Z", "no-date"),
        ("FREQ=YEARLY;COUNT=12", "out-of-range"),
        ("FREQ=YEARLY;UNTIL=99991231", "out-of-range"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2", "out-of-range"),
    ],
)
def test_what_is_no_series_is_refused_at_the_rule(rule: str, code: str) -> None:
    assert refused(rule) == code


def test_a_hundred_dates_are_not_too_many() -> None:
    assert len(of("FREQ=DAILY;COUNT=100")) == 100
    assert len(of("FREQ=DAILY;UNTIL=20270310")) == 100


def test_a_rule_at_the_end_of_the_calendar_is_refused_and_does_not_break() -> None:
    first = datetime(2199, 12, 31, 12, tzinfo=UTC)
    assert len(of("FREQ=DAILY;COUNT=100", first)) == 100
    assert refused("FREQ=YEARLY;COUNT=100", first=first) == "out-of-range"


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]),
    st.integers(1, 3),
    st.integers(1, 20),
    st.sampled_from(["Europe/Riga", "America/St_Johns", "Asia/Kabul", "Australia/Lord_Howe"]),
)
def test_dates_rise_keep_the_time_of_day_and_are_those_of_the_standard(
    start: datetime, frequency: str, interval: int, count: int, time_zone: str
) -> None:
    first = start.replace(microsecond=0, tzinfo=UTC)
    rule = f"FREQ={frequency};INTERVAL={interval};COUNT={count}"
    found = of(rule, first, time_zone)
    wall = first.astimezone(ZoneInfo(time_zone)).replace(tzinfo=None)
    assert [one.wall for one in found] == list(rrulestr(rule, dtstart=wall))
    assert found == sorted(found, key=lambda one: one.starts_at)
    assert found[0].starts_at == first
    for one in found[1:]:
        shown = one.starts_at.astimezone(ZoneInfo(time_zone)).replace(tzinfo=None)
        assert shown - one.wall in (timedelta(0), timedelta(hours=1), timedelta(minutes=30))


def test_a_shift_is_by_the_clock_over_a_change() -> None:
    before = datetime(2027, 3, 26, 8, 30, tzinfo=UTC)  # Friday 10:30 +02:00
    moved = shifted(before, by=timedelta(days=3, hours=1), time_zone=RIGA)
    assert moved == datetime(2027, 3, 29, 8, 30, tzinfo=UTC)  # Monday 11:30 +03:00
