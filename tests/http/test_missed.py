"""An interpreter who did not come: the rest of the session is searched now, by phone or video."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api import serving
from centre import START, Centre, Json, z
from conftest import Clock
from interpreters.database import Pool

pytestmark = pytest.mark.anyio


async def missed(centre: Centre, booking: Json) -> Json:
    response = await centre.school.post(f"/v1/bookings/{booking['id']}/interpreter-no-show")
    assert response.status_code == 200, response.text
    return await centre.request({"id": booking["request_id"]})


@pytest.mark.parametrize(
    ("asked", "modes"),
    [
        ({"modes": ["in_person", "phone"]}, ["phone"]),
        ({"modes": ["in_person"], "fallbacks": {"other_mode": True}}, ["phone", "video"]),
        ({"modes": ["phone"]}, ["phone"]),
    ],
)
async def test_after_the_start_the_rest_is_searched_for_now_by_phone(
    pool: Pool, clock: Clock, asked: Json, modes: list[str]
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, other = await centre.people(2)
        booking = await centre.booked(one, **asked)
        centre.at(minutes=-20)
        request = await missed(centre, booking)
        assert (request["state"], request["starts_now"], request["modes"]) == (
            "searching", True, modes,
        )  # fmt: skip
        assert (request["starts_at"], request["ends_at"]) == (
            z(START + timedelta(minutes=20)), z(START + timedelta(minutes=60)),
        )  # fmt: skip
        assert request["duration_minutes"] == 40
        noted = [one["code"] for one in request["fallbacks_used"]]
        assert noted == ([] if asked["modes"] == ["phone"] else ["other_mode"])
        offer = await other.offer(request)
        # An offer for now is open five minutes.
        assert offer["answer_by"] == z(START + timedelta(minutes=25))
        rest = await other.accept(request)
        assert (rest["state"], rest["mode"], rest["starts_at"]) == (
            "confirmed", modes[0], z(START + timedelta(minutes=20)),
        )  # fmt: skip
        assert [one.id for one in (one,) if await one.offers("open")] == []
        assert "request.changed" in await centre.events(centre.school)


async def test_where_nothing_remote_is_allowed_it_is_unfilled_at_once(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, _ = await centre.people(2)
        booking = await centre.booked(one)
        centre.at(minutes=-1)
        request = await missed(centre, booking)
        assert (request["state"], request["unfilled_reason"]) == ("unfilled", "interpreter-no-show")
        assert request["modes"] == ["in_person"]


async def test_at_the_end_it_is_too_late(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, _ = await centre.people(2)
        booking = await centre.booked(one, modes=["phone"])
        centre.at(minutes=-60)
        request = await missed(centre, booking)
        assert (request["state"], request["unfilled_reason"]) == ("unfilled", "interpreter-no-show")


async def test_in_the_last_minute_one_minute_is_searched(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, _ = await centre.people(2)
        booking = await centre.booked(one, modes=["phone"])
        centre.at(minutes=-60, seconds=1)
        request = await missed(centre, booking)
        assert (request["state"], request["duration_minutes"]) == ("searching", 1)


async def test_before_the_start_phone_is_asked_beside_what_was_asked(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, there = await centre.people(2)
        remote = await centre.person(modes=["phone"])
        booking = await centre.booked(one, fallbacks={"other_mode": True})
        centre.at(minutes=10)
        request = await missed(centre, booking)
        assert request["modes"] == ["in_person", "phone", "video"]
        assert (request["starts_now"], request["starts_at"]) == (False, z(START))
        assert (await there.offer(request))["mode"] == "in_person"
        assert (await remote.offer(request))["mode"] == "phone"


@pytest.mark.parametrize(
    "starts_at",
    [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # 03:30 of summer time; the clocks go back
        datetime(2027, 3, 28, 0, 30, tzinfo=UTC),  # 02:30; an hour is left out
    ],
)
async def test_the_rest_is_counted_in_real_minutes_in_nights_when_clocks_change(
    pool: Pool, clock: Clock, starts_at: datetime
) -> None:
    async with serving(pool, clock) as network:
        clock.now = starts_at - timedelta(days=2)
        centre = await Centre(network, clock).open()
        one, _ = await centre.people(2)
        booking = await centre.booked(
            one, modes=["phone"], starts_at=starts_at.isoformat(), duration_minutes=120
        )
        clock.now = starts_at + timedelta(minutes=45)
        request = await missed(centre, booking)
        assert (request["duration_minutes"], request["starts_at"]) == (75, z(clock.now))


async def test_an_urgent_search_for_the_rest_rings_who_is_on_call(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, _ = await centre.people(2)
        booking = await centre.booked(one, modes=["phone"])
        centre.at(minutes=-5)
        request = await missed(centre, booking)
        urgent: Any = (await centre.all_due(request))["urgent"]
        assert urgent == clock.now + timedelta(minutes=3)
