"""A network's own past as something to play: its people, its places, and what it was asked for.

Names, references and instructions stay where they are: of people it takes what a search looks at,
of requests what was wanted and when. How people would answer is assumed, as in any simulation.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.availability import show_availability
from interpreters.application.institutions import list_institutions
from interpreters.application.interpreters import (
    InterpreterFilter,
    Profile,
    list_interpreters,
)
from interpreters.application.networks import show_network
from interpreters.application.requests import RequestFilter, ShownRequest, list_requests
from interpreters.application.sites import PlacedSite, list_sites
from interpreters.database import Db
from interpreters.domain.availability import show_weekly
from interpreters.domain.callers import Caller, house
from interpreters.domain.demand import Asked, Market, Place, Shape, shapes
from interpreters.domain.eligibility import Person
from interpreters.simulation.crews import Crew

PAGE: Final = 200
NOWHERE: Final = (0.0, 0.0)


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """What to play; `left_out` requests were for several people, or into another language."""

    crew: Crew
    demand: Sequence[Asked]
    left_out: int


async def past_of(db: Db, *, network_id: UUID, most: int, now: datetime) -> Past:
    """Return the network's last requests, at most so many, with everybody who is active now."""
    caller = house(network_id)
    network = await show_network(db, caller)
    shape = msgspec.structs.replace(
        shapes()["centre"],
        about=network.name,
        time_zone=network.time_zone,
        country=network.country or "",
        currency=network.currency,
        working_language=network.working_language,
    )
    sites = await _sites(db, caller)
    people = await _people(db, caller, shape, now)
    found = await _requests(db, caller, most)
    fitting = [one for one in found if _fits(one, shape)]
    if fitting:
        first = min(one.request.created_at for one in fitting).date()
        shape = msgspec.structs.replace(shape, first_day=first)
    crew = Crew(
        roster=network.name,
        shape=shape,
        market=Market(places=[_place(one) for one in sites], languages=(), unknown=()),
        people=people,
    )
    numbers = {one.id: number for number, one in enumerate(sites)}
    demand = _asked(fitting, numbers)
    return Past(crew=crew, demand=demand, left_out=len(found) - len(fitting))


async def _sites(db: Db, caller: Caller) -> list[PlacedSite]:
    """Sites by institution; of each institution one page, which is more than any has."""
    institutions = await list_institutions(db, caller, before=None, limit=PAGE)
    return [
        site
        for one in reversed(institutions)
        for site in await list_sites(db, caller, institution_id=one.id, page=lambda: (None, PAGE))
    ]


def _place(one: PlacedSite) -> Place:
    latitude, longitude = _where(one.site.latitude, one.site.longitude)
    return Place(
        institution=str(one.site.institution_id),
        name=one.site.city or "a place",
        share=1,
        latitude=latitude,
        longitude=longitude,
        near=True,
        topics=("other",),
    )


async def _people(db: Db, caller: Caller, shape: Shape, now: datetime) -> list[Person]:
    profiles: list[Profile] = []
    before: UUID | None = None
    while True:
        page = await list_interpreters(
            db,
            caller,
            wanted=lambda: InterpreterFilter(active=True, stage="active"),
            before=lambda: before,  # noqa: B023 - read at once
            limit=lambda: PAGE,
        )
        profiles += page
        if len(page) < PAGE:
            break
        before = page[-1].id
    speaking = [
        one
        for one in reversed(profiles)
        if shape.working_language in {each.language for each in one.languages}
    ]
    return [
        await _person(db, caller, number, one, shape.working_language, now)
        for number, one in enumerate(speaking)
    ]


async def _person(
    db: Db, caller: Caller, number: int, one: Profile, working: str, now: datetime
) -> Person:
    found = one.interpreter
    hours = await show_availability(db, caller, interpreter_id=one.id, now=now)
    latitude, longitude = _where(found.latitude, found.longitude)
    return Person(
        number=number,
        name=f"Interpreter {number + 1}",
        gender=found.gender or "",
        city=found.city or "a place",
        latitude=latitude,
        longitude=longitude,
        radius_km=found.travel_radius_km,
        qualification=found.qualification,
        languages=tuple(
            (each.language, each.level) for each in one.languages if each.language != working
        ),
        weekly=show_weekly(hours.weekly),
        urgent=found.urgent_opt_in,
    )


async def _requests(db: Db, caller: Caller, most: int) -> list[ShownRequest]:
    found: list[ShownRequest] = []
    while len(found) < most:
        before = found[-1].request.id if found else None
        limit = min(PAGE, most - len(found))
        page = await list_requests(db, caller, wanted=RequestFilter, before=before, limit=limit)
        found += page
        if len(page) < limit:
            break
    return found


def _fits(one: ShownRequest, shape: Shape) -> bool:
    request = one.request
    return (
        request.interpreters_needed == 1
        and request.working_language == shape.working_language
        and request.site_id is not None
        and (request.starts_now or request.created_at < request.session.starts_at)
    )


def _asked(found: Sequence[ShownRequest], places: Mapping[UUID, int]) -> list[Asked]:
    clients: dict[UUID, int] = {}
    ordered = sorted(found, key=lambda one: (one.request.created_at, one.request.id))
    return [_one(number, one, clients, places) for number, one in enumerate(ordered)]


def _one(
    number: int, one: ShownRequest, clients: dict[UUID, int], places: Mapping[UUID, int]
) -> Asked:
    request = one.request
    wishes = request.requirements
    qualification, gender = wishes.get("qualification") or {}, wishes.get("gender") or {}
    client = next(iter(one.clients), request.id)
    begins = request.created_at if request.starts_now else request.session.starts_at
    off = request.cancelled_at
    return Asked(
        number=number,
        client=clients.setdefault(client, len(clients)),
        place=places[request.site_id or request.id],
        language=request.languages[0],
        modes=tuple(request.modes),
        topic=request.topic,
        asked_at=request.created_at,
        starts_at=begins,
        minutes=request.duration_minutes,
        starts_now=request.starts_now,
        certified=bool(qualification.get("strict")) and qualification.get("minimum") == "certified",
        gender=gender.get("value") if gender.get("strict") else None,
        called_off_at=off if off is not None and request.created_at < off < begins else None,
        client_comes=all(each.state != "client_no_show" for each in one.bookings),
    )


def _where(latitude: float | None, longitude: float | None) -> tuple[float, float]:
    return NOWHERE if latitude is None or longitude is None else (latitude, longitude)
