"""The rules of a plan as rows of a linear program.

Each option is a number from 0 to 1. A set of options of one person of which any two exclude each
other is one row: at most one of them. Which two do is reckoned for all at once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from interpreters.domain.plan_days import NEAR_MINUTES
from interpreters.domain.planning import Question
from interpreters.domain.travel import DETOUR, EARTH_RADIUS_KM, SPEED_KM_PER_HOUR

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
MINUTES_PER_KM: Final = DETOUR * 60 / SPEED_KM_PER_HOUR
FARTHEST: Final = 12 * 60  # minutes between two that could still exclude each other


class Program(NamedTuple):
    """Minimise `cost`: `upper` rows are at most `most`, `equal` rows are 0; each at most `ends`.

    The `options` come first, then one column for each request that is whole, then hours too many.
    `best` is what it would be worth if nothing excluded anything.
    """

    cost: Floats
    upper: Any
    most: Floats
    equal: Any
    ends: Floats
    options: int
    best: float


class _Rows:
    """Rows as they are collected."""

    def __init__(self) -> None:
        self.columns: list[int] = []
        self.values: list[float] = []
        self.starts: list[int] = [0]
        self.most: list[float] = []

    def add(self, columns: Iterable[int], values: Iterable[float], most: float) -> None:
        self.columns.extend(columns)
        self.values.extend(values)
        self.starts.append(len(self.columns))
        self.most.append(most)

    def matrix(self, width: int) -> Any:
        parts = (np.array(self.values, float), np.array(self.columns, int), np.array(self.starts))
        return csr_array(parts, shape=(len(self.most), width))


def program(question: Question, values: Sequence[float]) -> Program:
    """Return the linear program of a question whose options are worth `values`."""
    count = len(question.options)
    upper, equal = _Rows(), _Rows()
    wholes = _jobs(question, upper, equal)
    for clique in cliques(question):
        upper.add(clique, [1.0] * len(clique), 1.0)
    _hours(question, upper)
    spread = _spread(question, upper, count + wholes)
    width = count + wholes + spread
    cost = np.zeros(width)
    cost[:count] = -np.asarray(values, float)
    cost[count + wholes :] = question.spread
    ends = np.ones(width)
    ends[count + wholes :] = np.inf
    return Program(
        cost, upper.matrix(width), np.array(upper.most), equal.matrix(width), ends, count,
        _best(question, values),
    )  # fmt: skip


def _best(question: Question, values: Sequence[float]) -> float:
    by_job: defaultdict[int, float] = defaultdict(float)
    for one, value in zip(question.options, values, strict=True):
        by_job[one.job] = max(by_job[one.job], value)
    return sum(question.jobs[job].seats * value for job, value in by_job.items())


def _jobs(question: Question, upper: _Rows, equal: _Rows) -> int:
    """No job has more people than seats; of a whole request all have theirs, or none."""
    by_job: defaultdict[int, list[int]] = defaultdict(list)
    for place, option in enumerate(question.options):
        by_job[option.job].append(place)
    whole: dict[int, int] = {}
    for place, job in enumerate(question.jobs):
        options = by_job[place]
        if job.whole:
            column = len(question.options) + whole.setdefault(job.request, len(whole))
            equal.add([*options, column], [1.0] * len(options) + [-float(job.seats)], 0.0)
            for one in options:  # so that half a team is no half
                upper.add([one, column], [1.0, -1.0], 0.0)
        elif options:
            upper.add(options, [1.0] * len(options), float(job.seats))
    return len(whole)


def _hours(question: Question, upper: _Rows) -> None:
    """Nobody is given more than so much on a day, or in a week."""
    for weekly, most in ((False, question.most_a_day), (True, question.most_a_week)):
        had: defaultdict[tuple[int, int], int] = defaultdict(int)
        for person, who in enumerate(question.people):
            for busy in who.busy:
                had[person, busy.week if weekly else busy.day] += busy.ends - busy.starts
        could: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for place, one in enumerate(question.options):
            job = question.jobs[one.job]
            could[one.person, job.week if weekly else job.day].append(place)
        for key, options in could.items():
            minutes = [float(question.jobs[question.options[one].job].minutes) for one in options]
            left = max(0, most - had[key])
            if sum(minutes) > left:
                upper.add(options, minutes, float(left))


def _spread(question: Question, upper: _Rows, first: int) -> int:
    """Count the hours that somebody has above twice an even share of what could be given."""
    shared = _even_shares(question)
    for column, (even, options) in enumerate(shared.values()):
        each = [question.jobs[question.options[one].job].minutes / 60 for one in options]
        upper.add([*options, first + column], [*each, -1.0], even)
    return len(shared)


def cost_of_spread(question: Question, picked: Collection[int]) -> float:
    """Return what the hours cost that somebody has too many, with these options chosen."""
    over = 0.0
    for even, options in _even_shares(question).values():
        hours = sum(
            question.jobs[question.options[one].job].minutes / 60
            for one in options
            if one in picked
        )
        over += max(0.0, hours - even)
    return over * question.spread


def _even_shares(question: Question) -> dict[int, tuple[float, list[int]]]:
    """Return, for whoever could have more, twice an even share in hours, and their options.

    At least their longest session: nobody has too much with one.
    """
    if question.spread <= 0:
        return {}
    whole = sum(one.minutes * one.seats for one in question.jobs) / 60
    by_person: defaultdict[int, list[int]] = defaultdict(list)
    for place, one in enumerate(question.options):
        by_person[one.person].append(place)
    hours = sum(question.people[person].hours for person in by_person)
    found = {}
    for person, options in by_person.items():
        each = [question.jobs[question.options[one].job].minutes / 60 for one in options]
        share = question.people[person].hours / hours if hours else 1 / len(by_person)
        even = max(2 * whole * share, *each)
        if sum(each) > even:
            found[person] = (even, options)
    return found


def cliques(question: Question) -> Iterator[list[int]]:
    """Yield sets of options of which one person can do one at most; none within the next.

    For each option those before it that exclude it, in as few sets as are found at once.
    """
    if not question.options:
        return
    order, starts, ends = _in_order(question)
    apart = _too_far(question, order, starts, ends)
    people = [question.options[place].person for place in order]
    active: list[int] = []
    last: set[int] = set()
    for at, person in enumerate(people):
        if at and people[at - 1] != person:
            active = []
        active = [one for one in active if ends[one] > starts[at]]
        sets = _sets(at, active, apart, starts, ends)
        if len(last) > 1 and not last <= sets[0]:
            yield [order[one] for one in sorted(last)]
        for row in sets[1:]:
            yield [order[one] for one in sorted(row)]
        last = sets[0]
        active.append(at)
    if len(last) > 1:
        yield [order[one] for one in sorted(last)]


def _sets(
    at: int,
    active: Sequence[int],
    apart: Mapping[int, set[int]],
    starts: Sequence[int],
    ends: Sequence[int],
) -> list[set[int]]:
    """Return sets that hold an option and all before it that exclude it: first the largest."""

    def exclude(one: int, two: int) -> bool:
        first, second = min(one, two), max(one, two)
        return ends[first] > starts[second] or first in apart[second]

    sets = [{*active, at}]
    for one in sorted(apart[at].difference(active), reverse=True):
        fits = next((row for row in sets if all(exclude(one, two) for two in row)), None)
        if fits is None:
            sets.append({one, at})
        else:
            fits.add(one)
    return sets


def _in_order(question: Question) -> tuple[list[int], list[int], list[int]]:
    """Return the options by person and start, and those starts and ends."""
    jobs = question.jobs
    person = np.array([one.person for one in question.options])
    begin = np.array([jobs[one.job].starts for one in question.options])
    end = np.array([jobs[one.job].ends for one in question.options])
    order = np.lexsort((end, begin, person))
    return order.tolist(), begin[order].tolist(), end[order].tolist()


def _too_far(
    question: Question, order: Sequence[int], starts: Sequence[int], ends: Sequence[int]
) -> dict[int, set[int]]:
    """Return, for each, those before it that end in time but are too far away to do both."""
    chosen = [question.options[place] for place in order]
    person = np.array([one.person for one in chosen])
    begin, end = np.array(starts), np.array(ends)
    home = np.array([one.home_minutes for one in chosen])
    there = np.array([one.place is not None for one in chosen])
    latitude = np.array([one.place.latitude if one.place else 0.0 for one in chosen])
    longitude = np.array([one.place.longitude if one.place else 0.0 for one in chosen])
    found: defaultdict[int, set[int]] = defaultdict(set)
    longest = int((end - begin).max())
    for lag in range(1, len(chosen)):
        near = (person[lag:] == person[:-lag]) & (begin[lag:] - begin[:-lag] < longest + FARTHEST)
        first = np.flatnonzero(near)
        if not len(first):
            break
        second = first + lag
        gap = begin[second] - end[first]
        both = there[first] & there[second]
        far = np.where(there[first], home[first], 0) + np.where(there[second], home[second], 0)
        way = np.where(both & (gap < NEAR_MINUTES), _ways(latitude, longitude, first, second), far)
        for one, two in zip(*(each[(gap >= 0) & (way > gap)].tolist() for each in (first, second)),
                            strict=True):  # fmt: skip
            found[two].add(one)
    return found


def _ways(latitude: Floats, longitude: Floats, one: Ints, two: Ints) -> Floats:
    """Return the minutes of travel between places, rounded up to five (`travel.travel_minutes`)."""
    phi1, phi2 = np.radians(latitude[one]), np.radians(latitude[two])
    north = np.sin((phi2 - phi1) / 2)
    east = np.sin(np.radians(longitude[two] - longitude[one]) / 2)
    square = north**2 + np.cos(phi1) * np.cos(phi2) * east**2
    km = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, square)))
    ways: Floats = np.ceil(np.round(km * MINUTES_PER_KM, 6) / 5) * 5
    return ways
