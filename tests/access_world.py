"""Two networks full of things, for asking who may see and do what.

The first network has two sides that have nothing to do with each other: an institution with the
interpreter it had, and another institution with another interpreter. A second network has one
side. What is made is marked with its side, so that it is known wherever it turns up.

Nothing that a call changes stays: transactions are rolled back where they would be committed.
"""

import json
import os
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx
import msgspec

from access_rules import BROWSER_KEYS, OPEN, PERSONAL, SPELT, Kind, Rule
from api import Api, Network, started
from authenticator import Authenticator
from interpreters.application.calls import run
from interpreters.application.keys import create_key
from interpreters.application.networks import open_network
from interpreters.asgi import build_app
from interpreters.database import Pool, open_pool
from interpreters.domain.callers import SCOPES, Caller, Role
from interpreters.domain.ids import INSTITUTION, INTERPRETER, OPERATION, read_id, show_id
from interpreters.domain.tokens import new_token
from interpreters.http.import_bodies import read_row
from interpreters.jobs.operations import do
from interpreters.settings import load
from sealing import VAULT
from servers import database_url

Json = dict[str, Any]
OPENED: Final = datetime(2026, 11, 24, 8, tzinfo=UTC)
NOW: Final = datetime(2026, 11, 24, 10, 25, tzinfo=UTC)  # in a session, just before the next one
SIDES: Final = ("own", "other", "foreign")
PREFIX: Final = {
    "institution": "ins", "site": "sit", "key": "key", "client": "cli", "interpreter": "int",
    "absence": "abs", "credential": "crd", "request": "req", "offer": "off", "booking": "bkg",
    "session": "bkg", "user": "usr", "voice": "voi", "device": "sgn", "passkey": "pky",
    "browser": "psh",
    "identity_provider": "idp", "operation": "op", "webhook_endpoint": "whe",
    "calendar_link": "cal", "interpreters_calendar_link": "cal", "tariff": "tar", "policy": "pol",
    "over": "bkg", "dispute": "dsp", "interpreters_dispute": "dsp",
    "funding": "fnd",
    "expense": "exp", "plan": "pln",
}  # fmt: skip
BY_EACH_SIDE: Final = ("calendar_link", "dispute")  # whose is theirs who made it
LANGUAGE: Final = {"own": "dari", "other": "pashto", "foreign": "dari"}
NATIONALITY: Final = {"own": "TV", "other": "NR", "foreign": "PW"}
NUMBER: Final = {"own": "01", "other": "02", "foreign": "03"}
SETTINGS: Final = {
    f"INTERPRETERS_RATE_{who}_{what}": "1000000"
    for who in ("TOKEN", "ADDRESS", "SIGN_IN")
    for what in ("PER_MINUTE", "BURST")
}
ELSEWHERE: Final = ("192.0.2.7", 1)  # not this machine


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One side's things by kind, and what only they hold: a word by which each is known."""

    name: str
    things: Mapping[str, str]
    marks: dict[str, Any]


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody signed in, with what is theirs alone."""

    token: str
    things: Mapping[str, str]


class Undoing:
    """A connection that rolls back what it is told to commit, after looking at its constraints."""

    def __init__(self, db: Any) -> None:
        self._db = db

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    async def execute(self, query: str, *args: Any, **options: Any) -> Any:
        if query.strip().rstrip(";").upper() == "COMMIT":
            query = "SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK"
        return await self._db.execute(query, *args, **options)


class Undone:
    """A pool of such connections, once `undoing` is set."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.undoing = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.pool, name)

    @asynccontextmanager
    async def acquire(self, **options: Any) -> AsyncIterator[Any]:
        async with self.pool.acquire(**options) as db:
            yield Undoing(db) if self.undoing else db


