"""A booking given back: in time or late, for a conflict of interest, in the middle of a session."""

from datetime import timedelta
from typing import Any

import pytest

from api import serving
from centre import START, Centre, Json, Person
from conftest import Clock
from interpreters.application.calls import run
from interpreters.database import Pool
from interpreters.domain.giving_back import is_late
from interpreters.domain.ids import INTERPRETER, read_id

pytestmark = pytest.mark.anyio
CODES = ("illness", "emergency", "conflict_of_interest", "wrong_dialect", "double_booked", "other")
HOUR = timedelta(hours=1)


async def gives_back(person: Person, booking: Json, code: str | None = None) -> Json:
    body = {"reason": "cannot", **({} if code is None else {"reason_code": code})}
    response = await person.api.post(f"/v1/bookings/{booking['id']}/give-back", body)
    assert response.status_code == 200, response.text
    shown: Json = response.json()
    return shown


async def change_network(centre: Centre, **fields: Any) -> None:
    response = await centre.coordinator.patch("/v1/network", fields)
    assert response.status_code == 200, response.text


async def told_kinds(centre: Centre) -> list[str]:
    """Return the types of all notices, also of those that no feed shows."""
    rows = await run(
        centre.network.pool, centre.network.id, lambda db: db.fetch("SELECT type FROM outbox")
    )
    return [row["type"] for row in rows]


@pytest.mark.parametrize(
    ("code", "hours", "before", "late"),
    [
        ("illness", 48, 48 * HOUR, False),  # exactly so many hours before is in time
        ("illness", 48, 48 * HOUR - timedelta(seconds=1), True),
        ("other", 48, timedelta(0), True),
        (None, 0, timedelta(0), False),
        (None, 0, timedelta(seconds=-1), True),
        ("illness", None, timedelta(seconds=1), None),
        ("conflict_of_interest", 48, timedelta(seconds=1), False),
        ("wrong_dialect", 48, -HOUR, False),
        ("wrong_dialect", None, -HOUR, False),
        # On 2026-10-25 Riga's clocks go back: a day before is 24 hours all the same.
        ("illness", 24, 24 * HOUR, False),
    ],
)
def test_it_is_late_after_the_deadline_unless_it_is_nobodys_fault(
    code: str | None, hours: int | None, before: timedelta, late: bool | None
) -> None:
    assert is_late(code=code, hours=hours, starts_at=START, now=START - before) is late


