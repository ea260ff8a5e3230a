"""When an urgent search is brought before people: minute by minute, whatever was missed."""

import itertools
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.escalations import Escalation, next_escalations, urgent_from
from interpreters.domain.ladders import STANDARD

BEGAN = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def walk(
    moments: list[float], *, emergency: bool = False, acknowledged: float | None = None
) -> list[tuple[str, int, float]]:
    """Look at a search that is urgent from `BEGAN` so many minutes later; return what happened."""
    made: list[Escalation] = []
    for moment in moments:
        now = BEGAN + moment * MINUTE
        if acknowledged is not None and moment >= acknowledged:
            made = [msgspec.structs.replace(one, acknowledged_at=now) for one in made]
        step = next_escalations(
            made=made, since=BEGAN, emergency=emergency, ladder=STANDARD, now=now
        )
        assert step.at is None or step.at > now
        made += step.now
    return [(one.kind, one.round, (one.at - BEGAN) / MINUTE) for one in made]


def test_widening_is_offered_after_three_minutes_and_somebody_rung_after_five() -> None:
    assert walk([0, 2.9]) == []
    assert walk([0, 3, 4.9]) == [("widen", 1, 3)]
    assert walk([0, 3, 5, 9.9, 10]) == [("widen", 1, 3), ("on_call", 1, 5), ("on_call", 2, 10)]


def test_nobody_else_is_rung_once_it_is_acknowledged() -> None:
    assert walk([3, 5, 7, 10, 15, 60], acknowledged=7) == [("widen", 1, 3), ("on_call", 1, 5)]


def test_in_an_emergency_somebody_is_rung_at_once() -> None:
    assert walk([0, 3, 5], emergency=True) == [
        ("emergency", 1, 0), ("widen", 1, 3), ("emergency", 2, 5),
    ]  # fmt: skip


def test_after_an_hour_of_nobody_looking_each_thing_is_done_once() -> None:
    assert walk([0, 61, 61, 65.9, 66]) == [
        ("widen", 1, 61), ("on_call", 1, 61), ("on_call", 2, 66),
    ]  # fmt: skip


@given(moments=st.lists(st.integers(0, 7200).map(lambda s: s / 60), min_size=1, max_size=40))
def test_however_often_it_is_looked_at_nothing_comes_twice_or_too_early(
    moments: list[float],
) -> None:
    happened = walk(sorted(moments))

    assert len({one[:2] for one in happened}) == len(happened)
    rings = [at for kind, _, at in happened if kind == "on_call"]
    assert all(b - a >= 4.999 for a, b in itertools.pairwise(rings))
    last = max(moments)
    assert [kind for kind, _, _ in happened].count("widen") == (last >= 3)
    assert bool(rings) == (last >= 5)


@given(steps=st.integers(1, 30), jump=st.integers(0, 300))
def test_whoever_looks_when_told_to_misses_nothing(steps: int, jump: int) -> None:
    made: list[Escalation] = []
    now = BEGAN
    for number in range(steps):
        step = next_escalations(made=made, since=BEGAN, emergency=False, ladder=STANDARD, now=now)
        made += step.now
        assert step.at is not None
        now = step.at + (jump * MINUTE if number == steps // 2 else timedelta(0))
    rounds = [one.round for one in made if one.kind == "on_call"]
    assert rounds == list(range(1, len(rounds) + 1))


def test_a_search_that_begins_anew_is_brought_before_people_anew() -> None:
    old = Escalation(kind="widen", round=1, at=BEGAN - HOUR)
    rung = Escalation(kind="on_call", round=4, at=BEGAN - HOUR, acknowledged_at=BEGAN - HOUR)
    step = next_escalations(
        made=[old, rung], since=BEGAN, emergency=False, ladder=STANDARD, now=BEGAN + 5 * MINUTE
    )
    assert [(one.kind, one.round) for one in step.now] == [("widen", 2), ("on_call", 5)]


def test_a_search_becomes_urgent_two_hours_before_the_start_or_when_it_begins() -> None:
    def since(starts_in: timedelta, *, urgent_now: bool = False, emergency: bool = False) -> object:
        return urgent_from(
            began=BEGAN, starts_at=BEGAN + starts_in, urgent_now=urgent_now, emergency=emergency,
            ladder=STANDARD,
        )  # fmt: skip

    assert since(2 * HOUR) == BEGAN
    assert since(2 * HOUR + MINUTE) == BEGAN + MINUTE
    assert since(30 * HOUR, emergency=True) == BEGAN
    assert since(timedelta(0), urgent_now=True) == BEGAN
