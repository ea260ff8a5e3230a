"""By which ways something is told: nobody who can be reached hears nothing of what matters."""

from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.notices_to_people import HEADS, Plan, kind_of, plan_for

WAYS = ("push", "text", "mail")
USABLE = st.sets(st.sampled_from(WAYS))
LISTS = st.lists(st.sampled_from(WAYS), unique=True)
CHOICES = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "offers": LISTS.filter(bool), "changes": LISTS.filter(bool), "reminders": LISTS,
    },
)  # fmt: skip


@given(st.sampled_from(sorted(HEADS)), CHOICES, USABLE)
def test_whoever_has_a_way_hears_of_it_by_a_way_they_have(purpose, choice, usable):
    plan = plan_for(purpose, choice, usable)
    silent = choice is not None and choice.get(kind_of(purpose)) == []
    named = [*plan.at_once, *([plan.standing_by] if plan.standing_by else [])]

    assert set(named) <= usable
    assert len(set(named)) == len(named)
    assert bool(plan.at_once) == bool(usable and not silent)


@given(st.sampled_from(sorted(HEADS)), CHOICES, USABLE)
def test_a_push_is_never_the_only_way_of_somebody_who_has_another(purpose, choice, usable):
    plan = plan_for(purpose, choice, usable)

    if plan.at_once == ["push"] and usable - {"push"}:
        assert plan.standing_by in usable - {"push"}


def test_without_a_choice_it_is_the_usual_way_and_a_push_beside_it():
    everything = set(WAYS)

    assert plan_for("offer", None, everything) == Plan(at_once=["push", "text"])
    assert plan_for("booking-cancelled", None, everything) == Plan(at_once=["push", "mail"])
    assert plan_for("offer", {"changes": ["mail"]}, {"mail"}) == Plan(at_once=["mail"])


def test_the_first_way_that_can_be_used_carries_it():
    choice = {"offers": ["push", "mail", "text"], "changes": ["text"], "reminders": []}

    assert plan_for("offer", choice, set(WAYS)) == Plan(at_once=["push"], standing_by="mail")
    assert plan_for("offer", choice, {"text", "mail"}) == Plan(at_once=["mail"])
    assert plan_for("booking-changed", choice, set(WAYS)) == Plan(at_once=["text"])
    assert plan_for("reminder-hour", choice, set(WAYS)) == Plan()


def test_each_purpose_falls_under_one_kind():
    assert kind_of("offer") == kind_of("offer-taken") == kind_of("urgent") == "offers"
    assert kind_of("booking-cancelled") == kind_of("received") == "changes"
    assert kind_of("reminder-day") == "reminders"
