"""Who may open and send which page: every page of every workplace, every role, whose things.

The rules stand here, written from what each workplace is for, and are compared with what every
route of the application answers; a page without a rule fails. `tests/contract/test_matrix.py`
holds the API and the pages that need nobody, and leaves these to this file.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest

from api import Api, Network, serving
from centre import START, Centre
from conftest import Clock
from interpreters.application.networks import open_network
from interpreters.asgi import build_litestar
from interpreters.database import Pool
from interpreters.domain.ids import INSTITUTION, INTERPRETER, read_id

pytestmark = pytest.mark.anyio
# Whose pages these are, by how their addresses begin.
MAY: Final[Mapping[str, Sequence[str]]] = {
    "/desk": ("consultant", "coordinator"),
    "/board": ("coordinator",),
    "/finance": ("finance", "coordinator"),
}
ROLES: Final = ("coordinator", "finance", "consultant", "interpreter")
OURS: Final = {"Sec-Fetch-Site": "same-origin"}  # what a browser says of a form of our own page
THEIRS: Final = {"Sec-Fetch-Site": "cross-site"}
MONTH: Final = "2026-11"
ENDLESS: Final = {"/board/stream"}  # asked by whoever may not alone: it goes on for who may
ASKS: Final = {"/board/requests/{id}/why"}  # about an interpreter as well
FILES: Final = {"/board/imports"}  # a form with a file, which an empty one is not
# What a page's address names, by how it goes on after the workplace; the rest has no thing in it.
THINGS: Final = {
    r"/received/": "received", r"/requests/": "request", r"/series/": "series",
    r"/(desk|finance)/bookings/": "booking",
    r"/clients/": "client", r"/institutions/": "institution", r"/roster/": "interpreter",
    r"/users/": "user", r"/fundings/": "funding", r"/plans/": "plan", r"/imports/": "import",
    r"/statements/": "institution", r"/disputes/": "dispute", r"/expenses/": "expense",
    r"/voices/": "voice",
}  # fmt: skip


def page_routes() -> list[tuple[str, str]]:
    """Return (method, path) of every page of a workplace."""
    return sorted(
        (method, re.sub(r":[a-z]+}", "}", route.path))
        for route in build_litestar().routes
        for handler in getattr(route, "route_handlers", ())
        for method in handler.http_methods
        if method != "OPTIONS" and route.path.startswith(tuple(MAY))
    )


ROUTES: Final = page_routes()


class World:
    """A network with people and things, and what it is to those of others."""

    def __init__(self, network: Network, people: dict[str, Api], things: dict[str, str]) -> None:
        self.network = network
        self.people = people
        self.things = things

    def address(self, path: str) -> str | None:
        """Return a page's address with our own things in it; None where we have none."""
        kind = kind_of(path)
        if kind is not None and kind not in self.things:
            return None
        thing = "" if kind is None else self.things[kind]
        named = {"month": MONTH, "kind": "csv", "verb": "approve", "party": thing,
                 "site_id": self.things["site"], "id": thing}  # fmt: skip
        asked = re.sub(r"\{(\w+)\}", lambda found: named[found[1]], path)
        return asked + (f"?interpreter_id={self.things['interpreter']}" if path in ASKS else "")


def kind_of(path: str) -> str | None:
    """Return what kind of thing a page is about; None where it is about none."""
    forms = THINGS if "{" in path else ()
    return next((THINGS[form] for form in forms if re.search(form, path)), None)


@asynccontextmanager
async def a_world(pool: Pool, clock: Clock) -> AsyncIterator[World]:
    """Open a network in which something of most kinds is there, and a second one beside it."""
    async with serving(pool, clock) as network:
        clock.now = START - timedelta(days=3)
        centre = await Centre(network, clock).open()
        person = await centre.person()
        booking = await centre.booked(person)
        await centre.asked(language="tamil", starts_at=(START + timedelta(days=2)).isoformat())
        boss = centre.coordinator
        signed = await boss.get(f"/v1/bookings/{booking['id']}/receipt")
        assert signed.status_code == 200, signed.text
        for verb, minutes in (("check-in", 0), ("start", 0), ("end", 60)):
            clock.now = START + timedelta(minutes=minutes)
            done = await person.api.post(f"/v1/bookings/{booking['id']}/{verb}")
            assert done.status_code == 200, done.text
        clients = (await boss.get("/v1/clients")).json()["items"]
        funding = await centre.made(
            boss, "/v1/fundings",
            {"number": "G-1", "starts_on": "2026-01-01",
             "donors": [{"name": "Donor", "share_basis_points": 10000}]},
        )  # fmt: skip
        plan = await boss.post("/v1/plans", {})
        people, known, bank = await staff(network, centre)
        received = await centre.made(
            boss, "/v1/requests",
            centre.order(institution_id=bank, modes=["phone"], site_id=..., language="tamil",
                         starts_at=(START + timedelta(days=3)).isoformat(),
                         on_behalf_of={"institution_id": centre.institution["id"]}),
        )  # fmt: skip
        things = {
            "request": booking["request_id"], "booking": booking["id"], "client": clients[0]["id"],
            "institution": centre.institution["id"], "site": centre.site["id"],
            "interpreter": person.id, "user": known, "funding": funding["id"],
            "received": received["id"],
        }  # fmt: skip
        if plan.status_code == 201:
            things["plan"] = plan.json()["id"]
        yield World(network, people, things)


