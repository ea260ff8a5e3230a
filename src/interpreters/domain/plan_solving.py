"""Solving a plan: the linear relaxation by HiGHS, rounded; what it left open is filled up.

The relaxation says what nothing can be worth more than. Whatever is chosen fits exactly: every
choice is looked at with all that its person does that day.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from interpreters.domain.plan_choosing import Chosen, in_order_of_arrival, scarcest_first
from interpreters.domain.plan_days import Days
from interpreters.domain.plan_rows import Floats, Program, cost_of_spread, program
from interpreters.domain.planning import Answer, Question, Solution

NEARLY: Final = 1e-6
LONGEST: Final = 60.0  # seconds for one program; without its answer they are taken by their worth
TOO_LONG: Final = 1  # how the solver calls it
MANY: Final = 20_000  # options; of more, those stay that the relaxation takes whole
SOON: Final = 5.0  # seconds for whole numbers
NEAR_ENOUGH: Final = 0.0005  # of the best
linear: Any = linprog  # their types know no sparse rows
integer: Any = milp


def solve_beside(question: Question) -> Solution:
    """Return the answer, beside taking the jobs in order of arrival, and the scarcest first."""
    values = _values(question)
    return Solution(
        answer=solve(question),
        arrival_order=in_order_of_arrival(question, values),
        scarcest_first=scarcest_first(question, values),
    )


def solve(question: Question) -> Answer:
    """Return which options to choose: fill the most, and of those that do so the best.

    Each week is a program of its own: hours are limited by the week, and nothing else reaches from
    one into the next but a session over its midnight, which is looked at when it is chosen. The
    same question has always the same answer.
    """
    values = _values(question)
    shares, bound, most = np.zeros(len(values)), 0.0, 0
    parts = list(_weeks(question))
    for places, part in parts:
        shares[places], best = _relaxed(program(part, [values[one] for one in places]))
        bound += best
    chosen = Chosen(question, values)
    order = sorted(range(len(values)), key=lambda one: (-shares[one], -values[one], one))
    chosen.take([one for one in order if shares[one] > NEARLY])
    chosen.take(order)
    chosen.swap(_promised(question, shares, chosen.left))
    value = sum(values[one] for one in chosen.picked)
    for places, part in parts:
        picked = [rank for rank, one in enumerate(places) if one in chosen.picked]
        value -= cost_of_spread(part, picked)
        most += _most_seats(part, len(picked))
    return Answer(chosen=chosen.places(), value=value, bound=bound, most_seats=most)


def _weeks(question: Question) -> Iterator[tuple[list[int], Question]]:
    """Yield the options of each week by their places, with the question that they are."""
    by_week: defaultdict[int, list[int]] = defaultdict(list)
    for place in _possible(question):
        by_week[question.jobs[question.options[place].job].week].append(place)
    for _, places in sorted(by_week.items()):
        numbers: dict[int, int] = {}
        options = [
            msgspec.structs.replace(one, job=numbers.setdefault(one.job, len(numbers)))
            for one in (question.options[place] for place in places)
        ]
        jobs = [question.jobs[one] for one in numbers]
        yield places, msgspec.structs.replace(question, jobs=jobs, options=options)


def _possible(question: Question) -> list[int]:
    """Return the options that fit beside what their people do already.

    None of a request that is whole and has a job with fewer of them than seats.
    """
    days = Days(question)
    fitting = [
        place
        for place, one in enumerate(question.options)
        if not question.people[one.person].busy or days.fits(one)
    ]
    counts = Counter(question.options[place].job for place in fitting)
    never = {
        job.request
        for number, job in enumerate(question.jobs)
        if job.whole and counts[number] < job.seats
    }
    return [
        place for place in fitting
        if question.jobs[question.options[place].job].request not in never
    ]  # fmt: skip


def _values(question: Question) -> list[float]:
    return [question.jobs[one.job].weight + one.worth for one in question.options]


def _relaxed(made: Program) -> tuple[Floats, float]:
    """Return how much of each option to take, and what the relaxation is worth.

    Where the relaxation takes parts, whole numbers are looked for with the rest as it is: for a
    few seconds, and what is left in parts then is rounded. A program that takes too long gives
    nothing, and as its worth that of every seat's best.
    """
    wholes = made.equal.shape[0]
    found = linear(
        made.cost,
        A_ub=made.upper,
        b_ub=made.most,
        A_eq=made.equal if wholes else None,
        b_eq=np.zeros(wholes) if wholes else None,
        bounds=np.column_stack([np.zeros(len(made.cost)), made.ends]),
        method="highs",
        options={"time_limit": LONGEST},
    )
    if found.status == TOO_LONG:
        return np.zeros(made.options), made.best
    assert found.status == 0, found.message  # nothing chosen is always possible
    return _whole(made, np.round(found.x, 6))[: made.options], -float(found.fun)


def _whole(made: Program, shares: Floats) -> Floats:
    """Return shares that are 0 or 1, where they can be found soon."""
    counted = np.isfinite(made.ends)  # hours are no matter of yes or no
    if not ((shares[counted] % 1) > 0).any():
        return shares
    rows = [LinearConstraint(made.upper, -np.inf, made.most)]
    if made.equal.shape[0]:
        rows.append(LinearConstraint(made.equal, 0, 0))
    found = integer(
        made.cost,
        constraints=rows,
        bounds=Bounds(np.where(counted & (made.options > MANY), np.floor(shares), 0), made.ends),
        integrality=counted.astype(int),
        options={"time_limit": SOON, "mip_rel_gap": NEAR_ENOUGH},
    )
    return shares if found.x is None else np.round(found.x, 6)


def _promised(question: Question, shares: Floats, left: Sequence[int]) -> list[int]:
    """Return the jobs with a free seat that the relaxation would have filled, at least in part."""
    filled: defaultdict[int, float] = defaultdict(float)
    for place, one in enumerate(question.options):
        filled[one.job] += shares[place]
    return [
        number for number, job in enumerate(question.jobs)
        if left[number] and not job.whole and filled[number] > NEARLY + job.seats - left[number]
    ]  # fmt: skip


def _most_seats(part: Question, filled: int) -> int:
    """Return how many seats of these nothing can fill more than."""
    if filled == sum(one.seats for one in part.jobs):
        return filled
    plain = msgspec.structs.replace(part, spread=0.0)
    _, most = _relaxed(program(plain, [1.0] * len(part.options)))
    return max(filled, int(most + NEARLY))
