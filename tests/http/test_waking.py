"""Time that is free again: requests that were given up are searched on, and others are not."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from api import serving
from centre import START, Centre, Json, Person, z
from interpreters.application.calls import run
from interpreters.application.waking import fitting
from interpreters.database import Pool, transaction
from interpreters.domain.ids import BOOKING, REQUEST, read_id
from interpreters.domain.waking import given_up_after
from interpreters.sql import requests

pytestmark = pytest.mark.anyio
REMOTE: Json = {"modes": ["phone"], "site_id": ...}


async def call_off(centre: Centre, booking: Json) -> None:
    gone = await centre.school.post(f"/v1/bookings/{booking['id']}/cancel", {"reason": "no"})
    assert gone.status_code == 200, gone.text
    await centre.heard()


async def busy_and_given_up(centre: Centre, **order: Any) -> tuple[Person, Json, Json]:
    """Return somebody, their booking, and a request that was given up because they are busy."""
    person = await centre.person()
    booking = await centre.booked(person, **REMOTE)
    asked = await centre.asked(**REMOTE, clients=[{"reference": "B"}], **order)
    assert (asked["state"], asked["unfilled_reason"]) == ("unfilled", "nobody-fits")
    return person, booking, asked


async def test_a_request_that_was_given_up_is_searched_again_when_somebody_has_time(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.at(days=5)
        person, booking, asked = await busy_and_given_up(centre)
        assert await centre.due(asked) == {}
        await call_off(centre, booking)
        assert (await centre.request(asked))["state"] == "unfilled"
        assert await centre.due(asked) == {"ladder": clock.now}
        before = len(await centre.events(centre.school))
        await centre.step(asked)
        shown = await centre.request(asked)
        assert (shown["state"], shown["unfilled_reason"]) == ("searching", None)
        assert (await centre.events(centre.school))[before:] == ["request.searching"]
        made = await person.accept(asked)
        assert made["state"] == "confirmed"
        assert (await centre.request(asked))["state"] == "filled"


async def test_the_job_may_come_twice_and_asks_once(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.at(days=5)
        person, booking, asked = await busy_and_given_up(centre)
        await call_off(centre, booking)
        await centre.heard()
        await centre.step(asked)
        await centre.step(asked)
        assert len(await person.offers()) == 1


@pytest.mark.parametrize(
    ("ahead", "woken"),
    [(timedelta(hours=24, seconds=1), True), (timedelta(hours=24), False)],
    ids=["more than a day before", "a day before"],
)
async def test_a_day_before_it_who_was_told_that_nobody_was_found_is_left_alone(
    pool: Pool, clock: Any, ahead: timedelta, woken: bool
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.at(days=5)
        _, booking, asked = await busy_and_given_up(centre)
        clock.now = START - ahead
        assert (given_up_after(clock.now) < START) is woken
        await call_off(centre, booking)
        assert await centre.due(asked) == ({"ladder": clock.now} if woken else {})


async def test_who_said_no_is_not_asked_again(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.at(days=5)
        person = await centre.person()
        booking = await centre.booked(person, **REMOTE)
        other = await centre.person()
        asked = await centre.asked(**REMOTE, clients=[{"reference": "B"}])
        await other.decline(asked)
        assert (await centre.request(asked))["unfilled_reason"] == "nobody-accepted"
        await call_off(centre, booking)
        await centre.step(asked)
        assert len(await person.offers()) == 1
        assert await other.offers() == []


async def test_only_whom_the_freed_time_lets_come_wakes_a_search(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.at(days=5)
        person = await centre.person()
        early = await centre.booked(person, **REMOTE, duration_minutes=30)
        half = z(START + timedelta(minutes=30))
        await centre.booked(person, **REMOTE, starts_at=half, clients=[{"reference": "B"}])
        whole = await centre.asked(**REMOTE, clients=[{"reference": "C"}])
        first = await centre.asked(**REMOTE, clients=[{"reference": "D"}], duration_minutes=30)
        russian = await centre.asked(
            **REMOTE, clients=[{"reference": "E"}], language="ru", duration_minutes=30
        )
        assert {one["state"] for one in (whole, first, russian)} == {"unfilled"}
        await call_off(centre, early)
        assert await centre.due(whole) == {}
        assert await centre.due(first) == {"ladder": clock.now}
        assert await centre.due(russian) == {}


async def test_what_helps_nobody_after_all_is_not_told(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.at(days=5)
        person, booking, asked = await busy_and_given_up(centre)
        await call_off(centre, booking)
        await centre.booked(person, **REMOTE, clients=[{"reference": "F"}])
        before, events = await centre.request(asked), await centre.events(centre.school)
        await centre.step(asked)
        after = await centre.request(asked)
        assert {**after, "version": 0} == {**before, "version": 0}
        assert await centre.events(centre.school) == events
        assert await centre.due(asked) == {}


async def test_a_fallback_that_was_allowed_wakes_it_too(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.at(days=5)
        person = await centre.person(modes=["phone"])
        booking = await centre.booked(person, **REMOTE)
        strict = await centre.asked(clients=[{"reference": "B"}])
        loose = await centre.asked(clients=[{"reference": "C"}], fallbacks={"other_mode": True})
        assert {one["state"] for one in (strict, loose)} == {"unfilled"}
        await call_off(centre, booking)
        assert await centre.due(strict) == {}
        assert await centre.due(loose) == {"ladder": clock.now}
        await centre.step(loose)
        assert (await person.offer(loose))["mode"] == "phone"


async def test_a_team_that_must_be_whole_does_not_begin_again_for_one(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.at(days=5)
        person = await centre.person()
        booking = await centre.booked(person, **REMOTE)
        team = await centre.asked(**REMOTE, clients=[{"reference": "B"}], interpreters_needed=2)
        some = await centre.asked(
            **REMOTE, clients=[{"reference": "C"}], interpreters_needed=2, partial_ok=True
        )
        await call_off(centre, booking)
        assert await centre.due(team) == {}
        assert await centre.due(some) == {"ladder": clock.now}
        await centre.step(some)
        await person.accept(some)
        assert (await centre.request(some))["state"] == "partly_filled"


async def test_what_was_asked_for_again_in_another_request_is_not_begun_again(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.at(days=5)
        _, booking, asked = await busy_and_given_up(centre)
        other = await centre.person(modes=["video"])
        again = await centre.asked(modes=["video"], site_id=..., clients=[{"reference": "B"}])
        await other.accept(again)
        await call_off(centre, booking)
        assert await centre.due(asked) == {}


async def test_of_two_that_were_given_up_for_the_same_the_later_begins_again(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.at(days=5)
        _, booking, asked = await busy_and_given_up(centre)
        again = await centre.asked(**REMOTE, clients=[{"reference": "B"}])
        await call_off(centre, booking)
        assert await centre.due(asked) == {}
        assert await centre.due(again) == {"ladder": clock.now}


async def test_a_search_that_somebody_holds_is_waited_for_and_not_forgotten(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.at(days=5)
        _, booking, asked = await busy_and_given_up(centre)
        gone = await centre.school.post(f"/v1/bookings/{booking['id']}/cancel", {"reason": "no"})
        assert gone.status_code == 200
        key = read_id(REQUEST, asked["id"])
        async with transaction(pool, network.id) as db:
            await requests.lock(db, network_id=network.id, request_id=key)
            hearing = asyncio.create_task(centre.heard())
            while not hearing.done() and not await db.fetchval(
                "SELECT count(*) FROM pg_locks l WHERE NOT l.granted AND l.pid IN"
                " (SELECT a.pid FROM pg_stat_activity a WHERE a.datname = current_database())"
            ):
                await asyncio.sleep(0.01)
        await hearing
        assert await centre.due(asked) == {"ladder": clock.now}


async def test_one_that_allows_much_does_not_use_up_the_searches_for_the_others(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.at(days=5)
        _, booking, _ = await busy_and_given_up(
            centre,
            requirements={"gender": {"value": "male", "strict": True}},
            fallbacks={"shift_minutes": 1440},
        )
        second = await centre.asked(**REMOTE, clients=[{"reference": "C"}])
        gone = await centre.school.post(f"/v1/bookings/{booking['id']}/cancel", {"reason": "no"})
        assert gone.status_code == 200

        async def found(searches: int) -> set[UUID]:
            return await run(
                pool, network.id,
                lambda db: fitting(
                    db, network_id=network.id, booking_id=read_id(BOOKING, booking["id"]),
                    looks=iter(range(searches)), now=clock.now,
                ),
            )  # fmt: skip

        # as asked, and 15, 30 and 45 minutes later and earlier: the others miss the free hour
        assert await found(7) == set()
        assert await found(8) == {read_id(REQUEST, second["id"])}


async def test_who_is_booked_at_once_is_told_also_when_the_other_seat_stays_empty(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.at(days=5)
        person, booking, team = await busy_and_given_up(
            centre, interpreters_needed=2, partial_ok=True
        )
        agreed = await centre.coordinator.patch(
            f"/v1/interpreters/{person.id}", {"auto_assign": True}
        )
        assert agreed.status_code == 200, agreed.text
        await call_off(centre, booking)
        before = len(await centre.events())
        await centre.step(team)
        shown = await centre.request(team)
        assert (shown["state"], shown["unfilled_reason"]) == ("partly_filled", "nobody-accepted")
        assert (await centre.events())[before:] == ["booking.confirmed", "request.partly_filled"]


async def test_who_was_called_off_is_not_asked_about_the_same_request(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.at(days=5)
        team = await centre.asked(**REMOTE, interpreters_needed=3, partial_ok=True)
        for person in await centre.people(2):
            made = await centre.coordinator.post(
                f"/v1/requests/{team['id']}/assign", {"interpreter_id": person.id}
            )
            assert made.status_code == 201, made.text
            booking = made.json()
        shown = await centre.request(team)
        assert (shown["state"], shown["unfilled_reason"]) == ("partly_filled", "nobody-fits")
        await call_off(centre, booking)
        assert await centre.due(team) == {}


async def test_what_a_coordinator_filled_in_part_is_searched_again_for_the_rest(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.at(days=5)
        person, booking, team = await busy_and_given_up(
            centre, interpreters_needed=2, partial_ok=True
        )
        other = await centre.person()
        made = await centre.coordinator.post(
            f"/v1/requests/{team['id']}/assign", {"interpreter_id": other.id}
        )
        assert made.status_code == 201, made.text
        assert (await centre.request(team))["unfilled_reason"] == "nobody-fits"
        await call_off(centre, booking)
        await centre.step(team)
        await person.accept(team)
        shown = await centre.request(team)
        assert (shown["state"], shown["unfilled_reason"]) == ("filled", None)


async def test_another_client_of_the_same_reference_is_not_the_same(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        centre.at(days=5)
        _, booking, asked = await busy_and_given_up(centre, external_reference="evening")
        other = await centre.person()
        await centre.booked(
            other, **REMOTE, clients=[{"reference": "C"}], external_reference="evening"
        )
        await call_off(centre, booking)
        assert await centre.due(asked) == {"ladder": clock.now}
