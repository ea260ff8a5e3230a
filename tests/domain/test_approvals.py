"""When somebody is reminded that silence becomes a yes: in time, and by day."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.approvals import by_day, remind_at

RIGA = "Europe/Riga"  # two hours ahead in winter, three in summer


def utc(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}:00+00:00")


@pytest.mark.parametrize(
    ("days", "asked", "reminded"),
    [
        # Two days before: at a quarter past eleven in Riga as it was then.
        (7, ("2026-11-25", "09:15"), ("2026-11-30", "09:15")),
        (90, ("2026-11-25", "09:15"), ("2027-02-21", "09:15")),
        # Half of the time where that is shorter.
        (4, ("2026-11-25", "09:15"), ("2026-11-27", "09:15")),
        (3, ("2026-11-25", "09:15"), ("2026-11-27", "06:00")),  # 23:15 in Riga: in the morning
        (2, ("2026-11-25", "09:15"), ("2026-11-26", "09:15")),
        (1, ("2026-11-25", "05:00"), ("2026-11-25", "17:00")),
        (1, ("2026-11-25", "09:00"), ("2026-11-26", "06:00")),  # 23:00: in the morning
        # At 23:40 in Riga, and at 20:59, a minute before the night.
        (7, ("2026-11-25", "21:40"), ("2026-12-01", "06:00")),
        (7, ("2026-11-25", "18:59"), ("2026-11-30", "18:59")),
        # Half past midnight of 29 March, when the clock leaves out an hour: 08:00 is 05:00 UTC.
        (7, ("2026-03-23", "22:30"), ("2026-03-29", "05:00")),
        # Half past midnight of 25 October, when an hour comes twice: 08:00 is 06:00 UTC.
        (7, ("2026-10-19", "21:30"), ("2026-10-25", "06:00")),
        # Half-way is 21:00 and the morning after that long night is too late: at 21:00.
        (1, ("2026-10-24", "06:00"), ("2026-10-24", "18:00")),
    ],
)
def test_it_is_two_days_before_or_half_way_and_not_in_the_night(
    days: int, asked: tuple[str, str], reminded: tuple[str, str]
) -> None:
    now = utc(*asked)
    due_at = now + timedelta(days=days)
    assert remind_at(now=now, due_at=due_at, time_zone=RIGA) == utc(*reminded)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.integers(1, 90),
    st.sampled_from([RIGA, "Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kabul"]),
)
def test_it_is_always_between_the_question_and_the_end(now: datetime, days: int, zone: str) -> None:
    due_at = now + timedelta(days=days)
    at = remind_at(now=now, due_at=due_at, time_zone=zone)
    assert max(now + (due_at - now) / 2, due_at - timedelta(days=2)) <= at < due_at
    by_clock = at.astimezone(ZoneInfo(zone))
    assert 8 <= by_clock.hour < 21 or due_at - at <= timedelta(hours=13)


def test_what_comes_late_waits_for_the_morning_unless_that_is_too_late() -> None:
    night = utc("2026-11-26", "01:00")  # 03:00 in Riga
    morning = utc("2026-11-26", "06:00")
    minute = timedelta(minutes=1)
    assert by_day(night, due_at=morning + minute, time_zone=RIGA) == morning
    assert by_day(night, due_at=morning, time_zone=RIGA) == night
    assert by_day(morning, due_at=morning + minute, time_zone=RIGA) == morning
