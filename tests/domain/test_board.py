"""What a coordinator is shown before it fails, each at the minute from which it is shown."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from interpreters.domain.board import Looked, Seated, troubles
from interpreters.domain.escalations import Escalation

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def seen(**known: Any) -> list[str]:
    usual: dict[str, Any] = {
        "state": "searching", "emergency": False, "starts_at": NOW + timedelta(days=1),
        "ends_on": date(2026, 11, 25), "escalations": [], "seated": [], "maybe_twice": False,
    }  # fmt: skip
    return [one.code for one in troubles(Looked(**{**usual, **known}), now=NOW)]


def test_a_search_in_good_time_has_no_trouble() -> None:
    assert seen() == []
    assert seen(state="filled", seated=[Seated(name="A", state="confirmed")]) == []


@pytest.mark.parametrize(
    ("minutes", "codes"), [(120, []), (119, ["soon"]), (1, ["soon"]), (0, ["begun"])]
)
def test_who_is_missed_two_hours_before_is_missed_soon(minutes: int, codes: list[str]) -> None:
    assert seen(starts_at=NOW + minutes * MINUTE) == codes
    assert seen(starts_at=NOW + minutes * MINUTE, state="unfilled") == codes
    assert seen(starts_at=NOW + minutes * MINUTE, state="filled") == []


def test_a_ring_waits_until_somebody_takes_care_of_it_or_somebody_is_found() -> None:
    rung = Escalation(kind="on_call", round=1, at=NOW)
    taken = Escalation(kind="on_call", round=1, at=NOW, acknowledged_at=NOW)
    offered = Escalation(kind="widen", round=1, at=NOW)
    assert seen(escalations=[rung]) == ["rung"]
    assert seen(escalations=[taken, offered]) == []
    assert seen(escalations=[rung], state="filled") == []
    assert seen(escalations=[rung], emergency=True) == ["emergency", "rung"]


@pytest.mark.parametrize(("after", "codes"), [(10, []), (11, ["not_started"])])
def test_ten_minutes_after_the_start_somebody_is_missed(after: int, codes: list[str]) -> None:
    booked = [Seated(name="A", state="confirmed")]
    assert seen(state="filled", seated=booked, starts_at=NOW - after * MINUTE) == codes
    begun = [Seated(name="A", state="in_progress")]
    assert seen(state="filled", seated=begun, starts_at=NOW - after * MINUTE) == []


@pytest.mark.parametrize(
    ("ends_on", "codes"),
    [(date(2026, 12, 2), []), (date(2026, 12, 1), ["paper"]), (date(2026, 11, 20), ["paper"])],
)
def test_a_paper_should_be_good_for_a_week_after_the_session(
    ends_on: date, codes: list[str]
) -> None:
    booked = [Seated(name="A", state="confirmed", paper_ends_on=ends_on)]
    assert seen(state="filled", seated=booked) == codes


def test_who_is_late_who_left_and_who_has_not_said() -> None:
    late = Seated(name="A", state="confirmed", late_minutes=10, asks=True)
    left = Seated(name="B", state="given_back", asks=True)
    assert seen(state="partly_filled", seated=[late, left], maybe_twice=True) == [
        "given_back", "running_late", "not_said", "maybe_twice",
    ]  # fmt: skip
    assert seen(state="filled", seated=[left]) == []
