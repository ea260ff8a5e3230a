"""An offer is answered once, in time, and whoever is late is told why."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from interpreters.domain.errors import Refusal, WrongState
from interpreters.domain.offers import (
    TRANSITIONS,
    OfferAnswer,
    OfferExpired,
    OfferState,
    OfferTaken,
    OfferVerb,
    OfferWithdrawn,
    answered,
    can,
)

ANSWER_BY = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
IN_TIME = ANSWER_BY - timedelta(microseconds=1)


@pytest.mark.parametrize(("answer", "state"), [("accept", "accepted"), ("decline", "declined")])
def test_an_open_offer_takes_an_answer_in_time(answer: OfferAnswer, state: OfferState) -> None:
    assert answered(state="open", answer=answer, answer_by=ANSWER_BY, now=IN_TIME) == state


@pytest.mark.parametrize("answer", get_args(OfferAnswer))
def test_at_answer_by_it_is_too_late(answer: OfferAnswer) -> None:
    with pytest.raises(OfferExpired):
        answered(state="open", answer=answer, answer_by=ANSWER_BY, now=ANSWER_BY)


@pytest.mark.parametrize(("answer", "state"), [("accept", "accepted"), ("decline", "declined")])
def test_the_same_answer_again_changes_nothing_even_late(
    answer: OfferAnswer, state: OfferState
) -> None:
    late = ANSWER_BY + timedelta(days=1)

    assert answered(state=state, answer=answer, answer_by=ANSWER_BY, now=late) == state


@pytest.mark.parametrize("answer", get_args(OfferAnswer))
@pytest.mark.parametrize(
    ("state", "refusal", "code"),
    [
        ("taken", OfferTaken, "offer-taken"),
        ("expired", OfferExpired, "offer-expired"),
        ("withdrawn", OfferWithdrawn, "offer-withdrawn"),
    ],
)
def test_a_closed_offer_says_why(
    answer: OfferAnswer, state: OfferState, refusal: type[Refusal], code: str
) -> None:
    with pytest.raises(refusal) as caught:
        answered(state=state, answer=answer, answer_by=ANSWER_BY, now=IN_TIME)

    assert caught.value.code == code


@pytest.mark.parametrize(("answer", "state"), [("accept", "declined"), ("decline", "accepted")])
def test_an_answer_is_not_turned_round(answer: OfferAnswer, state: OfferState) -> None:
    with pytest.raises(WrongState):
        answered(state=state, answer=answer, answer_by=ANSWER_BY, now=IN_TIME)


def test_only_an_open_offer_changes() -> None:
    verbs: tuple[OfferVerb, ...] = get_args(OfferVerb)
    states: tuple[OfferState, ...] = get_args(OfferState)

    assert set(TRANSITIONS) == set(verbs)
    assert {*TRANSITIONS.values(), "open"} == set(states)
    assert all(
        can(state=state, verb=verb) is (state == "open") for state in states for verb in verbs
    )
