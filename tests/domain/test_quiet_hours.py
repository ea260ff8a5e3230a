"""Quiet hours delay the notice: when it rings, in any night."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.ladders import QuietHours
from interpreters.domain.quiet_hours import notice_at

RIGA = "Europe/Riga"
NIGHT = {"from": "22:00", "to": "07:00"}
NOON = {"from": "12:00", "to": "14:00"}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        pytest.param("2026-11-24T19:59", "2026-11-24T19:59", id="a minute before they begin"),
        pytest.param("2026-11-24T20:00", "2026-11-25T05:00", id="when they begin"),
        pytest.param("2026-11-24T23:30", "2026-11-25T05:00", id="after midnight"),
        pytest.param("2026-11-25T04:59", "2026-11-25T05:00", id="a minute before they end"),
        pytest.param("2026-11-25T05:00", "2026-11-25T05:00", id="when they end"),
        pytest.param("2026-03-28T23:30", "2026-03-29T04:00", id="spring: the night is shorter"),
        pytest.param("2026-10-24T23:30", "2026-10-25T05:00", id="autumn: it is longer"),
    ],
)
def test_a_notice_waits_for_the_morning(now: str, told: str) -> None:
    assert notice_at(utc(now), NIGHT, RIGA, urgent=False, opt_in=True) == utc(told)


@pytest.mark.parametrize(
    ("now", "told"),
    [("2026-11-24T10:30", "2026-11-24T12:00"), ("2026-11-24T22:30", "2026-11-24T22:30")],
)
def test_quiet_hours_may_lie_within_a_day(now: str, told: str) -> None:
    assert notice_at(utc(now), NOON, RIGA, urgent=False, opt_in=True) == utc(told)


def test_they_end_at_a_time_that_spring_leaves_out() -> None:
    now, quiet = utc("2026-03-28T23:00"), {"from": "22:00", "to": "03:30"}
    assert notice_at(now, quiet, RIGA, urgent=False, opt_in=True) == utc("2026-03-29T01:30")


@pytest.mark.parametrize(
    ("policy", "urgent", "opt_in", "rings"),
    [
        ("urgent_rings", True, True, True),
        ("urgent_rings", True, False, False),
        ("urgent_rings", False, True, False),
        ("keep", True, True, False),
        ("ring", False, False, True),
    ],
)
def test_the_ladder_says_whom_a_notice_may_wake(
    policy: QuietHours, *, urgent: bool, opt_in: bool, rings: bool
) -> None:
    now = utc("2026-11-24T23:30")
    told = notice_at(now, NIGHT, RIGA, urgent=urgent, opt_in=opt_in, policy=policy)
    assert (told == now) is rings


@pytest.mark.parametrize("quiet", [None, {"from": "08:00", "to": "08:00"}])
@given(now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))
def test_without_quiet_hours_everything_rings(quiet: dict[str, str] | None, now: datetime) -> None:
    assert notice_at(now, quiet, RIGA, urgent=False, opt_in=False) == now


@given(now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))
def test_nobody_waits_longer_than_their_quiet_hours(now: datetime) -> None:
    told = notice_at(now, NIGHT, RIGA, urgent=False, opt_in=True)

    assert timedelta(0) <= told - now <= timedelta(hours=10)
    assert notice_at(told, NIGHT, RIGA, urgent=False, opt_in=True) == told
