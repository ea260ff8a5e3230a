"""A plan's question, put together from open seats; and its answer, read back as places."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from interpreters.application.plan_seats import Seats
from interpreters.application.scoring import Candidate, place_of
from interpreters.application.searching import weights_of
from interpreters.database import Db
from interpreters.domain.availability import WeeklyRow
from interpreters.domain.ids import new_id
from interpreters.domain.planning import (
    SPREAD,
    Answer,
    Busy,
    Job,
    Option,
    Person,
    PlanningRules,
    Question,
    days_of,
    in_minutes,
    weight,
    worth,
)
from interpreters.domain.travel import Point, distance_km, travel_minutes
from interpreters.domain.windows import Window
from interpreters.sql import availability, commitments, interpreters, plan_places
from interpreters.sql.commitments import Commitment
from interpreters.sql.interpreters import Interpreter
from interpreters.sql.networks import Network
from interpreters.sql.plan_places import PlanPlace

WEEK: Final = timedelta(days=7)  # hours are limited by the week
WEEK_MINUTES: Final = 7 * 24 * 60
BATCH: Final = 500  # people whose bookings are read at once


class Posed(NamedTuple):
    """A question, and whose options its options are: seats and candidate for each."""

    question: Question
    seats: Sequence[Seats]
    offered: Sequence[tuple[Seats, Candidate]]


async def pose(db: Db, *, network: Network, found: Sequence[Seats], window: Window) -> Posed:
    """Return the question that these seats ask together, with what their people do already."""
    offered = [(one, each) for one in found for each in one.candidates]
    ids = sorted({each.interpreter_id for _, each in offered})
    numbers = {key: place for place, key in enumerate(ids)}
    kept = await plan_places.kept(
        db, network_id=network.network_id, request_ids=[one.request.id for one in found]
    )
    jobs = {id(one): place for place, one in enumerate(found)}
    rules = rules_of(network)
    question = Question(
        jobs=_jobs(found, network),
        people=await _people(db, network, ids, window),
        options=[
            _option(jobs[id(one)], numbers[each.interpreter_id], one, each, kept)
            for one, each in offered
        ],
        most_a_day=rules.most_minutes_a_day,
        most_a_week=rules.most_minutes_a_week,
        spread=SPREAD * weights_of(network).fairness,
    )
    return Posed(question, found, offered)


def rules_of(network: Network) -> PlanningRules:
    """Return how the network plans."""
    return msgspec.convert(network.planning, PlanningRules)


def places_of(posed: Posed, answer: Answer, *, plan_id: UUID, now: datetime) -> list[PlanPlace]:
    """Return the places that were chosen, each with a seat of its own."""
    free = {id(one): list(one.seats) for one in posed.seats}
    made = []
    for chosen in answer.chosen:
        seats, candidate = posed.offered[chosen]
        asking = seats.asking.request
        made.append(
            PlanPlace(
                id=new_id(now),
                plan_id=plan_id,
                request_id=seats.request.id,
                seat=free[id(seats)].pop(0),
                interpreter_id=candidate.interpreter_id,
                mode=candidate.mode,
                from_language=candidate.from_language,
                to_language=asking.working_language,
                session=asking.session,
                step=seats.step,
                score=candidate.scored.score,
                distance_km=candidate.distance_km,
                reasons=[msgspec.structs.asdict(one) for one in candidate.scored.reasons],
                state="proposed",
                changed_at=now,
            )
        )
    return made


def _jobs(found: Sequence[Seats], network: Network) -> list[Job]:
    requests = {one.request.id: place for place, one in enumerate(found)}
    jobs = []
    for one in found:
        there = one.asking.attended
        day, week = days_of(instant=there.starts_at, time_zone=network.time_zone)
        jobs.append(
            Job(
                request=requests[one.request.id],
                seats=len(one.seats),
                whole=one.whole,
                starts=in_minutes(there.starts_at),
                ends=in_minutes(there.ends_at),
                day=day,
                week=week,
                weight=weight(one.request.priority),
                asked_at=one.request.created_at.timestamp(),
            )
        )
    return jobs


def _option(
    job: int, person: int, one: Seats, each: Candidate, kept: set[tuple[UUID, UUID]]
) -> Option:
    home = 0 if each.distance_km is None else travel_minutes(each.distance_km)
    return Option(
        job=job,
        person=person,
        worth=worth(score=each.scored.score, kept=(one.request.id, each.interpreter_id) in kept),
        place=place_of(one.asking.site) if each.mode == "in_person" else None,
        home_minutes=home,
    )


async def _people(db: Db, network: Network, ids: Sequence[UUID], window: Window) -> list[Person]:
    """Return everybody with what they are booked for around these days."""
    around = Window(starts_at=window.starts_at - WEEK, ends_at=window.ends_at + WEEK)
    people: list[Person] = []
    for first in range(0, len(ids), BATCH):
        some = ids[first : first + BATCH]
        booked = await commitments.around(
            db, network_id=network.network_id, interpreter_ids=some, window=around
        )
        known = await interpreters.get_many(db, network_id=network.network_id, ids=some)
        weekly = await availability.of_interpreters(
            db, network_id=network.network_id, interpreter_ids=some
        )
        people += [
            Person(busy=_busy(known[one], booked[one], network), hours=_hours(weekly[one], window))
            for one in some
        ]
    return people


def _busy(person: Interpreter, booked: Sequence[Commitment], network: Network) -> list[Busy]:
    home = None
    if person.latitude is not None and person.longitude is not None:
        home = Point(latitude=person.latitude, longitude=person.longitude)
    made = []
    for one in booked:
        if one.is_live:
            day, week = days_of(instant=one.session.starts_at, time_zone=network.time_zone)
            made.append(
                Busy(
                    starts=in_minutes(one.session.starts_at),
                    ends=in_minutes(one.session.ends_at),
                    day=day,
                    week=week,
                    place=one.place,
                    home_minutes=_minutes(home, one.place),
                )
            )
    return made


def _minutes(home: Point | None, place: Point | None) -> int:
    if home is None or place is None:
        return 0
    return travel_minutes(
        distance_km(
            lat1=home.latitude, lon1=home.longitude, lat2=place.latitude, lon2=place.longitude
        )
    )


def _hours(weekly: Sequence[WeeklyRow], window: Window) -> float:
    """Hours available in these days; who says no hours may be asked at any."""
    minutes = sum(row.to - row.from_ for row in weekly) if weekly else WEEK_MINUTES
    return minutes / 60 * window.minutes / WEEK_MINUTES
