"""The most that could be filled, on plays small enough to count by hand."""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
import pytest

from interpreters.domain.answering import Habits
from interpreters.domain.demand import Asked, shapes
from interpreters.domain.eligibility import Person
from interpreters.domain.ladders import Ladder, wave_gap, wave_size
from interpreters.domain.matching import Weights
from interpreters.simulation.optimum import Optimum, optimum_of
from interpreters.simulation.policies import FAIRNESS, RULES, SETTINGS, with_fairness
from small_plays import ALWAYS, NEVER, TEN, asked, person, play


def best(people: Sequence[Person], demand: Sequence[Asked], habits: Habits = ALWAYS) -> Optimum:
    return optimum_of(play(people, demand, habits))


def test_one_person_cannot_do_two_at_once() -> None:
    both = [asked(0, "prs"), asked(1, "prs", minute=59)]
    assert best([person(0, "prs")], both).filled == 1
    assert best([person(0, "prs"), person(1, "prs")], both).filled == 2


def test_sessions_that_touch_are_two() -> None:
    assert best([person(0, "prs")], [asked(0, "prs"), asked(1, "prs", minute=60)]).filled == 2


@pytest.mark.parametrize(("minute", "filled"), [(114, 1), (115, 2)])
def test_the_way_between_two_places_takes_its_time(minute: int, filled: int) -> None:
    both = [asked(0, "prs", there=0), asked(1, "prs", there=1, minute=minute)]
    assert best([person(0, "prs")], both).filled == filled


def test_whoever_speaks_two_languages_is_kept_for_the_one_nobody_else_speaks() -> None:
    people = [person(0, "prs", "pus"), person(1, "prs")]
    assert best(people, [asked(0, "prs"), asked(1, "pus")]).filled == 2


def test_nobody_is_booked_who_would_not_say_yes() -> None:
    assert best([person(0, "prs")], [asked(0, "prs")], NEVER) == Optimum(filled=0, bound=0)


def test_nobody_is_booked_who_would_give_it_back() -> None:
    leaves = msgspec.structs.replace(ALWAYS, gives_back=1)
    assert best([person(0, "prs")], [asked(0, "prs")], leaves).filled == 0


@pytest.mark.parametrize(("after", "filled"), [(6, 0), (7, 1)])
def test_what_is_called_off_counts_when_the_yes_came_before(after: int, filled: int) -> None:
    # Answers take six minutes here.
    assert best([person(0, "prs")], [asked(0, "prs", called_off_after=after)]).filled == filled


def test_what_is_called_off_takes_nobodys_time() -> None:
    both = [asked(0, "prs", called_off_after=60), asked(1, "prs")]
    assert best([person(0, "prs")], both).filled == 2


def test_three_that_overlap_in_a_ring_of_people_are_all_filled() -> None:
    people = [person(0, "prs", "pus"), person(1, "pus", "urd"), person(2, "urd", "prs")]
    three = [asked(0, "prs"), asked(1, "pus"), asked(2, "urd")]
    assert best(people, three) == Optimum(filled=3, bound=3)


def test_the_policies_are_ladders_as_data() -> None:
    ladders = {
        name: msgspec.convert(fields.get("ladder", {}), Ladder) for name, fields in RULES.items()
    }
    sizes = {
        name: wave_size(count_left=20, chance=one.chance, threshold=one.threshold)
        for name, one in ladders.items()
    }
    assert sizes == {"ladder": 4, "broadcast": 20, "one_by_one": 1}
    assert ladders["ladder"] == Ladder()
    gap = wave_gap(
        now=TEN, starts_at=TEN + timedelta(days=9), urgent_now=False, ladder=ladders["broadcast"]
    )
    assert gap == timedelta(0)


def test_shapes_begin_on_a_monday() -> None:
    assert all(one.first_day.weekday() == 0 for one in shapes().values())
    assert all(isinstance(one.first_day, date) for one in shapes().values())


def test_weights_for_fairness_are_a_hundred_in_all() -> None:
    each = [msgspec.convert(with_fairness(points)["weights"], Weights) for points in FAIRNESS]
    assert [one.fairness for one in each] == list(FAIRNESS)
    assert Weights().fairness in FAIRNESS


def test_other_settings_are_ladders_that_networks_could_have() -> None:
    found = {
        name: msgspec.convert(rules["ladder"], Ladder) for name, (_, rules) in SETTINGS.items()
    }
    assert wave_size(count_left=20, threshold=found["threshold_60"].threshold) == 2
    assert wave_size(count_left=20, threshold=found["threshold_70"].threshold) == 3
    assert wave_size(count_left=20, threshold=found["threshold_95"].threshold) == 7
    starts_at = TEN + timedelta(days=9)
    for name, minutes in (("gaps_half", 30), ("gaps_double", 120)):
        gap = wave_gap(now=TEN, starts_at=starts_at, urgent_now=False, ladder=found[name])
        assert gap == timedelta(minutes=minutes)
