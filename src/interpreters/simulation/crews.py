"""The three networks that are simulated: who interprets, where, and what they are asked for.

The centre's people and places are the sample network's. Those of the court service and the city
are drawn, the same each time: nobody in them exists.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from interpreters.domain.demand import Market, Place, RosterName, Shape, shapes
from interpreters.domain.draws import Draws
from interpreters.domain.eligibility import Person
from interpreters.sample import network
from interpreters.simulation.regions import CITY, COURT, NOBODY, Region

NEAR: Final = ("Riga", "Jelgava")
WORKING_DAYS: Final = ("mon", "tue", "wed", "thu", "fri")
WEEKLY: Final = tuple({"day": day, "from": "08:00", "to": "19:00"} for day in WORKING_DAYS)
HALF: Final = tuple({"day": day, "from": "08:00", "to": "14:00"} for day in WORKING_DAYS)
SHIFTS: Final = ((WEEKLY, 7.0), (HALF, 3.0))
SECOND: Final = 0.3  # how many of those who are drawn speak a second language
QUALIFIED: Final = (("certified", 4.0), ("trained", 4.0), ("language_speaker", 2.0))
COURT_QUALIFIED: Final = (("certified", 6.0), ("trained", 4.0))
TAKES_URGENT: Final = 0.7
KM_A_DEGREE: Final = 111.2


class Crew(msgspec.Struct, frozen=True, kw_only=True):
    """One network: its shape, who asks, and who interprets."""

    roster: str
    shape: Shape
    market: Market
    people: Sequence[Person]


def crew_of(roster: RosterName) -> Crew:
    """Return the network of that name."""
    shape = shapes()[roster]
    if roster == "centre":
        return Crew(roster=roster, shape=shape, market=_centre_market(), people=_centre_people())
    region = COURT if roster == "court" else CITY
    return Crew(roster=roster, shape=shape, market=_market(region), people=_drawn_people(region))


def _centre_market() -> Market:
    places = [
        Place(
            institution=one.name,
            name=city.name,
            share=one.share * share / 100,
            latitude=city.latitude,
            longitude=city.longitude,
            near=city.name in NEAR,
            topics=one.topics,
        )
        for one in network.INSTITUTIONS
        for city, share in one.cities
    ]
    languages = [(one.code, one.share) for one in network.LANGUAGES]
    return Market(places=places, languages=languages, unknown=NOBODY)


def _centre_people() -> list[Person]:
    return [
        Person(
            number=number,
            name=one.name,
            gender=one.gender,
            city=one.city.name,
            latitude=one.city.latitude,
            longitude=one.city.longitude,
            radius_km=one.radius,
            qualification=one.qualification,
            languages=one.languages,
            weekly=WEEKLY,
        )
        for number, one in enumerate(network.INTERPRETERS)
    ]


def _market(region: Region) -> Market:
    places = [
        Place(
            institution=f"{region.institution} {town.name}",
            name=town.name,
            share=town.share,
            latitude=town.latitude,
            longitude=town.longitude,
            near=town.near,
            topics=region.topics,
        )
        for town in region.towns
    ]
    return Market(places=places, languages=_weighted(region), unknown=NOBODY)


def _weighted(region: Region) -> list[tuple[str, float]]:
    """The languages with Zipf's weights: the second is asked for half as often as the first."""
    return [(code, 1 / (place + 1.5)) for place, code in enumerate(region.languages)]


def _drawn_people(region: Region) -> list[Person]:
    firsts = _first_languages(region)
    return [_drawn(region, number, first) for number, first in enumerate(firsts)]


def _first_languages(region: Region) -> list[str]:
    """At least one speaker of each; supply follows demand less than in proportion."""
    weighted = [(code, weight**0.9) for code, weight in _weighted(region)]
    left = region.people - len(weighted)
    total = sum(weight for _, weight in weighted)
    exact = {code: left * weight / total for code, weight in weighted}
    counts = {code: int(share) for code, share in exact.items()}
    by_rest = sorted(exact, key=lambda code: counts[code] - exact[code])
    for code in by_rest[: left - sum(counts.values())]:
        counts[code] += 1
    return [code for code, _ in weighted for _ in range(counts[code] + 1)]


def _drawn(region: Region, number: int, first: str) -> Person:
    draws = Draws(region.seed)
    town = draws.pick([(one, one.share) for one in region.towns], "town", number)
    languages = [(first, "native")]
    if draws.happens(SECOND, "second", number):
        second = draws.pick(_weighted(region), "which second", number)
        languages += [(second, "fluent")] if second != first else []
    north = (draws.uniform("north", number) * 2 - 1) * region.spread_km / KM_A_DEGREE
    east = (draws.uniform("east", number) * 2 - 1) * region.spread_km / KM_A_DEGREE * 1.6
    return Person(
        number=number,
        name=f"Interpreter {number + 1}",
        gender=draws.pick((("female", 6.0), ("male", 4.0)), "gender", number),
        city=town.name,
        latitude=town.latitude + north,
        longitude=town.longitude + east,
        radius_km=draws.pick(region.radii, "radius", number),
        qualification=draws.pick(
            COURT_QUALIFIED if region is COURT else QUALIFIED, "qualification", number
        ),
        languages=tuple(languages),
        weekly=draws.pick(SHIFTS, "hours", number),
        urgent=draws.happens(TAKES_URGENT, "urgent", number),
    )
