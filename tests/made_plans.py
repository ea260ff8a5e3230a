"""Made-up questions for a planner: towns, people around them, and a working week that is short."""

import random
from typing import Final

from interpreters.domain.plan_days import minutes_between
from interpreters.domain.planning import FILLED, Job, Option, Person, Question, worth
from interpreters.domain.travel import Point

DAY: Final = 1440
MINUTES: Final = (30, 45, 60, 60, 60, 90, 120)
NEAR: Final = 65  # minutes from home that people travel


def question(
    *, requests: int, people: int, days: int, each: int = 20, seed: int = 1, spread: float = 0.0
) -> Question:
    """Return so many requests, half of them at places, each with its `each` best candidates.

    People are of a dozen languages, of which a few are asked for most; a request of thirty wants
    two. The places are 24 towns, and people live around them.
    """
    dice = random.Random(seed)
    towns = [_point(dice, 46 + 12 * dice.random(), 5 + 25 * dice.random(), 0.0) for _ in range(24)]
    homes = [_point(dice, *_near(dice.choice(towns)), 0.4) for _ in range(people)]
    spoken = [_language(dice, 12) for _ in range(people)]
    speakers = [[one for one in range(people) if spoken[one] == each] for each in range(12)]
    jobs, options = [], []
    for number in range(requests):
        day, minutes = dice.randrange(days), dice.choice(MINUTES)
        starts = day * DAY + 8 * 60 + 15 * dice.randrange(36)
        team = dice.random() < 1 / 30
        jobs.append(
            Job(
                request=number, seats=2 if team else 1, whole=team, starts=starts,
                ends=starts + minutes, day=day, week=day // 7, asked_at=dice.random(),
                weight=FILLED,
            )
        )  # fmt: skip
        place = dice.choice(towns) if dice.random() < 0.5 else None
        found = speakers[_language(dice, 12)]
        if place is not None:
            found = [one for one in found if minutes_between(homes[one], place) <= NEAR]
        for one in dice.sample(found, min(each, len(found))):
            way = 0 if place is None else minutes_between(homes[one], place)
            options.append(
                Option(
                    job=number, person=one, worth=worth(score=dice.uniform(40, 95), kept=False),
                    place=place, home_minutes=way,
                )
            )  # fmt: skip
    hours = [Person(hours=40.0 * days / 7) for _ in range(people)]
    return Question(jobs=jobs, people=hours, options=options, spread=spread)


def _language(dice: random.Random, count: int) -> int:
    return min(count - 1, int(dice.paretovariate(1.0)) - 1)


def _near(town: Point) -> tuple[float, float]:
    return town.latitude, town.longitude


def _point(dice: random.Random, latitude: float, longitude: float, off: float) -> Point:
    return Point(
        latitude=latitude + off * (dice.random() - 0.5),
        longitude=longitude + 1.5 * off * (dice.random() - 0.5),
    )
