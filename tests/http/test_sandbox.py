"""Test keys: a twin of the network where scripted interpreters answer and nobody is called."""

from datetime import timedelta
from typing import Any

import pytest

from api import Api, Network, serving
from conftest import Clock
from interpreters.application.due import take_due
from interpreters.database import Pool
from interpreters.jobs import ladders, scenarios
from interpreters.jobs.relay import Jobs

pytestmark = pytest.mark.anyio
JOBS: Jobs = {"scenario": scenarios.act, "ladder": ladders.step, "offers": ladders.expire}


async def keys_of(network: Network, **order: Any) -> tuple[Api, str, dict[str, Any]]:
    """An institution with a site; its test key as a caller, and the key's own view."""
    coordinator = await network.caller("coordinator")
    made = await coordinator.post("/v1/institutions", {"name": "School 12", "kind": "education"})
    institution_id = made.json()["id"]
    site = await coordinator.post(
        f"/v1/institutions/{institution_id}/sites",
        {"name": "Main house", "latitude": 56.95, "longitude": 24.1, "rooms": ["4"]},
    )
    key = await coordinator.post(
        f"/v1/institutions/{institution_id}/keys", {"mode": "test", **order}
    )
    assert key.status_code == 201, key.text
    return Api(network.client, key.json()["token"]), site.json()["id"], key.json()


def wanted(clock: Clock, site_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "language": "dari", "modes": ["in_person"], "site_id": site_id, "topic": "health",
        "starts_at": (clock.now + timedelta(hours=3)).isoformat(), "duration_minutes": 60,
        "clients": [{"reference": "C-1"}], **fields,
    }  # fmt: skip


async def pass_time(pool: Pool, clock: Clock, seconds: int) -> None:
    """Let the time pass, doing at each second what is due, as the worker does."""
    for _ in range(seconds):
        clock.now += timedelta(seconds=1)
        until = clock.now + timedelta(seconds=15)
        taken = await take_due(pool, kinds=list(JOBS), now=clock.now, until=until, limit=100)
        for one in taken:
            await JOBS[one.kind](pool, network_id=one.network_id, id=one.id, clock=clock)


async def request_state(api: Api, request_id: str) -> str:
    return str((await api.get(f"/v1/requests/{request_id}")).json()["state"])


async def bookings_of(api: Api, request_id: str) -> list[str]:
    found = (await api.get("/v1/bookings")).json()["items"]
    return sorted(one["state"] for one in found if one["request_id"] == request_id)


