"""Actual minutes run from the booked start at the earliest; the larger of the two is billed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.usage import actual_minutes, billable_minutes

# Sunday 25 October 2026, 02:30 in Riga; the clock there goes back at 01:00 UTC.
BOOKED = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
SPANS = st.timedeltas(min_value=timedelta(hours=-5), max_value=timedelta(hours=30))


@pytest.mark.parametrize(
    ("started", "ended", "minutes"),
    [
        pytest.param(0, 60 * 60, 60, id="as booked"),
        pytest.param(-15 * 60, 60 * 60, 60, id="an early start does not count"),
        pytest.param(10 * 60, 60 * 60, 50, id="a late start counts from then"),
        pytest.param(0, 60 * 60 + 1, 61, id="a second more is a minute more"),
        pytest.param(0, 1, 1, id="a second is a minute"),
        pytest.param(0, 0, 0, id="ended as it started"),
        pytest.param(-15 * 60, -5 * 60, 0, id="over before the booked start"),
        pytest.param(0, 150 * 60, 150, id="through the night the clocks go back"),
    ],
)
def test_actual_minutes(started: int, ended: int, minutes: int) -> None:
    assert (
        actual_minutes(
            booked_starts_at=BOOKED,
            started_at=BOOKED + timedelta(seconds=started),
            ended_at=BOOKED + timedelta(seconds=ended),
        )
        == minutes
    )


@given(started=SPANS, ended=SPANS)
def test_actual_minutes_are_the_time_spent_rounded_up(started: timedelta, ended: timedelta) -> None:
    minutes = actual_minutes(
        booked_starts_at=BOOKED, started_at=BOOKED + started, ended_at=BOOKED + ended
    )

    spent = max(timedelta(0), ended - max(started, timedelta(0)))
    assert timedelta(minutes=minutes - 1) < spent <= timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("booked", "actual", "billed"), [(60, 45, 60), (60, 75, 75), (60, 60, 60), (15, 0, 15)]
)
def test_the_larger_is_billed(booked: int, actual: int, billed: int) -> None:
    assert billable_minutes(booked=booked, actual=actual) == billed
