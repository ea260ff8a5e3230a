"""A small world for tests: a network with sites in three cities and people to interpret there.

Everything is made and done through the application, each call on a connection of its own.
"""

import itertools
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from interpreters.application import (
    assigning,
    bookings,
    cancelling,
    dispatch,
    giving_back,
    offers,
    requests,
    splitting,
)
from interpreters.application.calls import run
from interpreters.application.institutions import InstitutionOrder, create_institution
from interpreters.application.interpreters import (
    InterpreterLanguage,
    InterpreterOrder,
    create_interpreter,
)
from interpreters.application.networks import change_network, open_network
from interpreters.application.request_orders import ClientOrder, RequestOrder
from interpreters.application.sites import SiteOrder, create_site
from interpreters.database import Db, Pool
from interpreters.domain.callers import SCOPES, Caller, house
from interpreters.domain.errors import Refusal

T = TypeVar("T")
Work: TypeAlias = Callable[[Db], Awaitable[T]]

MORNING: Final = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # a Tuesday, in Riga 10:00
RIGA: Final = (56.9496, 24.1052)
JELGAVA: Final = (56.6511, 23.7214)  # 41 km from Riga: 55 minutes
LIEPAJA: Final = (56.5047, 21.0108)  # 195 km from Riga: 255 minutes
CITIES: Final[Mapping[str, tuple[float, float]]] = {
    "riga": RIGA, "jelgava": JELGAVA, "liepaja": LIEPAJA,
}  # fmt: skip
ALL_AT_ONCE: Final = {"chance": 0.001}  # so that a wave is everybody a search looks at
SIXTEEN_AT_ONCE: Final = {"chance": 0.112}  # 0.888 ** 16 is the first below 0.15
NUMBERS: Final = itertools.count(1)


class Said(msgspec.Struct, frozen=True):
    """What one of many calls at once came to: a value or a refusal, and the seconds it took."""

    value: Any
    refusal: Refusal | None
    seconds: float

    @property
    def code(self) -> str:
        return "yes" if self.refusal is None else self.refusal.code


class World:
    """A network; `now` is its clock."""

    def __init__(self, pool: Pool, network_id: UUID, now: datetime) -> None:
        self.pool = pool
        self.network_id = network_id
        self.now = now
        self.deadlocks = 0
        self.house = house(network_id)
        self.institution: UUID
        self.sites: dict[str, UUID] = {}
        self.people: list[UUID] = []

    async def do(self, work: Work[T]) -> T:
        """Run a use-case as the doors do, counting the deadlocks that are tried again."""

        async def counted(db: Db) -> T:
            try:
                return await work(db)
            except asyncpg.DeadlockDetectedError:
                self.deadlocks += 1
                raise

        return await run(self.pool, self.network_id, counted)

    async def said(self, call: Awaitable[Any]) -> Said:
        """Await a call; a refusal is an answer, everything else is an error."""
        began = time.perf_counter()
        try:
            value = await call
        except Refusal as refusal:
            return Said(None, refusal, time.perf_counter() - began)
        return Said(value, None, time.perf_counter() - began)

    def interpreter(self, interpreter_id: UUID) -> Caller:
        return Caller(
            network_id=self.network_id,
            role="interpreter",
            scopes=frozenset(SCOPES["interpreter"]),
            interpreter_id=interpreter_id,
        )

    async def ask(
        self,
        *,
        city: str | None = "riga",
        starts_at: datetime,
        minutes: int = 60,
        needed: int = 1,
        partial_ok: bool = False,
        requirements: Mapping[str, Any] | None = None,
        replaces: UUID | None = None,
    ) -> UUID:
        """Ask for Dari in a city, or by phone where that is None; return the request's id."""
        order = RequestOrder(
            institution_id=self.institution,
            languages=("prs",),
            modes=("phone",) if city is None else ("in_person",),
            starts_at=starts_at,
            duration_minutes=minutes,
            site_id=None if city is None else self.sites[city],
            clients=(ClientOrder(reference="LV-1042"),),
            topic="health",
            requirements=requirements or {},
            interpreters_needed=needed,
            partial_ok=partial_ok,
            replaces=replaces,
        )
        made = await self.do(
            lambda db: requests.create_request(db, self.house, order=lambda: order, now=self.now)
        )
        return made.request.id

    async def ask_everybody(self, **order: Any) -> UUID:
        """Ask, and let the ladder run to its end, while nobody answers."""
        asked = await self.ask(**order)
        while planned := [one["at"] for one in await self.rows("due") if one["kind"] == "ladder"]:
            self.now = planned[0]
            await self.step(asked)
        return asked

    async def accept(self, offer: Mapping[str, Any], *, now: datetime | None = None) -> Any:
        """Say yes; `now` is for somebody whose tap was earlier than the world's clock."""
        caller, now = self.interpreter(offer["interpreter_id"]), now or self.now
        return await self.do(
            lambda db: offers.accept_offer(db, caller, offer_id=offer["id"], now=now)
        )

    async def decline(self, offer: Mapping[str, Any]) -> Any:
        caller, now = self.interpreter(offer["interpreter_id"]), self.now
        return await self.do(
            lambda db: offers.decline_offer(
                db, caller, offer_id=offer["id"], reason=lambda: None, now=now
            )
        )

    async def assign(self, request_id: UUID, interpreter_id: UUID) -> Any:
        return await self.do(
            lambda db: assigning.assign_interpreter(
                db, self.house, request_id=request_id, interpreter_id=lambda: interpreter_id,
                now=self.now,
            )
        )  # fmt: skip

    async def split(self, request_id: UUID, *, if_match: int | None = None) -> Any:
        return await self.do(
            lambda db: splitting.split_team(
                db, self.house, request_id=request_id, if_match=if_match, now=self.now
            )
        )

    async def cancel_request(self, request_id: UUID) -> Any:
        return await self.do(
            lambda db: cancelling.cancel_request(
                db, self.house, request_id=request_id, why=_why, now=self.now
            )
        )

    async def cancel_booking(self, booking_id: UUID) -> Any:
        return await self.do(
            lambda db: cancelling.cancel_booking(
                db, self.house, booking_id=booking_id, why=_why, now=self.now
            )
        )

    async def give_back(self, booking_id: UUID) -> Any:
        return await self.do(
            lambda db: giving_back.give_back(
                db, self.house, booking_id=booking_id, why=_why, now=self.now
            )
        )

    async def session(self, verb: str, booking_id: UUID) -> Any:
        """Say `start`, `client_no_show`, `interpreter_no_show` or `end` of a booking."""
        told = {
            "start": bookings.start,
            "client_no_show": bookings.client_no_show,
            "interpreter_no_show": giving_back.interpreter_no_show,
            "end": partial(bookings.end, ended_at=lambda: None),
        }[verb]
        return await self.do(
            lambda db: told(db, self.house, booking_id=booking_id, now=self.now)  # type: ignore[operator]  # four use-cases of one shape
        )

    async def move(self, request_id: UUID, starts_at: datetime) -> Any:
        return await self.do(
            lambda db: requests.change_request(
                db, self.house, request_id=request_id, if_match=None,
                change=lambda: {"starts_at": starts_at}, now=self.now,
            )
        )  # fmt: skip

    async def step(self, request_id: UUID) -> None:
        await self.do(
            lambda db: dispatch.step_request(
                db, network_id=self.network_id, request_id=request_id, now=self.now
            )
        )

    async def expire(self, request_id: UUID) -> None:
        await self.do(
            lambda db: dispatch.expire_offers(
                db, network_id=self.network_id, request_id=request_id, now=self.now
            )
        )

    async def do_what_is_due(self) -> int:
        """Run every ladder job that is due by now, once; return how many those were."""
        due = [
            row
            for row in await self.rows("due")
            if row["kind"] in ("ladder", "offers") and row["at"] <= self.now
        ]
        for row in due:
            await (self.step if row["kind"] == "ladder" else self.expire)(row["id"])
        return len(due)

    async def rows(self, table: str) -> list[Mapping[str, Any]]:
        """Return every row the network has in a table, in order of id or key."""
        found = await self.do(
            lambda db: db.fetch(
                f"SELECT t.* FROM {table} t WHERE t.network_id = $1 ORDER BY 1, 2, 3",
                self.network_id,
            )
        )
        return list(found)

    async def open_offers(self, request_id: UUID | None = None) -> list[Mapping[str, Any]]:
        return [
            one
            for one in await self.rows("offers")
            if one["state"] == "open" and request_id in (None, one["request_id"])
        ]

    async def live_bookings(self) -> list[Mapping[str, Any]]:
        return [
            one
            for one in await self.rows("bookings")
            if one["state"] in ("held", "confirmed", "in_progress")
        ]