async def test_after_the_deadline_it_is_taken_and_marked_for_those_it_concerns(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await change_network(centre, give_back_hours=24)
        one, other = await centre.people(2)
        booking = await centre.booked(one)
        centre.at(hours=23)
        shown = await gives_back(one, booking, "illness")
        assert (shown["state"], shown["given_back_late"]) == ("given_back", True)
        assert (await centre.booking(booking))["given_back_late"] is True
        school = (await centre.school.get(f"/v1/bookings/{booking['id']}")).json()
        assert (school["state"], school["given_back_late"]) == ("given_back", None)
        assert "booking.given_back_late" in await told_kinds(centre)
        assert "booking.given_back_late" not in await centre.events()
        # Searched again at once, without who left.
        request = {"id": booking["request_id"]}
        assert (await other.offer(request))["state"] == "open"
        assert (await centre.request(request))["state"] == "searching"


async def test_before_the_deadline_it_is_free(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await change_network(centre, give_back_hours=24)
        one, _ = await centre.people(2)
        booking = await centre.booked(one)
        centre.at(hours=24)
        assert (await gives_back(one, booking, "illness"))["given_back_late"] is False
        assert "booking.given_back_late" not in await told_kinds(centre)


async def test_who_lost_it_is_asked_again_also_in_the_moment_of_the_yes(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, other, third = await centre.people(3)
        for back in (timedelta(0), timedelta(seconds=5)):  # a clock may be put right meanwhile
            booking = await centre.booked(one)
            request = {"id": booking["request_id"]}
            clock.now -= back
            await gives_back(one, booking)
            assert (await centre.request(request))["state"] == "searching"
            assert await one.offers() == []
            for person in (other, third):
                (asked,) = await person.offers()
                assert (await person.api.post(f"/v1/offers/{asked['id']}/decline")).is_success
            assert (await centre.request(request))["state"] == "unfilled"


async def test_a_network_sets_hours_from_0_to_720_or_none(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        shown = (await centre.coordinator.get("/v1/network")).json()
        assert (shown["give_back_hours"], shown["ask_conflicts"]) == (None, False)
        for hours in (0, 720, None):
            answer = await centre.coordinator.patch("/v1/network", {"give_back_hours": hours})
            assert (answer.status_code, answer.json()["give_back_hours"]) == (200, hours)
        for wrong in (-1, 721, "24"):
            answer = await centre.coordinator.patch("/v1/network", {"give_back_hours": wrong})
            assert answer.status_code == 422


async def test_only_the_six_codes_are_taken(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one = await centre.person()
        booking = await centre.booked(one)
        path = f"/v1/bookings/{booking['id']}/give-back"
        wrong = await one.api.post(path, {"reason": "x", "reason_code": "lazy"})
        assert wrong.status_code == 422
        assert wrong.json()["errors"][0]["pointer"] == "/reason_code"
        for code in CODES:
            again = await one.api.post(path, {"reason": "x", "reason_code": code})
            assert again.status_code == 200


async def reliability(centre: Centre, person: Person, request: Json) -> Any:
    found = (await centre.coordinator.get(f"/v1/requests/{request['id']}/candidates")).json()
    parts = {
        one["interpreter"]["id"]: {each["code"]: each["points"] for each in one["reasons"]}
        for one in found["candidates"]
    }
    return parts[person.id]["reliability"]


@pytest.mark.parametrize(
    ("code", "costs"),
    [("illness", True), ("conflict_of_interest", False), ("wrong_dialect", False)],
)
@pytest.mark.parametrize("hours", [None, 24])
async def test_withdrawing_for_a_conflict_or_a_wrong_dialect_costs_nothing(
    pool: Pool, clock: Clock, code: str, hours: int | None, *, costs: bool
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await change_network(centre, give_back_hours=hours)
        one, newcomer = await centre.people(2)
        asked = await centre.asked()
        booking = await one.accept(asked)
        centre.at(hours=2)
        await gives_back(one, booking, code)
        later = await centre.asked(
            starts_at=(START + timedelta(days=2)).isoformat(), clients=[{"reference": "LV-7"}]
        )
        same = await reliability(centre, newcomer, later)
        assert (await reliability(centre, one, later) < same) is costs


async def test_who_declared_a_conflict_is_never_asked_about_these_people_again(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, other = await centre.people(2)
        booking = await centre.booked(
            one, clients=[{"reference": "LV-1042"}, {"reference": "LV-7"}]
        )
        await gives_back(one, booking, "conflict_of_interest")
        later = (START + timedelta(days=3)).isoformat()
        for reference in ("LV-1042", "LV-7"):
            asked = await centre.asked(clients=[{"reference": reference}], starts_at=later)
            assert await asked_people(centre, asked) == {other.id}
        free = await centre.asked(clients=[{"reference": "LV-8"}], starts_at=later)
        assert await asked_people(centre, free) == {one.id, other.id}
        why = (
            await centre.coordinator.get(f"/v1/requests/{asked['id']}/candidates/{one.id}")
        ).json()
        rule = next(each for each in why["rules"] if each["code"] == "conflict")
        assert (rule["passed"], rule["detail"]) == (
            False, "said that they may not interpret for these people",
        )  # fmt: skip
        by_hand = await centre.coordinator.post(
            f"/v1/requests/{asked['id']}/assign", {"interpreter_id": one.id}
        )
        assert (by_hand.status_code, by_hand.json()["code"]) == (409, "conflict-of-interest")


async def asked_people(centre: Centre, request: Json) -> set[str]:
    people = (await centre.coordinator.get("/v1/interpreters")).json()["items"]
    keys = await centre.states(request)
    return {one["id"] for one in people if str(read_id(INTERPRETER, one["id"])) in keys}


async def test_a_conflict_with_a_party_of_a_supervised_contact_counts(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, other = await centre.people(2)
        father = await centre.booked(one, clients=[{"reference": "FATHER"}])
        await gives_back(one, father, "conflict_of_interest")
        begin = START + timedelta(days=3)
        contact = await centre.asked(
            topic="supervised_contact",
            starts_at=begin.isoformat(),
            clients=[{"reference": "CHILD"}],
            parties=[
                {"reference": "FATHER", "arrives_at": begin.isoformat()},
                {"reference": "MOTHER", "arrives_at": (begin + timedelta(minutes=15)).isoformat()},
            ],
        )
        assert await asked_people(centre, contact) == {other.id}


async def test_another_reason_leads_to_no_conflict(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, _ = await centre.people(2)
        await gives_back(one, await centre.booked(one), "illness")
        assert await network.count("conflicts") == 0


async def test_erasing_either_of_them_erases_the_conflict(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, two = await centre.people(2)
        request = await centre.asked()
        for person in (one, two):
            clock.now += timedelta(minutes=1)
            await gives_back(person, await person.accept(request), "conflict_of_interest")
        assert await network.count("conflicts") == 2
        erased = await centre.coordinator.post(f"/v1/interpreters/{one.id}/erase")
        assert erased.status_code == 200, erased.text
        assert await network.count("conflicts") == 1
        (client,) = request["clients"]
        gone = await centre.coordinator.delete(f"/v1/clients/{client['id']}")
        assert gone.status_code in (200, 204), gone.text
        assert await network.count("conflicts") == 0


HIDDEN = ("contact", "room_id", "instructions", "connect")


async def test_details_wait_until_the_interpreter_says_that_there_is_no_conflict(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await change_network(centre, ask_conflicts=True)
        one = await centre.person()
        booking = await centre.booked(one, instructions="Room 4")
        path = f"/v1/bookings/{booking['id']}"
        assert booking["details_wait_for"] == "no-conflict"
        assert [booking[name] for name in HIDDEN] == [None, None, None, None]
        assert booking["asked_by"] == {"institution": "School", "site": "Main"}
        assert "LV-1042" not in str(booking)
        school = (await centre.school.get(path)).json()
        assert (school["details_wait_for"], school["instructions"]) == (None, "Room 4")
        centre.at(minutes=10)
        for verb in ("check-in", "start"):
            early = await one.api.post(f"{path}/{verb}")
            assert (early.status_code, early.json()["code"]) == (409, "conflict-not-answered")
        said = (await one.api.post(f"{path}/no-conflict")).json()
        assert (said["details_wait_for"], said["asked_by"]) == (None, None)
        assert said["contact"]["address"] == "Street 1"
        assert said["instructions"] == "Room 4"
        assert (await one.api.post(f"{path}/start")).status_code == 200


async def test_a_coordinator_starts_a_session_whose_question_nobody_answered(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        await change_network(centre, ask_conflicts=True)
        one = await centre.person()
        booking = await centre.booked(one)
        centre.at(minutes=0)
        path = f"/v1/bookings/{booking['id']}"
        assert (await centre.coordinator.post(f"{path}/start")).status_code == 200
        # Whoever is there knows where it is.
        assert (await one.api.get(path)).json()["contact"]["address"] == "Street 1"


@pytest.mark.parametrize("code", ["conflict_of_interest", "wrong_dialect"])
async def test_a_session_is_left_for_what_is_no_fault_and_its_rest_searched_now(
    pool: Pool, clock: Clock, code: str
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, other = await centre.people(2)
        booking = await centre.booked(one, modes=["phone", "in_person"])
        centre.at(minutes=0)
        path = f"/v1/bookings/{booking['id']}"
        assert (await one.api.post(f"{path}/start")).status_code == 200
        centre.at(minutes=-10)
        early = await one.api.post(f"{path}/give-back", {"reason": "x", "reason_code": "illness"})
        assert (early.status_code, early.json()["code"]) == (409, "wrong-state")
        assert (await gives_back(one, booking, code))["state"] == "given_back"
        request = await centre.request({"id": booking["request_id"]})
        assert (request["state"], request["starts_now"]) == ("searching", True)
        assert (request["modes"], request["ends_at"]) == (["phone"], "2026-11-25T09:00:00Z")
        rest = await other.accept(request)
        assert (rest["starts_at"], rest["mode"]) == ("2026-11-25T08:10:00Z", "phone")
        assert rest["duration_minutes"] == 50
        assert await network.count("usage_entries") == 0


async def test_an_outsider_gives_nothing_back(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, other = await centre.people(2)
        booking = await centre.booked(one)
        path = f"/v1/bookings/{booking['id']}"
        body = {"reason": "x", "reason_code": "conflict_of_interest"}
        assert (await other.api.post(f"{path}/give-back", body)).status_code == 404
        assert (await other.api.post(f"{path}/no-conflict")).status_code == 404
        assert (await centre.school.post(f"{path}/give-back", body)).status_code == 403
        assert await network.count("conflicts") == 0


async def test_of_a_team_the_seats_that_were_given_up_are_searched_again_too(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one = await centre.person()
        team = await centre.asked(interpreters_needed=2, partial_ok=True)
        booking = await one.accept(team)
        shown = await centre.request(team)
        assert (shown["state"], shown["unfilled_reason"]) == ("partly_filled", "nobody-accepted")
        two, three = await centre.people(2)
        gone = await one.api.post(f"/v1/bookings/{booking['id']}/give-back", {"reason": "ill"})
        assert gone.status_code == 200, gone.text
        assert (await centre.request(team))["state"] == "searching"
        await two.accept(team)
        assert (await centre.request(team))["state"] == "partly_filled"
        await three.accept(team)
        assert (await centre.request(team))["state"] == "filled"
