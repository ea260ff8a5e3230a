"""A call with a key has its effect once, however often it is sent."""

import asyncio
from typing import Any

import pytest

from api import serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.database import Pool, transaction
from sealing import VAULT

pytestmark = pytest.mark.anyio
SCHOOL = {"name": "School", "kind": "education"}
ONE = {"Idempotency-Key": "one"}


async def test_a_replay_gives_the_stored_answer_and_has_no_effect(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        first = await coordinator.post("/v1/institutions", SCHOOL, headers=ONE)
        again = await coordinator.post("/v1/institutions", SCHOOL, headers=ONE)
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.json() == first.json()
        assert "idempotent-replayed" not in first.headers
        assert again.headers["idempotent-replayed"] == "true"
        assert again.headers["etag"] == first.headers["etag"]
        assert await network.count("institutions") == 1


async def test_space_and_the_order_of_fields_make_no_other_body(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        await coordinator.post("/v1/institutions", SCHOOL, headers=ONE)
        other = b'{ "kind":"education",\n "name":"School" }'
        again = await coordinator.call("POST", "/v1/institutions", content=other, headers=ONE)
        assert again.headers["idempotent-replayed"] == "true"


async def test_a_key_with_another_body_or_path_is_refused(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        made = await coordinator.post("/v1/institutions", SCHOOL, headers=ONE)
        here = f"/v1/institutions/{made.json()['id']}"
        for path, body in (
            ("/v1/institutions", SCHOOL | {"name": "Other"}),
            (f"{here}/sites", SCHOOL),
        ):
            again = await coordinator.post(path, body, headers=ONE)
            assert (again.status_code, again.json()["code"]) == (422, "idempotency-key-reused")
        assert await network.count("institutions") == 1


async def test_callers_do_not_share_keys(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        first = await network.caller("coordinator")
        second = await network.caller("coordinator")
        one = await first.post("/v1/institutions", SCHOOL, headers=ONE)
        two = await second.post("/v1/institutions", SCHOOL, headers=ONE)
        assert one.json()["id"] != two.json()["id"]


async def test_a_refusal_keeps_nothing_so_that_the_call_may_be_mended(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        refused = await coordinator.post("/v1/institutions", {"name": "School"}, headers=ONE)
        assert refused.status_code == 422
        assert await network.count("idempotency_keys") == 0
        mended = await coordinator.post("/v1/institutions", SCHOOL, headers=ONE)
        assert mended.status_code == 201


async def test_a_twin_that_is_still_running_is_told_so(pool: Pool, clock: Clock) -> None:
    """The first call waits for a table that somebody holds; the second answers meanwhile."""
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")

        async def post() -> Any:
            return await coordinator.post("/v1/institutions", SCHOOL, headers=ONE)

        async with transaction(pool, network.id) as db:
            await db.execute("LOCK TABLE institutions IN SHARE MODE")
            first = asyncio.create_task(post())
            await _until_one_waits(pool)
            second = await post()
            assert (second.status_code, second.json()["code"]) == (409, "idempotency-in-progress")
        assert (await first).status_code == 201
        third = await post()
        assert third.headers["idempotent-replayed"] == "true"
        assert await network.count("institutions") == 1


async def test_twenty_at_once_have_one_effect(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        answers = await asyncio.gather(
            *(coordinator.post("/v1/institutions", SCHOOL, headers=ONE) for _ in range(20))
        )
        made = {one.json()["id"] for one in answers if one.status_code == 201}
        assert len(made) == 1
        others = [one for one in answers if one.status_code != 201]
        assert {one.json()["code"] for one in others} <= {"idempotency-in-progress"}
        assert await network.count("institutions") == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "schl\xfcssel\x7f"])
async def test_a_key_is_1_to_255_printable_characters(pool: Pool, clock: Clock, key: str) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        headers = {"Idempotency-Key": key.encode("latin-1")}
        response = await coordinator.post("/v1/institutions", SCHOOL, headers=headers)
        assert response.status_code == 422
        assert response.json()["errors"][0]["pointer"] == "/Idempotency-Key"
        assert await network.count("institutions") == 0


async def test_a_stored_answer_never_holds_a_client(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, software = await network.institution()
        sent = {"reference": "LV-SECRET-77", "languages": ["prs"], "status": "asylum-seeker",
                "status_since": "2025-02-03", "group": "families", "nationality": "AF",
                "gender_preference": "female"}  # fmt: skip
        first = await software.post("/v1/clients", sent, headers=ONE)
        stored = await run(
            pool, network.id, lambda db: db.fetchval("SELECT answer FROM idempotency_keys")
        )
        held = VAULT.unseal_bytes(network.id, stored)  # what is sealed holds any two letters
        for word in (b"SECRET", b"prs", b"asylum", b"2025-02-03", b"families", b'"AF"', b"female"):
            assert word not in held
        again = await software.post("/v1/clients", sent, headers=ONE)
        assert again.headers["idempotent-replayed"] == "true"
        assert again.json() == first.json()
        assert again.json()["reference"] == "LV-SECRET-77"


async def test_a_replay_after_erasure_shows_nothing_of_the_person(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, software = await network.institution()
        sent = {"reference": "LV-1", "status": "refugee"}
        made = await software.post("/v1/clients", sent, headers=ONE)
        await software.delete(f"/v1/clients/{made.json()['id']}")
        again = await software.post("/v1/clients", sent, headers=ONE)
        assert again.json()["reference"].startswith("erased-")
        assert again.json()["status"] is None


async def test_a_token_is_not_stored_not_even_for_a_replay(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution()
        coordinator = await network.caller("coordinator")
        path = f"/v1/institutions/{institution}/keys"
        first = await coordinator.post(path, headers=ONE)
        again = await coordinator.post(path, headers=ONE)
        assert first.json()["token"].startswith("ik_live_")
        assert again.json() == first.json() | {"token": None}


async def _until_one_waits(pool: Pool) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    async with asyncio.timeout(5):
        while await pool.fetchval(waiting) == 0:
            await asyncio.sleep(0.02)
