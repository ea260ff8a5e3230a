"""Plans accepted while others do other things at once: nobody is asked twice, nobody is booked
twice, and what could not be is told by the places."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from interpreters.application.plan_acceptances import accept_plan
from interpreters.application.plan_proposals import (
    PlanOrder,
    Solved,
    propose_plan,
    with_solution,
)
from interpreters.application.plans import ShownPlan
from interpreters.database import Pool
from invariants import check_invariants
from wider_worlds import a_person, ask_widely, the_request
from worlds import World, a_world, tomorrow

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)


async def propose(world: World, solved: Solved | None) -> Any:
    return await world.do(
        lambda db: propose_plan(db, world.house, wanted=PlanOrder, solved=solved, now=world.now)
    )


async def proposed(world: World) -> ShownPlan:
    made = await with_solution(lambda solved: propose(world, solved))
    assert isinstance(made, ShownPlan)
    return made


async def accepted(world: World, plan: ShownPlan, places: list[UUID] | None = None) -> Any:
    return await world.do(
        lambda db: accept_plan(
            db, world.house, plan_id=plan.id, places=lambda: places, now=world.now
        )
    )


async def relay_asked(pool: Pool) -> tuple[World, UUID, list[Any]]:
    """Two people are asked, each for a leg by phone; the request, and their offers."""
    world = await a_world(pool, people=0)
    for languages in (("prs", "eng"), ("eng", "lav")):
        await a_person(world, *languages, modes=("phone",))
    one = await ask_widely(
        world,
        fallbacks={"relay": True, "other_mode": True},
        modes=("phone",),
        starts_at=tomorrow(),
    )
    legs = await world.open_offers(one)
    assert len(legs) == 2
    return world, one, legs


async def test_two_coordinators_accept_the_same_plan_and_each_is_asked_once(pool: Pool) -> None:
    world = await a_world(pool, people=3)
    for hour in range(3):
        await world.ask_everybody(starts_at=tomorrow() + 4 * hour * HOUR, city=None)
    world.now = tomorrow() - timedelta(hours=20)
    before = {one["id"] for one in await world.open_offers()}
    plan = await proposed(world)
    assert len(plan.places) == 3

    answers = await asyncio.gather(
        *(world.said(accepted(world, plan)) for _ in range(4)),
        *(world.said(accepted(world, plan, [plan.places[0].id])) for _ in range(2)),
    )

    assert Counter(one.code for one in answers) == {"yes": 6}
    await check_invariants(world)
    made = await world.rows("offers")
    asked = Counter(
        (one["request_id"], one["interpreter_id"]) for one in made if one["state"] == "open"
    )
    assert set(asked.values()) == {1}
    assert before <= {one["id"] for one in made}
    (shown,) = await world.rows("plans")
    assert shown["state"] == "accepted"
    assert {one["state"] for one in await world.rows("plan_places")} == {"offered"}


async def test_of_plans_made_at_the_same_moment_one_is_left(pool: Pool) -> None:
    world = await a_world(pool, people=2)
    for hour in range(2):
        await world.ask(starts_at=tomorrow() + 4 * hour * HOUR, city=None)

    made = await asyncio.gather(*(proposed(world) for _ in range(5)))

    assert len({one.id for one in made}) == 5
    rows = await world.rows("plans")
    assert Counter(one["state"] for one in rows) == {"proposed": 1, "superseded": 4}
    (left,) = [one["id"] for one in rows if one["state"] == "proposed"]
    answers = [await world.said(accepted(world, one)) for one in made]
    told = {one.id: answer.code for one, answer in zip(made, answers, strict=True)}
    assert told.pop(left) == "yes"
    assert set(told.values()) == {"plan-is-over"}
    await check_invariants(world)


async def test_whoever_takes_a_seat_while_it_is_solved_has_it(pool: Pool) -> None:
    """Nothing is held while it is solved, and nothing is proposed that no longer holds."""
    world = await a_world(pool, people=2)
    for _ in range(2):
        await world.ask(starts_at=tomorrow(), city=None)
    offers = await world.open_offers()
    tries: list[Solved | None] = []

    async def attempt(solved: Solved | None) -> Any:
        tries.append(solved)
        if solved is not None and len(tries) == 2:
            await world.accept(offers[0])
        return await propose(world, solved)

    made = await with_solution(attempt)

    assert isinstance(made, ShownPlan)
    assert len(tries) == 3  # read, solved and found changed, solved again
    (place,) = made.places
    assert place.request_id != offers[0]["request_id"]
    assert place.interpreter_id != offers[0]["interpreter_id"]
    assert made.plan.figures.open == 1


async def test_what_never_holds_is_left_out_in_the_end(pool: Pool) -> None:
    world = await a_world(pool, people=3)
    for _ in range(3):
        await world.ask(starts_at=tomorrow(), city=None)
    tries: list[Solved | None] = []

    async def attempt(solved: Solved | None) -> Any:
        tries.append(solved)
        if solved is not None:
            busy = {one["interpreter_id"] for one in await world.live_bookings()}
            free = [one for one in await world.open_offers() if one["interpreter_id"] not in busy]
            await world.accept(free[0])
        return await propose(world, solved)

    made = await with_solution(attempt)

    assert isinstance(made, ShownPlan)
    assert len(tries) == 4
    assert made.places == []
    assert (made.plan.figures.open, made.plan.figures.planned) == (1, 0)


async def test_accepting_while_people_take_other_jobs_books_nobody_twice(pool: Pool) -> None:
    world = await a_world(pool, people=4)
    for _ in range(4):
        await world.ask(starts_at=tomorrow(), city=None)
    offers = await world.open_offers()
    plan = await proposed(world)
    assert len(plan.places) == 4

    answers = await asyncio.gather(
        *(world.said(world.accept(one)) for one in offers), world.said(accepted(world, plan))
    )

    assert {one.code for one in answers} <= {"yes", "offer-taken", "interpreter-is-busy"}
    assert answers[-1].code == "yes"
    await check_invariants(world)
    states = {one["state"] for one in await world.rows("plan_places")}
    assert states <= {"offered", "seat_filled", "interpreter_busy", "interpreter_unfit"}
    live = await world.live_bookings()
    assert len({one["interpreter_id"] for one in live}) == len(live) == 4


async def test_a_relay_that_is_being_asked_goes_on_beside_another_step(pool: Pool) -> None:
    """Somebody came who can do all of it by video; when they say no, nobody stays held."""
    world, one, legs = await relay_asked(pool)
    alone = await a_person(world, "prs", "lav", modes=("video",))
    plan = await proposed(world)
    assert [place.interpreter_id for place in plan.places] == [alone]
    await accepted(world, plan)
    (offer,) = [each for each in await world.open_offers(one) if each not in legs]
    assert offer["interpreter_id"] == alone

    held = await world.accept(legs[0])
    await world.decline(offer)
    await world.decline(legs[1])

    assert held.state == "held"
    assert [each["state"] for each in await world.rows("bookings")] == ["released"]
    assert (await the_request(world, one))["state"] == "unfilled"
    await check_invariants(world)


async def test_who_can_do_all_of_it_wins_over_the_relay(pool: Pool) -> None:
    world, one, legs = await relay_asked(pool)
    await a_person(world, "prs", "lav", modes=("video",))
    await accepted(world, await proposed(world))
    (offer,) = [each for each in await world.open_offers(one) if each not in legs]

    await world.accept(legs[0])
    sure = await world.accept(offer)

    assert (sure.state, sure.mode) == ("confirmed", "video")
    assert await world.open_offers(one) == []
    assert Counter(each["state"] for each in await world.rows("bookings")) == {
        "confirmed": 1, "released": 1,
    }  # fmt: skip
    await check_invariants(world)
