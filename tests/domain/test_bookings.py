"""A booking's verbs fit its states, and some must wait for their time."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import get_args

import pytest

from interpreters.domain.bookings import (
    EARLIEST,
    LIVE,
    TRANSITIONS,
    BookingState,
    BookingVerb,
    TooEarly,
    already,
    can,
    next_state,
    refuse_too_early,
)
from interpreters.domain.errors import WrongState

STATES: tuple[BookingState, ...] = get_args(BookingState)
VERBS: tuple[BookingVerb, ...] = get_args(BookingVerb)
START = datetime(2026, 3, 29, 2, 0, tzinfo=UTC)  # 05:00 in Riga, an hour after the clocks changed
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("state", "verb", "after"),
    [
        ("held", "confirm", "confirmed"),
        ("held", "release", "released"),
        ("held", "cancel", "cancelled"),
        ("held", "give-back", "given_back"),
        ("confirmed", "check-in", "confirmed"),
        ("confirmed", "running-late", "confirmed"),
        ("confirmed", "no-conflict", "confirmed"),
        ("confirmed", "start", "in_progress"),
        ("confirmed", "cancel", "cancelled"),
        ("confirmed", "give-back", "given_back"),
        ("confirmed", "client-no-show", "client_no_show"),
        ("confirmed", "interpreter-no-show", "interpreter_no_show"),
        ("in_progress", "end", "completed"),
        ("in_progress", "extend", "in_progress"),
        ("in_progress", "client-no-show", "client_no_show"),
        ("completed", "approve", "completed"),
        ("completed", "dispute", "completed"),
        ("completed", "rate", "completed"),
    ],
)
def test_a_verb_leads_to_a_state(
    state: BookingState, verb: BookingVerb, after: BookingState
) -> None:
    assert can(state=state, verb=verb)
    assert next_state(state=state, verb=verb) == after


@pytest.mark.parametrize(
    ("state", "verb"),
    [
        ("confirmed", "end"),
        ("confirmed", "approve"),
        ("held", "start"),
        ("held", "check-in"),
        ("in_progress", "cancel"),
        ("in_progress", "give-back"),
        ("completed", "cancel"),
        ("completed", "extend"),
        ("cancelled", "start"),
        ("given_back", "cancel"),
        ("released", "confirm"),
        ("client_no_show", "start"),
        ("interpreter_no_show", "client-no-show"),
    ],
)
def test_a_verb_that_does_not_fit_is_refused(state: BookingState, verb: BookingVerb) -> None:
    with pytest.raises(WrongState) as caught:
        next_state(state=state, verb=verb)

    assert caught.value.extra == {"state": state}


@pytest.mark.parametrize(
    ("state", "verb"),
    [
        ("in_progress", "start"),
        ("completed", "start"),
        ("completed", "end"),
        ("cancelled", "cancel"),
        ("given_back", "give-back"),
        ("client_no_show", "client-no-show"),
        ("interpreter_no_show", "interpreter-no-show"),
        ("confirmed", "confirm"),
        ("released", "release"),
    ],
)
def test_repeating_what_has_happened_changes_nothing(
    state: BookingState, verb: BookingVerb
) -> None:
    assert already(state=state, verb=verb)
    assert next_state(state=state, verb=verb) == state


def test_every_verb_is_known_and_never_both_possible_and_past() -> None:
    assert set(TRANSITIONS) == set(VERBS)
    for transition in TRANSITIONS.values():
        assert transition.from_.isdisjoint(transition.after)
        assert transition.to is None or transition.to in transition.after


def test_what_is_over_never_blocks_time_again() -> None:
    for state, verb in product(set(STATES) - LIVE, VERBS):
        if can(state=state, verb=verb):
            assert next_state(state=state, verb=verb) not in LIVE


def test_every_state_but_the_first_is_reached_by_a_verb() -> None:
    reached = {transition.to for transition in TRANSITIONS.values()} - {None}

    assert set(STATES) - reached == {"held"}


@pytest.mark.parametrize(
    ("verb", "lead"),
    [
        ("check-in", timedelta(hours=2)),
        ("start", timedelta(minutes=15)),
        ("client-no-show", timedelta(minutes=15)),
        ("interpreter-no-show", timedelta(minutes=15)),
    ],
)
def test_some_verbs_must_wait_for_their_time(verb: BookingVerb, lead: timedelta) -> None:
    with pytest.raises(TooEarly) as caught:
        refuse_too_early(verb=verb, starts_at=START, now=START - lead - SECOND)

    assert caught.value.extra == {"possible_from": START - lead}
    refuse_too_early(verb=verb, starts_at=START, now=START - lead)


def test_other_verbs_have_no_time() -> None:
    for verb in set(VERBS) - set(EARLIEST):
        refuse_too_early(verb=verb, starts_at=START, now=START - timedelta(days=300))

    assert set(EARLIEST) < set(VERBS)
