"""What competes is planned together; a coordinator accepts it, and the people are asked."""

from datetime import timedelta
from typing import Any

import pytest

from api import serving
from centre import START, Centre, Json, z
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
# Asked only by hand: whoever is named in nobody's wave.
ALONE: Json = {"modes": ["phone"], "site_id": ...}


async def proposed(centre: Centre, body: Json | None = None) -> Json:
    return await centre.made(centre.coordinator, "/v1/plans", body or {})


async def accepted(centre: Centre, plan: Json, body: Json | None = None) -> Json:
    response = await centre.coordinator.post(f"/v1/plans/{plan['id']}/accept", body or {})
    assert response.status_code == 200, response.text
    answer: Json = response.json()
    return answer


def who(plan: Json) -> dict[str, str]:
    """Return who is planned for which request."""
    return {one["request_id"]: one["interpreter"]["id"] for one in plan["places"]}


async def test_who_alone_can_do_one_thing_is_not_given_the_other(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        both = await centre.person(qualification="certified")
        await centre.person(
            languages=[{"code": "dari", "level": "working"}, {"code": "lv", "level": "working"}],
            qualification="language_speaker",
        )
        needs = {"qualification": {"minimum": "certified", "strict": True}}
        anybody = await centre.asked()
        clock.now += timedelta(minutes=1)  # the other comes later
        picky = await centre.asked(clients=[{"reference": "LV-2"}], requirements=needs)

        plan = await proposed(centre)

        assert plan["state"] == "proposed"
        figures = plan["figures"]
        assert figures["open"] == figures["planned"] == figures["bound"] == 2
        assert plan["figures"]["arrival_order"] == 1
        assert plan["figures"]["scarcest_first"] == 2
        assert plan["figures"]["gap"] == 0
        assert who(plan)[picky["id"]] == both.id
        assert who(plan)[anybody["id"]] != both.id
        place = plan["places"][0]
        assert place["state"] == "proposed"
        assert place["starts_at"] == z(START)
        assert place["ends_at"] == z(START + HOUR)
        assert place["seat"] == 1
        assert sum(one["points"] for one in place["reasons"]) == pytest.approx(place["score"])


async def test_what_is_accepted_goes_out_as_an_ordinary_offer(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        request = await centre.asked()  # nobody is on the roster yet
        assert request["state"] == "unfilled"
        person = await centre.person()
        plan = await proposed(centre)
        assert await person.offers() == []

        answer = await accepted(centre, plan)

        assert answer["state"] == "accepted"
        (offer,) = await person.offers()
        assert answer["places"][0]["state"] == "offered"
        assert answer["places"][0]["offer_id"] == offer["id"]
        assert (await centre.request(request))["state"] == "searching"
        assert await accepted(centre, plan) == answer  # again: nothing more
        assert len(await person.offers()) == 1
        booking = await person.accept(request)
        assert booking["state"] == "confirmed"
        assert (await centre.request(request))["state"] == "filled"


async def test_after_a_refusal_the_ladder_goes_on(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        request = await centre.asked()
        best = await centre.person(qualification="certified")
        other = await centre.person(qualification="language_speaker")
        plan = await proposed(centre)
        assert who(plan) == {request["id"]: best.id}
        await accepted(centre, plan)
        assert await other.offers() == []

        await best.decline(request)

        assert [one["request_id"] for one in await other.offers()] == [request["id"]]


async def test_a_part_is_accepted_and_the_rest_later(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        for hour in range(2):
            await centre.asked(starts_at=z(START + 3 * hour * HOUR))
        person = await centre.person()
        plan = await proposed(centre)
        first, second = (one["id"] for one in plan["places"])

        partly = await accepted(centre, plan, {"places": [first]})
        assert partly["state"] == "partly_accepted"
        assert [one["state"] for one in partly["places"]] == ["offered", "proposed"]
        assert len(await person.offers()) == 1
        whole = await accepted(centre, plan, {"places": [first, second]})
        assert whole["state"] == "accepted"
        assert len(await person.offers()) == 2
        strange = await centre.coordinator.post(
            f"/v1/plans/{plan['id']}/accept", {"places": ["plp_01KBQ0000000000000000000000"]}
        )
        assert strange.status_code == 422
        assert strange.json()["errors"][0]["pointer"] == "/places/0"


async def test_accepting_no_place_at_all_is_refused_and_changes_nothing(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.asked()
        person = await centre.person()
        plan = await proposed(centre)

        refused = await centre.coordinator.post(f"/v1/plans/{plan['id']}/accept", {"places": []})

        assert refused.status_code == 422
        assert [one["pointer"] for one in refused.json()["errors"]] == ["/places"]
        after = (await centre.coordinator.get(f"/v1/plans/{plan['id']}")).json()
        assert after["state"] == "proposed"
        assert await person.offers() == []


async def test_what_is_left_of_a_plan_ends_with_the_next_one(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        for hour in range(2):
            await centre.asked(starts_at=z(START + 3 * hour * HOUR))
        await centre.person()
        old = await proposed(centre)
        first, second = (one["id"] for one in old["places"])
        await accepted(centre, old, {"places": [first]})

        clock.now += timedelta(minutes=1)
        new = await proposed(centre)

        path = f"/v1/plans/{old['id']}"
        before = (await centre.coordinator.get(path)).json()
        assert before["state"] == "superseded"
        assert [one["state"] for one in before["places"]] == ["offered", "proposed"]
        over = await centre.coordinator.post(f"{path}/accept", {"places": [second]})
        assert (over.status_code, over.json()["code"]) == (409, "plan-is-over")
        left = {one["request_id"]: one["state"] for one in new["places"]}
        assert left[before["places"][1]["request_id"]] == "proposed"


async def test_what_changed_meanwhile_is_told_by_the_places(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        filled = await centre.asked(clients=[{"reference": "LV-1"}])
        called_off = await centre.asked(starts_at=z(START + 3 * HOUR))
        moved = await centre.asked(starts_at=z(START + 6 * HOUR))
        person, other = await centre.people(2)
        plan = await proposed(centre)
        places = {one["request_id"]: one for one in plan["places"]}
        assert len(places) == 3
        assigned = {"interpreter_id": other.id}
        await centre.made(centre.coordinator, f"/v1/requests/{filled['id']}/assign", assigned)
        gone = await centre.school.post(
            f"/v1/requests/{called_off['id']}/cancel", {"reason": "no need"}
        )
        assert gone.status_code == 200, gone.text
        later = {"starts_at": z(START + 7 * HOUR)}
        changed = await centre.school.patch(f"/v1/requests/{moved['id']}", later)
        assert changed.status_code == 200, changed.text

        answer = await accepted(centre, plan)

        states = {one["request_id"]: one["state"] for one in answer["places"]}
        assert states[filled["id"]] == "seat_filled"
        assert states[called_off["id"]] == "request_over"
        assert states[moved["id"]] in ("request_changed", "offered")  # offered by the search itself
        assert person.id


async def test_who_took_something_else_is_not_asked(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        request = await centre.asked()
        person = await centre.person()
        plan = await proposed(centre)
        await centre.booked(person, clients=[{"reference": "LV-2"}])

        answer = await accepted(centre, plan)

        assert answer["places"][0]["state"] == "interpreter_busy"
        assert answer["state"] == "accepted"
        assert [one["request_id"] for one in await person.offers()] == []
        assert (await centre.request(request))["state"] == "unfilled"


async def test_a_newer_plan_supersedes_and_a_dismissed_one_is_over(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.asked()
        await centre.person()
        old = await proposed(centre)
        clock.now += timedelta(minutes=1)
        new = await proposed(centre)

        over = await centre.coordinator.post(f"/v1/plans/{old['id']}/accept")
        assert (over.status_code, over.json()["code"]) == (409, "plan-is-over")
        path = f"/v1/plans/{new['id']}"
        for _ in range(2):
            dismissed = await centre.coordinator.post(f"{path}/dismiss")
            assert (dismissed.status_code, dismissed.json()["state"]) == (200, "dismissed")
        assert (await centre.coordinator.post(f"{path}/accept")).status_code == 409
        listed = (await centre.coordinator.get("/v1/plans")).json()["items"]
        assert [(one["id"], one["state"]) for one in listed] == [
            (new["id"], "dismissed"), (old["id"], "superseded"),
        ]  # fmt: skip
        assert (await centre.coordinator.get(path)).json() == listed[0]


async def test_a_team_is_planned_whole_or_not_at_all(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.asked(interpreters_needed=3)
        pair = await centre.asked(interpreters_needed=2, clients=[{"reference": "LV-2"}])
        people = await centre.people(2)

        plan = await proposed(centre)

        assert {one["request_id"] for one in plan["places"]} == {pair["id"]}
        assert {one["seat"] for one in plan["places"]} == {1, 2}
        assert {one["interpreter"]["id"] for one in plan["places"]} == {one.id for one in people}
        assert (plan["figures"]["open"], plan["figures"]["planned"]) == (5, 2)
        await accepted(centre, plan)
        for one in people:
            assert len(await one.offers()) == 1


async def test_both_legs_of_a_relay_are_planned_together(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        request = await centre.asked(**ALONE, fallbacks={"relay": True})
        first = await centre.person(languages=[{"code": "dari"}, {"code": "ru"}])
        second = await centre.person(languages=[{"code": "ru"}, {"code": "lv"}])

        plan = await proposed(centre)

        assert {one["interpreter"]["id"]: one["seat"] for one in plan["places"]} == {
            first.id: 2, second.id: 3,
        }  # fmt: skip
        await accepted(centre, plan)
        await first.accept(request)
        booking = await second.accept(request)
        assert booking["state"] == "confirmed"
        assert (await centre.request(request))["state"] == "filled"


async def test_nobody_is_given_more_hours_than_the_network_allows(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        rules = {"planning": {"most_minutes_a_day": 120}}
        changed = await centre.coordinator.patch("/v1/network", rules)
        assert changed.status_code == 200, changed.text
        assert changed.json()["planning"]["most_minutes_a_day"] == 120
        for hour in range(3):
            await centre.asked(starts_at=z(START + 2 * hour * HOUR))
        await centre.person()

        plan = await proposed(centre)

        assert (plan["figures"]["open"], plan["figures"]["planned"]) == (3, 2)
        assert plan["figures"]["bound"] == 2


async def test_who_fits_in_another_way_only_is_not_asked_for_what_was_planned(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        request = await centre.asked(interpreters_needed=2, fallbacks={"other_mode": True})
        comes, calls = await centre.people(2, modes=["in_person", "phone"])
        plan = await proposed(centre)
        assert {one["mode"] for one in plan["places"]} == {"in_person"}
        changed = await centre.coordinator.patch(
            f"/v1/interpreters/{calls.id}", {"modes": ["phone"]}
        )
        assert changed.status_code == 200, changed.text

        answer = await accepted(centre, plan)

        states = {one["interpreter"]["id"]: one["state"] for one in answer["places"]}
        assert states == {comes.id: "offered", calls.id: "interpreter_unfit"}
        assert [one["request_id"] for one in await comes.offers()] == [request["id"]]
        assert await calls.offers() == []
