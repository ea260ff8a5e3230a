"""Papers of interpreters through their doors."""

import pytest

from api import serving
from interpreters.database import Pool
from roster import Clock, added, an_institution, another_network, errors_of, supply_of, themselves

pytestmark = pytest.mark.anyio

PAPER = {
    "kind": "child_protection",
    "number": "LV-77",
    "issued_on": "2026-01-15",
    "expires_on": "2028-01-14",
}


async def test_a_paper_is_kept_listed_found_by_searches_and_taken_away(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator)
        path = f"/v1/interpreters/{one['id']}/credentials"
        made = await coordinator.post(path, PAPER, headers={"Idempotency-Key": "paper"})
        assert made.status_code == 201, made.text
        assert made.json() == {"id": made.json()["id"], **PAPER}
        assert made.json()["id"].startswith("crd_")
        again = await coordinator.post(path, PAPER, headers={"Idempotency-Key": "paper"})
        assert (again.json(), again.headers["idempotent-replayed"]) == (made.json(), "true")
        caller = await themselves(network, one)
        assert (await caller.get(path)).json() == {"items": [made.json()], "next": None}
        rows = await supply_of(pool, network, one)
        assert [row["credentials"] for row in rows.values()] == [["child_protection"]]
        gone = await coordinator.delete(f"{path}/{made.json()['id']}")
        assert (gone.status_code, gone.content) == (204, b"")
        assert (await coordinator.delete(f"{path}/{made.json()['id']}")).status_code == 404
        rows = await supply_of(pool, network, one)
        assert [row["credentials"] for row in rows.values()] == [[]]


async def test_a_paper_needs_only_its_kind(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        path = f"/v1/interpreters/{(await added(coordinator))['id']}/credentials"
        made = (await coordinator.post(path, {"kind": "sworn"})).json()
        assert made == {
            "id": made["id"],
            "kind": "sworn",
            "number": None,
            "issued_on": None,
            "expires_on": None,
        }


async def test_a_paper_expires_on_the_day_of_issue_or_later(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        path = f"/v1/interpreters/{(await added(coordinator))['id']}/credentials"
        short = await coordinator.post(path, {**PAPER, "expires_on": "2026-01-15"})
        assert short.status_code == 201
        early = await coordinator.post(path, {**PAPER, "expires_on": "2026-01-14"})
        assert errors_of(early) == {("/expires_on", "ends-before-start")}
        wrong = await coordinator.post(path, {"kind": "", "issued_on": "15.01.2026"})
        assert errors_of(wrong) == {("/kind", "out-of-range"), ("/issued_on", "invalid")}


async def test_only_coordinators_vouch_for_papers(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one, other = await added(coordinator), await added(coordinator)
        path = f"/v1/interpreters/{one['id']}/credentials"
        paper = (await coordinator.post(path, PAPER)).json()["id"]
        institution, _ = await an_institution(network, coordinator)
        own, colleague = await themselves(network, one), await themselves(network, other)
        async with another_network(network) as stranger:
            for caller, reading, writing in (
                (stranger, 404, 404), (colleague, 404, 403), (institution, 403, 403),
                (own, 200, 403),
            ):  # fmt: skip
                assert (await caller.get(path)).status_code == reading
                assert (await caller.post(path, {"bad": 1})).status_code == writing
                assert (await caller.delete(f"{path}/{paper}")).status_code == writing
        elsewhere = f"/v1/interpreters/{other['id']}/credentials/{paper}"
        assert (await coordinator.delete(elsewhere)).status_code == 404
