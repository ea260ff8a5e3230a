"""Urgent searches: who is asked first, who is told, and what an emergency changes."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from api import serving
from centre import START, Centre, Json, Person, z
from interpreters.application.calls import run
from interpreters.application.due import take_due
from interpreters.application.escalations import call_of, step_urgent
from interpreters.database import Db, Pool
from interpreters.domain.ids import REQUEST, read_id
from interpreters.jobs import ladders, urgent
from interpreters.jobs.relay import Jobs, tick
from interpreters.sql import outbox

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NOW = {"starts_at": ..., "starts": "now", "modes": ["phone"], "site_id": ...}
JOBS: Jobs = {"ladder": ladders.step, "offers": ladders.expire, "urgent": urgent.step}


async def brought(centre: Centre, request: Json) -> list[tuple[str, int, str]]:
    """Return what the request was brought before people for: kind, round, when."""
    shown = await centre.request(request)
    return [(one["kind"], one["round"], one["at"]) for one in shown["escalations"]]


async def work(centre: Centre, moments: Any) -> None:
    """Have a worker look at each of these moments."""
    for moment in moments:
        centre.clock.now = moment
        await tick(centre.network.pool, queue=None, jobs=JOBS, clock=centre.clock)


async def say_available(person: Person, hours: int, now: Any) -> None:
    until = z(now + hours * HOUR)
    response = await person.api.put(
        f"/v1/interpreters/{person.id}/availability/now", {"until": until}
    )
    assert response.status_code == 200, response.text


async def asked_of(centre: Centre, people: list[Person], request: Json) -> list[int]:
    """Return the places of those who are asked about the request."""
    states = await centre.states(request)
    return [place for place, one in enumerate(people) if str(one.key) in states]


async def test_widening_is_offered_after_three_minutes_and_the_on_call_rung_after_five(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(2)
        began = clock.now
        request = await centre.asked(**NOW)
        assert (request["state"], request["escalations"]) == ("searching", [])

        moments = [began + seconds * timedelta(seconds=1) for seconds in range(0, 11 * 60, 20)]
        await work(centre, moments)

        assert await brought(centre, request) == [
            ("widen", 1, z(began + 3 * MINUTE)),
            ("on_call", 1, z(began + 5 * MINUTE)),
            ("on_call", 2, z(began + 10 * MINUTE)),
        ]


async def test_a_yes_in_time_leaves_everybody_else_in_peace(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        (person,) = await centre.people(1)
        began = clock.now
        request = await centre.asked(**NOW)
        assert "urgent" in await centre.all_due(request)
        await person.accept(request)
        assert await centre.all_due(request) == {}

        await work(centre, [began + number * MINUTE for number in (3, 5, 10)])

        assert await brought(centre, request) == []


async def test_a_request_called_off_is_brought_before_nobody(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(1)
        began = clock.now
        request = await centre.asked(**NOW)
        await centre.school.post(f"/v1/requests/{request['id']}/cancel", {"reason": "not needed"})

        await work(centre, [began + number * MINUTE for number in (3, 5, 10)])

        assert await brought(centre, request) == []
        assert "urgent" not in await centre.all_due(request)


async def test_a_planned_search_becomes_urgent_two_hours_before(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person()
        centre.at(hours=3)
        request = await centre.asked()
        urgent_at = START - 2 * HOUR
        assert (await centre.all_due(request))["urgent"] == urgent_at + 3 * MINUTE

        await work(centre, [urgent_at + number * MINUTE for number in (0, 3, 5)])

        assert await brought(centre, request) == [
            ("widen", 1, z(urgent_at + 3 * MINUTE)),
            ("on_call", 1, z(urgent_at + 5 * MINUTE)),
        ]


async def test_an_hour_without_a_worker_misses_nothing_and_doubles_nothing(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(1)
        centre.at(hours=2)
        began = clock.now
        request = await centre.asked()

        await work(centre, [began + HOUR] * 5 + [began + HOUR + 5 * MINUTE] * 3)

        assert await brought(centre, request) == [
            ("widen", 1, z(began + HOUR)),
            ("on_call", 1, z(began + HOUR)),
            ("on_call", 2, z(began + HOUR + 5 * MINUTE)),
        ]


async def test_two_workers_at_once_ring_once(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(1)
        request = await centre.asked(**NOW)
        key = read_id(REQUEST, request["id"])
        clock.now += 5 * MINUTE

        async def step() -> None:
            await run(
                pool,
                network.id,
                lambda db: step_urgent(db, network_id=network.id, request_id=key, now=clock.now),
            )

        await asyncio.gather(*(step() for _ in range(8)))

        assert [one[:2] for one in await brought(centre, request)] == [("widen", 1), ("on_call", 1)]


async def test_a_worker_killed_in_between_leaves_it_to_the_next(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(1)
        request = await centre.asked(**NOW)
        key = read_id(REQUEST, request["id"])
        clock.now += 5 * MINUTE
        lease = timedelta(seconds=15)
        taken = await take_due(
            pool, kinds=["urgent"], now=clock.now, until=clock.now + lease, limit=9
        )
        assert [one.id for one in taken] == [key]

        async def dies(db: Db) -> None:
            await step_urgent(db, network_id=network.id, request_id=key, now=clock.now)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            await run(pool, network.id, dies)
        assert await brought(centre, request) == []

        await work(centre, [clock.now + lease] * 2)

        assert [one[:2] for one in await brought(centre, request)] == [("widen", 1), ("on_call", 1)]


async def test_who_takes_care_of_it_says_so_and_nobody_else_is_rung(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(1)
        began = clock.now
        request = await centre.asked(**NOW)
        path = f"/v1/requests/{request['id']}/escalations/acknowledge"
        early = await centre.coordinator.post(path)
        assert (early.status_code, early.json()["code"]) == (409, "nobody-was-called")
        await work(centre, [began + 5 * MINUTE])

        clock.now = began + 7 * MINUTE
        taken = await centre.coordinator.post(path)
        assert taken.status_code == 200, taken.text
        acknowledged = {one["kind"]: one["acknowledged_at"] for one in taken.json()["escalations"]}
        assert acknowledged == {"widen": None, "on_call": z(clock.now)}
        clock.now += MINUTE
        again = await centre.coordinator.post(path)
        assert again.json()["escalations"] == taken.json()["escalations"]

        await work(centre, [began + number * MINUTE for number in range(9, 30)])
        assert len(await brought(centre, request)) == 2


async def test_what_changed_is_seen_by_whoever_syncs(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(1)
        request = await centre.asked(**NOW)
        version = request["version"]
        feed = await centre.events()
        clock.now += 3 * MINUTE
        since = z(clock.now)
        await work(centre, [clock.now])

        synced = (await centre.school.get(f"/v1/requests?updated_since={since}")).json()["items"]

        (found,) = [one for one in synced if one["id"] == request["id"]]
        assert [one["kind"] for one in found["escalations"]] == ["widen"]
        assert found["version"] > version
        assert await centre.events() == feed


async def test_an_urgent_search_that_found_nobody_is_brought_before_people(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        began = clock.now
        request = await centre.asked(**NOW)
        assert request["state"] == "unfilled"

        await work(centre, [began + 3 * MINUTE, began + 5 * MINUTE, began + HOUR])

        assert [one[:2] for one in await brought(centre, request)] == [("widen", 1), ("on_call", 1)]
        assert await centre.all_due(request) == {}


async def test_a_search_given_up_days_before_wakes_nobody(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        clock.now = START - timedelta(days=3)
        request = await centre.asked()
        assert request["state"] == "unfilled"

        await work(centre, [START - 2 * HOUR + number * MINUTE for number in (3, 5, 10)])

        assert await brought(centre, request) == []
        assert await centre.all_due(request) == {}


async def test_a_search_given_up_days_before_and_widened_late_rings(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        clock.now = START - timedelta(days=3)
        request = await centre.asked()
        assert request["state"] == "unfilled"
        await work(centre, [START - 2 * HOUR + 3 * MINUTE])

        clock.now = START - HOUR
        response = await centre.coordinator.post(
            f"/v1/requests/{request['id']}/widen", {"other_mode": True}
        )
        assert response.status_code == 200, response.text

        assert ("on_call", 1, z(START - HOUR)) in await brought(centre, request)


async def test_a_given_back_session_is_brought_before_people_anew(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first, _ = await centre.people(2)
        centre.at(hours=2)
        request = await centre.asked()
        await work(centre, [clock.now + 5 * MINUTE])
        await centre.coordinator.post(f"/v1/requests/{request['id']}/escalations/acknowledge")
        booking = await first.accept(request)
        clock.now += MINUTE
        left = await first.api.post(f"/v1/bookings/{booking['id']}/give-back", {"reason": "ill"})
        assert left.status_code == 200, left.text

        await work(centre, [clock.now + 5 * MINUTE])

        assert [one[:2] for one in await brought(centre, request)] == [
            ("widen", 1), ("on_call", 1), ("widen", 2), ("on_call", 2),
        ]  # fmt: skip


@pytest.mark.parametrize("said", [{"priority": "emergency"}, {"topic": "emergency"}])
async def test_an_emergency_asks_everybody_at_once_and_rings_at_once(
    pool: Pool, clock: Any, said: Json
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(26)
        began = clock.now
        request = await centre.asked(**said)

        states = await centre.states(request)
        assert len(states) == 26
        assert await brought(centre, request) == [("emergency", 1, z(began))]
        await work(centre, [began + 5 * MINUTE])
        assert [one[:2] for one in await brought(centre, request)] == [
            ("emergency", 1), ("widen", 1), ("emergency", 2),
        ]  # fmt: skip


async def test_an_emergency_tells_next_to_nothing_before_the_yes(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        (person,) = await centre.people(1)
        request = await centre.asked(priority="emergency", topic="health")
        offer = await person.offer(request)
        assert (offer["area"], offer["topic"]) == (None, "emergency")

        booking = await person.accept(request)

        shown = (await person.api.get(f"/v1/bookings/{booking['id']}")).json()
        assert (shown["topic"], shown["contact"]["address"]) == ("health", "Street 1")


async def test_a_call_goes_to_who_is_on_call_until_it_is_over(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        (person,) = await centre.people(1)
        anna = await network.person(["coordinator"], email="anna@example.org")
        centre.at(hours=2)
        began = clock.now
        request = await centre.asked()
        await work(centre, [began + 5 * MINUTE - timedelta(seconds=1), began + 5 * MINUTE])

        async def calls(db: Db) -> list[Any]:
            rows = await db.fetch(
                "SELECT DISTINCT b.batch_id FROM outbox b WHERE b.network_id = $1"
                " AND b.type = 'request.escalated' ORDER BY b.batch_id",
                network.id,
            )
            return [
                await call_of(db, network_id=network.id, notice=one)
                for row in rows
                for one in await outbox.not_done(
                    db, network_id=network.id, batch_id=row["batch_id"]
                )
            ]

        widen, ring = await run(pool, network.id, calls)
        assert (widen.escalation.kind, list(widen.user_ids)) == ("widen", [])
        assert (ring.escalation.kind, list(ring.user_ids)) == ("on_call", [anna.user_id])
        await person.accept(request)
        assert await run(pool, network.id, calls) == [None, None]


async def test_a_request_becomes_an_emergency(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(6)
        request = await centre.asked()
        assert len(await centre.states(request)) == 4
        clock.now += MINUTE

        changed = await centre.school.patch(
            f"/v1/requests/{request['id']}", {"priority": "emergency"}
        )

        assert changed.status_code == 200, changed.text
        states = list((await centre.states(request)).values())
        assert states == ["open"] * 6
        assert [one["kind"] for one in changed.json()["escalations"]] == ["emergency"]


async def test_now_asks_whoever_waited_longest(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        people = [
            *await centre.people(2, qualification="certified"),
            *await centre.people(6),
        ]
        first = await centre.asked(**NOW)
        again = await asked_of(centre, people, first)
        assert again[:2] == [0, 1]  # nobody was ever asked: the best
        assert len(again) == 4
        clock.now += MINUTE

        second = await centre.asked(**NOW)

        assert await asked_of(centre, people, second) == [
            place for place in range(8) if place not in again
        ]


async def test_now_asks_first_who_says_they_are_available(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        people = await centre.people(8)
        best = await asked_of(centre, people, await centre.asked(**NOW))
        (other, *_) = [place for place in range(8) if place not in best]
        clock.now += MINUTE
        for place in (best[0], other):
            await say_available(people[place], 4, clock.now)

        request = await centre.asked(**NOW)

        asked = await asked_of(centre, people, request)
        assert {best[0], other} <= set(asked)


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        pytest.param(NOW, 1, id="now"),
        pytest.param({"starts_at": z(START - 22 * HOUR)}, 1, id="in two hours"),
        pytest.param({"starts_at": z(START - 22 * HOUR + MINUTE)}, 2, id="in two hours and one"),
    ],
)
async def test_who_takes_no_urgent_jobs_is_not_asked_about_them(
    pool: Pool, clock: Any, changes: Json, asked: int
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person(urgent_opt_in=False)
        await centre.person()

        request = await centre.asked(**changes)

        assert len(await centre.states(request)) == asked
        shown = await centre.coordinator.get(f"/v1/requests/{request['id']}/candidates")
        excluded = {one["code"]: one["count"] for one in shown.json()["excluded"]}
        assert excluded.get("unavailable", 0) == 2 - asked
        assert len(shown.json()["candidates"]) == asked
