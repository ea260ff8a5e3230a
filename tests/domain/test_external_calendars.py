"""When another calendar is read, and what of ours may stand in one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.calendar_entries import place_told
from interpreters.domain.external_calendars import host_of, knows_window, next_look, window_of

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
instants = st.datetimes(
    min_value=datetime(2020, 1, 1), max_value=datetime(2090, 1, 1), timezones=st.just(UTC)
)


@given(now=instants, jitter=st.floats(0, 1), failing=st.none() | st.timedeltas(timedelta(0)))
def test_it_is_read_again_within_a_day_and_never_at_once(
    now: datetime, jitter: float, failing: timedelta | None
) -> None:
    failing = None if failing is None else min(failing, timedelta(days=3650))
    since = None if failing is None else now - failing
    pause = next_look(now, jitter=jitter, failing_since=since) - now
    assert 13 * MINUTE <= pause <= timedelta(days=1) + 2 * MINUTE
    if failing is None:
        assert pause <= 17 * MINUTE


def test_what_fails_is_left_alone_for_as_long_as_it_has_failed() -> None:
    for failed, pause in ((MINUTE, 15 * MINUTE), (60 * MINUTE, 60 * MINUTE),
                          (timedelta(days=9), timedelta(days=1))):  # fmt: skip
        assert next_look(NOW, jitter=0.5, failing_since=NOW - failed) == NOW + pause


def test_a_server_that_asks_for_a_longer_pause_gets_it() -> None:
    assert next_look(NOW, jitter=0.5, retry_after=7200) == NOW + timedelta(hours=2)
    assert next_look(NOW, jitter=0.5, retry_after=1) == NOW + 15 * MINUTE


@given(now=instants)
def test_a_hundred_and_twenty_days_are_read_whole_days_of_them(now: datetime) -> None:
    window = window_of(now)
    assert window.starts_at <= now < window.starts_at + timedelta(days=1)
    assert window.ends_at - window.starts_at == timedelta(days=121)


def test_another_day_sees_further() -> None:
    assert not knows_window(None, NOW)
    assert knows_window(NOW.replace(hour=0, minute=0), NOW)
    assert not knows_window(NOW.replace(hour=0, minute=0) - timedelta(seconds=1), NOW)


def test_of_an_address_the_host_alone_is_shown() -> None:
    assert host_of("webcal://calendars.example.org:8443/s3cret.ics") == "calendars.example.org"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "Main, Riga"),
        ({"site": "Riga"}, "Riga"),
        ({"site": None}, "Riga"),
        ({"site": None, "city": None}, None),
        ({"mode": "phone"}, None),
        ({"kind": "crisis_centre"}, None),
        ({"topic": "supervised_contact"}, None),
        ({"topic": "emergency"}, None),
        ({"emergency": True}, None),
    ],
)
def test_a_place_is_a_name_and_a_city_and_none_where_being_found_is_the_danger(
    changes: dict[str, object], told: str | None
) -> None:
    usual: dict[str, object] = {
        "mode": "in_person", "site": "Main", "city": "Riga", "kind": "education",
        "topic": "health", "emergency": False,
    }  # fmt: skip
    assert place_told(**(usual | changes)) == told  # type: ignore[arg-type]  # named as they are
