"""The most that could have been filled by somebody who sees all draws beforehand.

A linear programme (HiGHS): each request at most once, and of each person's sessions that clash at
most one. Its relaxation is a bound that no policy passes; rounding it and repairing what the
rounding lost gives an assignment that reaches it nearly always.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from interpreters.domain.travel import NEAR
from interpreters.simulation.foresight import Edge, clash, edges_of
from interpreters.simulation.playing import Play


class Optimum(msgspec.Struct, frozen=True, kw_only=True):
    """How many are filled, and the bound that no assignment passes."""

    filled: int
    bound: float


def optimum_of(play: Play) -> Optimum:
    """Return the clairvoyant's figures for a play."""
    edges = edges_of(play)
    if not edges:
        return Optimum(filled=0, bound=0.0)
    rows = [*_each_once(edges), *_no_clash(edges)]
    solution, bound = _relaxed(rows, len(edges))
    by_value = sorted(range(len(edges)), key=lambda at: (-round(solution[at], 6), at))
    plan = _Plan(edges)
    for at in by_value:
        plan.take(at)
    plan.repair()
    return Optimum(filled=len(plan.taken), bound=round(bound, 4))


def _each_once(edges: Sequence[Edge]) -> Iterator[list[int]]:
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for at, edge in enumerate(edges):
        groups[edge.asked.number].append(at)
    yield from groups.values()


def _no_clash(edges: Sequence[Edge]) -> Iterator[list[int]]:
    """Rows of edges of which one at most can be: sessions at one moment, and pairs too near."""
    longest = max(edge.asked.ends_at - edge.asked.starts_at for edge in edges)
    for mine in _by_person(edges).values():
        starts = [edges[at].asked.starts_at for at in mine]
        for place, at in enumerate(mine):
            recent = mine[bisect_left(starts, starts[place] - longest) : place]
            before = [one for one in recent if edges[one].asked.ends_at > starts[place]]
            if before:
                yield [*before, at]
            end = edges[at].asked.ends_at
            following = mine[bisect_left(starts, end) : bisect_left(starts, end + NEAR)]
            yield from ([at, one] for one in following if clash(edges[at], edges[one]))


def _by_person(edges: Sequence[Edge]) -> dict[int, list[int]]:
    """Each person's edges that take time, by when they start."""
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for at, edge in enumerate(edges):
        if not edge.is_called_off:
            groups[edge.person.number].append(at)
    return {
        person: sorted(mine, key=lambda at: (edges[at].asked.starts_at, at))
        for person, mine in groups.items()
    }


def _relaxed(rows: Sequence[Sequence[int]], count: int) -> tuple[Sequence[float], float]:
    lengths = [len(row) for row in rows]
    matrix = csr_array(
        (
            np.ones(sum(lengths)),
            (np.repeat(np.arange(len(rows)), lengths), np.concatenate(rows)),
        ),
        shape=(len(rows), count),
    )
    most = LinearConstraint(matrix, ub=np.ones(len(rows)))
    found = milp(-np.ones(count), constraints=most, bounds=Bounds(0, 1))  # nothing must be whole
    if found.x is None or found.fun is None:
        raise RuntimeError(f"the linear programme has no solution: {found.message}")
    return [float(value) for value in found.x], -float(found.fun)


class _Plan:
    """An assignment that grows."""

    def __init__(self, edges: Sequence[Edge]) -> None:
        self.edges = edges
        self.taken: dict[int, int] = {}  # request to edge
        self.diaries: defaultdict[int, list[int]] = defaultdict(list)
        self.of_request: defaultdict[int, list[int]] = defaultdict(list)
        for at, edge in enumerate(edges):
            self.of_request[edge.asked.number].append(at)

    def take(self, at: int) -> bool:
        """Take the edge if nothing stands against it."""
        number = self.edges[at].asked.number
        if number in self.taken or self._against(at):
            return False
        self.taken[number] = at
        self.diaries[self.edges[at].person.number].append(at)
        return True

    def repair(self) -> None:
        """Fill what is left by moving one other request to somebody else."""
        for number, mine in self.of_request.items():
            if number not in self.taken:
                any(self.take(at) or self._make_room(at) for at in mine)

    def _make_room(self, at: int) -> bool:
        against = self._against(at)
        if len(against) != 1:
            return False
        other = self.edges[against[0]]
        self._drop(against[0])
        self.taken[self.edges[at].asked.number] = at
        self.diaries[self.edges[at].person.number].append(at)
        if any(self.take(one) for one in self.of_request[other.asked.number]):
            return True
        self._drop(at)
        self.take(against[0])
        return False

    def _drop(self, at: int) -> None:
        del self.taken[self.edges[at].asked.number]
        self.diaries[self.edges[at].person.number].remove(at)

    def _against(self, at: int) -> list[int]:
        edge = self.edges[at]
        return [one for one in self.diaries[edge.person.number] if clash(self.edges[one], edge)]