async def test_a_test_key_is_told_by_its_token_and_listed_with_the_others(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        tester, _, key = await keys_of(network)
        assert key["token"].startswith("ik_test_")
        me = (await tester.get("/v1/me")).json()
        assert (me["mode"], me["network"]["name"]) == ("test", "Centre (sandbox)")
        coordinator = await network.caller("coordinator")
        institution_id = me["institution_id"]
        listed = await coordinator.get(f"/v1/institutions/{institution_id}/keys")
        assert [(one["id"], one["mode"]) for one in listed.json()["items"]] == [(key["id"], "test")]
        gone = await coordinator.delete(f"/v1/institutions/{institution_id}/keys/{key['id']}")
        assert gone.status_code == 204
        assert (await tester.get("/v1/me")).status_code == 401


async def test_somebody_accepts_five_seconds_later_and_carries_the_session_out(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        tester, site_id, _ = await keys_of(network)
        made = await tester.post("/v1/requests", wanted(clock, site_id))
        assert (made.status_code, made.json()["state"]) == (201, "searching"), made.text
        request_id = made.json()["id"]
        await pass_time(pool, clock, 4)
        assert await request_state(tester, request_id) == "searching"
        await pass_time(pool, clock, 1)
        assert await request_state(tester, request_id) == "filled"
        clock.now += timedelta(hours=3)
        await pass_time(pool, clock, 1)
        assert await bookings_of(tester, request_id) == ["in_progress"]
        clock.now += timedelta(hours=1)
        await pass_time(pool, clock, 1)
        assert await bookings_of(tester, request_id) == ["completed"]
        entries = (await tester.get(
            f"/v1/usage/entries?from={clock.now.date()}&to={clock.now.date() + timedelta(days=1)}"
        )).json()["items"]  # fmt: skip
        assert [(one["kind"], one["actual_minutes"]) for one in entries] == [("session", 60)]


async def test_nobody_accepts(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        tester, site_id, _ = await keys_of(network)
        made = await tester.post(
            "/v1/requests", wanted(clock, site_id, test_scenario="nobody_accepts")
        )
        await pass_time(pool, clock, 30)
        assert await request_state(tester, made.json()["id"]) == "unfilled"


async def test_one_gives_back_and_another_comes(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        tester, site_id, _ = await keys_of(network)
        made = await tester.post("/v1/requests", wanted(clock, site_id, test_scenario="gives_back"))
        request_id = made.json()["id"]
        await pass_time(pool, clock, 5)
        assert await bookings_of(tester, request_id) == ["confirmed"]
        await pass_time(pool, clock, 30)
        assert await bookings_of(tester, request_id) == ["confirmed", "given_back"]
        assert await request_state(tester, request_id) == "filled"


async def test_one_does_not_come_and_another_is_sent(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        tester, site_id, _ = await keys_of(network)
        made = await tester.post("/v1/requests", wanted(clock, site_id, test_scenario="no_show"))
        request_id = made.json()["id"]
        await pass_time(pool, clock, 6)
        clock.now += timedelta(hours=3)
        await pass_time(pool, clock, 2)
        assert "interpreter_no_show" in await bookings_of(tester, request_id)


async def test_the_sandbox_and_its_network_see_nothing_of_each_other(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        tester, site_id, _ = await keys_of(network)
        coordinator = await network.caller("coordinator")
        made = await tester.post("/v1/requests", wanted(clock, site_id))
        await pass_time(pool, clock, 6)
        seen = await coordinator.get(f"/v1/requests/{made.json()['id']}")
        assert seen.status_code == 404
        for noun in ("requests", "bookings", "interpreters", "clients", "events"):
            path = f"/v1/{noun}"
            assert (await coordinator.get(path)).json()["items"] == [], path
        own = await coordinator.post(
            "/v1/interpreters",
            {"display_name": "Anna", "email": "anna@example.org",
             "languages": [{"code": "prs"}, {"code": "lav"}]},
        )  # fmt: skip
        assert own.status_code == 201
        assert (await tester.get("/v1/interpreters/" + own.json()["id"])).status_code == 404


async def test_a_script_nobody_wrote_is_refused(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        tester, site_id, _ = await keys_of(network)
        refused = await tester.post("/v1/requests", wanted(clock, site_id, test_scenario="dances"))
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown-scenario")


async def test_without_a_test_key_nobody_follows_a_script(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, site_id, _ = await keys_of(network)
        coordinator = await network.caller("coordinator")
        institution = (await coordinator.get("/v1/institutions")).json()["items"][0]["id"]
        body = wanted(clock, site_id, test_scenario="accepts", institution_id=institution)
        made = await coordinator.post("/v1/requests", body)
        assert made.json()["state"] == "unfilled"  # nobody is on the network's own roster


async def test_of_one_name_two_keys_work_at_a_time(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        made = await coordinator.post("/v1/institutions", {"name": "S", "kind": "education"})
        path = f"/v1/institutions/{made.json()['id']}/keys"
        first = await coordinator.post(path, {"name": "CRM"})
        second = await coordinator.post(path, {"name": "CRM"})
        assert (first.status_code, second.status_code) == (201, 201)
        third = await coordinator.post(path, {"name": "CRM"})
        assert (third.status_code, third.json()["code"]) == (409, "too-many-keys")
        assert (await coordinator.post(path, {"name": "ERP"})).status_code == 201
        assert (await coordinator.delete(f"{path}/{first.json()['id']}")).status_code == 204
        assert (await coordinator.post(path, {"name": "CRM"})).status_code == 201
        assert [one["name"] for one in (await coordinator.get(path)).json()["items"]].count(
            "CRM"
        ) == 3
