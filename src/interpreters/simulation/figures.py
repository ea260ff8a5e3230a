"""From the courses of a play to the published figures."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from interpreters.domain.availability import hours, read_weekly
from interpreters.domain.demand import Asked
from interpreters.domain.eligibility import km_between, mode_for
from interpreters.domain.simulation_metrics import Metrics, Missed, Told, Worked, metrics_of
from interpreters.domain.travel import DETOUR
from interpreters.domain.windows import Window
from interpreters.simulation.cast import Cast
from interpreters.simulation.course import Course
from interpreters.simulation.crews import Crew
from interpreters.simulation.misses import missed_of
from interpreters.simulation.playing import Play

HOUR = 60.0


def figures_of(play: Play, cast: Cast, courses: Sequence[Course]) -> Metrics:
    """Return the figures of one policy."""
    missed = missed_of(play, cast, courses)
    told = [_told(play.crew, cast, course, missed.get(course.asked.number)) for course in courses]
    return metrics_of(told, _worked(play, cast, courses))


def _told(crew: Crew, cast: Cast, course: Course, missed: Missed | None) -> Told:
    asked, booking = course.asked, course.stood
    there = booking is not None and booking.mode == "in_person" and course.outcome != "cancelled"
    km = 0.0
    if there and booking is not None:
        person = crew.people[cast.people[booking.interpreter_id]]
        km = 2 * DETOUR * km_between(person, crew.market.places[asked.place])
    return Told(
        urgent=asked.is_urgent,
        outcome=course.outcome,
        filled=course.filled,
        offers=course.offers,
        bookings=course.bookings,
        too_late=course.too_late,
        yes_minutes=course.yes_minutes,
        points=course.points,
        km=km,
        in_person_hours=asked.minutes / HOUR if there else 0.0,
        fitting=sum(
            mode_for(one, asked, crew.market.places[asked.place]) is not None for one in crew.people
        ),
        missed=missed,
    )


def _worked(play: Play, cast: Cast, courses: Sequence[Course]) -> list[Worked]:
    """Hours of everybody who fitted something that was asked."""
    minutes: defaultdict[int, float] = defaultdict(float)
    for course in courses:
        if course.stood is not None and course.outcome in ("held", "client_no_show"):
            minutes[cast.people[course.stood.interpreter_id]] += course.asked.minutes
    span, fitting = _span(play.demand), _fitting(play)
    zone = play.crew.shape.time_zone
    return [
        Worked(
            hours=minutes[person.number] / HOUR,
            available=sum(
                one.minutes
                for one in hours(rows=read_weekly(list(person.weekly)), window=span, time_zone=zone)
            )
            / HOUR,
        )
        for person in play.crew.people
        if person.number in fitting
    ]


def _fitting(play: Play) -> Collection[int]:
    places = play.crew.market.places
    return {
        person.number
        for person in play.crew.people
        if any(mode_for(person, asked, places[asked.place]) is not None for asked in play.demand)
    }


def _span(demand: Sequence[Asked]) -> Window:
    first: datetime = min(one.starts_at for one in demand)
    return Window(starts_at=first, ends_at=max(one.ends_at for one in demand))
