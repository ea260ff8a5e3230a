"""Who takes part in a fault run: a network, its schools and people, with their keys and hooks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import aiohttp
from standardwebhooks import Webhook

from api import Network
from faults.journal import uuid_of
from faults.moved import MovedClock
from faults.outside import Outside
from interpreters.application.calls import run
from interpreters.application.keys import create_owner_key
from interpreters.application.networks import open_network
from interpreters.database import Pool, open_pool
from interpreters.domain.callers import Role
from sealing import VAULT

PLACES: Final = (
    {"latitude": 56.9496, "longitude": 24.1052},
    {"latitude": 56.6511, "longitude": 23.7214},
)
# Short, so that every kind of timer runs out within a run, and again at each jump.
LADDER: Final = {
    "now_gap": 4, "now_answer": 20,
    "gaps": [{"lead": None, "gap": 8}],
    "answers": [{"lead": None, "until": "after_offer", "seconds": 40}],
    "urgent_widen": 3, "urgent_on_call": 6, "on_call_again": 60,
}  # fmt: skip


@dataclass
class School:
    """An institution: its software's key, somebody of its staff who is signed in, its sites."""

    id: str
    tokens: list[str]
    sites: list[str]


@dataclass
class Person:
    """An interpreter: a key, and the address where offers reach them."""

    id: str
    token: str
    address: str


@dataclass
class Cast:
    """Everybody. `hooks` are the endpoints by name: whose they are."""

    network_id: UUID
    coordinator: str
    schools: list[School] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    hooks: dict[str, UUID | None] = field(default_factory=dict)


async def assemble(
    url: str, app_url: str, outside: Outside, clock: MovedClock, *, schools: int, people: int
) -> Cast:
    """Open a network and fill it, through the API of the web process at `url`."""
    pool = await open_pool(app_url, vault=VAULT, size=2)
    try:
        async with aiohttp.ClientSession(base_url=url) as session:
            return await _Casting(pool, session, outside, clock).all(schools, people)
    finally:
        await pool.close()


class _Casting:
    def __init__(
        self, pool: Pool, session: aiohttp.ClientSession, outside: Outside, clock: MovedClock
    ) -> None:
        self.pool, self.session, self.outside, self.clock = pool, session, outside, clock

    async def all(self, schools: int, people: int) -> Cast:
        made = await open_network(
            self.pool, name="Centre", slug="faults", time_zone="Europe/Riga", currency="EUR",
            country="LV", working_language="lav", now=self.clock(),
        )  # fmt: skip
        self.network = Network(self.pool, None, made.network_id, self.clock())  # type: ignore[arg-type]  # it is only asked for keys
        self.cast = Cast(made.network_id, await self.key("coordinator"))
        await self.network.person(["coordinator"], email="desk@centre.example")
        await self.call("PATCH", "/v1/network", {"ladder": LADDER})
        await self.hook("network", self.cast.coordinator, None)
        for number in range(schools):
            await self.school(number)
        for number in range(people):
            await self.person(number)
        return self.cast

    async def school(self, number: int) -> None:
        made = await self.call(
            "POST", "/v1/institutions", {"name": f"School {number}", "kind": "education"}
        )
        owner = uuid_of(made["id"])
        sites = [
            await self.call(
                "POST", f"/v1/institutions/{made['id']}/sites",
                {"name": f"Site {place}", "city": ("Riga", "Jelgava")[place], **PLACES[place]},
            )
            for place in range(2)
        ]  # fmt: skip
        key = await self.key("institution", institution_id=owner)
        staff = await self.network.person(
            ["consultant"], email=f"staff{number}@school.example", institution_id=owner
        )
        assert staff.token is not None
        self.cast.schools.append(
            School(made["id"], [key, staff.token], [one["id"] for one in sites])
        )
        if number < 2:
            await self.hook(f"school-{number}", key, owner)

    async def person(self, number: int) -> None:
        """Two of three speak Dari, the others are legs of relays from Tigrinya by English."""
        kind = number % 6
        languages = {4: ("ti", "en"), 5: ("en", "lv")}.get(kind, ("dari", "lv"))
        phone = f"+371200{number:05}" if number % 3 == 0 else None
        mail = f"p{number}@people.example"
        made = await self.call(
            "POST", "/v1/interpreters",
            {
                "display_name": f"Person {number}", "email": mail, "phone": phone,
                "home": {**PLACES[number % 2], "city": ("Riga", "Jelgava")[number % 2]},
                "travel_radius_km": 100,
                "languages": [{"code": one, "level": "native"} for one in languages],
            },
        )  # fmt: skip
        if number % 9 == 1:
            await self.call("PATCH", f"/v1/interpreters/{made['id']}", {"auto_assign": True})
        key = await self.key("interpreter", interpreter_id=uuid_of(made["id"]))
        self.cast.people.append(Person(made["id"], key, phone or mail))

    async def hook(self, name: str, token: str, owner: UUID | None) -> None:
        made = await self.call(
            "POST", "/v1/webhook-endpoints", {"url": f"{self.outside.url}/hooks/{name}"}, token
        )
        self.outside.secrets[name] = Webhook(made["secret"])
        self.cast.hooks[name] = owner

    async def key(self, role: Role, **owner: UUID) -> str:
        owners = {"institution_id": None, "interpreter_id": None, **owner}
        made = await run(
            self.pool,
            self.network.id,
            lambda db: create_owner_key(
                db, network_id=self.network.id, role=role, scopes=(), now=self.clock(), **owners
            ),
        )
        return made.token

    async def call(
        self, method: str, path: str, body: Mapping[str, Any], token: str | None = None
    ) -> Any:
        headers = {"Authorization": f"Bearer {token or self.cast.coordinator}"}
        async with self.session.request(method, path, json=body, headers=headers) as answer:
            assert answer.ok, await answer.text()
            return await answer.json()
