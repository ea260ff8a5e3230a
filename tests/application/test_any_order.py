"""Whatever people do, in whatever order, at whatever time: the tables agree, and searches end."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from any_order import Centre, Hand, a_hand


@pytest.fixture(scope="module")
def hand(template: str) -> Iterator[Hand]:
    with a_hand(template) as made:
        yield made


def test_the_tables_agree_whatever_happens_and_every_search_ends(hand: Hand) -> None:
    Centre.hand = hand
    run_state_machine_as_test(
        Centre,
        settings=settings(
            max_examples=20,
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
