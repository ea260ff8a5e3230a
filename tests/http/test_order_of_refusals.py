"""Who you are comes first, then what you may, then what is there, and only then what you sent."""

from datetime import timedelta
from uuid import uuid4

import pytest

from api import Network, serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.keys import create_key
from interpreters.application.networks import open_network
from interpreters.database import Pool
from interpreters.domain.callers import SCOPES, Caller
from interpreters.domain.ids import show_id
from interpreters.domain.tokens import new_token

pytestmark = pytest.mark.anyio
CUT = b'{"name": '
LARGE = b" " * (256 * 1024 + 1)
NOWHERE = show_id("ins", uuid4())
DOORS = [
    ("POST", "/v1/institutions"),
    ("PATCH", f"/v1/institutions/{NOWHERE}"),
    ("POST", f"/v1/institutions/{NOWHERE}/sites"),
    ("POST", f"/v1/institutions/{NOWHERE}/keys"),
    ("POST", "/v1/clients"),
    ("PATCH", "/v1/network"),
]


@pytest.mark.parametrize("body", [CUT, LARGE, b"\xff", b"{}"])
async def test_without_a_token_nothing_is_looked_at(pool: Pool, clock: Clock, body: bytes) -> None:
    async with serving(pool, clock) as network:
        bad_key = {"Idempotency-Key": "x" * 256}
        for method, path in DOORS:
            response = await network.client.request(method, path, content=body, headers=bad_key)
            assert (response.status_code, response.json()["code"]) == (401, "unauthorized")
            assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("token", ["nonsense", "ik_live_", "ik_live_" + "0" * 58, "é", "stranger"])
async def test_a_token_nobody_has_is_refused(pool: Pool, clock: Clock, token: str) -> None:
    async with serving(pool, clock) as network:
        shown = new_token(network.id, "ik_live") if token == "stranger" else token
        headers = {"Authorization": f"Bearer {shown}".encode()}
        response = await network.client.get("/v1/network", headers=headers)
        assert (response.status_code, response.json()["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("body", [CUT, LARGE])
async def test_a_role_that_may_never_is_told_before_its_body_is_read(
    pool: Pool, clock: Clock, body: bytes
) -> None:
    async with serving(pool, clock) as network:
        finance = await network.caller("finance")
        for method, path in DOORS:
            response = await finance.call(method, path, content=body)
            assert (response.status_code, response.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("body", [CUT, LARGE, b'{"unknown": 1}'])
async def test_what_is_not_there_is_told_before_the_body_is_read(
    pool: Pool, clock: Clock, body: bytes
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        for method, path in (one for one in DOORS if NOWHERE in one[1]):
            response = await coordinator.call(method, path, content=body)
            assert (response.status_code, response.json()["code"]) == (404, "not-found")


async def test_another_institutions_things_are_not_there(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        theirs, _ = await network.institution("Theirs")
        _, ours = await network.institution("Ours")
        for path in (f"/v1/institutions/{theirs}", f"/v1/institutions/{theirs}/sites"):
            response = await ours.get(path)
            assert (response.status_code, response.json()["code"]) == (404, "not-found")


async def test_another_networks_things_are_not_there(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        mine, _ = await network.institution()
        other = await open_network(
            pool, name="Other", slug="other", time_zone="UTC", currency="EUR", country="LV",
            working_language=None, now=clock.now,
        )  # fmt: skip
        theirs = Network(pool, network.client, other.network_id, clock.now)
        stranger = await theirs.caller("coordinator")
        for method, path in (
            ("GET", f"/v1/institutions/{mine}"),
            ("PATCH", f"/v1/institutions/{mine}"),
            ("POST", f"/v1/institutions/{mine}/sites"),
            ("GET", f"/v1/institutions/{mine}/keys"),
        ):
            response = await stranger.call(method, path, json={} if method != "GET" else None)
            assert (response.status_code, response.json()["code"]) == (404, "not-found")
        assert (await stranger.get("/v1/institutions")).json()["items"] == []


@pytest.mark.parametrize(
    "path", ["ins_", "x", "net_" + "0" * 26, "ins_" + "Z" * 26, "%00", "ins_é"]
)
async def test_a_text_that_is_no_id_is_not_there(pool: Pool, clock: Clock, path: str) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        response = await coordinator.get(f"/v1/institutions/{path}")
        assert (response.status_code, response.json()["code"]) == (404, "not-found")


async def test_a_revoked_key_is_refused_at_once(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution()
        coordinator = await network.caller("coordinator")
        made = await coordinator.post(f"/v1/institutions/{institution}/keys")
        software = {"Authorization": f"Bearer {made.json()['token']}"}
        assert (await network.client.get("/v1/me", headers=software)).status_code == 200
        gone = await coordinator.delete(f"/v1/institutions/{institution}/keys/{made.json()['id']}")
        assert gone.status_code == 204
        assert (await network.client.get("/v1/me", headers=software)).status_code == 401


async def test_a_key_is_refused_from_the_instant_it_expires(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        holder = Caller(
            network_id=network.id, role="coordinator", scopes=frozenset(SCOPES["coordinator"])
        )
        ends = clock.now + timedelta(hours=1)
        made = await run(
            pool,
            network.id,
            lambda db: create_key(db, holder=holder, expires_at=ends, now=clock.now),
        )
        headers = {"Authorization": f"Bearer {made.token}"}
        clock.now = ends - timedelta(microseconds=1)
        assert (await network.client.get("/v1/me", headers=headers)).status_code == 200
        clock.now = ends
        assert (await network.client.get("/v1/me", headers=headers)).status_code == 401


async def test_a_key_without_the_scope_may_not(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution()
        coordinator = await network.caller("coordinator")
        path = f"/v1/institutions/{institution}/keys"
        made = await coordinator.post(path, {"scopes": ["requests:read"]})
        headers = {"Authorization": f"Bearer {made.json()['token']}"}
        response = await network.client.get("/v1/clients", headers=headers)
        assert (response.status_code, response.json()["code"]) == (403, "forbidden")
