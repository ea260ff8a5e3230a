"""A crew as a network of the product: its institutions, sites and people, and their ids."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.application.availability import AvailabilityOrder, replace_availability
from interpreters.application.calls import run
from interpreters.application.institutions import InstitutionOrder, create_institution
from interpreters.application.interpreters import (
    InterpreterLanguage,
    InterpreterOrder,
    create_interpreter,
)
from interpreters.application.networks import change_network, open_network
from interpreters.application.sites import SiteOrder, create_site
from interpreters.database import Db, Pool
from interpreters.domain.availability import read_weekly
from interpreters.domain.callers import Caller, house
from interpreters.domain.demand import Place, Shape
from interpreters.domain.eligibility import Person
from interpreters.simulation.crews import Crew

BEFORE: Final = timedelta(days=90)  # the network is there before anybody asks
QUIET: Final = {"from": "22:00", "to": "07:00"}


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """The ids of a crew; institutions and sites by the number of the place."""

    network_id: UUID
    institutions: Mapping[int, UUID]
    sites: Mapping[int, UUID]
    people: Mapping[UUID, int]


async def open_cast(pool: Pool, crew: Crew) -> Cast:
    """Open the crew's network with everybody in it.

    Each is made a second after the one before, so that ids stand in the same order every time:
    a search orders equals by them.
    """
    shape = crew.shape
    now = datetime.combine(shape.first_day, time(8), UTC) - BEFORE
    opened = await open_network(
        pool,
        name=crew.roster,
        slug="played",
        time_zone=shape.time_zone,
        currency=shape.currency,
        country=shape.country or None,
        working_language=shape.working_language,
        now=now,
    )
    caller = house(opened.network_id)
    return await run(pool, opened.network_id, lambda db: _fill(db, caller, crew, now))


async def set_rules(db: Db, cast: Cast, *, rules: Mapping[str, Any], now: datetime) -> None:
    """Give the network its ladder and weights; without any they are the usual ones."""
    if rules:
        await change_network(
            db,
            house(cast.network_id),
            if_match=None,
            change=lambda: rules,
            now=now,
        )


async def add_people(
    db: Db, cast: Cast, people: Sequence[Person], *, shape: Shape, now: datetime
) -> Cast:
    """Put more people on the roster; the cast with them."""
    ids = dict(cast.people)
    for person in people:
        made = await add_person(
            db, house(cast.network_id), person, language=shape.working_language, now=now
        )
        ids[made] = person.number
    return msgspec.structs.replace(cast, people=ids)


async def add_person(
    db: Db, caller: Caller, person: Person, *, language: str, now: datetime
) -> UUID:
    """Put somebody on the roster, with their hours; `language` is the working language."""
    order = InterpreterOrder(
        display_name=person.name,
        email=f"interpreter{person.number + 1}@example.org",  # nobody is written to
        gender=person.gender,
        languages=[
            InterpreterLanguage(language=code, level=level, dialects=())
            for code, level in (*person.languages, (language, "fluent"))
        ],
        latitude=person.latitude,
        longitude=person.longitude,
        city=person.city,
        travel_radius_km=person.radius_km,
        qualification=person.qualification,
        urgent_opt_in=person.urgent,
        quiet_hours=QUIET,
    )
    made = await create_interpreter(db, caller, order=lambda: order, now=now)
    hours = AvailabilityOrder(weekly=read_weekly(list(person.weekly)))
    await replace_availability(
        db, caller, interpreter_id=made.id, if_match=None, order=lambda: hours, now=now
    )
    return made.id


async def _fill(db: Db, caller: Caller, crew: Crew, now: datetime) -> Cast:
    institutions: dict[str, UUID] = {}
    sites: dict[int, UUID] = {}
    for number, place in enumerate(crew.market.places):
        at = now + timedelta(seconds=number)
        if place.institution not in institutions:
            order = InstitutionOrder(
                name=place.institution, kind="other", country=crew.shape.country or None
            )
            made = await create_institution(db, caller, order=lambda: order, now=at)  # noqa: B023 - read at once
            institutions[place.institution] = made.id
        sites[number] = await _site(db, caller, institutions[place.institution], place, at)
    people: dict[UUID, int] = {}
    for person in crew.people:
        at = now + timedelta(seconds=len(sites) + person.number)
        language = crew.shape.working_language
        people[await add_person(db, caller, person, language=language, now=at)] = person.number
    return Cast(
        network_id=caller.network_id,
        institutions={
            number: institutions[place.institution]
            for number, place in enumerate(crew.market.places)
        },
        sites=sites,
        people=people,
    )


async def _site(db: Db, caller: Caller, institution_id: UUID, place: Place, now: datetime) -> UUID:
    order = SiteOrder(
        name=place.name, city=place.name, latitude=place.latitude, longitude=place.longitude
    )
    made = await create_site(
        db, caller, institution_id=institution_id, order=lambda: order, now=now
    )
    return made.id
