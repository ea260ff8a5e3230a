"""Absences through their doors."""

import pytest

from api import serving
from interpreters.database import Pool
from roster import Clock, added, an_institution, another_network, errors_of, themselves

pytestmark = pytest.mark.anyio

AWAY = {"starts_at": "2026-12-24T00:00:00+02:00", "ends_at": "2026-12-27T00:00:00+02:00"}


async def test_an_absence_is_kept_listed_and_taken_back(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator)
        caller = await themselves(network, one)
        path = f"/v1/interpreters/{one['id']}/absences"
        made = await caller.post(path, AWAY, headers={"Idempotency-Key": "away"})
        assert made.status_code == 201, made.text
        assert made.json() == {
            "id": made.json()["id"],
            "starts_at": "2026-12-23T22:00:00Z",
            "ends_at": "2026-12-26T22:00:00Z",
            "source": "own",
        }
        assert made.json()["id"].startswith("abs_")
        again = await caller.post(path, AWAY, headers={"Idempotency-Key": "away"})
        assert (again.json(), again.headers["idempotent-replayed"]) == (made.json(), "true")
        assert (await coordinator.get(path)).json() == {"items": [made.json()], "next": None}
        gone = await caller.delete(f"{path}/{made.json()['id']}")
        assert (gone.status_code, gone.content) == (204, b"")
        assert (await caller.delete(f"{path}/{made.json()['id']}")).status_code == 404
        assert (await caller.get(path)).json() == {"items": [], "next": None}


async def test_absences_are_listed_page_by_page_each_once(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one = await added(coordinator)
        path = f"/v1/interpreters/{one['id']}/absences"
        made = {(await coordinator.post(path, AWAY)).json()["id"] for _ in range(3)}
        page = (await coordinator.get(f"{path}?limit=2")).json()
        rest = (await coordinator.get(page["next"])).json()
        listed = [each["id"] for each in [*page["items"], *rest["items"]]]
        assert listed == sorted(made, reverse=True)
        assert rest["next"] is None


async def test_an_absence_ends_after_it_starts(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        path = f"/v1/interpreters/{(await added(coordinator))['id']}/absences"
        empty = await coordinator.post(path, {**AWAY, "ends_at": AWAY["starts_at"]})
        assert errors_of(empty) == {("/ends_at", "ends-before-start")}
        wrong = await coordinator.post(path, {"starts_at": "2026-12-24T00:00:00", "note": "sick"})
        assert errors_of(wrong) == {
            ("/starts_at", "naive-time"),
            ("/ends_at", "required"),
            ("/note", "unknown-field"),
        }


async def test_absences_are_nobody_elses_business(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        one, other = await added(coordinator), await added(coordinator)
        path = f"/v1/interpreters/{one['id']}/absences"
        absence = (await coordinator.post(path, AWAY)).json()["id"]
        institution, _ = await an_institution(network, coordinator)
        colleague = await themselves(network, other)
        async with another_network(network) as stranger:
            for caller, status in ((stranger, 404), (colleague, 404), (institution, 403)):
                answers = [
                    await caller.get(path),
                    await caller.post(path, {"bad": 1}),
                    await caller.delete(f"{path}/{absence}"),
                ]
                assert [answer.status_code for answer in answers] == [status] * 3
        elsewhere = f"/v1/interpreters/{other['id']}/absences/{absence}"
        assert (await coordinator.delete(elsewhere)).status_code == 404
        assert len((await coordinator.get(path)).json()["items"]) == 1
