"""How long what is kept: the rules, and the night in which they are carried out."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.retention import BY_KIND, RULES, days_of, next_night

PRIVACY = Path(__file__).parents[2] / "docs/privacy.md"
DEFAULTS = {
    "instructions": 30, "connection_details": 1, "reasons": 365, "client_voices": 365,
    "client_links": 30, "inactive_clients": None, "suspended_interpreters": None, "messages": 90,
    "sign_in_attempts": 1, "sign_ins": 30, "operations": 1, "answers": 7, "notices": 7,
    "freed_slots": 90,
    "plans": 90,
}  # fmt: skip
ZONES = ("Europe/Riga", "America/New_York", "Asia/Kathmandu", "Pacific/Chatham", "UTC",
         "America/Santiago", "Australia/Lord_Howe", "Pacific/Apia")  # fmt: skip


def test_every_kind_has_its_days_its_reason_and_its_ground() -> None:
    assert {one.kind: one.days for one in RULES} == DEFAULTS
    assert all(one.why and "Art. 6(1)" in one.ground for one in RULES)
    assert all(one.days is None or one.least <= one.days <= one.most for one in RULES)


def test_a_network_says_otherwise_for_some_and_null_is_for_ever() -> None:
    found = days_of({"instructions": 7, "reasons": None})
    assert found == {**DEFAULTS, "instructions": 7, "reasons": None}
    assert days_of({}) == DEFAULTS
    assert BY_KIND["answers"].least == 7  # what the interface promises


def at(text: str, zone: str = "Europe/Riga") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-24T02:59", "2026-11-24T01:00Z"),  # 03:00 in Riga in winter
        ("2026-11-24T03:00", "2026-11-25T01:00Z"),
        ("2026-11-24T22:00", "2026-11-25T01:00Z"),
        ("2026-03-28T12:00", "2026-03-29T01:00Z"),  # 03:00 is left out that night: 04:00 summer
        ("2026-03-29T12:00", "2026-03-30T00:00Z"),
        ("2026-10-24T12:00", "2026-10-25T00:00Z"),  # 03:00 comes twice: the first
        ("2026-10-25T12:00", "2026-10-26T01:00Z"),
    ],
)
def test_the_night_is_the_networks_own_also_when_clocks_change(now: str, expected: str) -> None:
    night = next_night(now=at(now), time_zone="Europe/Riga")
    assert night == datetime.fromisoformat(expected)


def test_between_the_two_threes_of_autumn_the_next_night_is_tomorrows() -> None:
    first = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # 03:00 summer time; at 04:00 it is 03:00
    for minutes in (0, 30, 60, 90):
        now = first + timedelta(minutes=minutes)
        assert next_night(now=now, time_zone="Europe/Riga") == datetime(2026, 10, 26, 1, tzinfo=UTC)


@given(
    start=st.datetimes(datetime(2011, 12, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from(ZONES),
)
def test_every_local_day_has_one_round(start: datetime, zone: str) -> None:
    """Samoa had no 30 December 2011; every other day of every zone has one, and only one."""
    days, now = [], start
    for _ in range(40):
        now = next_night(now=now, time_zone=zone)
        days.append(now.astimezone(ZoneInfo(zone)).date())
    assert len(days) == len(set(days))
    missing = {
        (days[0] + timedelta(days=number)).isoformat()
        for number in range((days[-1] - days[0]).days + 1)
    } - {one.isoformat() for one in days}
    assert missing <= {"2011-12-30"}


def test_the_document_says_the_same_as_the_rules() -> None:
    told = PRIVACY.read_text(encoding="utf-8")
    for one in RULES:
        days = "until erased" if one.days is None else one.days
        row = f"| `{one.kind}` | {one.what} | {one.since} | {days} | {one.why} | {one.ground} |"
        assert row in told
