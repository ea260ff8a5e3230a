"""Waves by a moving clock: who is asked when, until when, and how it ends."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from api import serving
from centre import START, Centre, z
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTES = {"s": 1 / 60, "m": 1, "h": 60, "d": 24 * 60}


def minutes(text: str) -> float:
    return int(text[:-1]) * MINUTES[text[-1]]


async def states(centre: Centre, request: dict[str, Any]) -> Counter[str]:
    return Counter((await centre.states(request)).values())


@pytest.mark.parametrize(
    ("lead", "gap", "answer"),  # the answer counts from the offer, or back from the start
    [
        ("1m", "3m", "-0m"),
        ("90m", "3m", "-0m"),
        ("91m", "3m", "90m"),
        ("119m", "3m", "90m"),
        ("120m", "10m", "90m"),
        ("24h", "10m", "90m"),
        ("1441m", "30m", "16h"),
        ("72h", "30m", "16h"),
        ("4321m", "30m", "-48h"),
        ("7d", "30m", "-48h"),
        ("10081m", "60m", "-48h"),
        ("90d", "60m", "-48h"),
    ],
)
async def test_gap_and_time_to_answer_follow_from_how_soon_it_starts(
    pool: Pool, clock: Any, lead: str, gap: str, answer: str
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        people = await centre.people(5)
        clock.now = START - timedelta(minutes=minutes(lead))
        request = await centre.asked()
        assert await states(centre, request) == {"open": 4}
        asked, *_ = [one for one in people if await one.offers()]
        offer = await asked.offer(request)
        ends = (
            START - timedelta(minutes=minutes(answer[1:]))
            if answer[0] == "-"
            else clock.now + timedelta(minutes=minutes(answer))
        )
        assert offer["answer_by"] == z(ends)
        step = clock.now + timedelta(minutes=minutes(gap))
        assert await centre.due(request) == {"ladder": step, "offers": ends}


async def test_now_has_its_own_times(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        people = await centre.people(5)
        request = await centre.asked(starts="now", starts_at=..., modes=["phone"], site_id=...)
        began = clock.now
        assert await centre.due(request) == {
            "ladder": began + timedelta(seconds=20), "offers": began + timedelta(minutes=5),
        }  # fmt: skip
        clock.now = began + timedelta(seconds=20)
        await centre.step(request)
        assert await states(centre, request) == {"open": 5}
        clock.now = began + timedelta(minutes=4, seconds=59)
        await centre.expire(request)
        assert await states(centre, request) == {"open": 5}
        booking = await people[0].accept(request)
        assert (booking["state"], booking["starts_at"]) == ("confirmed", z(began))


@pytest.mark.parametrize(("count", "first"), [(1, 1), (3, 3), (4, 4), (5, 4), (9, 4)])
async def test_four_are_asked_together_or_all_there_are(
    pool: Pool, clock: Any, count: int, first: int
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(count)
        request = await centre.asked()
        assert await states(centre, request) == {"open": first}
        assert ("ladder" in await centre.due(request)) == (count > first)
        assert await centre.events() == [
            "request.created", "request.searching", *["offer.sent"] * first,
        ]  # fmt: skip


async def test_the_next_wave_goes_out_and_the_earlier_offers_stay(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(9)
        clock.now = START - timedelta(hours=20)
        began = clock.now
        request = await centre.asked()
        for at, expected in ((9, 4), (10, 8), (10, 8), (19, 8), (20, 9), (30, 9)):
            clock.now = began + timedelta(minutes=at)
            await centre.step(request)
            assert await states(centre, request) == {"open": expected}, at
            due = await centre.due(request)
            assert due["offers"] == began + timedelta(minutes=90)
            assert due.get("ladder") == {
                4: began + timedelta(minutes=10), 8: began + timedelta(minutes=20), 9: None,
            }[expected]  # fmt: skip
        clock.now = began + timedelta(minutes=90)
        await centre.expire(request)
        assert await states(centre, request) == {"open": 5, "expired": 4}
        assert await centre.due(request) == {"offers": began + timedelta(minutes=100)}
        for at in (100, 110):
            assert (await centre.request(request))["state"] == "searching"
            clock.now = began + timedelta(minutes=at)
            await centre.expire(request)
        shown = await centre.request(request)
        assert (shown["state"], shown["unfilled_reason"]) == ("unfilled", "nobody-accepted")
        assert shown["excluded"] == []
        assert await centre.due(request) == {}
        assert (await centre.events())[-2:] == ["offer.expired", "request.unfilled"]


async def test_a_step_that_comes_early_or_twice_does_nothing_and_is_not_lost(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(9)
        request = await centre.asked()
        before = await centre.due(request), await centre.request(request)
        for _ in range(2):
            await centre.step(request)
            await centre.expire(request)
        assert (await centre.due(request), await centre.request(request)) == before
        clock.now = before[0]["ladder"]
        await centre.step(request)
        after = await centre.due(request), await centre.request(request)
        assert await states(centre, request) == {"open": 8}
        await centre.step(request)
        await centre.expire(request)
        assert (await centre.due(request), await centre.request(request)) == after
        assert after[0]["ladder"] > before[0]["ladder"]


async def test_when_all_have_declined_the_next_are_asked_at_once(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        people = await centre.people(5)
        request = await centre.asked()
        asked = [one for one in people if await one.offers()]
        last = next(one for one in people if one not in asked)
        for number, one in enumerate(asked):
            assert await last.offers() == []
            await one.decline(request)
            assert bool(await last.offers()) is (number == 3)
        due = await centre.due(request)
        assert set(due) == {"offers"}
        await last.decline(request)
        shown = await centre.request(request)
        assert (shown["state"], shown["unfilled_reason"]) == ("unfilled", "nobody-accepted")
        assert await centre.due(request) == {}


async def test_nobody_eligible_is_unfilled_at_once_with_the_funnel(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.person(modes=["phone"])
        request = await centre.asked()
        assert (request["state"], request["unfilled_reason"]) == ("unfilled", "nobody-fits")
        assert (await centre.request(request))["excluded"] == [{"code": "mode", "count": 1}]
        assert await centre.due(request) == {}
        assert await centre.events() == ["request.created", "request.unfilled"]


async def test_nobody_is_asked_once_it_has_begun(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(9)
        clock.now = START - timedelta(minutes=2)
        request = await centre.asked()
        clock.now = START
        await centre.expire(request)
        assert await states(centre, request) == {"expired": 4}
        shown = await centre.request(request)
        assert (shown["state"], shown["unfilled_reason"]) == ("unfilled", "nobody-accepted")
        assert await centre.due(request) == {}


async def test_a_worker_that_was_away_asks_nobody_too_late(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.people(9)
        request = await centre.asked()
        clock.now = START + timedelta(hours=1)
        await centre.step(request)
        assert await states(centre, request) == {"open": 4}
        assert "offers" in await centre.due(request)
        await centre.expire(request)
        assert await states(centre, request) == {"expired": 4}
        assert (await centre.request(request))["state"] == "unfilled"
        assert await centre.due(request) == {}


async def test_something_is_always_due_while_somebody_is_waited_for(pool: Pool, clock: Any) -> None:
    """However it goes, following the clock ends the search, and each is asked once."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        people = await centre.people(11)
        request = await centre.asked()
        looks = 0
        while (await centre.request(request))["state"] == "searching":
            due = await centre.due(request)
            assert due, "nobody will ever look at it again"
            kind, clock.now = min(due.items(), key=lambda one: one[1])
            await (centre.step if kind == "ladder" else centre.expire)(request)
            looks += 1
            if looks == 2:
                for one in people[:3]:
                    if await one.offers():
                        await one.decline(request)
            assert looks < 30
        assert clock.now <= START
        found = await states(centre, request)
        assert sum(found.values()) == 11
        assert set(found) == {"declined", "expired"}