class World:
    """The application with its two networks, and everybody who calls it."""

    def __init__(self, pool: Pool) -> None:
        self.pool = Undone(pool)
        self.now = OPENED
        self.sides: dict[str, Side] = {}
        self.networks: dict[str, Network] = {}
        self.tokens: dict[tuple[str, str], str] = {}
        self.people: dict[str, Person] = {}
        self.client: httpx.AsyncClient

    def clock(self) -> datetime:
        return self.now

    async def call(
        self, rule: Rule, things: tuple[str, ...], caller: Kind, *, query: str = "",
        body: bytes | None = None,
    ) -> httpx.Response:  # fmt: skip
        """Call the rule's route about these things; with its body, if no other is given."""
        named = zip(rule.of, things, strict=True)
        path = _filled(rule.path, [self.thing(*one, caller) for one in named])
        query = "&".join(one for one in (rule.query, query) if one)
        headers = {"Content-Type": "application/json", **rule.headers}
        token = await self.token(caller, rule)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if caller.person:
            headers["Role"] = caller.role
        content = self.body(rule, caller.role) if body is None else body
        return await self.client.request(
            rule.method, f"{path}?{query}" if query else path, content=content, headers=headers
        )

    def thing(self, kind: str, which: str, caller: Kind | None = None) -> str:
        """Return what stands in the path for a thing of the kind."""
        if kind in PERSONAL and which == "own" and caller is not None and caller.person:
            return self.people[caller.person].things[kind]
        if kind in SPELT:
            return SPELT[kind] if which in SIDES else "x"
        if kind in OPEN:
            return OPEN[kind][which != "own"]
        if kind in BY_EACH_SIDE and caller is not None and caller.role == "interpreter":
            kind = f"interpreters_{kind}"
        if which in SIDES:
            return self.sides[which].things[kind]
        if which == "another kind":
            return self.sides["own"].things["site" if kind == "client" else "client"]
        return show_id(PREFIX[kind], uuid.UUID(int=7)) if which == "missing" else "x"

    def body(self, rule: Rule, role: str = "") -> bytes | None:
        """Return the rule's body for a role, with the ids of the caller's own things."""
        wanted = rule.bodies.get(role, rule.body)
        if wanted is None or isinstance(wanted, bytes):
            return wanted
        text = msgspec.json.encode(wanted).decode()
        for kind, value in self.sides["own"].things.items():
            text = text.replace(f'"@{kind}"', f'"{value}"')
        return text.encode()

    async def token(self, caller: Kind, rule: Rule) -> str | None:
        """Return the token of a caller; one without the rule's scope is made when needed."""
        if caller.person:
            return self.people[caller.person].token
        if caller.name == "nobody":
            return None
        lacking = rule.scope_of(caller.role) if caller.lacks_scope else ""
        if (caller.name, lacking) not in self.tokens:
            self.tokens[caller.name, lacking] = await self._made_token(caller, lacking)
        return self.tokens[caller.name, lacking]

    async def _made_token(self, caller: Kind, lacking: str) -> str:
        network = self.networks["own"]
        if caller.name == "unknown token":
            return new_token(network.id, "ik_live")
        token, key_id = await self._key(caller.role or "coordinator", lacking)
        if caller.name == "revoked key":
            await run(
                self.pool.pool, network.id,
                lambda db: db.execute(
                    "UPDATE keys k SET revoked_at = $3 WHERE k.network_id = $1 AND k.id = $2",
                    network.id, key_id, OPENED,
                ),
            )  # fmt: skip
        return token

    async def _key(self, role: Any, lacking: str) -> tuple[str, UUID]:
        owner: Json = {
            "consultant": {"institution_id": self.id_of("institution")},
            "institution": {"institution_id": self.id_of("institution")},
            "interpreter": {"interpreter_id": self.id_of("interpreter")},
        }.get(role, {})
        network = self.networks["own"]
        scopes = frozenset(SCOPES[_role(role)]) - {lacking}
        holder = Caller(network_id=network.id, role=role, scopes=scopes, **owner)
        made = await run(
            self.pool.pool, network.id,
            lambda db: create_key(db, holder=holder, expires_at=None, now=OPENED),
        )  # fmt: skip
        return made.token, made.key.id

    def id_of(self, kind: str, side: str = "own") -> UUID:
        return read_id(PREFIX[kind], self.sides[side].things[kind])

    async def stored(self) -> dict[str, int]:
        """Return how many rows each table holds, of all networks."""
        counts: dict[str, int] = {}
        for network in {one.id: one for one in self.networks.values()}.values():
            for table in TABLES:
                count = await run(
                    self.pool.pool, network.id, _counting(table),
                )  # fmt: skip
                counts[f"{table} of {network.id}"] = count
        return counts


