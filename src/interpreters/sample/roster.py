"""The network, its institutions and its people, made through the application as anybody's are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.availability import AvailabilityOrder, replace_availability
from interpreters.application.calls import run
from interpreters.application.institutions import (
    InstitutionOrder,
    create_institution,
    list_institutions,
)
from interpreters.application.interpreters import (
    InterpreterFilter,
    InterpreterLanguage,
    InterpreterOrder,
    create_interpreter,
    list_interpreters,
)
from interpreters.application.networks import change_network, open_network
from interpreters.application.sites import SiteOrder, create_site, list_sites
from interpreters.database import Db, Pool
from interpreters.domain.availability import read_weekly
from interpreters.domain.callers import Caller, house
from interpreters.domain.retention import RULES
from interpreters.sample import network
from interpreters.sample.grants import open_grant
from interpreters.sample.network import City, Institution, Interpreter
from interpreters.sample.prices import set_prices

LEVEL_OF_LATVIAN: Final = "fluent"
MOST: Final = 500  # of institutions, sites or interpreters: a page
WORKING_DAYS: Final = ("mon", "tue", "wed", "thu", "fri")


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """Ids by the names in `network.py`; a site by its institution and city.

    `grants` pay for the institutions; those read again have none.
    """

    network_id: UUID
    institutions: Mapping[str, UUID]
    sites: Mapping[tuple[str, str], UUID]
    interpreters: Mapping[str, UUID]
    grants: Mapping[str, UUID] = {}


async def open_with_roster(pool: Pool, *, now: datetime) -> Roster:
    """Open the network, unfinished, with everybody in it.

    Raises:
        NetworkNameTaken: somebody is making it, or did not finish.
    """
    opened = await open_network(
        pool,
        name=network.NAME,
        slug=network.UNFINISHED,
        time_zone=network.TIME_ZONE,
        currency=network.CURRENCY,
        country=network.COUNTRY,
        working_language=network.WORKING_LANGUAGE,
        now=now,
    )
    caller = house(opened.network_id)

    async def work(db: Db) -> Roster:
        # Its story is of years ago: by the rules half of it would be gone in the first night.
        await change_network(
            db,
            caller,
            if_match=None,
            change=lambda: {"retention": {one.kind: None for one in RULES}},
            now=now,
        )
        await set_prices(db, caller, now=now)
        return await _fill(db, caller, now)

    return await run(pool, opened.network_id, work)


async def read_roster(db: Db, *, network_id: UUID) -> Roster:
    """Return the ids again, as far as the names are still the same."""
    caller = house(network_id)
    institutions = await list_institutions(db, caller, before=None, limit=MOST)
    interpreters = await list_interpreters(
        db, caller, wanted=InterpreterFilter, before=lambda: None, limit=lambda: MOST
    )
    sites = {
        (one.name, placed.site.name): placed.id
        for one in institutions
        for placed in await list_sites(db, caller, institution_id=one.id, page=lambda: (None, MOST))
    }
    known = {one.name for one in network.INTERPRETERS}
    return Roster(
        network_id=network_id,
        institutions={one.name: one.id for one in institutions},
        sites=sites,
        interpreters={
            one.interpreter.display_name: one.id
            for one in interpreters
            if one.interpreter.display_name in known
        },
    )


async def _fill(db: Db, caller: Caller, now: datetime) -> Roster:
    institutions: dict[str, UUID] = {}
    sites: dict[tuple[str, str], UUID] = {}
    for one in network.INSTITUTIONS:
        institutions[one.name] = await _institution(db, caller, one, now)
        for city, _ in one.cities:
            site = _site(city)
            made = await create_site(
                db, caller, institution_id=institutions[one.name], order=lambda: site, now=now  # noqa: B023 - read at once
            )  # fmt: skip
            sites[one.name, city.name] = made.id
    interpreters = {
        one.name: await _interpreter(db, caller, number, one, now)
        for number, one in enumerate(network.INTERPRETERS, start=1)
    }
    return Roster(
        network_id=caller.network_id,
        institutions=institutions,
        sites=sites,
        interpreters=interpreters,
        grants=await open_grant(db, caller, institutions=institutions, now=now),
    )


async def _institution(db: Db, caller: Caller, one: Institution, now: datetime) -> UUID:
    order = InstitutionOrder(name=one.name, kind=one.kind, country=network.COUNTRY)
    return (await create_institution(db, caller, order=lambda: order, now=now)).id


def _site(city: City) -> SiteOrder:
    return SiteOrder(
        name=city.name,
        city=city.name,
        latitude=city.latitude,
        longitude=city.longitude,
        email=f"{city.name.encode('ascii', 'ignore').decode().lower()}@example.org",
    )


async def _interpreter(
    db: Db, caller: Caller, number: int, one: Interpreter, now: datetime
) -> UUID:
    order = InterpreterOrder(
        display_name=one.name,
        gender=one.gender,
        languages=[
            InterpreterLanguage(language=code, level=level, dialects=())
            for code, level in (*one.languages, (network.WORKING_LANGUAGE, LEVEL_OF_LATVIAN))
        ],
        phone=f"+371200000{number:02}",
        email=f"interpreter{number:02}@example.org",
        latitude=one.city.latitude,
        longitude=one.city.longitude,
        city=one.city.name,
        travel_radius_km=one.radius,
        qualification=one.qualification,
        engagement=one.engagement,
    )
    made = await create_interpreter(db, caller, order=lambda: order, now=now)
    hours = AvailabilityOrder(
        weekly=read_weekly([{"day": day, "from": "08:00", "to": "19:00"} for day in WORKING_DAYS])
    )
    await replace_availability(
        db, caller, interpreter_id=made.id, if_match=None, order=lambda: hours, now=now
    )
    return made.id
