"""Keys of an institution's software."""

from datetime import timedelta

import pytest

from api import Api, Network, serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.keys import create_key
from interpreters.database import Pool
from interpreters.domain.callers import SCOPES, Caller

pytestmark = pytest.mark.anyio


async def test_a_new_key_shows_its_token_once_and_works(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution()
        coordinator = await network.caller("coordinator")
        clock.now += timedelta(seconds=1)  # lists are by time
        path = f"/v1/institutions/{institution}/keys"
        sent = {"scopes": ["requests:read"], "expires_at": "2027-01-01T02:00:00+02:00",
                "mode": "test"}  # fmt: skip
        made = await coordinator.post(path, sent)
        assert made.status_code == 201, made.text
        key = made.json()
        token = key.pop("token")
        assert token.startswith("ik_test_")
        assert key["id"].startswith("key_")
        assert key["scopes"] == ["requests:read"]
        assert key["expires_at"] == "2027-01-01T00:00:00Z"
        assert (key["mode"], key["created_at"]) == ("test", "2026-11-24T08:00:01Z")
        assert key["last_used_at"] is None
        listed = (await coordinator.get(path)).json()["items"]
        assert listed[0] == key
        assert all("token" not in one for one in listed)
        me = await Api(network.client, token).get("/v1/me")
        assert me.json()["institution_id"] == institution
        assert (me.json()["role"], me.json()["mode"]) == ("institution", "test")
        stored = await run(pool, network.id, lambda db: db.fetch("SELECT * FROM keys"))
        assert token not in str([dict(row) for row in stored])


async def test_a_key_without_scopes_named_has_all_an_institution_may_have(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution()
        coordinator = await network.caller("coordinator")
        made = await coordinator.post(f"/v1/institutions/{institution}/keys")
        assert made.json()["scopes"] == sorted(SCOPES["institution"])
        assert made.json()["mode"] == "live"


async def test_a_scope_no_institution_has_is_refused_by_its_place(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution()
        coordinator = await network.caller("coordinator")
        sent = {"scopes": ["requests:read", "roster:write"]}
        response = await coordinator.post(f"/v1/institutions/{institution}/keys", sent)
        assert (response.status_code, response.json()["code"]) == (422, "unknown-scope")
        assert response.json()["errors"][0]["pointer"] == "/scopes/1"


async def test_nobody_gives_more_scopes_than_they_have(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution()
        from_few = await _coordinator_with(network, "keys:write", "institutions:read")
        path = f"/v1/institutions/{institution}/keys"
        refused = await from_few.post(path, {"scopes": ["requests:write"]})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        allowed = await from_few.post(path, {"scopes": ["institutions:read"]})
        assert allowed.status_code == 201


async def test_the_last_use_is_known_to_the_minute(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution()
        coordinator = await network.caller("coordinator")
        path = f"/v1/institutions/{institution}/keys"
        made = (await coordinator.post(path)).json()
        software = Api(network.client, made["token"])

        async def last_used() -> str:
            listed = (await coordinator.get(path)).json()["items"]
            return str({one["id"]: one["last_used_at"] for one in listed}[made["id"]])

        await software.get("/v1/me")
        assert await last_used() == "2026-11-24T08:00:00Z"
        clock.now += timedelta(seconds=59)
        await software.get("/v1/me")
        assert await last_used() == "2026-11-24T08:00:00Z"
        clock.now += timedelta(seconds=1)
        await software.get("/v1/me")
        assert await last_used() == "2026-11-24T08:01:00Z"


async def test_an_ended_key_stays_ended_and_another_institutions_is_not_there(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution("One")
        other, _ = await network.institution("Two")
        coordinator = await network.caller("coordinator")
        path = f"/v1/institutions/{institution}/keys"
        key = (await coordinator.post(path)).json()["id"]
        wrong = await coordinator.delete(f"/v1/institutions/{other}/keys/{key}")
        assert wrong.status_code == 404
        for _ in range(2):
            assert (await coordinator.delete(f"{path}/{key}")).status_code == 204
        listed = (await coordinator.get(path)).json()["items"]
        assert {one["id"]: one["revoked_at"] for one in listed}[key] == "2026-11-24T08:00:00Z"


async def test_only_coordinators_make_keys(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, software = await network.institution()
        path = f"/v1/institutions/{institution}/keys"
        assert (await software.post(path)).status_code == 403
        assert (await software.get(path)).status_code == 403


async def _coordinator_with(network: Network, *scopes: str) -> Api:
    """A coordinator's key of a few scopes."""
    holder = Caller(network_id=network.id, role="coordinator", scopes=frozenset(scopes))
    made = await run(
        network.pool,
        network.id,
        lambda db: create_key(db, holder=holder, expires_at=None, now=network.now),
    )
    return Api(network.client, made.token)
