"""Whom to look for: what one more interpreter would have changed, by playing the same again.

People who might be found come from what stayed unfilled: a speaker of the languages that missed
most, with a second one, at the place where most was missed, in the hours in which it was wanted.
Each is played against the same demand with the same draws, so the difference is theirs.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final

import msgspec
import uvloop

from interpreters.domain.availability import DAYS
from interpreters.domain.demand import Asked
from interpreters.domain.eligibility import Person, km_between
from interpreters.domain.erlang import on_call
from interpreters.domain.windows import at_place
from interpreters.settings import Settings
from interpreters.simulation.course import Course
from interpreters.simulation.playing import Play
from interpreters.simulation.policies import RULES, Rules
from interpreters.simulation.running import Counted, Progress, play_once
from interpreters.simulation.stage import Stage, run_server, set_stage

NEAR_KM: Final = 30  # places that one person would serve
RADIUS_KM: Final = 50
SHARE: Final = 0.8  # of those who want somebody now, answered
WITHIN: Final = timedelta(seconds=30)
USUAL: Final[Rules] = RULES["ladder"]


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """One person to look for: what they speak, where, when, and how many more it would fill.

    `unfilled` counts requests in the first language that found nobody as it is.
    """

    language: str
    second_language: str | None
    city: str
    weekly: Sequence[Mapping[str, str]]
    unfilled: int
    more_filled: int
    fill: float


class OnCallNeed(msgspec.Struct, frozen=True, kw_only=True):
    """How many must be on call in the busiest hour for a language, all of them where it is None."""

    language: str | None
    hour: int
    calls_an_hour: float
    minutes: float
    people: int
    in_time: float


class Staffing(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints: how it is, whom to look for, and how many must be on call."""

    roster: str
    requests: int
    seed: int
    filled: int
    fill: float
    advice: Sequence[Advice]
    on_call: Sequence[OnCallNeed]


def advise(play: Play, settings: Settings, *, most: int, progress: Progress) -> Staffing:
    """Play as it is, then once for each of at most so many people who might be found.

    Raises:
        Trouble: the database server does not start.
    """
    with run_server(settings) as server:
        stage = uvloop.run(set_stage(server, play.crew))
        begun = Counted(progress, len(play.demand) * (most + 1))
        courses = uvloop.run(play_once(stage, play, "as_it_is", USUAL, begun))
        people = candidates(play, courses, most=most)
        begun.total = len(play.demand) * (len(people) + 1)
        results = uvloop.run(_with_each(stage, play, people, begun))
    filled = sum(course.filled for course in courses)
    advice = [
        _advice(play, one, _unfilled(courses), then - filled, then)
        for one, then in zip(people, results, strict=True)
    ]
    return Staffing(
        roster=play.crew.roster,
        requests=len(play.demand),
        seed=play.draws.seed,
        filled=filled,
        fill=round(filled / len(play.demand), 4),
        advice=sorted(advice, key=lambda one: (-one.more_filled, one.language)),
        on_call=on_call_needs(play),
    )


async def _with_each(
    stage: Stage, play: Play, people: Sequence[Person], begun: Callable[[], None]
) -> list[int]:
    """Return how many are filled with each of them, two plays at a time."""
    free = asyncio.Semaphore(2)

    async def filled(place: int, person: Person) -> int:
        crew = msgspec.structs.replace(play.crew, people=[*play.crew.people, person])
        more = msgspec.structs.replace(play, crew=crew)
        async with free:
            courses = await play_once(stage, more, f"with_{place}", USUAL, begun)
        return sum(course.filled for course in courses)

    return list(await asyncio.gather(*(filled(at, one) for at, one in enumerate(people))))


def candidates(play: Play, courses: Sequence[Course], *, most: int) -> list[Person]:
    """Return people who might help: for the languages in which most stayed unfilled."""
    missed = _unfilled(courses)
    by_language = Counter(one.language for one in missed)
    ranked = sorted(by_language, key=lambda code: (-by_language[code], code))
    return [_candidate(play, missed, language) for language in ranked[:most]]


def _unfilled(courses: Sequence[Course]) -> list[Asked]:
    return [one.asked for one in courses if not one.filled]


def _candidate(play: Play, missed: Sequence[Asked], language: str) -> Person:
    places = play.crew.market.places
    mine = [one for one in missed if one.language == language]
    (home, _), *_rest = Counter(places[one.place].name for one in mine).most_common(1)
    place = next(one for one in places if one.name == home)
    near = [one for one in missed if km_between(places[one.place], place) <= NEAR_KM]
    others = Counter(one.language for one in near if one.language != language)
    second = sorted(others, key=lambda code: (-others[code], code))[:1]
    return Person(
        number=len(play.crew.people),
        name="Somebody new",
        gender="female",
        city=place.name,
        latitude=place.latitude,
        longitude=place.longitude,
        radius_km=RADIUS_KM,
        qualification="certified",
        languages=((language, "native"), *((code, "fluent") for code in second)),
        weekly=_wanted_hours(mine, play.crew.shape.time_zone),
    )


def _wanted_hours(missed: Sequence[Asked], zone: str) -> list[dict[str, str]]:
    """The days on which something was missed, from the first to the last hour, whole hours."""
    starts = [at_place(instant=one.starts_at, time_zone=zone) for one in missed]
    ends = [at_place(instant=one.ends_at, time_zone=zone) for one in missed]
    first = sorted(one.hour for one in starts)[len(starts) // 10]
    last = sorted(one.hour + 1 for one in ends)[-(len(ends) // 10 + 1)]
    days = sorted({one.weekday() for one in starts})
    return [
        {"day": DAYS[day], "from": f"{first:02}:00", "to": f"{max(first + 1, last):02}:00"}
        for day in days
    ]


def _advice(play: Play, person: Person, missed: Sequence[Asked], more: int, filled: int) -> Advice:
    codes = [code for code, _ in person.languages]
    return Advice(
        language=codes[0],
        second_language=codes[1] if len(codes) > 1 else None,
        city=person.city,
        weekly=person.weekly,
        unfilled=sum(one.language == codes[0] for one in missed),
        more_filled=more,
        fill=round(filled / len(play.demand), 4),
    )


def on_call_needs(play: Play) -> list[OnCallNeed]:
    """Return the need for each language that is wanted at once, and for all of them together.

    The busiest hour of the day counts, as an average over the days of the demand.
    """
    calls = [one for one in play.demand if one.starts_now]
    if not calls:
        return []
    zone = play.crew.shape.time_zone
    days = len({at_place(instant=one.starts_at, time_zone=zone).date() for one in play.demand})
    languages = sorted({one.language for one in calls})
    each = [
        _need(code, [one for one in calls if one.language == code], days, zone)
        for code in languages
    ]
    return [
        _need(None, calls, days, zone),
        *sorted(each, key=lambda one: (-one.calls_an_hour, one.language or "")),
    ]


def _need(language: str | None, calls: Sequence[Asked], days: int, zone: str) -> OnCallNeed:
    hours = Counter(at_place(instant=one.starts_at, time_zone=zone).hour for one in calls)
    hour = min(hours, key=lambda one: (-hours[one], one))
    rate = hours[hour] / days
    minutes = sum(one.minutes for one in calls) / len(calls)
    found = on_call(
        calls_an_hour=rate, length=timedelta(minutes=minutes), share=SHARE, within=WITHIN
    )
    return OnCallNeed(
        language=language,
        hour=hour,
        calls_an_hour=round(rate, 4),
        minutes=round(minutes, 1),
        people=found.people,
        in_time=round(found.in_time, 4),
    )
