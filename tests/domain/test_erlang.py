"""Erlang's formula C against a table worked out by others, and against what it means."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.erlang import TooManyCalls, in_time, on_call, waits

QUARTER = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("calls", "people", "occupancy", "strict"),
    [
        (2, 2, 25, 3),
        (5, 3, 42, 4),
        (10, 5, 50, 6),
        (20, 8, 62, 10),
        (50, 17, 74, 19),
        (100, 31, 81, 34),
        (500, 136, 92, 140),
    ],
)
def test_calls_of_a_quarter_of_an_hour_need_as_many_as_the_table_says(
    calls: int, people: int, occupancy: int, strict: int
) -> None:
    usual = on_call(calls_an_hour=calls, length=QUARTER, share=0.8, within=timedelta(seconds=30))
    better = on_call(calls_an_hour=calls, length=QUARTER, share=0.95, within=timedelta(seconds=60))
    assert usual.people == people
    assert abs(usual.occupancy * 100 - occupancy) <= 0.51
    assert better.people == strict


def test_one_person_who_is_busy_half_the_time_is_found_busy_half_the_time() -> None:
    # With one server the formula is the load itself (M/M/1).
    assert waits(load=0.5, people=1) == pytest.approx(0.5)


def test_five_queues_need_twice_the_people_of_one_queue() -> None:
    def needed(calls: int) -> int:
        usual = timedelta(seconds=30)
        return on_call(calls_an_hour=calls, length=QUARTER, share=0.8, within=usual).people

    assert (5 * needed(2), needed(10)) == (10, 5)


def test_without_calls_one_is_enough() -> None:
    found = on_call(calls_an_hour=0, length=QUARTER, share=0.99, within=timedelta(0))
    assert (found.people, found.occupancy, found.in_time) == (1, 0, 1)


def test_more_work_than_people_is_refused() -> None:
    with pytest.raises(TooManyCalls):
        waits(load=3, people=3)


@given(
    load=st.floats(min_value=0.01, max_value=200),
    more=st.integers(min_value=1, max_value=50),
    within=st.floats(min_value=0, max_value=5),
)
def test_one_more_on_call_never_makes_people_wait_longer(
    load: float, more: int, within: float
) -> None:
    people = int(load) + more
    fewer = in_time(load=load, people=people, within=within)
    assert 0 <= fewer <= in_time(load=load, people=people + 1, within=within) + 1e-12 <= 1 + 2e-12
