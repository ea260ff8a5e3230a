"""The nightly plan, by the network's clock, and plans that the worker makes."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api import Network, serving
from centre import START, Centre, Json, Person, z
from interpreters.application import plan_acceptances, plan_proposals
from interpreters.application.calls import run
from interpreters.application.people_messages import Outgoing
from interpreters.application.plan_nights import arrange_plans
from interpreters.database import Pool
from interpreters.domain import ids
from interpreters.domain.callers import house
from interpreters.domain.planning import next_plan
from interpreters.jobs import operations
from interpreters.jobs.plans import planner
from people_post import Post

pytestmark = pytest.mark.anyio


nightly = planner(Outgoing(base_url="https://example.org", ways=frozenset()))


def read_nothing(*_: Any) -> Any:
    raise AssertionError("no table is imported here")


async def due(centre: Centre, kind: str) -> list[Any]:
    network = centre.network
    return await run(
        network.pool, network.id,
        lambda db: db.fetch(
            "SELECT d.id, d.at FROM due d WHERE d.network_id = $1 AND d.kind = $2", network.id, kind
        ),
    )  # fmt: skip


async def work(centre: Centre) -> None:
    """Do what the job `operation` does."""
    for row in await due(centre, "operation"):
        await operations.do(
            centre.network.pool, network_id=centre.network.id, id=row["id"], read=read_nothing,
            clock=lambda: centre.clock.now,
        )  # fmt: skip


async def all_plans(centre: Centre) -> list[Json]:
    items: list[Json] = (await centre.coordinator.get("/v1/plans")).json()["items"]
    return items


async def a_plan(network: Network, clock: Any, *, of: int) -> tuple[Centre, Person, Json, str]:
    """A plan for so many requests with one person for all of them, and its path."""
    centre = await Centre(network, clock).open()
    for hour in range(of):
        await centre.asked(starts_at=z(START + timedelta(hours=3 * hour)))
    person = await centre.person()
    plan = (await centre.coordinator.post("/v1/plans", {})).json()
    return centre, person, plan, f"/v1/plans/{plan['id']}"


async def something_open(network: Network, clock: Any) -> Centre:
    """Something to plan: a request that is open, and somebody who can do it."""
    centre = await Centre(network, clock).open()
    await centre.asked(starts_at=z(clock.now + timedelta(days=2)))
    await centre.person()
    return centre


async def test_many_open_requests_become_an_operation(
    pool: Pool, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_proposals, "AT_ONCE", 1)
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.asked()
        await centre.asked(starts_at=z(START + timedelta(hours=3)))
        person = await centre.person()

        answer = await centre.coordinator.post("/v1/plans", {})
        assert answer.status_code == 202
        operation = answer.json()
        assert (operation["kind"], operation["total"], operation["plan_id"]) == ("plan", 2, None)
        await work(centre)

        path = f"/v1/operations/{operation['id']}"
        ended = (await centre.coordinator.get(path)).json()
        assert ended["state"] == "succeeded"
        plan = (await centre.coordinator.get(f"/v1/plans/{ended['plan_id']}")).json()
        assert plan["figures"]["planned"] == 2
        assert {one["interpreter"]["id"] for one in plan["places"]} == {person.id}
        await work(centre)  # again: it has ended
        assert len(await all_plans(centre)) == 1


async def test_many_places_are_accepted_request_by_request(
    pool: Pool, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_acceptances, "AT_ONCE", 1)
    async with serving(pool, clock) as network:
        centre, person, plan, path = await a_plan(network, clock, of=3)

        answer = await centre.coordinator.post(f"{path}/accept", {})

        assert answer.status_code == 202
        operation = answer.json()
        assert (operation["kind"], operation["total"], operation["state"]) == ("plan", 3, "waiting")
        assert await person.offers() == []
        await work(centre)
        ended = (await centre.coordinator.get(f"/v1/operations/{operation['id']}")).json()
        assert (ended["state"], ended["plan_id"]) == ("succeeded", plan["id"])
        after = (await centre.coordinator.get(path)).json()
        assert after["state"] == "accepted"
        assert {one["state"] for one in after["places"]} == {"offered"}
        assert len(await person.offers()) == 3
        again = await centre.coordinator.post(f"{path}/accept", {})
        assert (again.status_code, again.json()) == (200, after)


async def test_accepting_that_broke_off_is_gone_on_with(
    pool: Pool, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_acceptances, "AT_ONCE", 1)
    async with serving(pool, clock) as network:
        centre, person, plan, path = await a_plan(network, clock, of=3)
        await centre.coordinator.post(f"{path}/accept", {})
        (row,) = await due(centre, "operation")
        job = plan_acceptances.Acceptance(
            caller=house(network.id), plan_id=ids.read_id(ids.PLAN, plan["id"]),
            places=[ids.read_id(ids.PLAN_PLACE, one["id"]) for one in plan["places"]],
        )  # fmt: skip

        def break_off(done: int, total: int) -> None:
            assert total == 3
            if done == 2:
                raise ConnectionError

        with pytest.raises(ConnectionError):
            await plan_acceptances.carry_out_acceptance(
                pool, job=job, operation_id=row["id"], clock=lambda: clock.now, tell=break_off
            )
        broken = (await centre.coordinator.get(path)).json()
        assert broken["state"] == "partly_accepted"
        assert [one["state"] for one in broken["places"]] == ["offered", "offered", "proposed"]

        await work(centre)  # the same operation, found silent

        whole = (await centre.coordinator.get(path)).json()
        assert whole["state"] == "accepted"
        assert len(await person.offers()) == 3


async def test_what_is_put_aside_while_it_is_accepted_stays_as_it_is(
    pool: Pool, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_acceptances, "AT_ONCE", 1)
    async with serving(pool, clock) as network:
        centre, person, _, path = await a_plan(network, clock, of=2)
        operation = (await centre.coordinator.post(f"{path}/accept", {})).json()
        assert (await centre.coordinator.post(f"{path}/dismiss")).status_code == 200

        await work(centre)

        ended = (await centre.coordinator.get(f"/v1/operations/{operation['id']}")).json()
        assert ended["state"] == "succeeded"
        after = (await centre.coordinator.get(path)).json()
        assert after["state"] == "dismissed"
        assert {one["state"] for one in after["places"]} == {"proposed"}
        assert await person.offers() == []


async def test_another_hour_of_the_night_counts_from_now_on(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await arrange_plans(pool, now=clock.now)

        async def say(**planning: Any) -> list[str]:
            changed = await centre.coordinator.patch("/v1/network", {"planning": planning})
            assert changed.status_code == 200, changed.text
            riga = ZoneInfo("Europe/Riga")
            return [f"{one['at'].astimezone(riga):%H:%M}" for one in await due(centre, "plan")]

        assert await say(minute_of_day=22 * 60) == ["22:00"]
        assert await say(minute_of_day=None) == []
        assert await say(minute_of_day=75) == ["01:15"]
        moved = await centre.coordinator.patch("/v1/network", {"time_zone": "Europe/London"})
        assert moved.status_code == 200
        (row,) = await due(centre, "plan")
        assert f"{row['at'].astimezone(ZoneInfo('Europe/London')):%H:%M}" == "01:15"
        assert row["at"] > clock.now


async def test_every_night_what_is_open_is_planned(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await arrange_plans(pool, now=clock.now)
        (arranged,) = await due(centre, "plan")
        assert arranged["at"].astimezone(ZoneInfo("Europe/Riga")).strftime("%H:%M") == "04:00"
        job = partial(nightly, pool, network_id=network.id, id=network.id, clock=lambda: clock.now)

        await job()  # nothing is open
        assert await due(centre, "operation") == []
        await centre.asked(starts_at=z(clock.now + timedelta(days=2)))
        await centre.person()
        clock.now = arranged["at"]
        await job()
        await work(centre)

        (plan,) = await all_plans(centre)
        assert plan["figures"]["planned"] == 1
        times = {one["id"]: one["at"] for one in await due(centre, "plan")}
        assert times.pop(network.id) == arranged["at"] + timedelta(days=1)
        assert list(times.values()) == [clock.now]  # that coordinators hear of it


async def test_coordinators_hear_of_a_nightly_plan_once_and_of_their_own_not(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        await network.person(["coordinator"], email="boss@example.org", language="en")
        await network.person(["finance"], email="money@example.org", language="en")
        centre = await something_open(network, clock)
        await centre.coordinator.post("/v1/plans", {})
        assert await due(centre, "plan") == []
        post = Post(centre)
        job = partial(planner(post.out), pool, network_id=network.id, clock=lambda: clock.now)
        await job(id=network.id)
        await work(centre)
        (waits,) = [one["id"] for one in await due(centre, "plan") if one["id"] != network.id]

        for _ in range(2):
            await job(id=waits)

        (told,) = await post.sent("plan-waits")
        assert told.recipient == "boss@example.org"
        assert "Found: 1 of 1 interpreters who are missing." in told.body
        (newest, _) = await all_plans(centre)
        assert f"/board/plans/{newest['id']}" in told.body
        assert [one["id"] for one in await due(centre, "plan")] == [network.id]


async def test_of_a_plan_that_was_decided_meanwhile_nobody_is_told(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        await network.person(["coordinator"], email="boss@example.org", language="en")
        centre = await something_open(network, clock)
        post = Post(centre)
        job = partial(planner(post.out), pool, network_id=network.id, clock=lambda: clock.now)
        await job(id=network.id)
        await work(centre)
        (plan,) = await all_plans(centre)
        await centre.coordinator.post(f"/v1/plans/{plan['id']}/dismiss")
        await job(id=ids.read_id(ids.PLAN, plan["id"]))
        assert await post.sent("plan-waits") == []


async def test_a_network_that_says_so_is_never_planned_by_itself(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await something_open(network, clock)
        never = {"planning": {"minute_of_day": None}}
        assert (await centre.coordinator.patch("/v1/network", never)).status_code == 200

        await arrange_plans(pool, now=clock.now)
        assert await due(centre, "plan") == []


@pytest.mark.parametrize(
    ("now", "at"),
    [
        ("2026-03-28T02:00:00Z", "2026-03-29T01:00:00Z"),  # the night the clock leaves 03:00 out
        ("2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"),
        ("2026-10-24T00:00:00Z", "2026-10-25T00:00:00Z"),  # 03:00 comes twice: the first
        ("2026-10-25T00:00:00Z", "2026-10-26T01:00:00Z"),
    ],
)
def test_the_night_is_the_networks_also_when_its_clock_changes(now: str, at: str) -> None:
    found = next_plan(
        now=datetime.fromisoformat(now).astimezone(UTC), time_zone="Europe/Riga",
        minute_of_day=3 * 60,
    )  # fmt: skip
    assert found == datetime.fromisoformat(at)
