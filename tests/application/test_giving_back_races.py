"""A booking given back while everybody taps: one has it, whatever the order, over connections."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest

from interpreters.application import booking_changes, giving_back, standby
from interpreters.application.cancelling import Why
from interpreters.application.networks import change_network
from interpreters.database import Pool, open_pool
from invariants import check_invariants
from sealing import VAULT
from servers import database_url
from worlds import ALL_AT_ONCE, NUMBERS, SIXTEEN_AT_ONCE, Said, World, a_world, tomorrow

pytestmark = pytest.mark.anyio
CROWD: Final = 64
ASK_FIRST: Final = {"ask_conflicts": True}


@pytest.fixture(scope="module")
async def wide_pool(template: str) -> AsyncIterator[Pool]:
    """A connection for each of a crowd; each test opens a network of its own."""
    name = f"leaving_{next(NUMBERS)}"
    owner = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    await owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    made = await open_pool(
        database_url(role="interpreters_app", database=name), vault=VAULT, size=CROWD
    )
    yield made
    await made.close()
    await owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await owner.close()


async def at_once(world: World, *calls: Any) -> list[Said]:
    said = await asyncio.gather(*(world.said(one) for one in calls))
    assert world.deadlocks == 0
    await check_invariants(world)
    return list(said)


async def stand_by(world: World, offer: Mapping[str, Any]) -> None:
    caller, now = world.interpreter(offer["interpreter_id"]), world.now
    await world.do(lambda db: standby.note_standby(db, caller, offer_id=offer["id"], now=now))


async def leave(world: World, booking_id: UUID, code: str) -> Any:
    why = Why(reason="x", reason_code=code)
    return await world.do(
        lambda db: giving_back.give_back(
            db, world.house, booking_id=booking_id, why=lambda: why, now=world.now
        )
    )


async def test_64_tap_while_the_seat_is_given_back_and_one_has_it(wide_pool: Pool) -> None:
    world = await a_world(wide_pool, people=CROWD + 1, ladder=SIXTEEN_AT_ONCE)
    await world.ask_everybody(starts_at=tomorrow() + timedelta(days=9))
    first, *others = await world.open_offers()
    booking = await world.accept(first)
    for one in others[:20]:
        await stand_by(world, one)
    world.now += timedelta(minutes=1)

    # The old offers are taken; with the give-back the first wave of new ones comes.
    said = await at_once(
        world,
        leave(world, booking.id, "illness"),
        *(world.accept(one) for one in others),
    )

    assert said[0].code == "yes"
    assert Counter(one.code for one in said[1:]) == {"offer-taken": CROWD}
    asked = await world.open_offers()
    late = {one["interpreter_id"] for one in others[:20]}
    assert {one["interpreter_id"] for one in asked} <= late  # sixteen of the twenty come first
    assert len(asked) == 16

    said = await at_once(world, *(world.accept(one) for one in asked for _ in range(4)))

    assert len(await world.live_bookings()) == 1
    (live,) = await world.live_bookings()
    assert live["interpreter_id"] != first["interpreter_id"]
    # The winner's other three taps are told the same booking.
    assert Counter(one.code for one in said) == {"yes": 4, "offer-taken": 60}
    assert [one["state"] for one in await world.rows("requests")] == ["filled"]


async def test_new_yeses_race_the_next_give_back(wide_pool: Pool) -> None:
    world = await a_world(wide_pool, people=31, ladder=ALL_AT_ONCE)
    await world.ask_everybody(starts_at=tomorrow() + timedelta(days=9))
    first, *_ = await world.open_offers()
    booking = await world.accept(first)
    for _ in range(5):
        world.now += timedelta(minutes=1)
        await leave(world, booking.id, "illness")
        asked = await world.open_offers()

        said = await at_once(world, leave(world, booking.id, "illness"), *map(world.accept, asked))

        assert said[0].code == "yes"  # again: it changes nothing
        (live,) = await world.live_bookings()
        assert live["interpreter_id"] != booking.interpreter_id
        booking = next(one.value for one in said[1:] if one.code == "yes")


async def test_two_notes_of_one_late_yes_are_one(wide_pool: Pool) -> None:
    world = await a_world(wide_pool, people=2, ladder=ALL_AT_ONCE)
    await world.ask_everybody(starts_at=tomorrow())
    first, late = await world.open_offers()
    await world.accept(first)

    await at_once(world, *(stand_by(world, late) for _ in range(8)))

    noted = {one["id"]: one["standby_at"] for one in await world.rows("offers")}
    assert noted == {first["id"]: None, late["id"]: world.now}
    before = world.now
    world.now += timedelta(minutes=1)
    await stand_by(world, late)
    again = {one["id"]: one["standby_at"] for one in await world.rows("offers")}
    assert again[late["id"]] == before


async def test_no_conflict_races_giving_back_for_one(wide_pool: Pool) -> None:
    for _ in range(8):
        world = await a_world(wide_pool, people=1, ladder=ALL_AT_ONCE)
        await world.do(
            lambda db, w=world: change_network(
                db, w.house, if_match=None, change=lambda: ASK_FIRST, now=w.now
            )
        )
        await world.ask(starts_at=tomorrow())
        (offer,) = await world.open_offers()
        booking = await world.accept(offer)
        caller = world.interpreter(offer["interpreter_id"])

        said = await at_once(
            world,
            world.do(
                lambda db, w=world, c=caller, b=booking.id: booking_changes.no_conflict(
                    db, c, booking_id=b, now=w.now
                )
            ),
            leave(world, booking.id, "conflict_of_interest"),
        )

        assert said[0].code in ("yes", "wrong-state")
        assert said[1].code == "yes"
        (row,) = await world.rows("bookings")
        assert row["state"] == "given_back"
        assert (row["no_conflict_at"] is None) == (said[0].code == "wrong-state")
        (conflict,) = await world.rows("conflicts")
        assert conflict["interpreter_id"] == offer["interpreter_id"]
        assert await world.open_offers() == []
