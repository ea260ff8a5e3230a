"""Why somebody is not asked about a request, one rule at a time, for the coordinator."""

from typing import Any

import pytest

from api import serving
from centre import Centre, Json, Person
from interpreters.database import Pool
from slow_rules import FAR, ORDER

pytestmark = pytest.mark.anyio


async def why(centre: Centre, request: Json, person: Any) -> Json:
    path = f"/v1/requests/{request['id']}/candidates/{person.id}"
    response = await centre.coordinator.get(path)
    assert response.status_code == 200, response.text
    answer: Json = response.json()
    assert [one["code"] for one in answer["rules"]] == list(ORDER)
    assert answer["fits"] is all(one["passed"] for one in answer["rules"])
    return answer


def failed(answer: Json) -> dict[str, str]:
    return {one["code"]: one["detail"] for one in answer["rules"] if not one["passed"]}


async def test_somebody_who_fits_has_points_a_place_and_their_offer(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        best = await centre.person(qualification="certified")
        other = await centre.person()
        asked = await centre.asked()
        found = (await centre.coordinator.get(f"/v1/requests/{asked['id']}/candidates")).json()
        told = await why(centre, asked, best)
        assert (told["fits"], told["place"]) == (True, 1)
        assert told["score"] == found["candidates"][0]["score"]
        assert told["reasons"] == found["candidates"][0]["reasons"]
        assert [one["state"] for one in told["offers"]] == ["open"]
        await other.decline(asked)
        told = await why(centre, asked, other)
        assert (told["place"], [one["state"] for one in told["offers"]]) == (2, ["declined"])


async def test_each_rule_says_its_facts(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one = await centre.person(
            languages=[{"code": "tamil"}, {"code": "en"}], active=False, modes=["phone"],
            gender="male", home=FAR,
        )  # fmt: skip
        await centre.made(
            centre.coordinator, f"/v1/interpreters/{one.id}/absences",
            {"starts_at": "2026-11-25T06:00:00Z", "ends_at": "2026-11-25T10:00:00Z"},
        )  # fmt: skip
        asked = await centre.asked(requirements={
            "gender": {"value": "female", "strict": True},
            "qualification": {"minimum": "trained", "strict": True},
            "credentials": ["child_protection"],
            "excluded_interpreter_ids": [one.id],
        })  # fmt: skip
        told = await why(centre, asked, one)
        assert (told["score"], told["reasons"], told["place"], told["offers"]) == (
            None, [], None, [],
        )  # fmt: skip
        assert failed(told) == {
            "language": "does not speak Dari",
            "working_language": "does not speak Latvian",
            "inactive": "is not active",
            "mode": "works phone, not in person",
            "gender": "is male, not female",
            "qualification": "is language speaker; at least trained is demanded",
            "credential": "has no child_protection that is valid on 2026-11-25",
            "blocked": "is excluded by the request",
            "distance": "lives 191 km away and travels up to 50 km",
            "unavailable": "is absent 2026-11-25 08:00-12:00",
        }


async def test_busy_tells_of_the_booking_and_its_travel(pool: Pool, clock: Any) -> None:
    """From Jelgava, 41 km away by the road's measure 55 minutes, to the site in Riga."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one = await centre.person(travel_radius_km=300)
        far = await centre.add_site(name="Far", latitude=56.6511, longitude=23.7214)
        there = await centre.asked(
            site_id=far["id"], starts_at="2026-11-25T07:00:00Z", duration_minutes=30,
            clients=[{"reference": "B"}],
        )  # fmt: skip
        await one.accept(there)
        asked = await centre.asked()  # at eight, half an hour after that
        assert failed(await why(centre, asked, one)) == {
            "busy": "could not travel in time: has a booking 2026-11-25 09:00-09:30"
            " with 55 min of travel before and 55 min of travel after"
        }
        same = await centre.asked(starts_at="2026-11-25T07:15:00Z", clients=[{"reference": "C"}])
        assert failed(await why(centre, same, one))["busy"].startswith("has a booking 2026-11-25")


async def test_who_left_is_told_to_have_left(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one = await centre.person()
        asked = await centre.asked()
        booking = await one.accept(asked)
        await one.api.post(f"/v1/bookings/{booking['id']}/give-back", {"reason": "ill"})
        assert failed(await why(centre, asked, one)) == {
            "conflict": "gave this request back, or did not come to it"
        }


async def test_only_a_coordinator_is_told(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one: Person = await centre.person()
        asked = await centre.asked()
        path = f"/v1/requests/{asked['id']}/candidates"
        assert (await centre.school.get(f"{path}/{one.id}")).status_code == 403
        nobody = one.id[:-1] + ("0" if one.id[-1] != "0" else "1")
        assert (await centre.coordinator.get(f"{path}/{nobody}")).status_code == 404