TABLES: Final = (
    "institutions", "sites", "clients", "interpreters", "absences", "credentials", "keys",
    "requests", "offers", "bookings", "usage_entries", "outbox", "events", "audit",
)  # fmt: skip


def _counting(table: str) -> Callable[[Any], Any]:
    return lambda db: db.fetchval(f"SELECT count(*) FROM {table}")


def _role(role: Any) -> Role:
    made: Role = role
    return made


def _filled(path: str, things: list[str]) -> str:
    """Put the things into the places of a path such as `/v1/things/{id}/parts/{part_id}`."""
    for thing in things:
        head, _, tail = path.partition("{")
        path = f"{head}{thing}{tail.partition('}')[2]}"
    return path


@asynccontextmanager
async def a_world(template: str) -> AsyncIterator[World]:
    """Open the networks, let everything happen, and go to the instant of the questions."""
    name = f"access_{os.getpid()}"
    owner = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    await owner.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    try:
        url = database_url(role="interpreters_app", database=name)
        pool = await open_pool(url, vault=VAULT, size=2)
        async with _furnished(pool) as world:
            await _priced(world, name)
            yield world
    finally:
        await owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await owner.close()


async def _priced(world: World, database: str) -> None:
    """Give the ledger prices, as a tariff would have: entries are never changed by the product."""
    db = await asyncpg.connect(database_url(role="postgres", database=database))
    for side in world.sides.values():
        charge, pay = (int(f"{digit}000{NUMBER[side.name]}") for digit in (7, 5))
        side.marks.update({"charge": charge, "pay": pay})
        lines = [{"kind": "base", "minutes": 30, "charge_minor": charge, "pay_minor": pay}]
        told = await db.execute(
            "UPDATE usage_entries SET charge_minor = $2, pay_minor = $3, lines = $4, rule = $5 "
            "WHERE institution_id = $1",
            world.id_of("institution", side.name), charge, pay, json.dumps(lines),
            json.dumps({"charge_per_hour_minor": charge, "pay_per_hour_minor": pay}),
        )  # fmt: skip
        assert told == "UPDATE 1"
    await db.close()


@asynccontextmanager
async def _furnished(pool: Pool) -> AsyncIterator[World]:
    world = World(pool)

    async def opening() -> Any:
        return world.pool

    app: Any = build_app(load(SETTINGS), opening=opening, clock=world.clock)
    async with started(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True, client=ELSEWHERE)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            world.client = client
            first = await _network(world, "first")
            world.networks = {
                "own": first, "other": first, "foreign": await _network(world, "second"),
            }  # fmt: skip
            makers = [_Maker(world, name) for name in SIDES]
            for maker in makers:
                await maker.furnish()
            world.now = NOW
            world.pool.undoing = True
            yield world


async def _network(world: World, slug: str) -> Network:
    opened = await open_network(
        world.pool.pool, name=f"Network {slug}", slug=slug, time_zone="Europe/Riga",
        currency="EUR", country="LV", working_language="lav", now=OPENED,
    )  # fmt: skip
    return Network(world.pool.pool, world.client, opened.network_id, OPENED)


