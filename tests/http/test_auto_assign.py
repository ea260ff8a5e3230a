"""Who opted in is booked without being asked, if they are the best: when, and when not."""

from datetime import timedelta
from typing import Any

import pytest

from api import serving
from centre import Centre, Json, Person, z
from interpreters.database import Pool

pytestmark = pytest.mark.anyio
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


async def willing(centre: Centre, **fields: Any) -> Person:
    """Return somebody who opted in and is better than others by their qualification."""
    person = await centre.person(**{"qualification": "certified", **fields})
    response = await person.api.patch(f"/v1/interpreters/{person.id}", {"auto_assign": True})
    assert response.status_code == 200, response.text
    assert response.json()["auto_assign"] is True
    return person


async def booked(centre: Centre, request: Json) -> list[Json]:
    """Return the bookings of a request."""
    found = [
        (await centre.coordinator.get(f"/v1/bookings/{one}")).json()
        for one in (await centre.request(request))["booking_ids"]
    ]
    return sorted(found, key=lambda one: str(one["seat"]))


async def test_the_best_is_booked_at_once_and_everybody_reads_it(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        best, other = await willing(centre), await centre.person()
        asked = await centre.asked()
        assert asked["state"] == "filled"
        (booking,) = await booked(centre, asked)
        assert booking["interpreter"]["id"] == best.id
        assert booking["state"] == "confirmed"
        assert await other.offers() == await best.offers() == []
        assert await centre.due(asked) == {}
        mine = (await best.api.get(f"/v1/bookings/{booking['id']}")).json()
        assert mine["instructions"] == asked["instructions"]


async def test_nobody_is_booked_unless_they_said_so_and_an_institution_does_not_see_it(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        shown = (await centre.coordinator.get(f"/v1/interpreters/{person.id}")).json()
        assert shown["auto_assign"] is False
        assert (await centre.asked())["state"] == "searching"
        patch = await centre.school.patch(f"/v1/interpreters/{person.id}", {"auto_assign": True})
        assert patch.status_code == 403
        changed = await centre.coordinator.patch(
            f"/v1/interpreters/{person.id}", {"auto_assign": True}
        )
        assert changed.json()["auto_assign"] is True
        await person.accept((await centre.school.get("/v1/requests")).json()["items"][0])
        seen = (await centre.school.get(f"/v1/interpreters/{person.id}")).json()
        assert set(seen) == {"id", "display_name", "languages"}


async def test_when_the_best_has_not_opted_in_all_are_asked_as_usual(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        best = await centre.person(qualification="certified")
        second = await willing(centre, qualification="trained")
        asked = await centre.asked()
        assert asked["state"] == "searching"
        assert [len(await one.offers()) for one in (best, second)] == [1, 1]


@pytest.mark.parametrize(
    "order",
    [
        {"starts": "now", "starts_at": ..., "modes": ["phone"], "site_id": ...},
        {"priority": "emergency"},
        {"topic": "emergency"},
    ],
    ids=["now", "an emergency by priority", "an emergency by topic"],
)
async def test_for_what_is_urgent_they_are_asked(pool: Pool, clock: Any, order: Json) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        best = await willing(centre)
        asked = await centre.asked(**order)
        assert asked["state"] == "searching"
        assert len(await best.offers()) == 1


@pytest.mark.parametrize(("minutes", "state"), [(119, "searching"), (121, "filled")])
async def test_what_starts_within_two_hours_is_urgent(
    pool: Pool, clock: Any, minutes: int, state: str
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await willing(centre)
        soon = z(clock.now + timedelta(minutes=minutes))
        assert (await centre.asked(starts_at=soon))["state"] == state


@pytest.mark.parametrize(("to", "state"), [("11:00", "filled"), ("10:45", "searching")])
async def test_outside_their_weekly_hours_they_are_only_asked(
    pool: Pool, clock: Any, to: str, state: str
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        best = await willing(centre, time_zone="Europe/Riga")
        hours = [{"day": day, "from": "09:00", "to": to} for day in WEEK]
        put = await best.api.put(
            f"/v1/interpreters/{best.id}/availability", {"weekly": hours, "outside_hours": "ask"}
        )
        assert put.status_code == 200, put.text
        asked = await centre.asked()  # in Riga 10:00 to 11:00
        assert asked["state"] == state
        assert len(await best.offers()) == (0 if state == "filled" else 1)


async def test_of_a_team_each_seat_takes_its_best_and_the_rest_is_asked(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        best, other = await willing(centre), await centre.person()
        asked = await centre.asked(interpreters_needed=2)
        (held,) = await booked(centre, asked)
        assert (held["interpreter"]["id"], held["state"]) == (best.id, "held")
        assert await best.offers() == []
        await other.accept(asked)
        assert {one["state"] for one in await booked(centre, asked)} == {"confirmed"}
        assert (await centre.request(asked))["state"] == "filled"


async def test_a_team_of_those_who_opted_in_is_whole_at_once(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        both = {(await willing(centre)).id, (await willing(centre)).id}
        asked = await centre.asked(interpreters_needed=2)
        assert asked["state"] == "filled"
        made = await booked(centre, asked)
        assert {one["state"] for one in made} == {"confirmed"}
        assert {one["interpreter"]["id"] for one in made} == both


async def test_a_later_step_books_too_and_who_was_asked_before_is_told(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first = await centre.people(4, qualification="certified")
        last = await willing(centre, qualification="language_speaker")
        asked = await centre.asked()
        assert asked["state"] == "searching"
        assert await last.offers() == []
        clock.now += timedelta(hours=1)
        await centre.step(asked)
        (booking,) = await booked(centre, asked)
        assert booking["interpreter"]["id"] == last.id
        assert [len(await one.offers("taken")) for one in first] == [1] * 4


async def test_given_back_within_two_hours_it_is_not_late(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await centre.coordinator.patch("/v1/network", {"give_back_hours": 72})
        best = await willing(centre)
        lates = []
        for waits in (timedelta(hours=2), timedelta(hours=2, seconds=1)):
            asked = await centre.asked(starts_at=z(clock.now + timedelta(hours=10)))
            (booking,) = await booked(centre, asked)
            clock.now += waits
            back = await best.api.post(f"/v1/bookings/{booking['id']}/give-back", {"reason": "ill"})
            lates.append(back.json()["given_back_late"])
        assert lates == [False, True]