async def test_who_gave_back_is_not_asked_again_and_who_lost_is(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        winner, loser, silent, no = await centre.people(4)
        request = await centre.asked()
        await no.decline(request)
        booking = await winner.accept(request)
        assert await states(centre, request) == {"accepted": 1, "taken": 2, "declined": 1}
        clock.now += SECOND
        given = await winner.api.post(f"/v1/bookings/{booking['id']}/give-back", {"reason": "ill"})
        assert given.json()["state"] == "given_back"
        for one, expected in ((winner, 0), (loser, 1), (silent, 1), (no, 0)):
            assert len(await one.offers()) == expected
        shown = await centre.request(request)
        assert (shown["state"], shown["booking_ids"]) == ("searching", [])
        clock.now += SECOND
        second = await loser.accept(request)
        clock.now += SECOND
        await loser.api.post(f"/v1/bookings/{second['id']}/give-back", {"reason": "ill"})
        clock.now += SECOND
        await silent.decline(request)
        shown = await centre.request(request)
        assert (shown["state"], shown["unfilled_reason"]) == ("unfilled", "nobody-accepted")
        assert shown["excluded"] == [{"code": "conflict", "count": 2}]
        assert (await centre.events())[-3:] == [
            "offer.sent", "offer.declined", "request.unfilled",
        ]  # fmt: skip


async def test_a_give_back_that_leaves_nobody_says_so_at_once(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        booking = await centre.booked(only := await centre.person())
        clock.now += SECOND
        await only.api.post(f"/v1/bookings/{booking['id']}/give-back", {"reason": "ill"})
        shown = await centre.request({"id": booking["request_id"]})
        assert (shown["state"], shown["unfilled_reason"]) == ("unfilled", "nobody-fits")
        assert shown["excluded"] == [{"code": "conflict", "count": 1}]
        assert (await centre.events())[-2:] == ["booking.given_back", "request.unfilled"]


async def test_too_late_to_search_again(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first, *_ = await centre.people(2)
        for verb, body, reason in (
            ("give-back", {"reason": "ill"}, "given-back"),
            ("interpreter-no-show", {}, "interpreter-no-show"),
        ):
            clock.now = START - timedelta(hours=20)
            booking = await centre.booked(first)
            clock.now = START + SECOND
            said = await centre.coordinator.post(f"/v1/bookings/{booking['id']}/{verb}", body)
            assert said.status_code == 200, said.text
            shown = await centre.request({"id": booking["request_id"]})
            assert (shown["state"], shown["unfilled_reason"]) == ("unfilled", reason)
            assert await centre.due(shown) == {}


async def test_a_team_is_asked_for_each_seat_and_held_until_the_last_yes(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        people = await centre.people(10)
        request = await centre.asked(interpreters_needed=2)
        assert await states(centre, request) == {"open": 8}
        asked = [one for one in people if await one.offers()]
        first = await asked[0].accept(request)
        assert (first["state"], (await centre.request(request))["state"]) == ("held", "searching")
        assert await states(centre, request) == {"open": 7, "accepted": 1}
        second = await asked[1].accept(request)
        assert (second["state"], second["seat"] != first["seat"]) == ("confirmed", True)
        assert (await centre.booking(first))["state"] == "confirmed"
        assert (await centre.request(request))["state"] == "filled"
        assert await states(centre, request) == {"accepted": 2, "taken": 6}
        assert await centre.due(request) == {}
        assert (await centre.events()).count("booking.confirmed") == 2


async def test_a_team_that_does_not_come_about_is_released_with_its_travel(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, two = await centre.people(2)
        request = await centre.asked(interpreters_needed=2)
        booking = await one.accept(request)
        due = await centre.due(request)
        clock.now = due["offers"]
        await centre.expire(request)
        assert (await centre.booking(booking))["state"] == "released"
        shown = await centre.request(request)
        assert (shown["state"], shown["booking_ids"]) == ("unfilled", [])
        assert [seat["state"] for seat in shown["seats"]] == ["unfilled", "unfilled"]
        again = await centre.asked()
        assert (await one.accept(again))["state"] == "confirmed"
        assert await two.offers() == []


async def test_a_team_stands_on_what_is_left_when_it_may(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, two, three = await centre.people(3)
        request = await centre.asked(interpreters_needed=2, partial_ok=True)
        assert (await one.accept(request))["state"] == "confirmed"
        assert (await centre.request(request))["state"] == "partly_filled"
        await two.decline(request)
        await three.decline(request)
        shown = await centre.request(request)
        assert (shown["state"], shown["unfilled_reason"]) == ("partly_filled", "nobody-accepted")
        assert sorted(seat["state"] for seat in shown["seats"]) == ["filled", "unfilled"]
        assert (await centre.events()).count("request.partly_filled") == 1


async def test_the_last_yes_of_those_asked_brings_the_next_wave_at_once(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        people = await centre.people(9)
        request = await centre.asked(interpreters_needed=2)
        asked = [one for one in people if await one.offers()]
        rest = next(one for one in people if one not in asked)
        for one in asked[1:]:
            await one.decline(request)
        assert await rest.offers() == []
        await asked[0].accept(request)
        assert len(await rest.offers()) == 1
        assert (await rest.accept(request))["state"] == "confirmed"


def test_the_start_of_these_tests_is_a_day_after_their_clock() -> None:
    assert START - datetime.fromisoformat("2026-11-24T08:00:00Z") == timedelta(days=1)
