"""A request's state follows from its seats."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.errors import WrongState
from interpreters.domain.requests import (
    TRANSITIONS,
    RequestState,
    RequestVerb,
    SeatState,
    SeatVerb,
    can,
    next_seat_state,
    refuse_wrong_state,
    request_state,
)

SEATS: tuple[SeatState, ...] = get_args(SeatState)
VERBS: tuple[SeatVerb, ...] = get_args(SeatVerb)


@pytest.mark.parametrize(
    ("seats", "state"),
    [
        (["open"], "searching"),
        (["held", "open"], "searching"),
        (["open", "unfilled"], "searching"),
        (["filled"], "filled"),
        (["filled", "closed"], "filled"),
        (["filled", "open"], "partly_filled"),
        (["filled", "unfilled"], "partly_filled"),
        (["filled", "held"], "partly_filled"),
        (["closed", "open"], "partly_filled"),
        (["unfilled"], "unfilled"),
        (["closed"], "closed"),
        (["closed", "unfilled"], "closed"),
        (["cancelled"], "cancelled"),
        (["cancelled", "filled"], "filled"),
        (["cancelled", "closed"], "closed"),
        (["cancelled", "unfilled"], "unfilled"),
    ],
)
def test_seats_make_the_state(seats: list[SeatState], state: RequestState) -> None:
    assert request_state(seats) == state


@given(seats=st.lists(st.sampled_from(SEATS), min_size=1, max_size=5), data=st.data())
def test_the_order_of_seats_does_not_matter(seats: list[SeatState], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(seats))

    assert request_state(shuffled) == request_state(seats)


@given(verbs=st.lists(st.sampled_from(VERBS), max_size=12))
def test_one_seat_goes_through_the_states_of_its_request(verbs: list[SeatVerb]) -> None:
    seat: SeatState = "open"
    for verb in verbs:
        if seat not in TRANSITIONS[verb].from_:
            with pytest.raises(WrongState):
                next_seat_state(state=seat, verb=verb)
            continue
        was = request_state([seat])
        seat = next_seat_state(state=seat, verb=verb)
        assert was not in {"closed", "cancelled"}

    assert request_state([seat]) in get_args(RequestState)


def test_every_seat_verb_and_state_is_used() -> None:
    assert set(TRANSITIONS) == set(VERBS)
    assert {transition.to for transition in TRANSITIONS.values()} == set(SEATS)


@pytest.mark.parametrize(
    ("verb", "states"),
    [
        ("assign", {"searching", "partly_filled", "unfilled"}),
        ("widen", {"searching", "partly_filled", "unfilled"}),
        ("split", {"searching", "partly_filled", "unfilled"}),
        ("cancel", {"searching", "partly_filled", "filled", "unfilled"}),
        ("change", {"searching", "partly_filled", "filled", "unfilled"}),
    ],
)
def test_what_is_over_or_full_takes_no_verb(verb: RequestVerb, states: set[RequestState]) -> None:
    for state in get_args(RequestState):
        assert can(state=state, verb=verb) is (state in states)
        if state not in states:
            with pytest.raises(WrongState):
                refuse_wrong_state(state=state, verb=verb)
