"""Rates say what they divide; who never had an answer is not forgotten; shares are compared."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.service_levels import (
    Outcomes,
    Waited,
    gini,
    honest_rate,
    minutes_until,
    rate,
    success_rate,
)

# Of 100: 70 held, 65 in full; 5 clients and 2 interpreters did not come, 8 unfilled, 15 off.
YEAR = Outcomes(
    requests=100, held=70, held_in_full=65, client_no_show=5, interpreter_no_show=2, unfilled=8,
    given_up=5, cancelled_in_time=6, cancelled_late=3, cancelled_by_us=1,
)  # fmt: skip


def test_the_ministrys_rate_counts_clients_who_did_not_come_as_fulfilled() -> None:
    found = success_rate(YEAR)
    assert (found.part, found.whole, found.percent) == (75, 86, 87.2)


def test_the_honest_rate_counts_who_gave_up_waiting_and_half_teams() -> None:
    found = honest_rate(YEAR)
    assert (found.part, found.whole, found.percent) == (65, 86, 75.6)


def test_a_rate_of_nothing_is_no_rate() -> None:
    assert rate(part=0, whole=0, counts="").percent is None


@pytest.mark.parametrize(("part", "whole", "percent"), [(1, 3, 33.3), (2, 3, 66.7), (1, 16, 6.3)])
def test_percentages_are_rounded_half_up(part: int, whole: int, percent: float) -> None:
    assert rate(part=part, whole=whole, counts="").percent == percent


def test_without_unanswered_requests_it_is_the_plain_percentile() -> None:
    waited = [Waited(minutes, answered=True, requests=1) for minutes in range(1, 11)]
    assert (minutes_until(50, waited), minutes_until(90, waited)) == (5, 9)


def test_who_never_had_an_answer_makes_the_wait_longer() -> None:
    # Five answered within 5 minutes, five still waiting after an hour: half had theirs at 5
    # minutes, nine of ten never.
    waited = [Waited(minutes, answered=True, requests=1) for minutes in range(1, 6)]
    waited.append(Waited(60, answered=False, requests=5))
    assert (minutes_until(50, waited), minutes_until(90, waited)) == (5, None)


def test_who_is_called_off_early_says_nothing_about_later() -> None:
    # Kaplan and Meier: 2 of 10 leave at minute 1; of 8, four are answered at minute 2 (half wait
    # on), of 4 all at minute 3.
    waited = [Waited(1, False, 2), Waited(2, True, 4), Waited(3, True, 4)]
    assert (minutes_until(50, waited), minutes_until(51, waited)) == (2, 3)


@given(
    st.lists(st.tuples(st.integers(0, 50), st.booleans(), st.integers(1, 9)), max_size=30),
    st.integers(1, 99),
)
def test_the_estimate_is_that_of_exact_fractions(
    rows: list[tuple[int, bool, int]], share: int
) -> None:
    people = [(minutes, answered) for minutes, answered, count in rows for _ in range(count)]
    waiting, expected = Fraction(1), None
    for minute in range(51):
        at_risk = sum(minutes >= minute for minutes, _ in people)
        answered = sum(minutes == minute and yes for minutes, yes in people)
        if answered:
            waiting *= 1 - Fraction(answered, at_risk)
        if answered and 1 - waiting >= Fraction(share, 100):
            expected = minute
            break
    assert minutes_until(share, [Waited(*row) for row in rows]) == expected


def test_equal_shares_are_fair_and_one_with_all_is_not() -> None:
    assert gini([2.0, 2.0, 2.0, 2.0]) == 0.0
    assert gini([0.0, 0.0, 0.0, 8.0]) == 0.75  # (n - 1) / n
    assert gini([]) is None
    assert gini([0.0, 0.0]) is None
