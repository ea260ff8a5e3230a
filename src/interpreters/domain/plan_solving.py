"""Solving a plan: the linear relaxation by HiGHS, rounded; what it left open is filled up.

The relaxation says what nothing can be worth more than. Whatever is chosen fits exactly: every
choice is looked at with all that its person does that day.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from scipy.optimize import linprog

from interpreters.domain.plan_choosing import Chosen, in_order_of_arrival, scarcest_first
from interpreters.domain.plan_rows import Floats, Program, program
from interpreters.domain.planning import Answer, Question, Solution

NEARLY: Final = 1e-6
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

    The same question has always the same answer.
    """
    if not question.options:
        return Answer(chosen=(), value=0.0, bound=0.0, most_seats=0)
    values = _values(question)
    made = program(question, values)
    shares, bound = _relaxed(made)
    chosen = Chosen(question, values)
    order = sorted(range(len(values)), key=lambda one: (-shares[one], -values[one], one))
    chosen.take([one for one in order if shares[one] > NEARLY])
    chosen.take(order)
    chosen.swap(_promised(question, shares, chosen.left))
    picked = chosen.places()
    return Answer(
        chosen=picked,
        value=sum(values[one] for one in picked) - made.cost_of_spread(picked),
        bound=bound,
        most_seats=_most_seats(made, len(values), len(picked)),
    )


def _values(question: Question) -> list[float]:
    return [question.jobs[one.job].weight + one.worth for one in question.options]


def _relaxed(made: Program) -> tuple[Floats, float]:
    """Return how much of each option the relaxation takes, and what that is worth."""
    wholes = made.equal.shape[0]
    found = linear(
        made.cost,
        A_ub=made.upper,
        b_ub=made.most,
        A_eq=made.equal if wholes else None,
        b_eq=np.zeros(wholes) if wholes else None,
        bounds=np.column_stack([np.zeros(len(made.cost)), made.ends]),
        method="highs",
    )
    assert found.status == 0, found.message  # nothing chosen is always possible
    return np.round(found.x, 6), -float(found.fun)


def _promised(question: Question, shares: Floats, left: Sequence[int]) -> list[int]:
    """Return the jobs with a free seat that the relaxation would have filled, at least in part."""
    filled: defaultdict[int, float] = defaultdict(float)
    for place, one in enumerate(question.options):
        filled[one.job] += shares[place]
    return [
        number for number, job in enumerate(question.jobs)
        if left[number] and not job.whole and filled[number] > NEARLY + job.seats - left[number]
    ]  # fmt: skip


def _most_seats(made: Program, options: int, filled: int) -> int:
    """Return how many seats nothing can fill more than."""
    cost = np.zeros(len(made.cost))
    cost[:options] = -1.0
    _, most = _relaxed(made._replace(cost=cost))
    return max(filled, int(most + NEARLY))
