"""Plays small enough to tell by hand: somebody in Riga, asked for an hour on a Tuesday."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from interpreters.domain.answering import Habits
from interpreters.domain.demand import Asked, Market, Place, shapes
from interpreters.domain.draws import Draws
from interpreters.domain.eligibility import Person
from interpreters.simulation.crews import Crew
from interpreters.simulation.playing import Play

ALWAYS = Habits(acceptance=0.999999, spread=0, gives_back=0, stays_away=0, sigma=0)
NEVER = msgspec.structs.replace(ALWAYS, acceptance=0.000001)
TEN = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # ten in Riga, a Tuesday
RIGA = (56.9496, 24.1052)
JELGAVA = (56.6511, 23.7214)  # 41 km from Riga: 55 minutes


def place(where: tuple[float, float]) -> Place:
    return Place(
        institution="Centre", name="Centre", share=1, latitude=where[0], longitude=where[1],
        near=True, topics=("social",),
    )  # fmt: skip


def person(number: int, *languages: str) -> Person:
    return Person(
        number=number, name="Somebody", gender="female", city="Riga", latitude=RIGA[0],
        longitude=RIGA[1], radius_km=100, qualification="trained",
        languages=tuple((code, "native") for code in languages),
    )  # fmt: skip


def asked(
    number: int,
    language: str,
    *,
    minute: int = 0,
    there: int | None = None,
    called_off_after: int | None = None,
) -> Asked:
    """An hour by phone, or at the place of that number; `minute` counts from ten o'clock."""
    before = TEN - timedelta(days=2)
    off = None if called_off_after is None else before + timedelta(minutes=called_off_after)
    return Asked(
        number=number, client=number, place=there or 0, language=language,
        modes=("phone",) if there is None else ("in_person",), topic="social", asked_at=before,
        starts_at=TEN + timedelta(minutes=minute), minutes=60, called_off_at=off,
    )  # fmt: skip


def play(people: Sequence[Person], demand: Sequence[Asked], habits: Habits = ALWAYS) -> Play:
    market = Market(places=[place(RIGA), place(JELGAVA)], languages=(("prs", 1.0),), unknown=())
    crew = Crew(roster="centre", shape=shapes()["centre"], market=market, people=people)
    return Play(crew=crew, demand=demand, habits=habits, draws=Draws(1))