class _Maker:
    """Makes one side: everything through the doors, as people would."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.network = world.networks[name]
        self.things: dict[str, str] = {}
        self.marks: dict[str, Any] = {}

    async def furnish(self) -> None:
        self.world.now = OPENED
        self.coordinator = await self.network.caller("coordinator")
        await self._institution()
        await self._interpreter()
        await self._calendars()
        await self._work()
        await self._people()
        self.world.sides[self.name] = Side(name=self.name, things=self.things, marks=self.marks)

    def mark(self, what: str, value: Any = None) -> Any:
        """Return a value that is nowhere else, and remember it as what it is."""
        self.marks[what] = f"{what}-of-{self.name}" if value is None else value
        return self.marks[what]

    async def made(self, api: Api, path: str, body: Json, status: int = 201) -> Json:
        response = await api.post(path, body)
        assert response.status_code == status, response.text
        answer: Json = response.json()
        return answer

    async def _operation(self, institution_id: str) -> None:
        """An export that the institution had made."""
        owner = read_id(INSTITUTION, institution_id)
        software = await self.network.caller("institution", institution_id=owner)
        days = {"from": "2026-11-01", "to": "2026-12-01"}
        told = await self.made(software, "/v1/exports", {"kind": "usage_entries", **days}, 202)
        self.things["operation"] = told["id"]
        await do(
            self.network.pool, network_id=self.network.id, id=read_id(OPERATION, told["id"]),
            read=read_row, clock=lambda: NOW,
        )  # fmt: skip

    async def _institution(self) -> None:
        mark, number = self.mark, NUMBER[self.name]
        made = await self.made(
            self.coordinator, "/v1/institutions",
            {"name": mark("institution name"), "kind": "education", "client_links": True},
        )  # fmt: skip
        path = f"/v1/institutions/{made['id']}"
        place = {"latitude": 56.9496, "longitude": 24.1052, "city": mark("area")}
        site = await self.made(
            self.coordinator, f"{path}/sites",
            {
                "name": mark("site name"), "address": mark("address"),
                "phone": mark("site phone", f"+3712556501{number[1]}"),
                "email": mark("site email", f"site{number}@example.org"), **place,
            },
        )  # fmt: skip
        # Where a request waits for a yes: nobody on the other side knows the place before.
        self.later = await self.made(
            self.coordinator, f"{path}/sites",
            {"name": mark("later site name"), "address": mark("later address"), **place},
        )  # fmt: skip
        provider = await self.made(
            self.coordinator, "/v1/identity-providers",
            {
                "name": mark("provider name"), "issuer": f"https://id{number}.example.org",
                "client_id": mark("provider client"), "client_secret": "never shown",
                "institution_id": made["id"], "group_roles": {"staff": ["consultant"]},
            },
        )  # fmt: skip
        self.things["identity_provider"] = provider["id"]
        await self._operation(made["id"])
        key = await self.made(self.coordinator, f"{path}/keys", {})
        self.things |= {"institution": made["id"], "site": site["id"], "key": key["id"]}
        self.software = await self.network.caller(
            "institution", institution_id=read_id(INSTITUTION, made["id"])
        )
        await self._rules(path)
        hook = await self.made(
            self.software, "/v1/webhook-endpoints",
            {"url": mark("webhook address", f"https://hooks{number}.example.org/in")},
        )  # fmt: skip
        self.things["webhook_endpoint"] = hook["id"]
        client = await self.made(
            self.software, "/v1/clients",
            {
                "reference": mark("reference"), "group": mark("group"),
                "nationality": mark("nationality", NATIONALITY[self.name]),
                "status": mark("status"),
            },
        )  # fmt: skip
        self.things["client"] = client["id"]

    async def _rules(self, path: str) -> None:
        """A tariff and a policy of the institution's own, from a later year on."""
        later: Json = {"valid_from": "2030-01-01"}
        rate = {"mode": "phone", "charge_per_hour_minor": 1, "pay_per_hour_minor": 1}
        rule = {"free_until_hours": 24, "fee_percent": 100, "pay_percent": 50}
        for kind, field, sent in (
            ("tariff", "tariff_id", {"rates": [rate]}),
            ("policy", "cancellation_policy_id", {"rules": [rule]}),
        ):
            room = "/v1/tariffs" if kind == "tariff" else "/v1/cancellation-policies"
            named = {"name": self.mark(f"{kind} name"), **later, **sent}
            made = await self.made(self.coordinator, room, named)
            self.things[kind] = made["id"]
            answer = await self.coordinator.patch(path, {field: made["id"]})
            assert answer.status_code == 200, answer.text
        await self._funding()

    async def _funding(self) -> None:
        """A grant for this institution alone."""
        made = await self.made(
            self.coordinator, "/v1/fundings",
            {
                "number": self.mark("funding number"), "name": self.mark("funding name"),
                "starts_on": "2030-01-01", "institution_ids": [self.things["institution"]],
                "donors": [{"name": self.mark("donor"), "share_basis_points": 10_000}],
            },
        )  # fmt: skip
        self.things["funding"] = made["id"]

    async def _interpreter(self) -> None:
        mark, number = self.mark, NUMBER[self.name]
        made = await self.made(
            self.coordinator, "/v1/interpreters",
            {
                "display_name": mark("interpreter name"),
                "phone": mark("interpreter phone", f"+3712556502{number[1]}"),
                "email": mark("interpreter email", f"person{number}@example.org"),
                "home": {"latitude": 56.9496, "longitude": 24.1052, "city": mark("home")},
                "languages": [{"code": LANGUAGE[self.name], "level": "native"}, {"code": "lv"}],
            },
        )  # fmt: skip
        path = f"/v1/interpreters/{made['id']}"
        absence = await self.made(
            self.coordinator, f"{path}/absences",
            {"starts_at": "2027-01-10T00:00:00Z", "ends_at": "2027-01-11T00:00:00Z"},
        )  # fmt: skip
        paper = await self.made(
            self.coordinator, f"{path}/credentials",
            {"kind": "court", "number": mark("paper number")},
        )  # fmt: skip
        self.things |= {
            "interpreter": made["id"], "absence": absence["id"], "credential": paper["id"],
        }  # fmt: skip
        self.person = await self.network.caller(
            "interpreter", interpreter_id=read_id(INTERPRETER, made["id"])
        )

    async def _calendars(self) -> None:
        """A calendar at a secret address on each side of the yes, and one that we read."""
        for kind, api in (
            ("calendar_link", self.software), ("interpreters_calendar_link", self.person),
        ):  # fmt: skip
            self.things[kind] = (await self.made(api, "/v1/calendar-links", {}))["id"]
        secret = self.mark("calendar address", f"secret-calendar-of-{self.name}")
        address = f"https://calendars.example.org/{secret}.ics"
        path = f"/v1/interpreters/{self.things['interpreter']}/external-calendar"
        answer = await self.person.put(path, {"url": address})
        assert answer.status_code == 200, answer.text

    async def _work(self) -> None:
        """A session that is over, one going on, one to come, and a request that waits."""
        mark = self.mark
        over = await self._booked(_phone("2026-11-24T08:15:00Z", 30))
        running = await self._booked(
            _phone("2026-11-24T09:00:00Z", 90)
            | {"connect": {"by": "interpreter", "number": mark("connect", self._number())}}
        )
        coming = await self._booked(
            {
                **_there("2026-11-24T10:30:00Z", self.things["site"]),
                "external_reference": mark("external reference"),
                "cost_centre": mark("cost centre"), "instructions": mark("instructions"),
            }
        )  # fmt: skip
        waiting = await self._asked(
            {
                **_there("2026-11-27T10:00:00Z", self.later["id"]),
                "external_reference": mark("later external reference"),
                "instructions": mark("later instructions"),
            }
        )  # fmt: skip
        self.world.now = OPENED.replace(minute=15)
        await self.made(self.person, f"/v1/bookings/{over['id']}/start", {}, 200)
        self.world.now = OPENED.replace(minute=45)
        await self.made(self.person, f"/v1/bookings/{over['id']}/end", {}, 200)
        self.world.now = OPENED.replace(hour=9)
        await self.made(self.person, f"/v1/bookings/{running['id']}/start", {}, 200)
        self.things |= {
            "request": waiting["id"], "offer": await self._offer(waiting), "booking": coming["id"],
            "session": running["id"], "over": over["id"],
        }  # fmt: skip
        expense = await self.made(
            self.person, f"/v1/bookings/{coming['id']}/expenses",
            {
                "kind": "taxi", "amount": {"amount_minor": 1200, "currency": "EUR"},
                "note": mark("expense note"), "beforehand": True,
            },
        )  # fmt: skip
        self.things["expense"] = expense["id"]
        await self._voices(coming)
        await self._disputes()
        month = f"2027-{NUMBER[self.name]}"  # each its own, so that none supersedes another
        when = {"from": f"{month}-10T00:00:00Z", "to": f"{month}-11T00:00:00Z"}
        self.things["plan"] = (await self.made(self.coordinator, "/v1/plans", when))["id"]

    async def _disputes(self) -> None:
        """A booking that was called off in time and is disputed, by each side one."""
        for kind, api, who, day in (
            ("dispute", self.software, "institution", 20),
            ("interpreters_dispute", self.person, "interpreter", 21),
        ):
            booking = await self._booked(_phone(f"2026-12-{day}T09:00:00Z", 30))
            path = f"/v1/bookings/{booking['id']}"
            await self.made(self.software, f"{path}/cancel", {"reason": "not needed"}, 200)
            said = {"reason": self.mark(f"what the {who} disputes")}
            self.things[kind] = (await self.made(api, f"{path}/dispute", said, 200))["id"]

    async def _voices(self, booking: Json) -> None:
        """What the client said through their link."""
        link = await self.made(self.software, f"/v1/bookings/{booking['id']}/client-link", {})
        path = str(link["url"]).removeprefix(str(self.world.client.base_url).rstrip("/"))
        for kind, said in (("another_person", "wish"), ("complaint", "complaint")):
            answer = await self.world.client.post(
                path, data={"kind": kind, "said": self.mark(said)}
            )
            assert answer.status_code == 303
        heard = (await self.coordinator.get(f"/v1/client-voices?booking_id={booking['id']}")).json()
        self.things["voice"] = next(
            one["id"] for one in heard["items"] if one["kind"] == "another_person"
        )

    async def _people(self) -> None:
        """Who is signed in: on the own side those who call."""
        owners = {
            "institution_id": read_id(INSTITUTION, self.things["institution"]),
            "interpreter_id": read_id(INTERPRETER, self.things["interpreter"]),
        }
        was, self.world.now, self.network.now = self.world.now, NOW, NOW  # they sign in just now
        both = await self._signed_in("consultant", "interpreter", **owners)
        self.things |= both.things
        if self.name == "own":
            left = await self._signed_in("coordinator")
            await self.made(Api(self.world.client, left.token), "/v1/sign-out", {}, 200)
            staff = await self._signed_in("coordinator")
            self.world.people = {"both": both, "left": left, "staff": staff}
        self.world.now = was

    async def _signed_in(self, *roles: Role, **owners: UUID) -> Person:
        someone = await self.network.person(
            roles, email=f"{self.name}@example.org", display_name=f"Somebody of {self.name}",
            **owners,
        )  # fmt: skip
        devices = (await someone.get("/v1/sign-ins")).json()["items"]
        asked = await self.made(someone, "/v1/passkeys/options", {}, 200)
        credential = Authenticator().make(asked["options"])
        passkey = await self.made(someone, "/v1/passkeys", {"credential": credential})
        browser = await self.made(someone, "/v1/push-subscriptions", {
            "endpoint": f"https://push.example.net/{self.name}/{someone.user_id}",
            "keys": BROWSER_KEYS,
        })  # fmt: skip
        return Person(token=str(someone.token), things={
            "device": devices[0]["id"], "passkey": passkey["id"], "browser": browser["id"],
            "user": show_id("usr", someone.user_id or uuid.UUID(int=7)),
        })  # fmt: skip

    def _number(self) -> str:
        return f"+3712556503{NUMBER[self.name][1]}"

    async def _asked(self, body: Json) -> Json:
        return await self.made(
            self.software, "/v1/requests",
            {
                "language": LANGUAGE[self.name], "topic": "health",
                "clients": [{"reference": self.marks["reference"]}], **body,
            },
        )  # fmt: skip

    async def _booked(self, body: Json) -> Json:
        offer = await self._offer(await self._asked(body))
        return await self.made(self.person, f"/v1/offers/{offer}/accept", {}, 200)

    async def _offer(self, request: Json) -> str:
        found = (await self.person.get("/v1/offers")).json()["items"]
        one: str = next(each["id"] for each in found if each["request_id"] == request["id"])
        return one


def _phone(starts_at: str, minutes: int) -> Json:
    return {"modes": ["phone"], "starts_at": starts_at, "duration_minutes": minutes}


def _there(starts_at: str, site_id: str) -> Json:
    return {
        "modes": ["in_person"], "starts_at": starts_at, "duration_minutes": 60, "site_id": site_id,
    }  # fmt: skip
