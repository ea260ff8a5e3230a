"""Late, no conflict, longer: what is noted of a booking, and what an extension may not touch."""

from datetime import timedelta

import pytest

from api import serving
from centre import Centre
from conftest import Clock
from interpreters.database import Pool

pytestmark = pytest.mark.anyio


async def test_no_conflict_is_noted_once_by_the_interpreter_alone(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        school, person = centre.school, await centre.person()
        dari = person.api
        made = await centre.booked(person, starts_at="2026-11-25T10:00:00+02:00")
        place = f"/v1/bookings/{made['id']}/no-conflict"
        assert made["no_conflict_at"] is None
        assert (await school.post(place)).status_code == 403
        first = await dari.post(place)
        assert (first.status_code, first.json()["no_conflict_at"]) == (200, "2026-11-24T08:00:00Z")
        clock.now += timedelta(minutes=5)
        assert (await dari.post(place)).json() == first.json()


async def test_a_session_is_extended_up_to_the_next_commitment_and_not_into_it(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        school, person = centre.school, await centre.person()
        dari = person.api
        first = await centre.booked(person, starts_at="2026-11-25T10:00:00+02:00")
        await centre.booked(person, starts_at="2026-11-25T12:00:00+02:00")
        place = f"/v1/bookings/{first['id']}/extend"
        longer = await school.post(place, {"minutes": 30})
        assert longer.status_code == 200, longer.text
        assert longer.json()["ends_at"] == "2026-11-25T09:30:00Z"
        assert longer.json()["duration_minutes"] == 90
        # Both are at the same site: no travel between them, so 12:00 is the limit.
        assert (await dari.post(place, {"minutes": 31})).json()["code"] == "interpreter-is-busy"
        assert (await dari.post(place, {"minutes": 30})).json()["ends_at"] == "2026-11-25T10:00:00Z"
        assert (await dari.post(place, {"minutes": 0})).status_code == 422
        assert (await dari.post(place, {})).json()["errors"][0]["pointer"] == "/minutes"


async def test_an_extended_session_owes_what_was_booked_in_the_end(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        school, person = centre.school, await centre.person()
        dari = person.api
        made = await centre.booked(person, starts_at="2026-11-25T10:00:00+02:00")
        place = f"/v1/bookings/{made['id']}"
        clock.now += timedelta(hours=24)
        assert (await dari.post(f"{place}/start")).status_code == 200
        assert (await school.post(f"{place}/extend", {"minutes": 45})).status_code == 200
        clock.now += timedelta(minutes=100)
        assert (await dari.post(f"{place}/end")).json()["state"] == "completed"
        late = await school.post(f"{place}/extend", {"minutes": 15})
        assert (late.status_code, late.json()["code"]) == (409, "wrong-state")
        entry = (await school.get("/v1/usage/entries?from=2026-11-25&to=2026-11-26")).json()
        assert [
            (one["booked_minutes"], one["actual_minutes"], one["billable_minutes"])
            for one in entry["items"]
        ] == [(105, 100, 105)]


async def test_running_late_is_shown_to_both_sides(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        school, person = centre.school, await centre.person()
        dari = person.api
        made = await centre.booked(person, starts_at="2026-11-25T10:00:00+02:00")
        place = f"/v1/bookings/{made['id']}"
        assert (await school.post(f"{place}/running-late", {"minutes": 10})).status_code == 403
        assert (await dari.post(f"{place}/running-late", {"minutes": 10})).status_code == 200
        assert (await school.get(place)).json()["running_late_minutes"] == 10


async def test_both_sides_see_how_long_is_possible_and_nothing_else_of_the_next_commitment(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        school, person = centre.school, await centre.person()
        first = await centre.booked(person, starts_at="2026-11-25T10:00:00+02:00")
        place = f"/v1/bookings/{first['id']}"
        await centre.booked(
            person, starts_at="2026-11-25T12:00:00+02:00", clients=[{"reference": "LV-7"}]
        )
        assert (await school.get(place)).json()["next_commitment_at"] is None  # not under way yet
        centre.at(minutes=0)
        assert (await person.api.post(f"{place}/start")).status_code == 200
        for api in (school, person.api, centre.coordinator):
            seen = (await api.get(place)).json()
            # At the same site: from 11:00, when it ends, to 12:00.
            assert (seen["next_commitment_at"], seen["extensible_minutes"]) == (
                "2026-11-25T10:00:00Z", 60,
            )  # fmt: skip
        too_long = (await school.post(f"{place}/extend", {"minutes": 61})).json()
        assert too_long["code"] == "interpreter-is-busy"
        assert (too_long["next_commitment_at"], too_long["extensible_minutes"]) == (
            "2026-11-25T10:00:00Z", 60,
        )  # fmt: skip
        longer = (await school.post(f"{place}/extend", {"minutes": 45})).json()
        assert (longer["next_commitment_at"], longer["extensible_minutes"]) == (
            "2026-11-25T10:00:00Z", 15,
        )  # fmt: skip
        # The request stays what was asked for.
        asked = (await school.get(f"/v1/requests/{first['request_id']}")).json()
        assert (asked["ends_at"], longer["ends_at"]) == (
            "2026-11-25T09:00:00Z", "2026-11-25T09:45:00Z",
        )  # fmt: skip
        assert (await person.api.post(f"{place}/extend", {"minutes": 15})).status_code == 200
        assert (await person.api.get(place)).json()["extensible_minutes"] == 0


async def test_an_interpreter_alone_adds_two_hours_and_no_more_however_often(
    pool: Pool, clock: Clock
) -> None:
    """What is booked is owed, also when it is called off: nobody raises that for themselves."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        school, person = centre.school, await centre.person()
        place = f"/v1/bookings/{(await centre.booked(person))['id']}/extend"
        assert (await person.api.post(place, {"minutes": 121})).status_code == 422
        assert (await person.api.post(place, {"minutes": 60})).status_code == 200
        assert (await person.api.post(place, {"minutes": 60})).status_code == 200
        refused = await person.api.post(place, {"minutes": 1})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["code"] == "out-of-range"
        assert (await school.post(place, {"minutes": 60})).status_code == 200
        assert (await centre.coordinator.post(place, {"minutes": 60})).status_code == 200


async def test_what_is_told_to_be_possible_is_possible_across_town(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person(travel_radius_km=300)
        jelgava = await centre.add_site(name="Jelgava", latitude=56.6511, longitude=23.7214)
        first = await centre.booked(person, starts_at="2026-11-25T10:00:00+02:00")
        await centre.booked(
            person, starts_at="2026-11-25T13:00:00+02:00", site_id=jelgava["id"],
            clients=[{"reference": "LV-7"}],
        )  # fmt: skip
        centre.at(minutes=0)
        path = f"/v1/bookings/{first['id']}"
        assert (await person.api.post(f"{path}/start")).status_code == 200
        seen = (await person.api.get(path)).json()
        # 40.7 km straight, 52.9 by road: 55 minutes; so they go at 12:05.
        assert (seen["next_commitment_at"], seen["extensible_minutes"]) == (
            "2026-11-25T10:05:00Z", 65,
        )  # fmt: skip
        refused = await person.api.post(f"{path}/extend", {"minutes": 66})
        assert refused.status_code == 409
        assert (await person.api.post(f"{path}/extend", {"minutes": 65})).status_code == 200


async def test_nothing_in_the_way_is_no_limit(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        booking = await centre.booked(person)
        centre.at(minutes=0)
        path = f"/v1/bookings/{booking['id']}"
        assert (await person.api.post(f"{path}/start")).status_code == 200
        seen = (await person.api.get(path)).json()
        assert (seen["next_commitment_at"], seen["extensible_minutes"]) == (None, None)
