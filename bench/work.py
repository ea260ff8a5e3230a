"""The calls that are measured, with every statement they send written down when asked."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from bench.world import NOW, World
from interpreters.application import offers, requests
from interpreters.application.calls import ask, run
from interpreters.application.dispatch import wanted_of
from interpreters.application.keys import create_key
from interpreters.application.request_orders import ClientOrder, RequestOrder
from interpreters.application.searching import search
from interpreters.database import Db, Pool
from interpreters.domain.callers import SCOPES, Caller
from interpreters.domain.ids import new_id
from interpreters.sql import requests as stored
from interpreters.sql.bookings import Booking

SITE = """
INSERT INTO sites (network_id, id, institution_id, name, city, latitude, longitude, time_zone,
    opening_hours, created_at, version)
VALUES ($1, $2, $3, 'Main', 'Riga', 56.9496, 24.1052, 'Europe/Riga', '[]', $4, 1)
"""


class Requests(msgspec.Struct, frozen=True, kw_only=True):
    """Requests that stand in the network, by whom they are searched for."""

    in_person: Sequence[UUID]
    remote: Sequence[UUID]


async def ask_many(pool: Pool, owner: Any, world: World, *, count: int) -> Requests:
    """Create requests at different times, in person and by phone, in common and rare languages."""
    site_id = new_id(NOW)
    await owner.execute(SITE, world.network_id, site_id, world.institution_id, NOW)
    made: dict[str, list[UUID]] = {"in_person": [], "phone": []}
    for number in range(count):
        for mode, ids in made.items():
            order = RequestOrder(
                institution_id=world.institution_id,
                languages=[world.languages[number % len(world.languages)]],
                modes=[mode],
                starts_at=NOW + timedelta(days=2, hours=number % 300),
                duration_minutes=60,
                site_id=site_id if mode == "in_person" else None,
                clients=[ClientOrder(reference=f"C-{number}")],
                topic="health",
            )
            shown = await ask(
                pool,
                token=world.token,
                now=NOW,
                work=lambda db, caller, order=order: requests.create_request(
                    db, caller, order=lambda: order, now=NOW
                ),
            )
            ids.append(shown.request.id)
    return Requests(in_person=made["in_person"], remote=made["phone"])


async def look(pool: Pool, world: World, request_id: UUID, *, counted: bool) -> None:
    """Search candidates as a coordinator does; with the funnel when `counted`."""

    async def work(db: Db, caller: Caller) -> None:
        if counted:
            await requests.request_candidates(db, caller, request_id=request_id, now=NOW)
        else:
            request = await stored.find(db, network_id=caller.network_id, request_id=request_id)
            assert request is not None
            wanted = await wanted_of(db, network_id=caller.network_id, request=request)
            await search(db, wanted=wanted)

    await ask(pool, token=world.token, now=NOW, work=work)


class Yes(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is about to accept."""

    token: str
    offer_id: UUID


OPEN = """
SELECT DISTINCT ON (o.request_id) o.id, o.interpreter_id FROM offers o
WHERE o.network_id = $1 AND o.state = 'open' AND o.mode = 'phone' ORDER BY o.request_id, o.id
"""


async def ready_to_accept(pool: Pool, owner: Any, world: World) -> list[Yes]:
    """Return one open offer of each request, with its interpreter's token."""
    rows = await owner.fetch(OPEN, world.network_id)
    found = []
    for row in rows:
        holder = Caller(
            network_id=world.network_id,
            role="interpreter",
            scopes=frozenset(SCOPES["interpreter"]),
            interpreter_id=row["interpreter_id"],
        )
        made = await run(
            pool,
            world.network_id,
            lambda db, holder=holder: create_key(db, holder=holder, expires_at=None, now=NOW),
        )
        # Whoever accepts has looked at the offer just before: the key is known to be in use.
        await ask(
            pool,
            token=made.token,
            now=NOW,
            work=lambda db, caller, offer_id=row["id"]: offers.show_offer(
                db, caller, offer_id=offer_id
            ),
        )
        found.append(Yes(token=made.token, offer_id=row["id"]))
    random.Random(1).shuffle(found)
    return found


async def accept(pool: Pool, yes: Yes) -> Booking:
    """Say yes."""
    return await ask(
        pool,
        token=yes.token,
        now=NOW,
        work=lambda db, caller: offers.accept_offer(db, caller, offer_id=yes.offer_id, now=NOW),
    )
