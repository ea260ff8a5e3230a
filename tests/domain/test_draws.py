"""Chances that are the same each time, and as often as they say."""

import math

from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.draws import Draws

MANY = 20_000


@given(seed=st.integers(min_value=0), key=st.text())
def test_the_same_seed_and_key_give_the_same_number(seed: int, key: str) -> None:
    assert Draws(seed).uniform(key, 1) == Draws(seed).uniform(key, 1)
    assert 0 < Draws(seed).uniform(key, 1) < 1


def test_another_seed_or_key_gives_another_number() -> None:
    found = {Draws(seed).uniform(key) for seed in range(100) for key in ("a", "b", "ab")}
    assert len(found) == 300


def test_what_is_drawn_does_not_depend_on_what_was_drawn_before() -> None:
    draws = Draws(1)
    first = [draws.uniform("one", number) for number in range(10)]
    draws.uniform("another question")
    assert [draws.uniform("one", number) for number in reversed(range(10))] == first[::-1]


def test_numbers_are_spread_evenly() -> None:
    found = [Draws(7).uniform("even", number) for number in range(MANY)]
    tenths = [sum(place / 10 <= one < (place + 1) / 10 for one in found) for place in range(10)]
    # Each tenth holds 2,000; five standard deviations of a binomial count are 212.
    assert all(abs(count - MANY / 10) < 212 for count in tenths)


def test_normal_numbers_have_mean_nought_and_deviation_one() -> None:
    found = [Draws(7).normal("normal", number) for number in range(MANY)]
    mean = sum(found) / MANY
    deviation = math.sqrt(sum((one - mean) ** 2 for one in found) / MANY)
    assert abs(mean) < 0.036  # five standard errors
    assert abs(deviation - 1) < 0.026


def test_things_are_picked_as_often_as_their_weights_say() -> None:
    weighted = (("often", 3.0), ("never", 0.0), ("seldom", 1.0))
    found = [Draws(7).pick(weighted, "pick", number) for number in range(MANY)]
    assert "never" not in found
    assert abs(found.count("often") / MANY - 0.75) < 0.016


@given(number=st.integers())
def test_a_number_between_two_is_between_them(number: int) -> None:
    assert 30 <= Draws(1).between(30, 120, number) <= 120
