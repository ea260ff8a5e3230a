"""Who did what to whom: what is noted, who reads it, and that nobody changes it."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from api import Api, Network, serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.networks import open_network
from interpreters.database import Pool
from interpreters.domain.ids import KEY, USER, show_id

pytestmark = pytest.mark.anyio


async def items(api: Api, **query: Any) -> list[dict[str, Any]]:
    answer = await api.get("/v1/audit", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def a_client(api: Api, reference: str = "LV-1", **fields: str) -> str:
    made = await api.post("/v1/clients", {"reference": reference, **fields})
    assert made.status_code == 201, made.text
    found: str = made.json()["id"]
    return found


async def test_every_look_at_a_client_is_noted_with_who_looked(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, software = await network.institution()
        client_id = await a_client(software)
        person = await network.person(["coordinator"], email="one@example.org")
        clock.now += timedelta(minutes=1)
        await person.get(f"/v1/clients/{client_id}")
        await person.get("/v1/clients")

        noted = await items(person, subject_id=client_id)

        assert person.user_id is not None
        who = show_id(USER, person.user_id)
        assert [(one["action"], one["role"]) for one in noted] == [
            ("read", "coordinator"), ("read", "coordinator"), ("created", "institution"),
        ]  # fmt: skip
        assert [one["actor_id"] == who for one in noted] == [True, True, False]
        assert noted[2]["actor_id"].startswith(f"{KEY}_")
        assert {one["subject_kind"] for one in noted} == {"client"}
        assert noted[0]["at"] == "2026-11-24T08:01:00Z"
        assert [one["action"] for one in await items(person, actor_id=who)][:2] == ["read", "read"]


async def test_keys_made_and_revoked_and_sign_ins_are_noted(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution_id, _ = await network.institution()
        coordinator = await network.person(["coordinator"], email="one@example.org")
        path = f"/v1/institutions/{institution_id}/keys"
        key_id = (await coordinator.post(path, {})).json()["id"]
        clock.now += timedelta(seconds=1)
        await coordinator.delete(f"{path}/{key_id}")

        noted = await items(coordinator, subject_id=key_id)
        assert [one["action"] for one in noted] == ["revoked", "created"]
        everything = await items(coordinator)
        assert ("signed-in", "sign-in") in {
            (one["action"], one["subject_kind"]) for one in everything
        }


async def test_days_are_the_networks_and_the_last_is_not_included(pool: Pool, clock: Clock) -> None:
    """23:30 in Riga on the 24th is 21:30 UTC; half an hour later it is the 25th there."""
    async with serving(pool, clock) as network:
        _, software = await network.institution()
        coordinator = await network.caller("coordinator")
        clock.now = clock.now.replace(hour=21, minute=30)
        first = await a_client(software, "LV-1")
        clock.now += timedelta(minutes=30)
        second = await a_client(software, "LV-2")

        async def of(start: str, end: str) -> list[str]:
            found = await items(coordinator, **{"from": start, "to": end})
            return [one["subject_id"] for one in found if one["subject_kind"] == "client"]

        assert await of("2026-11-24", "2026-11-25") == [first]
        assert await of("2026-11-25", "2026-11-26") == [second]


async def test_pages_follow_each_other_without_a_gap(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, software = await network.institution()
        made = [await a_client(software, f"LV-{number}") for number in range(5)]
        coordinator = await network.caller("coordinator")
        seen, path = [], "/v1/audit?limit=2"
        while path:
            page = (await coordinator.get(path)).json()
            seen += [one["subject_id"] for one in page["items"]]
            path = page["next"]
        assert len(seen) == len(set(seen))
        assert set(made) <= set(seen)


async def test_an_actor_that_is_no_id_is_refused_and_a_strange_one_finds_nothing(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        assert (await coordinator.get("/v1/audit?actor_id=x")).status_code == 422
        assert await items(coordinator, actor_id="usr_" + "0" * 26) == []


@pytest.mark.parametrize("role", ["finance", "coordinator"])
async def test_only_coordinators_read_it_with_the_scope(
    pool: Pool, clock: Clock, role: str
) -> None:
    async with serving(pool, clock) as network:
        caller = await network.caller(role)  # type: ignore[arg-type]  # one of the roles
        expected = 200 if role == "coordinator" else 403
        assert (await caller.get("/v1/audit")).status_code == expected


async def test_another_networks_audit_is_not_seen(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, software = await network.institution()
        client_id = await a_client(software)
        other = Network(pool, network.client, await _another(network), network.now)
        coordinator = await other.caller("coordinator")
        assert await items(coordinator, subject_id=client_id) == []


async def _another(network: Network) -> Any:
    opened = await open_network(
        network.pool, name="Other", slug="other", time_zone="UTC", currency="EUR", country=None,
        working_language=None, now=network.now,
    )  # fmt: skip
    return opened.network_id


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET action = 'x'", "DELETE FROM audit", "TRUNCATE audit"]
)
async def test_the_applications_role_cannot_change_what_is_noted(
    pool: Pool, clock: Clock, statement: str
) -> None:
    async with serving(pool, clock) as network:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await run(pool, network.id, lambda db: db.execute(statement))
