"""Why something was missed, on plays small enough to tell by hand."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from interpreters.domain.demand import Asked
from interpreters.domain.simulation_metrics import Missed
from interpreters.simulation.cast import Cast
from interpreters.simulation.course import Course, Taken
from interpreters.simulation.misses import missed_of
from small_plays import ALWAYS, NEVER, TEN, asked, person, play

ANNA = UUID(int=1)
BOTH = ("prs", "pus")


def courses(*demand: Asked) -> list[Course]:
    return [Course(one) for one in demand]


def why(made: list[Course], *languages: str, willing: bool = True) -> dict[int, Missed]:
    """What was missed by one person who speaks these."""
    habits = ALWAYS if willing else NEVER
    played = play([person(0, *languages)], [one.asked for one in made], habits)
    cast = Cast(network_id=ANNA, institutions={}, sites={}, people={ANNA: 0})
    return missed_of(played, cast, made)


def book(course: Course, *, after: timedelta = timedelta(hours=1)) -> None:
    course.booked.append(Taken(ANNA, "phone", course.asked.asked_at + after))
    course.filled = True


def test_whoever_would_have_said_yes_was_booked_then() -> None:
    made = courses(asked(0, "prs"), asked(1, "pus", minute=30))
    book(made[0])
    assert why(made, *BOTH) == {1: "busy"}


def test_a_booking_that_was_called_off_later_took_their_time() -> None:
    made = courses(asked(0, "prs", called_off_after=600), asked(1, "pus", minute=30))
    book(made[0])
    assert why(made, *BOTH) == {1: "busy"}


def test_they_answered_when_their_offer_had_ended() -> None:
    made = courses(asked(0, "prs"))
    made[0].answers_late[0] = True
    assert why(made, *BOTH) == {0: "answered_late"}


def test_it_is_something_else_when_they_were_free() -> None:
    made = courses(asked(0, "prs"), asked(1, "pus", minute=60))
    book(made[0])
    assert why(made, *BOTH) == {1: "other"}


def test_what_nobody_would_have_taken_was_not_missed() -> None:
    assert why(courses(asked(0, "tir")), *BOTH) == {}
    assert why(courses(asked(0, "prs")), *BOTH, willing=False) == {}


@pytest.mark.parametrize("minutes", [0, 1])
def test_a_booking_made_when_it_had_begun_is_no_reason(minutes: int) -> None:
    first = msgspec.structs.replace(asked(0, "prs"), asked_at=TEN)
    made = courses(first, asked(1, "pus"))
    book(made[0], after=timedelta(minutes=minutes))
    assert why(made, *BOTH) == {1: "other"}
