"""Planning together: held against every possible choice where they are few, and measured."""

import itertools
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from interpreters.domain.plan_choosing import in_order_of_arrival
from interpreters.domain.plan_days import Days, can_do
from interpreters.domain.plan_solving import solve, solve_beside
from interpreters.domain.planning import (
    Busy,
    Job,
    Option,
    Person,
    Question,
    days_of,
    outcome,
    weight,
    worth,
)
from interpreters.domain.travel import Point
from made_plans import question

HERE, NEAR, FAR = (
    Point(latitude=56.95, longitude=24.1),
    Point(latitude=56.65, longitude=23.7),  # 41 km: 55 minutes
    Point(latitude=56.5, longitude=21.0),  # 195 km: 255 minutes
)
HOME = {None: 0, HERE: 0, NEAR: 55, FAR: 255}  # from Riga


def job(starts: int, minutes: int = 60, **fields: object) -> Job:
    """Return a job at so many minutes of the first day."""
    request = fields.pop("request", starts)
    return Job(
        request=request, starts=starts, ends=starts + minutes, day=starts // 1440,
        week=starts // 10_080, **fields,  # type: ignore[arg-type]  # a job's own
    )  # fmt: skip


def option(of: int, person: int, place: Point | None = None, score: float = 50) -> Option:
    return Option(
        job=of, person=person, worth=worth(score=score, kept=False), place=place,
        home_minutes=HOME[place],
    )  # fmt: skip


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Few jobs within a long day or two, and few people, some of them busy."""
    jobs = [
        job(
            480 + 30 * draw(st.integers(0, 40)), draw(st.sampled_from((30, 60, 120))),
            request=number // 2 if draw(st.booleans()) else number,
            seats=draw(st.sampled_from((1, 1, 1, 2))), whole=draw(st.booleans()),
            weight=weight(draw(st.sampled_from(("routine", "important")))),
        )
        for number in range(draw(st.integers(1, 4)))
    ]  # fmt: skip
    whole = {one.request for one in jobs if one.whole}
    jobs = [
        Job(**{name: getattr(one, name) for name in Job.__struct_fields__ if name != "whole"},
            whole=one.request in whole)
        for one in jobs
    ]  # fmt: skip
    pairs = draw(
        st.lists(
            st.tuples(st.integers(0, len(jobs) - 1), st.integers(0, 2)), unique=True, max_size=8
        )
    )
    places: list[Point | None] = [draw(st.sampled_from((None, HERE, NEAR, FAR))) for _ in jobs]
    options = [
        option(one, person, places[one], draw(st.integers(0, 100))) for one, person in sorted(pairs)
    ]
    busy = Busy(starts=600, ends=660, day=0, week=0, place=HERE)
    people = [Person(busy=[busy] if draw(st.booleans()) else [], hours=40) for _ in range(3)]
    return Question(jobs=jobs, people=people, options=options, most_a_day=180, most_a_week=240)


def is_possible(asked: Question, chosen: Sequence[int]) -> bool:
    """Say whether all of these can be: of each two of one person, and of all together."""
    seats = Counter(asked.options[one].job for one in chosen)
    if any(count > asked.jobs[one].seats for one, count in seats.items()):
        return False
    for request in {one.request for one in asked.jobs if one.whole}:
        full = [seats[n] == one.seats for n, one in enumerate(asked.jobs) if one.request == request]
        empty = [seats[n] == 0 for n, one in enumerate(asked.jobs) if one.request == request]
        if not (all(full) or all(empty)):
            return False
    order = sorted(chosen, key=lambda one: asked.jobs[asked.options[one].job].starts)
    return all(fits(asked, some) for some in (order, *itertools.combinations(order, 2)))


def fits(asked: Question, chosen: Sequence[int]) -> bool:
    days = Days(asked)
    for one in chosen:
        if not days.fits(asked.options[one]):
            return False
        days.add(asked.options[one])
    return True


def all_choices(asked: Question) -> Iterator[tuple[int, ...]]:
    places = range(len(asked.options))
    for count in range(len(asked.options) + 1):
        yield from itertools.combinations(places, count)


@settings(max_examples=150, deadline=None)
@given(questions())
def test_a_plan_is_possible_and_nothing_is_worth_more_than_its_bound(asked: Question) -> None:
    answer = solve(asked)
    values = [asked.jobs[one.job].weight + one.worth for one in asked.options]
    best = max(
        (sum(values[one] for one in some), len(some))
        for some in all_choices(asked) if is_possible(asked, some)
    )  # fmt: skip

    assert fits(asked, sorted(
        answer.chosen, key=lambda one: asked.jobs[asked.options[one].job].starts
    ))  # fmt: skip
    assert answer.bound >= best[0] - 1e-3
    assert answer.value <= answer.bound + 1e-3
    assert answer.most_seats >= best[1]
    assert answer.value >= best[0] * 0.95 - 1e-3
    assert solve(asked) == answer  # the same question has always the same answer


def test_who_can_do_more_is_kept_for_what_only_they_can_do() -> None:
    asked = Question(
        jobs=[job(600, request=1), job(600, request=2, asked_at=1.0)],
        people=[Person(), Person()],
        options=[option(0, 0, score=90), option(0, 1, score=10), option(1, 0, score=20)],
    )
    values = [10_900.0, 10_100.0, 10_200.0]
    assert solve(asked).chosen == [1, 2]
    assert in_order_of_arrival(asked, values) == 1


def test_nobody_is_planned_where_they_cannot_be_in_time() -> None:
    assert can_do([(600, 660, HERE, 0), (715, 775, NEAR, 55)])  # 55 minutes on the way
    assert not can_do([(600, 660, HERE, 0), (714, 774, NEAR, 55)])
    assert can_do([(600, 660, NEAR, 55), (715, 730, None, 0)])  # by telephone, at home again
    assert not can_do([(600, 660, NEAR, 55), (714, 730, None, 0)])
    far_and_back = Question(
        jobs=[job(600), job(715), job(900)],
        people=[Person(busy=[Busy(starts=600, ends=660, day=0, week=0, place=HERE)])],
        options=[option(1, 0, FAR), option(2, 0, NEAR)],
    )
    assert solve(far_and_back).chosen == [1]


def test_an_important_request_comes_before_a_routine_one() -> None:
    asked = Question(
        jobs=[job(600, request=1), job(600, request=2, weight=weight("important"))],
        people=[Person()],
        options=[option(0, 0, score=100), option(1, 0, score=0)],
    )
    assert solve(asked).chosen == [1]


def test_hours_are_spread_where_fairness_counts() -> None:
    jobs = [job(480 + 90 * number) for number in range(4)]
    options = [option(one, person, score=70 - 10 * person) for one in range(4) for person in (0, 1)]
    people = [Person(hours=40), Person(hours=40)]
    alone = Question(jobs=jobs, people=people, options=options)
    spread = Question(jobs=jobs, people=[*people, Person(hours=400)],
                      options=[*options, option(0, 2, score=0)], spread=1_000.0)  # fmt: skip
    assert {options[one].person for one in solve(alone).chosen} == {0}
    # More than an hour is more than twice their share of what the third is there for.
    assert {spread.options[one].person for one in solve(spread).chosen} == {0, 1, 2}


def test_a_thousand_requests_take_a_moment_and_come_within_a_hundredth_of_the_bound() -> None:
    asked = question(requests=1_000, people=60, days=7)
    began = time.process_time()
    found = solve_beside(asked)
    took = time.process_time() - began

    assert took < 3
    assert found.answer.gap < 0.01
    planned = len(found.answer.chosen)
    assert found.answer.most_seats >= planned >= max(found.arrival_order, found.scarcest_first)
    assert planned > 1.02 * found.arrival_order  # people are scarce here


def test_days_and_weeks_are_the_places() -> None:
    from_night = "2026-11-22T22:30:00+00:00"  # in Riga it is Monday already
    assert days_of(instant=datetime.fromisoformat(from_night), time_zone="Europe/Riga") == (
        739_943,
        105_706,
    )
    assert days_of(instant=datetime.fromisoformat(from_night), time_zone="UTC") == (
        739_942,
        105_705,
    )


def test_a_plan_is_accepted_when_nothing_is_left_proposed() -> None:
    assert outcome(any_left=False) == "accepted"
    assert outcome(any_left=True) == "partly_accepted"