async def staff(network: Network, centre: Centre) -> tuple[dict[str, Api], str, str]:
    """Sign in somebody of each role, of another institution, and of another network.

    Return them, the id of one of them as a user, and that of the other institution.
    """
    school = read_id(INSTITUTION, centre.institution["id"])
    bank, _ = await network.institution("Bank")
    other = read_id(INSTITUTION, bank)
    who = read_id(INTERPRETER, (await centre.person()).id)
    beside = await open_network(
        network.pool, name="Beside", slug="beside", time_zone="Europe/Riga", currency="EUR",
        country="LV", working_language="lav", now=network.now,
    )  # fmt: skip
    away = Network(network.pool, network.client, beside.network_id, network.now)
    people = {
        "coordinator": await network.person(["coordinator"], email="c@example.org"),
        "finance": await network.person(["finance"], email="f@example.org"),
        "consultant": await network.person(
            ["consultant"], email="d@example.org", institution_id=school),
        "interpreter": await network.person(
            ["interpreter"], email="i@example.org", interpreter_id=who),
        "of the bank": await network.person(
            ["consultant"], email="b@example.org", institution_id=other),
        "of another network": await away.person(["coordinator", "finance"], email="a@example.org"),
    }  # fmt: skip
    boss = await network.caller("coordinator")
    users = (await boss.get("/v1/users")).json()["items"]
    return people, str(users[0]["id"]), bank


async def sent(
    who: Api | None, network: Network, method: str, path: str, headers: Mapping[str, str] = OURS
) -> httpx.Response:
    """Open a page, or send its form without a field filled in, as a browser does."""
    cookies = {} if who is None else {"Cookie": f"interpreters_token={who.token}"}
    return await network.client.request(
        method, path, headers={**headers, **cookies, "Accept": "text/html"},
        data={} if method == "POST" else None,
    )  # fmt: skip


def roles_of(path: str) -> Sequence[str]:
    """Return who may see a page."""
    return next(roles for begin, roles in MAY.items() if path.startswith(begin))


async def test_whoever_is_signed_out_is_asked_to_sign_in(pool: Pool, clock: Clock) -> None:
    async with a_world(pool, clock) as world:
        odd = []
        for method, path in ROUTES:
            address = world.address(path) or re.sub(r"\{\w+\}", "x", path)
            answer = await sent(None, world.network, method, address)
            led = answer.headers.get("location", "").startswith("/sign-in")
            # What only a script asks for is told plainly: it could not sign anybody in.
            wanted = (401, False) if path in ENDLESS else (303, True)
            if (answer.status_code, led) != wanted:
                odd.append((method, path, answer.status_code))
        assert not odd, odd


async def test_another_role_is_refused_whatever_the_page_is_about(pool: Pool, clock: Clock) -> None:
    async with a_world(pool, clock) as world:
        odd = []
        for method, path in ROUTES:
            address = world.address(path) or re.sub(r"\{\w+\}", "x", path)
            for role in set(ROLES) - set(roles_of(path)):
                answer = await sent(world.people[role], world.network, method, address)
                if answer.status_code != 403:
                    odd.append((method, path, role, answer.status_code))
        assert not odd, odd


async def test_who_may_see_a_page_sees_it_and_an_empty_form_breaks_nothing(
    pool: Pool, clock: Clock
) -> None:
    async with a_world(pool, clock) as world:
        odd: list[Any] = []
        for method, path in ROUTES:
            address = world.address(path)
            sent_file = method == "POST" and path in FILES
            if address is None or path in ENDLESS or "/file/" in path or sent_file:
                continue
            for role in roles_of(path):
                answer = await sent(world.people[role], world.network, method, address)
                fine = answer.status_code in ({200, 303} if method == "GET" else range(200, 500))
                if not fine or answer.status_code in (401, 403):
                    odd.append((method, address, role, answer.status_code))
        assert not odd, odd


async def test_what_is_anothers_is_not_there(pool: Pool, clock: Clock) -> None:
    """Another institution's consultant, and everybody of another network."""
    async with a_world(pool, clock) as world:
        odd = []
        for method, path in ROUTES:
            address = world.address(path)
            if address is None or kind_of(path) is None:
                continue
            strangers = ["of another network"]
            strangers += ["of the bank"] if path.startswith("/desk") else []
            for stranger in strangers:
                answer = await sent(world.people[stranger], world.network, method, address)
                if answer.status_code != 404:
                    odd.append((method, path, stranger, answer.status_code))
        assert not odd, odd


async def test_another_sites_form_is_refused(pool: Pool, clock: Clock) -> None:
    async with a_world(pool, clock) as world:
        odd = []
        for method, path in ROUTES:
            address = world.address(path)
            if method != "POST" or address is None:
                continue
            who = world.people[roles_of(path)[0]]
            answer = await sent(who, world.network, method, address, THEIRS)
            if answer.status_code != 403:
                odd.append((method, path, answer.status_code))
        assert not odd, odd
