"""What is offered instead, when everybody who fits as asked was asked; in order, and once."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from interpreters.application.fallbacks import used_by
from interpreters.database import Pool
from interpreters.sql import requests
from interpreters.sql.requests import Request
from invariants import check_invariants
from wider_worlds import EVERYTHING, a_person, ask_widely, asked, next_step, the_request, widen
from worlds import LIEPAJA, MORNING, World, a_world, tomorrow

pytestmark = pytest.mark.anyio
PHONE = ("phone",)
MODES = {"other_mode": True}


async def stored(world: World, request_id: UUID) -> Request:
    """Return the request with its details opened."""
    found = await world.do(
        lambda db: requests.find(db, network_id=world.network_id, request_id=request_id)
    )
    assert found is not None
    return found


async def used(world: World, request_id: UUID) -> list[str]:
    """Return the codes of what was asked instead."""
    return [one["code"] for one in used_by(await stored(world, request_id))]


async def test_with_nobody_as_asked_the_other_mode_is_asked_at_once(pool: Pool) -> None:
    world = await a_world(pool, people=0)
    remote = await a_person(world, "prs", "lav", modes=PHONE)
    one = await ask_widely(world, fallbacks=MODES, starts_at=tomorrow())
    found = await asked(world, one)
    assert {key: offer["mode"] for key, offer in found.items()} == {remote: "phone"}
    assert (await the_request(world, one))["fallback"] == "other_mode"
    assert await used(world, one) == ["other_mode"]
    booking = await world.accept(found[remote])
    assert (booking.mode, booking.state) == ("phone", "confirmed")
    await check_invariants(world)


async def test_without_being_allowed_nothing_else_is_asked(pool: Pool) -> None:
    world = await a_world(pool, people=0)
    await a_person(world, "prs", "lav", modes=PHONE)
    await a_person(world, "pes", "lav")
    one = await ask_widely(world, fallbacks={}, starts_at=tomorrow())
    row = await the_request(world, one)
    assert (row["state"], row["unfilled_reason"]) == ("unfilled", "nobody-fits")


async def test_who_fits_as_asked_is_asked_first_and_the_rest_after_the_gap(pool: Pool) -> None:
    world = await a_world(pool, people=1)
    remote = await a_person(world, "prs", "lav", modes=PHONE)
    one = await ask_widely(world, fallbacks=MODES, starts_at=tomorrow())
    assert {offer["mode"] for offer in (await asked(world, one)).values()} == {"in_person"}
    await next_step(world, one)
    found = await asked(world, one)
    assert found.keys() == {world.people[0], remote}, "an offer that is open stays open"
    assert found[remote]["mode"] == "phone"
    await check_invariants(world)


async def test_who_declined_is_asked_about_another_mode_and_not_about_the_same(pool: Pool) -> None:
    world = await a_world(pool, people=1)
    one = await ask_widely(world, fallbacks=MODES, starts_at=tomorrow())
    (there,) = await world.open_offers(one)
    await world.decline(there)
    (again,) = await world.open_offers(one)
    assert (again["interpreter_id"], again["mode"]) == (world.people[0], "phone")
    await world.decline(again)
    assert await world.open_offers(one) == []
    row = await the_request(world, one)
    assert (row["state"], row["unfilled_reason"]) == ("unfilled", "nobody-accepted")


async def test_who_declines_late_is_asked_about_another_mode_after_all(pool: Pool) -> None:
    """Their first offer was open while the search went on past the other mode."""
    world = await a_world(pool, people=1)
    farsi = await a_person(world, "pes", "lav")
    one = await ask_widely(
        world, fallbacks={**MODES, "neighbour_language": True}, starts_at=tomorrow()
    )
    (slow,) = await world.open_offers(one)
    await next_step(world, one)
    found = await asked(world, one)
    assert found.keys() == {world.people[0], farsi}
    await world.decline(found[farsi])
    await world.decline(slow)
    assert {each["mode"] for each in await world.open_offers(one)} == {"phone"}
    assert (await asked(world, one)).keys() >= {world.people[0]}
    await check_invariants(world)


async def busy_then(world: World, person: UUID, hour: int, minutes: int = 60) -> None:
    """Book somebody by phone at that hour of tomorrow."""
    other = await world.ask(city=None, starts_at=tomorrow(hour), minutes=minutes)
    await world.assign(other, person)


async def test_another_time_is_the_nearest_at_which_somebody_is_free(pool: Pool) -> None:
    world = await a_world(pool, people=1)
    await busy_then(world, world.people[0], 9, 90)  # from 9:00 to 10:30
    one = await ask_widely(
        world, fallbacks={"shift_minutes": 60}, modes=PHONE, starts_at=tomorrow(10)
    )
    (offer,) = await world.open_offers(one)
    assert offer["session"].lower == tomorrow(10, 30)
    assert offer["session"].upper == tomorrow(11, 30)
    assert (await the_request(world, one))["session"].lower == tomorrow(10), "not before a yes"


async def test_a_yes_to_another_time_moves_the_request_there(pool: Pool) -> None:
    world = await a_world(pool, people=1)
    await busy_then(world, world.people[0], 10, 30)
    one = await ask_widely(
        world, fallbacks={"shift_minutes": 60}, modes=PHONE, starts_at=tomorrow(10)
    )
    (offer,) = await world.open_offers(one)
    booking = await world.accept(offer)
    row = await the_request(world, one)
    assert booking.session.starts_at == row["session"].lower == tomorrow(10, 30)
    assert row["state"] == "filled"
    assert row["wall_starts_at"].hour == 12, "by the clock in Riga"
    told = [one["type"] for one in await world.rows("outbox") if one["request_id"] == row["id"]]
    assert "request.changed" in told
    again = await world.accept(offer)
    assert again.id == booking.id
    await check_invariants(world)


async def test_after_a_move_is_given_back_the_wished_time_may_be_asked_about_too(
    pool: Pool,
) -> None:
    world = await a_world(pool, people=1)
    await busy_then(world, world.people[0], 10, 30)
    one = await ask_widely(
        world, fallbacks={"shift_minutes": 30}, modes=PHONE, starts_at=tomorrow(10)
    )
    (offer,) = await world.open_offers(one)
    booking = await world.accept(offer)
    late = await a_person(world, "prs", "lav", modes=PHONE)
    await busy_then(world, late, 11, 30)  # free from 10:00 to 11:00, not to 11:30
    await world.give_back(booking.id)
    (other,) = await world.open_offers(one)
    assert (other["interpreter_id"], other["session"].lower) == (late, tomorrow(10))


async def test_the_first_yes_fixes_the_time_of_a_team(pool: Pool) -> None:
    """One at the wished time says yes: those asked about another time are not asked any more."""
    world = await a_world(pool, people=2)
    await busy_then(world, world.people[1], 10, 30)
    one = await ask_widely(
        world, fallbacks={"shift_minutes": 30}, modes=PHONE, starts_at=tomorrow(10), needed=2
    )
    await next_step(world, one)
    found = await asked(world, one)
    assert found[world.people[1]]["session"].lower == tomorrow(10, 30)
    await world.accept(found[world.people[0]])
    row = await the_request(world, one)
    assert row["session"].lower == tomorrow(10)
    assert await world.open_offers(one) == []
    assert row["state"] == "unfilled", "nobody is left for the second seat at that time"


async def test_remote_from_another_region_comes_after_another_time(pool: Pool) -> None:
    world = await a_world(pool, people=1)
    await busy_then(world, world.people[0], 10, 30)
    far = await a_person(world, "prs", "lav", modes=PHONE, home=LIEPAJA)
    one = await ask_widely(
        world, fallbacks={"other_mode": True, "shift_minutes": 30}, starts_at=tomorrow(10),
        minutes=30,
    )  # fmt: skip
    found = await asked(world, one)
    assert found.keys() == {world.people[0]}
    assert found[world.people[0]]["session"].lower == tomorrow(10, 30)
    await next_step(world, one)
    assert (await asked(world, one))[far]["mode"] == "phone"
    assert (await the_request(world, one))["fallback"] == "remote"
    assert await used(world, one) == ["other_time", "remote"]


async def test_a_neighbour_language_is_asked_by_its_own_name(pool: Pool) -> None:
    world = await a_world(pool, people=0)
    farsi = await a_person(world, "pes", "lav")
    one = await ask_widely(world, fallbacks={"neighbour_language": True}, starts_at=tomorrow())
    (offer,) = await world.open_offers(one)
    assert (offer["interpreter_id"], offer["from_language"]) == (farsi, "pes")
    assert (await world.accept(offer)).from_language == "pes"


@pytest.mark.parametrize("topic", ["legal", "psychology"])
async def test_before_a_court_a_language_that_is_only_near_is_never_asked(
    pool: Pool, topic: str
) -> None:
    world = await a_world(pool, people=0)
    await a_person(world, "pes", "lav")
    one = await ask_widely(
        world, fallbacks={"neighbour_language": True}, starts_at=tomorrow(), topic=topic
    )
    assert (await the_request(world, one))["state"] == "unfilled"


async def test_a_session_that_has_begun_is_only_saved_by_another_time(pool: Pool) -> None:
    world = await a_world(pool, people=1)
    one = await ask_widely(
        world, fallbacks={"shift_minutes": 120}, modes=PHONE, starts_at=tomorrow(10)
    )
    (offer,) = await world.open_offers(one)
    world.now = tomorrow(10)
    await world.expire(one)
    assert offer["state"] == "open"
    (late,) = await world.open_offers(one)
    assert late["session"].lower == tomorrow(10, 30)
    await check_invariants(world)


async def test_widening_goes_on_at_once_and_twice_is_once(pool: Pool) -> None:
    world = await a_world(pool, people=0)
    remote = await a_person(world, "prs", "lav", modes=PHONE)
    one = await ask_widely(world, fallbacks={}, starts_at=tomorrow())
    assert (await the_request(world, one))["state"] == "unfilled"
    shown = await widen(world, one, other_mode=True)
    assert shown.request.state == "searching"
    assert (await asked(world, one)).keys() == {remote}
    before = await world.rows("offers")
    await widen(world, one, other_mode=True)
    assert await world.rows("offers") == before
    await check_invariants(world)


async def test_widening_does_not_ask_again_who_was_asked(pool: Pool) -> None:
    world = await a_world(pool, people=1)
    one = await ask_widely(world, fallbacks={}, starts_at=tomorrow())
    (offer,) = await world.open_offers(one)
    world.now = offer["answer_by"]
    await world.expire(one)
    assert (await the_request(world, one))["state"] == "unfilled"
    await widen(world, one, shift_minutes=15)
    (other,) = await world.open_offers(one)
    assert other["session"].lower == tomorrow(10, 15)


async def test_many_widen_and_step_at_once_and_each_is_asked_once(pool: Pool) -> None:
    world = await a_world(pool, people=2)
    for _ in range(3):
        await a_person(world, "prs", "lav", modes=PHONE)
    one = await ask_widely(world, fallbacks={}, starts_at=tomorrow())
    world.now += timedelta(hours=2)
    calls = [widen(world, one, **EVERYTHING) for _ in range(6)]
    calls += [world.expire(one) for _ in range(6)]
    calls += [world.step(one) for _ in range(6)]
    await asyncio.gather(*calls)
    per_person = [offer["interpreter_id"] for offer in await world.open_offers(one)]
    assert len(per_person) == len(set(per_person))
    assert world.deadlocks == 0
    await check_invariants(world)


async def test_who_stated_the_clients_consent_is_kept(pool: Pool) -> None:
    world = await a_world(pool, people=0, now=MORNING)
    one = await ask_widely(world, fallbacks={"neighbour_language": True}, starts_at=tomorrow())
    found = (await stored(world, one)).details["language_consent"]
    assert found == {"stated_by": None, "at": "2026-11-24T08:00:00Z"}
