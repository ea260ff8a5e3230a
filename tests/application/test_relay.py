"""Relays: two people with a language between them, both or none, whoever taps when."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest

from interpreters.database import Pool, open_pool
from invariants import check_invariants
from sealing import VAULT
from servers import database_url
from wider_worlds import a_person, ask_widely, the_request, widen
from worlds import ALL_AT_ONCE, NUMBERS, Said, World, a_world, tomorrow

pytestmark = pytest.mark.anyio
RELAY: Final = {"relay": True}
PHONE: Final = ("phone",)
CROWD: Final = 64
FIRST, SECOND = 2, 3  # the seats of the legs


@pytest.fixture(scope="module")
async def wide_pool(template: str) -> AsyncIterator[Pool]:
    """A connection for each of a crowd; each test opens a network of its own."""
    name = f"relays_{next(NUMBERS)}"
    owner = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    await owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    made = await open_pool(
        database_url(role="interpreters_app", database=name), vault=VAULT, size=CROWD
    )
    yield made
    await made.close()
    await owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await owner.close()


async def legs(world: World, request_id: UUID) -> dict[int, list[Mapping[str, Any]]]:
    """Return the open offers of each leg."""
    found: dict[int, list[Mapping[str, Any]]] = {FIRST: [], SECOND: []}
    for one in await world.open_offers(request_id):
        found[one["seat"]].append(one)
    return found


async def states(world: World, table: str) -> Counter[str]:
    return Counter(one["state"] for one in await world.rows(table))


async def seats(world: World, request_id: UUID) -> dict[int, str]:
    return {
        one["seat"]: one["state"]
        for one in await world.rows("request_seats")
        if one["request_id"] == request_id
    }


async def a_relay(world: World, *, first: int = 1, second: int = 1) -> UUID:
    """Ask for Dari by phone, where it can only come through English."""
    for _ in range(first):
        await a_person(world, "prs", "eng", modes=PHONE)
    for _ in range(second):
        await a_person(world, "eng", "lav", modes=PHONE)
    return await ask_widely(world, fallbacks=RELAY, modes=PHONE, starts_at=tomorrow())


async def test_both_legs_are_asked_at_once_in_their_languages(pool: Pool) -> None:
    world = await a_world(pool, people=0)
    one = await a_relay(world)
    found = await legs(world, one)
    ways = {
        leg: {(offer["from_language"], offer["to_language"]) for offer in asked}
        for leg, asked in found.items()
    }
    assert ways == {FIRST: {("prs", "eng")}, SECOND: {("eng", "lav")}}
    assert (await the_request(world, one))["fallback"] == "relay:eng:phone"
    await check_invariants(world)


async def test_the_first_yes_is_held_and_the_last_one_confirms_both(pool: Pool) -> None:
    world = await a_world(pool, people=0)
    one = await a_relay(world)
    found = await legs(world, one)
    held = await world.accept(found[SECOND][0])
    assert held.state == "held"
    assert (await the_request(world, one))["state"] == "searching"
    await check_invariants(world)
    sure = await world.accept(found[FIRST][0])
    assert sure.state == "confirmed"
    assert (sure.from_language, sure.to_language) == ("prs", "eng")
    assert await states(world, "bookings") == {"confirmed": 2}
    assert await seats(world, one) == {1: "cancelled", FIRST: "filled", SECOND: "filled"}
    assert (await the_request(world, one))["state"] == "filled"
    await check_invariants(world)


async def test_a_held_leg_blocks_its_time(pool: Pool) -> None:
    world = await a_world(pool, people=0)
    one = await a_relay(world)
    held = (await legs(world, one))[FIRST][0]
    await world.accept(held)
    other = await world.ask(city=None, starts_at=tomorrow())
    said = await world.said(world.assign(other, held["interpreter_id"]))
    assert said.code == "interpreter-is-busy"


async def test_one_person_is_not_both_legs(pool: Pool) -> None:
    """Only one speaks all three, and does not fit as asked: by phone at another time only."""
    world = await a_world(pool, people=0)
    await a_person(world, "prs", "eng", modes=PHONE)
    one = await ask_widely(world, fallbacks=RELAY, modes=PHONE, starts_at=tomorrow())
    assert (await the_request(world, one))["state"] == "unfilled"
    assert await world.rows("offers") == []


async def test_when_a_leg_has_nobody_left_the_held_one_is_released(pool: Pool) -> None:
    world = await a_world(pool, people=0)
    one = await a_relay(world, second=2)
    found = await legs(world, one)
    await world.accept(found[FIRST][0])
    for offer in found[SECOND]:
        await world.decline(offer)
    assert await states(world, "bookings") == {"released": 1}
    assert await seats(world, one) == {1: "unfilled", FIRST: "cancelled", SECOND: "cancelled"}
    row = await the_request(world, one)
    assert (row["state"], row["unfilled_reason"]) == ("unfilled", "nobody-accepted")
    await check_invariants(world)


async def test_then_the_next_pivot_is_tried(pool: Pool) -> None:
    world = await a_world(pool, people=0)
    one = await a_relay(world)
    await a_person(world, "prs", "rus", modes=PHONE)
    await a_person(world, "rus", "lav", modes=PHONE)
    (offer,) = (await legs(world, one))[SECOND]
    await world.decline(offer)
    assert (await the_request(world, one))["fallback"] == "relay:rus:phone"
    found = await legs(world, one)
    assert {each["from_language"] for each in found[SECOND]} == {"rus"}
    for leg in (FIRST, SECOND):
        await world.accept(found[leg][0])
    assert await states(world, "bookings") == {"confirmed": 2}
    await check_invariants(world)


async def test_the_pivot_with_the_stronger_weaker_leg_comes_first(pool: Pool) -> None:
    world = await a_world(pool, people=0)
    for pivot, level in (("eng", "working"), ("rus", "fluent")):
        await a_person(world, "prs", pivot, modes=PHONE)
        await a_person(world, pivot, "lav", modes=PHONE, level=level)
    one = await ask_widely(world, fallbacks=RELAY, modes=PHONE, starts_at=tomorrow())
    assert (await the_request(world, one))["fallback"] == "relay:rus:phone"


async def test_both_are_in_one_mode(pool: Pool) -> None:
    """Asked for in person or by phone; nobody can do both legs but by phone."""
    world = await a_world(pool, people=0)
    await a_person(world, "prs", "eng", modes=PHONE)
    await a_person(world, "eng", "lav")
    one = await ask_widely(
        world, fallbacks=RELAY, modes=("in_person", "phone"), starts_at=tomorrow()
    )
    assert {offer["mode"] for offer in await world.open_offers(one)} == {"phone"}


async def test_a_leg_given_back_is_searched_again_without_the_leaver(pool: Pool) -> None:
    world = await a_world(pool, people=0)
    one = await a_relay(world, first=2)
    found = await legs(world, one)
    gone = await world.accept(found[FIRST][0])
    await world.accept(found[SECOND][0])
    world.now += timedelta(hours=1)
    await world.give_back(gone.id)
    again = await legs(world, one)
    assert [each["interpreter_id"] for each in again[FIRST]] == [found[FIRST][1]["interpreter_id"]]
    assert again[SECOND] == []
    assert (await states(world, "bookings")) == {"given_back": 1, "held": 1}
    assert (await the_request(world, one))["state"] == "searching"
    await check_invariants(world)
    await world.accept(again[FIRST][0])
    assert await states(world, "bookings") == {"given_back": 1, "confirmed": 2}
    await check_invariants(world)


async def test_a_leg_given_back_with_nobody_left_ends_the_relay(pool: Pool) -> None:
    world = await a_world(pool, people=0)
    one = await a_relay(world)
    found = await legs(world, one)
    gone = await world.accept(found[FIRST][0])
    await world.accept(found[SECOND][0])
    await world.give_back(gone.id)
    assert await states(world, "bookings") == {"given_back": 1, "released": 1}
    assert (await the_request(world, one))["state"] == "unfilled"
    await check_invariants(world)


async def test_a_late_yes_to_what_was_asked_wins_over_a_relay(pool: Pool) -> None:
    world = await a_world(pool, people=1)
    await a_person(world, "prs", "eng", modes=PHONE)
    await a_person(world, "eng", "lav", modes=PHONE)
    one = await ask_widely(world, fallbacks=RELAY, modes=PHONE, starts_at=tomorrow())
    (direct,) = await world.open_offers(one)
    world.now = (await the_request(world, one))["next_step_at"]
    await world.step(one)
    (first,) = [each for each in await world.open_offers(one) if each["seat"] == FIRST]
    await world.accept(first)
    booking = await world.accept(direct)
    assert booking.state == "confirmed"
    assert await states(world, "bookings") == {"confirmed": 1, "released": 1}
    assert await seats(world, one) == {1: "filled", FIRST: "cancelled", SECOND: "cancelled"}
    await check_invariants(world)


async def test_cancelling_one_leg_cancels_the_other_and_the_request(pool: Pool) -> None:
    world = await a_world(pool, people=0)
    one = await a_relay(world)
    found = await legs(world, one)
    booking = await world.accept(found[FIRST][0])
    await world.accept(found[SECOND][0])
    await world.cancel_booking(booking.id)
    assert await states(world, "bookings") == {"cancelled": 2}
    assert (await the_request(world, one))["state"] == "cancelled"
    await check_invariants(world)


async def test_a_leg_that_is_refilled_after_the_other_one_has_ended_is_confirmed(
    pool: Pool,
) -> None:
    world = await a_world(pool, people=0)
    one = await a_relay(world, second=2)
    found = await legs(world, one)
    first = await world.accept(found[FIRST][0])
    second = await world.accept(found[SECOND][0])
    world.now = tomorrow() - timedelta(minutes=10)
    await world.session("start", first.id)
    await world.session("end", first.id)
    await world.give_back(second.id)
    again = await legs(world, one)
    assert again[FIRST] == []
    sure = await world.accept(again[SECOND][0])
    assert sure.state == "confirmed"
    assert await states(world, "bookings") == {"completed": 1, "given_back": 1, "confirmed": 1}
    assert (await the_request(world, one))["next_step_at"] is None
    await check_invariants(world)


async def test_both_sessions_held_close_the_request(pool: Pool) -> None:
    world = await a_world(pool, people=0)
    one = await a_relay(world)
    found = await legs(world, one)
    made = [await world.accept(found[leg][0]) for leg in (FIRST, SECOND)]
    world.now = tomorrow()
    for booking in made:
        await world.session("start", booking.id)
    for booking in made:
        await world.session("end", booking.id)
    assert (await the_request(world, one))["state"] == "closed"


async def at_once(world: World, calls: Sequence[Awaitable[Any]]) -> list[Said]:
    """Make the calls together, in any order; the invariants hold afterwards."""
    said = await asyncio.gather(*(world.said(one) for one in random.sample(calls, len(calls))))
    assert world.deadlocks == 0
    await check_invariants(world)
    return list(said)


async def test_64_tap_on_both_legs_and_each_leg_has_one(wide_pool: Pool) -> None:
    world = await a_world(wide_pool, people=0, ladder=ALL_AT_ONCE)
    one = await a_relay(world, first=CROWD // 2, second=CROWD // 2)
    while (await the_request(world, one))["next_step_at"] is not None:
        world.now = (await the_request(world, one))["next_step_at"]
        await world.step(one)
    found = await legs(world, one)
    assert [len(each) for each in found.values()] == [CROWD // 2, CROWD // 2]
    said = await at_once(world, [world.accept(offer) for each in found.values() for offer in each])
    assert Counter(each.code for each in said) == {"yes": 2, "offer-taken": CROWD - 2}
    booked = [(each["seat"], each["state"]) for each in await world.rows("bookings")]
    assert sorted(booked) == [(FIRST, "confirmed"), (SECOND, "confirmed")]
    assert (await states(world, "offers")) == {"accepted": 2, "taken": CROWD - 2}


async def test_the_end_of_the_ladder_races_with_the_last_yes(wide_pool: Pool) -> None:
    """The yes came a moment before `answer_by`; the worker marks the end: both or none."""
    for _ in range(12):
        world = await a_world(wide_pool, people=0)
        one = await a_relay(world)
        found = await legs(world, one)
        await world.accept(found[FIRST][0])
        last = found[SECOND][0]
        before, world.now = world.now, last["answer_by"]
        said = await at_once(
            world,
            [
                world.accept(last, now=before),
                *(world.expire(one) for _ in range(3)),
                *(world.step(one) for _ in range(3)),
            ],
        )
        booked = await states(world, "bookings")
        yes = Counter(each.code for each in said)["yes"] == 7
        assert booked == ({"confirmed": 2} if yes else {"released": 1})


async def test_a_direct_yes_races_with_the_last_yes_of_the_relay(wide_pool: Pool) -> None:
    for _ in range(8):
        world = await a_world(wide_pool, people=1)
        await a_person(world, "prs", "eng", modes=PHONE)
        await a_person(world, "eng", "lav", modes=PHONE)
        one = await ask_widely(world, fallbacks=RELAY, modes=PHONE, starts_at=tomorrow())
        (direct,) = await world.open_offers(one)
        world.now = (await the_request(world, one))["next_step_at"]
        await world.step(one)
        by_seat = {each["seat"]: each for each in await world.open_offers(one)}
        await world.accept(by_seat[FIRST])
        said = await at_once(world, [world.accept(direct), world.accept(by_seat[SECOND])])
        assert Counter(each.code for each in said) == {"yes": 1, "offer-taken": 1}
        assert await states(world, "bookings") in (
            {"confirmed": 2}, {"confirmed": 1, "released": 1},
        )  # fmt: skip


async def test_a_give_back_races_with_widening_and_the_clock(wide_pool: Pool) -> None:
    world = await a_world(wide_pool, people=0)
    one = await a_relay(world, first=2, second=2)
    found = await legs(world, one)
    made = [await world.accept(found[leg][0]) for leg in (FIRST, SECOND)]
    world.now += timedelta(hours=1)
    await at_once(
        world,
        [
            *(world.give_back(booking.id) for booking in made),
            *(world.step(one) for _ in range(4)),
            *(widen(world, one, other_mode=True) for _ in range(4)),
        ],
    )
    again = await legs(world, one)
    assert all(len(each) == 1 for each in again.values())
    for each in again.values():
        await world.accept(each[0])
    assert await states(world, "bookings") == {"given_back": 2, "confirmed": 2}
    await check_invariants(world)
