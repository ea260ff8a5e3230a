"""Dates and times as people are told them: by the place's clock, in their words."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.told_times import (
    tell_date,
    tell_number,
    tell_short_day,
    tell_time,
    tell_times,
    tell_zone,
)
from interpreters.domain.windows import Window
from interpreters.domain.wording import PAGE_LANGUAGES

RIGA = "Europe/Riga"
TO = " \N{EN DASH} "


def session(start: datetime, minutes: int) -> Window:
    return Window(starts_at=start, ends_at=start + timedelta(minutes=minutes))


def test_a_session_is_told_by_the_clock_of_its_place() -> None:
    morning = session(datetime(2026, 12, 1, 8, 30, tzinfo=UTC), 60)
    assert tell_times("en", morning, RIGA) == f"10:30{TO}11:30"
    assert tell_times("en", morning, "Asia/Kabul") == f"13:00{TO}14:00"
    assert tell_time(morning.starts_at, RIGA) == "10:30"


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("lv", f"10:30{TO}11:30"),
        ("fa", "10:30 تا 11:30"),
        ("fa-AF", "10:30 تا 11:30"),
        ("ar", f"\N{RIGHT-TO-LEFT MARK}10:30{TO}11:30"),
    ],
)
def test_who_reads_from_the_right_meets_the_beginning_first(language: str, told: str) -> None:
    """By UAX #9 P2 and P3 a text set apart runs as its first letter does."""
    morning = session(datetime(2026, 12, 1, 8, 30, tzinfo=UTC), 60)
    assert tell_times(language, morning, RIGA) == told


def test_the_day_is_the_places_day() -> None:
    late = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)  # in Riga already December
    assert tell_date("en", late, RIGA) == "Tuesday, December 1, 2026"
    assert tell_date("en", late, "UTC") == "Monday, November 30, 2026"


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("lv", "otrdiena, 2026. gada 1. decembris"),
        ("fa", "سه‌شنبه 1 دسامبر 2026"),
        ("fa-AF", "سه‌شنبه 1 دسمبر 2026"),
        ("ar", "الثلاثاء، 1 ديسمبر 2026"),
        ("ro", "marți, 1 decembrie 2026"),
    ],
)
def test_dates_are_gregorian_in_the_words_of_the_language(language: str, told: str) -> None:
    assert tell_date(language, datetime(2026, 12, 1, 8, 30, tzinfo=UTC), RIGA) == told


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Dec 1"), ("lv", "1. dec."), ("fa", "1 دسامبر"), ("fa-AF", "1 دسمبر"),
        ("ps", "1 دسمبر"), ("ar", "1 ديسمبر"),
    ],
)  # fmt: skip
def test_short_days_have_a_month_that_can_be_read(language: str, told: str) -> None:
    assert tell_short_day(language, date(2026, 12, 1)) == told


@pytest.mark.parametrize("language", [*PAGE_LANGUAGES, "fa-AF"])
def test_digits_are_those_on_the_doors_in_every_language(language: str) -> None:
    told = tell_date(language, datetime(2026, 12, 1, 8, 30, tzinfo=UTC), RIGA)
    assert "2026" in told
    assert all(letter.isascii() for letter in told if letter.isdigit())
    assert all(letter.isascii() for letter in tell_number(language, 12345.5) if letter.isdigit())


def test_the_night_the_clock_is_set_back_tells_which_hour_is_meant() -> None:
    """Riga, 25 October 2026: at 04:00 summer time it is 03:00 again."""
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert tell_time(first, RIGA) == "03:30 (UTC+03:00)"
    assert tell_time(first + timedelta(hours=1), RIGA) == "03:30 (UTC+02:00)"
    assert tell_times("en", session(first, 60), RIGA) == f"03:30 (UTC+03:00){TO}03:30 (UTC+02:00)"


def test_the_night_the_clock_is_set_forward_tells_both_offsets() -> None:
    """Riga, 28 March 2027: after 03:00 comes 04:00."""
    before = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
    assert tell_times("en", session(before, 60), RIGA) == f"02:30 (UTC+02:00){TO}04:30 (UTC+03:00)"


def test_the_day_after_the_change_needs_no_offsets() -> None:
    assert tell_times("en", session(datetime(2026, 10, 26, 0, 30, tzinfo=UTC), 60), RIGA) == (
        f"02:30{TO}03:30"
    )


def test_offsets_west_of_greenwich_have_their_sign() -> None:
    """New York, 1 November 2026: at 02:00 it is 01:00 again; St. John's is half an hour off."""
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert tell_time(first, "America/New_York") == "01:30 (UTC-04:00)"
    assert tell_time(datetime(2026, 11, 1, 4, 0, tzinfo=UTC), "America/St_Johns") == (
        "01:30 (UTC-02:30)"
    )


def test_the_zone_is_told_by_a_city_in_the_language() -> None:
    assert [tell_zone(one, RIGA) for one in ("en", "lv", "uk")] == ["Riga", "Rīga", "Рига"]
    assert tell_zone("fa", "UTC") == "UTC"


@given(
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2035, 1, 1)),
    st.integers(1, 1440),
    st.sampled_from([RIGA, "America/St_Johns", "Asia/Kabul", "Australia/Lord_Howe"]),
)
def test_two_different_instants_of_a_day_are_never_told_alike(
    naive: datetime, minutes: int, time_zone: str
) -> None:
    start = naive.replace(second=0, microsecond=0, tzinfo=UTC)
    end = start + timedelta(minutes=minutes)
    same_day = tell_date("en", start, time_zone) == tell_date("en", end, time_zone)
    assert not same_day or tell_time(start, time_zone) != tell_time(end, time_zone)
