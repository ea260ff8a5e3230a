"""What was answered stays, whatever is killed and whenever: web, worker, PostgreSQL, Valkey.

`INTERPRETERS_TEST_ROUNDS` is how many times everything is killed and started again; the everyday
suite does it once.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
import msgspec
import pytest

from faults.everything import Everything, everything
from faults.workers import Valkey, a_valkey
from interpreters.application.calls import run
from interpreters.application.keys import create_owner_key
from interpreters.application.networks import list_networks
from interpreters.database import open_pool
from interpreters.domain.callers import Role
from interpreters.domain.ids import BOOKING, INSTITUTION, INTERPRETER, REQUEST, read_id
from invariants import check_invariants
from sealing import VAULT
from worlds import World

pytestmark = pytest.mark.anyio
ROUNDS: Final = int(os.environ.get("INTERPRETERS_TEST_ROUNDS", "1"))
SCHOOLS, PEOPLE = 3, 6
PAUSE: Final = 0.02


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """A call that was answered with success, and the answer."""

    path: str
    key: str
    token: str
    body: Any
    answer: Any


class Caller:
    """Somebody who calls until they are answered, with the same Idempotency-Key each time."""

    def __init__(self, client: httpx.AsyncClient, token: str, name: str) -> None:
        self.client, self.token, self.name = client, token, name
        self.promises: list[Promise] = []
        self.codes: Counter[str] = Counter()
        self.calls = 0

    async def get(self, path: str) -> Any:
        return (await self._answered("GET", path, None, {})).json()

    async def post(self, path: str, body: Any) -> httpx.Response:
        """Call and keep what was promised; a refusal promises nothing."""
        self.calls += 1
        key = f"{self.name}-{self.calls}"
        answer = await self._answered("POST", path, body, {"Idempotency-Key": key})
        if answer.is_success:
            self.promises.append(
                Promise(path=path, key=key, token=self.token, body=body, answer=answer.json())
            )
        else:
            self.codes[answer.json()["code"]] += 1
        return answer

    async def _answered(
        self, method: str, path: str, body: Any, headers: Mapping[str, str]
    ) -> httpx.Response:
        while True:
            try:
                answer = await self.client.request(
                    method, path, json=body,
                    headers={"Authorization": f"Bearer {self.token}", **headers},
                )  # fmt: skip
            except httpx.TransportError:
                self.codes["no answer"] += 1
            else:
                again = answer.status_code == 409 and (
                    answer.json()["code"] == "idempotency-in-progress"
                )
                if answer.status_code < 500 and not again:
                    return answer
                self.codes[f"{answer.status_code}"] += 1
            await asyncio.sleep(PAUSE * 3)


class Stage:
    """The network that `up` opened, with schools and interpreters who have keys."""

    def __init__(self, network_id: UUID, schools: Sequence[Caller], people: Sequence[Caller]):
        self.network_id, self.schools, self.people = network_id, schools, people
        self.asked = 0
        self.open = True  # while it is, everybody goes on

    @property
    def promises(self) -> list[Promise]:
        return [one for caller in (*self.schools, *self.people) for one in caller.promises]

    async def asks(self, school: Caller) -> None:
        while self.open:
            self.asked += 1
            starts_at = datetime.now(UTC) + timedelta(days=2, minutes=20 * self.asked)
            answer = await school.post(
                "/v1/requests",
                {
                    "language": "dari", "modes": ["phone"], "starts_at": starts_at.isoformat(),
                    "duration_minutes": 30, "topic": "health",
                    "clients": [{"reference": f"C-{self.asked % 5}"}],
                },
            )  # fmt: skip
            assert answer.status_code == 201, answer.text
            await asyncio.sleep(PAUSE)

    async def accepts(self, person: Caller) -> None:
        while self.open:
            for one in (await person.get("/v1/offers?state=open"))["items"]:
                if not self.open:
                    return
                answer = await person.post(f"/v1/offers/{one['id']}/accept", {})
                assert answer.status_code in (200, 409), answer.text
            await asyncio.sleep(PAUSE)


async def a_stage(up: Everything, client: httpx.AsyncClient) -> Stage:
    pool = await open_pool(up.database_url, vault=VAULT, size=1)
    try:
        (network_id,) = (await list_networks(pool)).values()

        async def key(role: Role, name: str, **owner: UUID) -> Caller:
            owners = {"institution_id": None, "interpreter_id": None, **owner}
            made = await run(
                pool,
                network_id,
                lambda db: create_owner_key(
                    db, network_id=network_id, role=role, scopes=(), now=datetime.now(UTC), **owners
                ),
            )
            return Caller(client, made.token, name)

        coordinator = await key("coordinator", "coordinator")
        schools, people = [], []
        for number in range(SCHOOLS):
            made = await coordinator.post(
                "/v1/institutions", {"name": f"School {number}", "kind": "education"}
            )
            owner = read_id(INSTITUTION, made.json()["id"])
            schools.append(await key("institution", f"school-{number}", institution_id=owner))
        for number in range(PEOPLE):
            made = await coordinator.post(
                "/v1/interpreters",
                {
                    "display_name": f"Interpreter {number}", "email": f"i{number}@example.org",
                    "languages": [{"code": "dari"}, {"code": "lv"}],
                },
            )  # fmt: skip
            owner = read_id(INTERPRETER, made.json()["id"])
            people.append(await key("interpreter", f"interpreter-{number}", interpreter_id=owner))
        return Stage(network_id, schools, people)
    finally:
        await pool.close()


async def havoc(up: Everything, valkey: Valkey, dice: random.Random) -> None:
    """Kill one of each, in any order, each while work is done."""
    parts = ["granian", "interpreters.worker", "postgres: interpreters_app", "flush", "valkey"]
    for part in dice.sample(parts, len(parts)):
        await asyncio.to_thread(up.wait)
        await asyncio.sleep(dice.uniform(0.2, 0.6))
        if part == "flush":
            await asyncio.to_thread(valkey.flush)
        elif part == "valkey":
            valkey.kill()
            await asyncio.sleep(dice.uniform(0.3, 0.6))
            await asyncio.to_thread(valkey.start)
        else:
            assert up.kill_one(part, dice), f"there was no {part}"
    await asyncio.to_thread(up.wait)
    await asyncio.sleep(dice.uniform(0.2, 0.6))


async def work_under_havoc(
    up: Everything, valkey: Valkey, stage: Stage, dice: random.Random
) -> None:
    """Let everybody work while things are killed, then kill all; what got no answer is repeated."""
    stage.open = True
    working: list[Awaitable[None]] = [stage.asks(one) for one in stage.schools]
    working += [stage.accepts(one) for one in stage.people]
    everybody = asyncio.gather(*working)
    await havoc(up, valkey, dice)
    up.kill_one("postgres -D", dice)
    await asyncio.sleep(dice.uniform(0, 0.1))
    stage.open = False
    up.kill()
    await asyncio.to_thread(up.start)
    await everybody


async def check_promises(stage: Stage, client: httpx.AsyncClient) -> None:
    """Every call that was answered is answered alike again, and what it made is there."""
    for one in stage.promises:
        headers = {"Authorization": f"Bearer {one.token}", "Idempotency-Key": one.key}
        again = await client.post(one.path, json=one.body, headers=headers)
        assert again.is_success
        assert again.json() == one.answer


async def check_database(up: Everything, stage: Stage) -> None:
    """What was promised is in the tables once, the tables agree, and all of it is told once."""
    pool = await open_pool(up.database_url, vault=VAULT, size=2)
    try:
        world = World(pool, stage.network_id, datetime.now(UTC))
        await check_invariants(world)
        await wait_until_all_is_told(world)
        told = Counter((one["type"], one["subject_id"]) for one in await world.rows("events"))
        bookings = {one["id"]: one["state"] for one in await world.rows("bookings")}
        requests = {one["id"] for one in await world.rows("requests")}
    finally:
        await pool.close()
    made = [one.answer["id"] for school in stage.schools for one in school.promises]
    booked = {one.answer["id"] for person in stage.people for one in person.promises}
    assert {read_id(REQUEST, one) for one in made} == requests
    assert len(made) == len(requests) == stage.asked
    assert {read_id(BOOKING, one) for one in booked} == set(bookings)
    assert set(bookings.values()) == {"confirmed"}
    for kind, subjects in (("request.created", requests), ("booking.confirmed", set(bookings))):
        assert {key: told[key] for key in told if key[0] == kind} == {
            (kind, one): 1 for one in subjects
        }


async def wait_until_all_is_told(world: World, seconds: float = 15) -> None:
    """What workers had in hand when they were killed is due again at once, not by its lease."""
    await world.do(
        lambda db: db.execute(
            "UPDATE due AS d SET at = $2 WHERE d.network_id = $1 AND d.kind = 'outbox'",
            world.network_id,
            world.now,
        )
    )
    end = asyncio.get_running_loop().time() + seconds
    while any(one["kind"] == "outbox" for one in await world.rows("due")):
        assert asyncio.get_running_loop().time() < end, "not everything was told"
        await asyncio.sleep(0.1)


@pytest.mark.timeout(120 + 60 * ROUNDS)
async def test_what_was_answered_stays_whatever_is_killed(tmp_path: Path) -> None:
    dice = random.Random(20261124)
    with a_valkey(tmp_path) as valkey, everything(tmp_path, redis_url=valkey.url) as up:
        async with httpx.AsyncClient(base_url=up.url, timeout=5) as client:
            stage = await a_stage(up, client)
            for _ in range(ROUNDS):
                await work_under_havoc(up, valkey, stage, dice)

            await check_promises(stage, client)
            await check_database(up, stage)
    assert stage.asked >= 10 * ROUNDS
    said = sum((one.codes for one in (*stage.schools, *stage.people)), Counter())
    assert set(said) <= {
        "offer-taken", "interpreter-is-busy", "offer-withdrawn", "no answer", "503",
    }  # fmt: skip
