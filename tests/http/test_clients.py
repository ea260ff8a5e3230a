"""Clients: known by the institution's own reference, every look noted, erased when asked."""

import re

import pytest

from api import Network, serving
from conftest import Clock
from interpreters.application.calls import run
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
PERSON = {
    "reference": "LV-1042",
    "languages": ["dari", "prs", "Pashto"],
    "nationality": "AF",
    "gender_preference": "female",
    "status": "asylum seeker",
    "status_since": "2026-03-04",
    "group": "families",
}


async def audit(network: Network) -> list[tuple[str, str]]:
    rows = await run(
        network.pool,
        network.id,
        lambda db: db.fetch("SELECT action, role FROM audit ORDER BY at, id"),
    )
    return sorted((row["action"], row["role"]) for row in rows)


async def test_an_institution_adds_a_client_of_its_own(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, software = await network.institution()
        made = await software.post("/v1/clients", PERSON)
        assert made.status_code == 201, made.text
        client = made.json()
        assert client["institution_id"] == institution
        assert [one["code"] for one in client["languages"]] == ["prs", "pus"]
        for name in ("reference", "nationality", "gender_preference", "status", "status_since",
                     "group"):  # fmt: skip
            assert client[name] == PERSON[name]
        shown = await software.get(f"/v1/clients/{client['id']}")
        assert (shown.status_code, shown.json()) == (200, client)


async def test_a_reference_stands_for_one_client_of_an_institution(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        _, first = await network.institution("One")
        _, second = await network.institution("Two")
        assert (await first.post("/v1/clients", PERSON)).status_code == 201
        again = await first.post("/v1/clients", PERSON)
        assert (again.status_code, again.json()["code"]) == (409, "reference-taken")
        assert (await second.post("/v1/clients", PERSON)).status_code == 201


async def test_a_coordinator_says_of_which_institution(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        institution, _ = await network.institution()
        coordinator = await network.caller("coordinator")
        for sent, code in (
            (PERSON, "required"),
            (PERSON | {"institution_id": "ins_" + "0" * 26}, "unknown-institution"),
        ):
            response = await coordinator.post("/v1/clients", sent)
            assert response.status_code == 422
            error = response.json()["errors"][0]
            assert (error["pointer"], error["code"]) == ("/institution_id", code)
        made = await coordinator.post("/v1/clients", PERSON | {"institution_id": institution})
        assert made.status_code == 201


async def test_nobody_else_says_of_which_institution_but_their_own(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        theirs, _ = await network.institution("Theirs")
        own, software = await network.institution("Ours")
        response = await software.post("/v1/clients", PERSON | {"institution_id": theirs})
        assert (response.status_code, response.json()["code"]) == (403, "forbidden")
        response = await software.post("/v1/clients", PERSON | {"institution_id": own})
        assert response.status_code == 201


async def test_lists_hold_ones_own_clients_and_can_be_narrowed(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        first, one = await network.institution("One")
        _, two = await network.institution("Two")
        coordinator = await network.caller("coordinator")
        for caller, reference in ((one, "A"), (one, "B"), (two, "A")):
            await caller.post("/v1/clients", {"reference": reference})

        async def count(caller: object, query: str = "") -> int:
            response = await caller.get(f"/v1/clients{query}")  # type: ignore[attr-defined]  # an Api
            return len(response.json()["items"])

        assert await count(coordinator) == 3
        assert await count(one) == 2
        assert await count(coordinator, "?reference=A") == 2
        assert await count(coordinator, f"?reference=A&institution_id={first}") == 1
        assert await count(one, "?reference=B") == 1
        assert await count(two, f"?institution_id={first}") == 0


async def test_another_institutions_client_is_not_there(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, one = await network.institution("One")
        _, two = await network.institution("Two")
        made = await one.post("/v1/clients", PERSON)
        path = f"/v1/clients/{made.json()['id']}"
        assert (await two.get(path)).status_code == 404
        assert (await two.delete(path)).status_code == 404
        assert (await one.get(path)).json()["reference"] == "LV-1042"


async def test_every_look_at_a_client_is_noted(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, software = await network.institution()
        coordinator = await network.caller("coordinator")
        made = await software.post("/v1/clients", PERSON)
        await software.post("/v1/clients", {"reference": "LV-2"})
        await coordinator.get(f"/v1/clients/{made.json()['id']}")
        await software.get("/v1/clients")
        assert await audit(network) == [
            ("created", "institution"),
            ("created", "institution"),
            ("read", "coordinator"),
            ("read", "institution"),
            ("read", "institution"),
        ]


async def test_erasing_leaves_the_nationality_for_counts_and_nothing_else(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        _, software = await network.institution()
        made = await software.post("/v1/clients", PERSON)
        path = f"/v1/clients/{made.json()['id']}"
        gone = await software.delete(path)
        assert (gone.status_code, gone.content) == (204, b"")
        left = (await software.get(path)).json()
        assert re.fullmatch("erased-[0-9a-z]{12}", left["reference"])
        assert left["erased_at"] == "2026-11-24T08:00:00Z"
        assert left["nationality"] == "AF"
        assert left["languages"] == []
        for name in ("gender_preference", "status", "status_since", "group"):
            assert left[name] is None
        assert (await software.post("/v1/clients", PERSON)).status_code == 201


async def test_erasing_again_changes_nothing(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        _, software = await network.institution()
        made = await software.post("/v1/clients", PERSON)
        path = f"/v1/clients/{made.json()['id']}"
        await software.delete(path)
        first = (await software.get(path)).json()
        clock.now = clock.now.replace(hour=9)
        assert (await software.delete(path)).status_code == 204
        assert (await software.get(path)).json() == first


async def test_interpreters_and_finance_see_no_clients(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        finance = await network.caller("finance")
        assert (await finance.get("/v1/clients")).status_code == 403
