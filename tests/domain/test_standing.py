"""Reliability, fairness and rarity: what is known before anybody asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.standing import fairness, rarity, reliability

COUNTS = st.integers(0, 10_000)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param((0, 0, 0), 19 / 20, id="new"),
        pytest.param((20, 0, 0), 39 / 40, id="twenty done"),
        pytest.param((0, 1, 0), 19 / 22, id="given back late counts twice"),
        pytest.param((0, 0, 1), 19 / 24, id="a no-show four times"),
    ],
)
def test_reliability_starts_from_twenty_jobs(
    history: tuple[int, int, int], expected: float
) -> None:
    done, late, missed = history

    found = reliability(completed=done, late_given_back=late, no_shows=missed)

    assert found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("hours", "available", "usual", "due"),
    [
        pytest.param(0, 100, 0.2, 1, id="no work"),
        pytest.param(20, 100, 0.2, 0.5, id="the usual share"),
        pytest.param(40, 100, 0.2, 0, id="twice the usual share"),
        pytest.param(90, 100, 0.2, 0, id="more"),
        pytest.param(10, 50, 0.2, 0.5, id="the usual share of a short week"),
        pytest.param(10, 0, 0.2, 0.5, id="no available hours"),
        pytest.param(0, 100, 0, 1, id="nobody works"),
        pytest.param(1, 100, 0, 0, id="nobody else works"),
    ],
)
def test_who_worked_less_than_usual_is_due(
    hours: float, available: float, usual: float, due: float
) -> None:
    found = fairness(hours=hours, available_hours=available, usual_share=usual)

    assert found == pytest.approx(due)


@pytest.mark.parametrize(("colleagues", "rare"), [([], 0), ([10], 0.1), ([40, 1], 1), ([0], 1)])
def test_the_only_one_for_a_language_is_kept_for_it(colleagues: list[int], rare: float) -> None:
    assert rarity(colleagues) == pytest.approx(rare)


@given(done=COUNTS, late=COUNTS, missed=COUNTS)
def test_reliability_is_a_share_that_rises_with_work_done(
    done: int, late: int, missed: int
) -> None:
    was = reliability(completed=done, late_given_back=late, no_shows=missed)
    now = reliability(completed=done + 1, late_given_back=late, no_shows=missed)

    assert 0 < was <= now < 1
