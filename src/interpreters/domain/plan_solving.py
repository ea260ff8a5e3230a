"""Solving a plan: the linear relaxation by HiGHS, rounded; what it left open is filled up.

The relaxation says what nothing can be worth more than. Whatever is chosen fits exactly: every
choice is looked at with all that its person does that day.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from scipy.optimize import linprog

from interpreters.domain.plan_choosing import Chosen, in_order_of_arrival, scarcest_first
from interpreters.domain.plan_rows import Floats, Program, cost_of_spread, program
from interpreters.domain.planning import Answer, Question, Solution

NEARLY: Final = 1e-6
LONGEST: Final = 60.0  # seconds for one program; without its answer they are taken by their worth
TOO_LONG: Final = 1  # how the solver calls it
linear: Any = linprog  # its types know no sparse rows


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
    for place, one in enumerate(question.options):
        by_week[question.jobs[one.job].week].append(place)
    for _, places in sorted(by_week.items()):
        numbers: dict[int, int] = {}
        options = [
            msgspec.structs.replace(one, job=numbers.setdefault(one.job, len(numbers)))
            for one in (question.options[place] for place in places)
        ]
        jobs = [question.jobs[one] for one in numbers]
        yield places, msgspec.structs.replace(question, jobs=jobs, options=options)


def _values(question: Question) -> list[float]:
    return [question.jobs[one.job].weight + one.worth for one in question.options]


def _relaxed(made: Program) -> tuple[Floats, float]:
    """Return how much of each option the relaxation takes, and what that is worth.

    One that takes too long gives nothing, and as its worth that of every seat's best.
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
        best = made.most_by_itself()
        return np.zeros(made.options), best
    assert found.status == 0, found.message  # nothing chosen is always possible
    return np.round(found.x[: made.options], 6), -float(found.fun)


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
