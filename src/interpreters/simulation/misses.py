"""Why requests were left unfilled that somebody would have taken, had they been asked in time.

By whoever would have said yes: `answered_late` where one of them was asked and answered when their
offer had ended; `busy` where each of the others had another booking then, or on the way to it,
while it was searched; `other` is the rest.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from interpreters.domain.simulation_metrics import Missed
from interpreters.simulation.cast import Cast
from interpreters.simulation.course import Course
from interpreters.simulation.foresight import Edge, clash, edges_of
from interpreters.simulation.playing import Play


class _Entry(NamedTuple):
    """A booking of somebody, and when it was made."""

    edge: Edge
    made_at: datetime


def missed_of(play: Play, cast: Cast, courses: Sequence[Course]) -> dict[int, Missed]:
    """Return why, by the number of the request; only those that are not filled, and could be."""
    diaries = _diaries(play, cast, courses)
    left = {one.asked.number: one for one in courses if not one.filled}
    would: defaultdict[int, list[Edge]] = defaultdict(list)
    for edge in edges_of(play):
        if edge.asked.number in left:
            would[edge.asked.number].append(edge)
    return {number: _why(left[number], edges, diaries) for number, edges in would.items()}


def _diaries(play: Play, cast: Cast, courses: Sequence[Course]) -> Mapping[int, list[_Entry]]:
    diaries: defaultdict[int, list[_Entry]] = defaultdict(list)
    for course in courses:
        place = play.crew.market.places[course.asked.place]
        for taken in course.booked:
            person = play.crew.people[cast.people[taken.interpreter_id]]
            there = place if taken.mode == "in_person" else None
            edge = Edge(asked=course.asked, person=person, place=there)
            diaries[person.number].append(_Entry(_in_earnest(edge), taken.made_at))
    return diaries


def _why(course: Course, edges: Sequence[Edge], diaries: Mapping[int, list[_Entry]]) -> Missed:
    if any(course.answers_late.get(edge.person.number) for edge in edges):
        return "answered_late"
    if all(_is_busy(edge, diaries.get(edge.person.number, [])) for edge in edges):
        return "busy"
    return "other"


def _is_busy(edge: Edge, diary: Sequence[_Entry]) -> bool:
    return any(
        one.made_at < edge.asked.starts_at
        and one.edge.asked.number != edge.asked.number
        and clash(one.edge, _in_earnest(edge))
        for one in diary
    )


def _in_earnest(edge: Edge) -> Edge:
    """Return it as if nobody called it off: until then it takes time."""
    asked = msgspec.structs.replace(edge.asked, called_off_at=None)
    return msgspec.structs.replace(edge, asked=asked)
