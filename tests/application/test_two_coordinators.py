"""Two coordinators at one request: whoever looked at an older version is told, and changes nothing.

Over real connections, with what each had on the screen.
"""

import asyncio
from uuid import UUID

import pytest

from interpreters.application import assigning, by_hand, cancelling, widening
from interpreters.database import Pool
from interpreters.domain.callers import SCOPES, Caller
from interpreters.domain.fallbacks import Allowed
from interpreters.domain.ids import new_id
from interpreters.sql import users
from interpreters.sql.users import User
from invariants import check_invariants
from worlds import Said, World, a_world, tomorrow

pytestmark = pytest.mark.anyio


async def coordinator(world: World, name: str) -> Caller:
    """Return a person who coordinates, and calls."""
    user = User(
        id=new_id(world.now), roles=("coordinator",), display_name=name, created_at=world.now
    )
    await world.do(lambda db: users.insert(db, network_id=world.network_id, user=user))
    return Caller(
        network_id=world.network_id,
        role="coordinator",
        scopes=frozenset(SCOPES["coordinator"]),
        user_id=user.id,
        sign_in_id=new_id(world.now),
    )


async def version(world: World, request_id: UUID) -> int:
    (one,) = [one for one in await world.rows("requests") if one["id"] == request_id]
    found: int = one["version"]
    return found


async def assign(world: World, caller: Caller, asked: UUID, chosen: UUID, seen: int) -> Said:
    return await world.said(
        world.do(
            lambda db: assigning.assign_interpreter(
                db, caller, request_id=asked, interpreter_id=lambda: chosen, if_match=seen,
                now=world.now,
            )
        )
    )  # fmt: skip


async def race(world: World, anna: Caller, boris: Caller) -> None:
    asked = await world.ask(starts_at=tomorrow())
    seen = await version(world, asked)
    said = await asyncio.gather(
        assign(world, anna, asked, world.people[0], seen),
        assign(world, boris, asked, world.people[1], seen),
    )
    assert sorted(one.code for one in said) == ["precondition-failed", "yes"]
    assert len([one for one in await world.live_bookings() if one["request_id"] == asked]) == 1
    told = await world.do(lambda db: by_hand.last_change(db, anna, request_id=asked))
    assert told.by == ("Anna" if said[0].code == "yes" else "Boris")
    assert told.at == world.now
    await check_invariants(world)
    await world.cancel_request(asked)


async def test_two_assign_at_once_one_books_and_the_other_is_told_who_it_was(pool: Pool) -> None:
    world = await a_world(pool, people=6)
    anna, boris = await coordinator(world, "Anna"), await coordinator(world, "Boris")
    for _ in range(5):
        await race(world, anna, boris)


async def test_widening_and_calling_off_what_was_changed_is_refused(pool: Pool) -> None:
    world = await a_world(pool, people=2)
    anna = await coordinator(world, "Anna")
    asked = await world.ask(starts_at=tomorrow())
    seen = await version(world, asked)
    await world.do(
        lambda db: widening.widen_request(
            db, anna, request_id=asked, more=lambda: Allowed(other_mode=True), if_match=seen,
            now=world.now,
        )
    )  # fmt: skip
    widened = await world.said(
        world.do(
            lambda db: widening.widen_request(
                db, anna, request_id=asked, more=lambda: Allowed(relay=True), if_match=seen,
                now=world.now,
            )
        )
    )  # fmt: skip
    called_off = await world.said(
        world.do(
            lambda db: cancelling.cancel_request(
                db, anna, request_id=asked, if_match=seen,
                why=lambda: cancelling.Why(reason="not needed"), now=world.now,
            )
        )
    )  # fmt: skip
    assert (widened.code, called_off.code) == ("precondition-failed", "precondition-failed")
    (request,) = await world.rows("requests")
    assert request["state"] == "searching"
    assert '"relay": false' in request["fallbacks"]


async def test_what_an_interpreter_did_is_nobodys_hand(pool: Pool) -> None:
    world = await a_world(pool, people=2)
    anna = await coordinator(world, "Anna")
    asked = await world.ask(starts_at=tomorrow())
    (first, *_) = await world.open_offers(asked)
    await world.accept(first)
    told = await world.do(lambda db: by_hand.last_change(db, anna, request_id=asked))
    assert told.by is None
