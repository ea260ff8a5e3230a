"""What somebody would know who sees all draws beforehand: who could fill which request.

An edge is a request and somebody who fits, would say yes in time when asked at once, and would
not give it back. What is called off is filled by anybody who says yes before that.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from interpreters.domain.answering import answer_of, word_of
from interpreters.domain.demand import URGENT, Asked, Place
from interpreters.domain.eligibility import Person, km_between, mode_for
from interpreters.domain.ladders import STANDARD
from interpreters.domain.travel import NEAR, travel_minutes
from interpreters.domain.windows import MINUTE
from interpreters.simulation.playing import Play, heard_and_answered


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who would do a request, in this mode; numbers as in the play."""

    asked: Asked
    person: Person
    place: Place | None  # None: remote

    @property
    def is_called_off(self) -> bool:
        """Whether the requester calls it off: then it takes nobody's time."""
        return self.asked.called_off_at is not None


def edges_of(play: Play) -> list[Edge]:
    """Return all edges, in the order of requests and people."""
    return [edge for asked in play.demand for edge in _edges(play, asked)]


def clash(one: Edge, other: Edge) -> bool:
    """Say whether one person cannot do both: the sessions overlap, or the way is too long.

    Between two places within four hours the way is direct. A session by phone needs the time that
    the way from or to home leaves. Farther apart nothing clashes, which is generous at most.
    """
    if one.is_called_off or other.is_called_off:
        return False
    first, second = sorted((one, other), key=lambda each: each.asked.starts_at)
    gap = second.asked.starts_at - first.asked.ends_at
    if gap.total_seconds() < 0:
        return True
    if gap >= NEAR or (first.place is None and second.place is None):
        return False
    return gap < _way(first, second) * MINUTE


def _way(first: Edge, second: Edge) -> int:
    """Minutes between the two; to or from home where one is remote."""
    return travel_minutes(km_between(first.place or first.person, second.place or second.person))


def _edges(play: Play, asked: Asked) -> Iterator[Edge]:
    place = play.crew.market.places[asked.place]
    for person in play.crew.people:
        mode = mode_for(person, asked, place)
        if mode is not None and _would(play, asked, person):
            yield Edge(asked=asked, person=person, place=place if mode == "in_person" else None)


def _would(play: Play, asked: Asked, person: Person) -> bool:
    answer = answer_of(play.habits, play.draws, request=asked.number, person=person.number)
    if answer.says != "yes" or _answered(play, asked, person, answer.minutes) >= _deadline(asked):
        return False
    word = word_of(play.habits, play.draws, request=asked.number, person=person.number)
    return asked.called_off_at is not None or word.gives_back is None


def _answered(play: Play, asked: Asked, person: Person, minutes: float) -> datetime:
    """The earliest: asked at once, or once it is urgent and rings at night too."""
    moments = {asked.asked_at, max(asked.asked_at, asked.starts_at - URGENT)}
    return min(
        heard_and_answered(
            asked, moment, minutes=minutes, zone=play.crew.shape.time_zone, habits=play.habits,
            urgent=person.urgent,
        )
        for moment in moments
    )  # fmt: skip


def _deadline(asked: Asked) -> datetime:
    if asked.called_off_at is not None:
        return asked.called_off_at
    if asked.starts_now:  # whoever takes longer than such an offer is open is no use to anybody
        return asked.asked_at + timedelta(seconds=STANDARD.now_answer)
    return asked.starts_at