async def a_world(
    pool: Pool,
    *,
    people: int,
    homes: Sequence[tuple[float, float]] = (RIGA,),
    ladder: Mapping[str, Any] | None = None,
    certified: int = 0,
    now: datetime = MORNING,
) -> World:
    """Open a network with people who speak Dari and travel anywhere; homes are dealt in turn.

    The first so many are certified, and so found before the others.
    """
    opened = await open_network(
        pool, name="Centre", slug=f"world-{next(NUMBERS)}", time_zone="Europe/Riga",
        currency="EUR", country="LV", working_language="lav", now=now,
    )  # fmt: skip
    world = World(pool, opened.network_id, now)

    async def furnish(db: Db) -> None:
        change = {"ladder": dict(ladder or {})}
        await change_network(db, world.house, if_match=None, change=lambda: change, now=now)
        order = InstitutionOrder(name="School", kind="education")
        school = await create_institution(db, world.house, order=lambda: order, now=now)
        world.institution = school.id
        for name, (latitude, longitude) in CITIES.items():
            place = SiteOrder(name=name, latitude=latitude, longitude=longitude)
            site = await create_site(
                db, world.house, institution_id=school.id, order=partial(_same, place), now=now
            )
            world.sites[name] = site.id
        for number in range(people):
            latitude, longitude = homes[number % len(homes)]
            person = InterpreterOrder(
                display_name=f"Interpreter {number}",
                languages=(
                    InterpreterLanguage(language="prs", level="native"),
                    InterpreterLanguage(language="lav", level="fluent"),
                ),
                email=f"i{number}@example.org",
                qualification="certified" if number < certified else "language_speaker",
                latitude=latitude,
                longitude=longitude,
                travel_radius_km=300,
            )
            made = await create_interpreter(db, world.house, order=partial(_same, person), now=now)
            world.people.append(made.id)

    await world.do(furnish)
    return world


def tomorrow(hour: int = 10, minute: int = 0) -> datetime:
    """Return a time of the day after `MORNING`, in UTC."""
    return MORNING.replace(hour=hour, minute=minute) + timedelta(days=1)


def _same(value: T) -> T:
    return value


def _why() -> cancelling.Why:
    return cancelling.Why(reason="not needed")
