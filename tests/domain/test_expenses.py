"""Expenses: which word fits which state, by when one is decided, and what needs a yes before."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.bookings import TooEarly
from interpreters.domain.errors import WrongState
from interpreters.domain.expenses import (
    TRAVEL,
    NeedsApprovalBeforehand,
    Spent,
    TooLate,
    decide_by,
    next_state,
    refuse_asking,
    refuse_submitting,
    refuse_unasked_travel,
)

START = datetime(2026, 11, 25, 8, tzinfo=UTC)
END = START + timedelta(hours=1)
STATES = ("asked", "agreed", "submitted", "approved", "refused", "withdrawn")
VERBS = ("submit", "approve", "refuse", "withdraw")
LEADS = {
    ("submit", "agreed"): "submitted", ("submit", "submitted"): "submitted",
    ("approve", "asked"): "agreed", ("approve", "agreed"): "agreed",
    ("approve", "submitted"): "approved", ("approve", "approved"): "approved",
    ("refuse", "asked"): "refused", ("refuse", "submitted"): "refused",
    ("refuse", "refused"): "refused",
    ("withdraw", "asked"): "withdrawn", ("withdraw", "agreed"): "withdrawn",
    ("withdraw", "submitted"): "withdrawn", ("withdraw", "withdrawn"): "withdrawn",
}  # fmt: skip


@pytest.mark.parametrize(("verb", "state"), list(itertools.product(VERBS, STATES)))
def test_each_word_leads_where_it_should_or_nowhere(verb, state):
    if (verb, state) in LEADS:
        assert next_state(state=state, verb=verb) == LEADS[verb, state]
    else:
        with pytest.raises(WrongState):
            next_state(state=state, verb=verb)


@pytest.mark.parametrize(
    ("before_start", "answered_before_start"),
    [
        (timedelta(days=10), timedelta(days=9)),  # a day after it was asked
        (timedelta(days=3), timedelta(days=2)),  # both are the same
        (timedelta(days=2, hours=12), timedelta(hours=48)),
        (timedelta(hours=49), timedelta(hours=48)),
        (timedelta(hours=48, minutes=30), timedelta(hours=47, minutes=30)),  # at least an hour
        (timedelta(hours=3), timedelta(hours=2)),
        (timedelta(minutes=10), -timedelta(minutes=50)),
    ],
)
def test_it_is_decided_within_a_day_or_two_days_before_but_never_within_less_than_an_hour(
    before_start, answered_before_start
):
    asked_at = START - before_start
    assert decide_by(asked_at=asked_at, starts_at=START) == START - answered_before_start


@given(st.timedeltas(timedelta(), timedelta(days=400)))
def test_there_is_always_an_hour_and_never_more_than_a_day(ahead):
    asked_at = START - ahead
    wait = decide_by(asked_at=asked_at, starts_at=START) - asked_at
    assert timedelta(hours=1) <= wait <= timedelta(hours=24)


def test_it_is_asked_before_the_session_only():
    refuse_asking(state="confirmed", starts_at=START, now=START - timedelta(seconds=1))
    with pytest.raises(TooLate):
        refuse_asking(state="confirmed", starts_at=START, now=START)
    for state in ("held", "completed", "cancelled", "given_back"):
        with pytest.raises(WrongState):
            refuse_asking(state=state, starts_at=START, now=START - timedelta(days=1))


def test_it_is_submitted_from_the_start_until_sixty_days_after_the_end():
    def submit(state, now):
        refuse_submitting(state=state, starts_at=START, ends_at=END, now=now)

    submit("confirmed", START)
    submit("completed", END + timedelta(days=60))
    submit("cancelled", START - timedelta(days=1))  # the ticket was bought
    with pytest.raises(TooEarly):
        submit("confirmed", START - timedelta(seconds=1))
    with pytest.raises(TooLate):
        submit("completed", END + timedelta(days=60, seconds=1))
    for state in ("held", "released", "given_back", "interpreter_no_show"):
        with pytest.raises(WrongState):
            submit(state, END)


def test_a_way_in_several_tickets_is_one_way():
    def spent(*amounts):
        return [Spent(kind="taxi", amount_minor=one) for one in amounts]

    refuse_unasked_travel(spent=spent(5000, 5000), threshold_minor=10_000)
    with pytest.raises(NeedsApprovalBeforehand):
        refuse_unasked_travel(spent=spent(5000, 5001), threshold_minor=10_000)
    refuse_unasked_travel(spent=spent(10**9), threshold_minor=None)


def test_of_what_was_agreed_only_the_rest_counts_and_what_is_no_travel_does_not():
    agreed = Spent(kind="car", amount_minor=20_500, agreed_minor=20_000)
    refuse_unasked_travel(spent=[agreed], threshold_minor=500)
    refuse_unasked_travel(spent=[Spent(kind="other", amount_minor=9999)], threshold_minor=0)
    with pytest.raises(NeedsApprovalBeforehand):
        refuse_unasked_travel(spent=[agreed], threshold_minor=499)


@given(
    st.lists(st.tuples(st.sampled_from(sorted(TRAVEL)), st.integers(1, 10**6)), min_size=1),
    st.integers(0, 10**6),
)
def test_however_it_is_divided_the_sum_decides(items, threshold):
    spent = [Spent(kind=kind, amount_minor=amount) for kind, amount in items]
    if sum(amount for _, amount in items) > threshold:
        with pytest.raises(NeedsApprovalBeforehand):
            refuse_unasked_travel(spent=spent, threshold_minor=threshold)
    else:
        refuse_unasked_travel(spent=spent, threshold_minor=threshold)
