"""Time that is free again: requests that were given up are searched on, and others are not."""

from datetime import timedelta
from typing import Any

import pytest

from api import serving
from centre import START, Centre, Json, Person, z
from interpreters.application.calls import run
from interpreters.application.deliveries import deliver_batch
from interpreters.application.waking import Waking
from interpreters.database import Pool
from interpreters.domain.waking import given_up_after

pytestmark = pytest.mark.anyio
REMOTE: Json = {"modes": ["phone"], "site_id": ...}


async def heard(centre: Centre) -> None:
    """Do what the job does with what was written down, for searches that wake alone."""
    network = centre.network
    rows = await run(
        network.pool, network.id,
        lambda db: db.fetch(
            "SELECT d.id FROM due d WHERE d.network_id = $1 AND d.kind = 'outbox'", network.id
        ),
    )  # fmt: skip
    for row in rows:
        await run(
            network.pool, network.id,
            lambda db, batch=row["id"]: deliver_batch(  # type: ignore[misc]  # bound at once
                db, network_id=network.id, batch_id=batch, now=centre.clock.now,
                channels=(Waking(),),
            ),
        )  # fmt: skip


async def call_off(centre: Centre, booking: Json) -> None:
    gone = await centre.school.post(f"/v1/bookings/{booking['id']}/cancel", {"reason": "no"})
    assert gone.status_code == 200, gone.text
    await heard(centre)


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
        await heard(centre)
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
