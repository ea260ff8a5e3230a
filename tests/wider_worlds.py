"""People who do not fit as asked, and requests that allow something else, in a small world."""

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from interpreters.application import requests, widening
from interpreters.application.interpreters import (
    InterpreterLanguage,
    InterpreterOrder,
    create_interpreter,
)
from interpreters.application.request_orders import ClientOrder, RequestOrder
from interpreters.domain.fallbacks import Allowed
from worlds import RIGA, World

NUMBERS: Final = itertools.count(1)
EVERYTHING: Final = {"other_mode": True, "neighbour_language": True, "relay": True}


async def a_person(
    world: World,
    *languages: str,
    modes: Sequence[str] = ("in_person", "phone", "video"),
    home: tuple[float, float] = RIGA,
    radius: int = 50,
    level: str = "native",
) -> UUID:
    """Put somebody on the roster, who speaks the languages."""
    number = next(NUMBERS)
    order = InterpreterOrder(
        display_name=f"Person {number}",
        languages=[InterpreterLanguage(language=one, level=level) for one in languages],  # type: ignore[arg-type]  # one of the levels
        email=f"w{number}@example.org",
        modes=tuple(modes),  # type: ignore[arg-type]  # of the modes
        latitude=home[0],
        longitude=home[1],
        travel_radius_km=radius,
    )
    made = await world.do(
        lambda db: create_interpreter(db, world.house, order=lambda: order, now=world.now)
    )
    return made.id


async def ask_widely(
    world: World,
    *,
    fallbacks: Mapping[str, Any],
    starts_at: datetime | None,
    modes: Sequence[str] = ("in_person",),
    language: str = "prs",
    minutes: int = 60,
    topic: str = "health",
    needed: int = 1,
) -> UUID:
    """Ask in Riga, allowing the fallbacks; `starts_at` None is now. Return the request's id."""
    order = RequestOrder(
        institution_id=world.institution,
        languages=(language,),
        modes=tuple(modes),
        starts_at=starts_at,
        duration_minutes=minutes,
        site_id=world.sites["riga"],
        clients=(ClientOrder(reference="LV-1042"),),
        topic=topic,
        fallbacks=dict(fallbacks),
        interpreters_needed=needed,
    )
    made = await world.do(
        lambda db: requests.create_request(db, world.house, order=lambda: order, now=world.now)
    )
    return made.request.id


async def widen(world: World, request_id: UUID, **allowed: Any) -> Any:
    """Allow more, as a coordinator does."""
    more = Allowed(**allowed)
    return await world.do(
        lambda db: widening.widen_request(
            db, world.house, request_id=request_id, more=lambda: more, now=world.now
        )
    )


async def the_request(world: World, request_id: UUID) -> Mapping[str, Any]:
    """Return the request's row."""
    return next(one for one in await world.rows("requests") if one["id"] == request_id)


async def asked(world: World, request_id: UUID) -> dict[UUID, Mapping[str, Any]]:
    """Return the open offers by whom they ask."""
    return {one["interpreter_id"]: one for one in await world.open_offers(request_id)}


async def next_step(world: World, request_id: UUID) -> None:
    """Let the time pass to the ladder's next step, and take it."""
    (at,) = [
        one["at"]
        for one in await world.rows("due")
        if one["kind"] == "ladder" and one["id"] == request_id
    ]
    world.now = at
    await world.step(request_id)
