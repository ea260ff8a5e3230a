"""How likely somebody says yes: an honest guess at first, the network's own answers later."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.chances import (
    Said,
    at_least,
    chance,
    lead_of,
    likelihood,
    usual_minutes,
)

shares = st.floats(0.01, 0.99)


def test_without_history_the_guess_is_what_is_told() -> None:
    assert chance(said=Said(), guess=0.38) == pytest.approx(0.38)


def test_ten_answers_weigh_as_much_as_the_guess() -> None:
    assert chance(said=Said(asked=10, said_yes=10), guess=0.4) == pytest.approx(0.7)


@given(st.integers(0, 1000), st.integers(0, 1000), shares)
def test_a_chance_lies_between_the_guess_and_what_was_seen(yes: int, no: int, guess: float) -> None:
    found = chance(said=Said(asked=yes + no, said_yes=yes), guess=guess)
    seen = yes / (yes + no) if yes + no else guess
    assert min(seen, guess) - 1e-9 <= found <= max(seen, guess) + 1e-9


@given(st.integers(1, 5), st.integers(0, 60), shares)
def test_more_people_are_never_less_likely(needed: int, count: int, one: float) -> None:
    few = at_least(needed=needed, count=count, chance=one)
    assert 0 <= few <= at_least(needed=needed, count=count + 1, chance=one) + 1e-9
    assert (few == 0) is (count < needed) or few < 1e-6


def test_one_yes_of_four_at_38_in_a_hundred_is_what_a_wave_needs() -> None:
    """1 - 0.62 ** 4 is 0.852, 1 - 0.62 ** 3 is 0.762; both of two 0.38 squared, 0.144."""
    assert likelihood(at_least(needed=1, count=4, chance=0.38)) == "likely"
    assert likelihood(at_least(needed=1, count=3, chance=0.38)) == "possible"
    assert at_least(needed=2, count=2, chance=0.38) == pytest.approx(0.1444)
    assert likelihood(0.1444) == "unlikely"


def test_nobody_to_ask_is_unlikely() -> None:
    assert likelihood(at_least(needed=1, count=0, chance=0.9)) == "unlikely"


def test_a_usual_time_needs_five_answers() -> None:
    assert usual_minutes(Said(asked=9, said_yes=4, minutes=12.0)) is None
    assert usual_minutes(Said(asked=9, said_yes=5, minutes=12.4)) == 12
    assert usual_minutes(Said(asked=9, said_yes=5, minutes=0.1)) == 1


@pytest.mark.parametrize(
    ("hours", "low", "high"),
    [(-1, None, 0), (0, None, 0), (1, 0, 2), (2, 0, 2), (3, 2, 24), (24, 2, 24), (25, 24, 168)],
)
def test_a_lead_is_compared_with_the_like_of_it(hours: int, low: int | None, high: int) -> None:
    found = lead_of(timedelta(hours=hours))
    assert found[1] == timedelta(hours=high)
    assert low is None or found[0] == timedelta(hours=low)
