"""Bookings: every verb in every state, their times, who may say them, and what follows."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from api import Api, serving
from centre import PLACE, START, Centre, Person, z
from interpreters.database import Pool
from roster import another_network, errors_of

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
END = START + timedelta(hours=1)
WHY = {"reason": "x"}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "check-in": {}, "start": {}, "end": {}, "running-late": {"minutes": 5}, "client-no-show": {},
    "interpreter-no-show": {}, "cancel": WHY, "give-back": WHY,
}  # fmt: skip
# From the drawing of the states: what each verb leads to; what is not here is `wrong-state`.
TABLE: Final[dict[str, dict[str, str]]] = {
    "held": {"cancel": "cancelled", "give-back": "given_back"},
    "confirmed": {
        "check-in": "confirmed", "start": "in_progress", "running-late": "confirmed",
        "client-no-show": "client_no_show", "interpreter-no-show": "interpreter_no_show",
        "cancel": "cancelled", "give-back": "given_back",
    },
    "in_progress": {
        "start": "in_progress", "end": "completed", "client-no-show": "client_no_show",
    },
    "completed": {"start": "completed", "end": "completed"},
    "released": {},
    "cancelled": {"cancel": "cancelled"},
    "given_back": {"give-back": "given_back"},
    "client_no_show": {"client-no-show": "client_no_show"},
    "interpreter_no_show": {"interpreter-no-show": "interpreter_no_show"},
}  # fmt: skip


async def said(api: Api, booking: dict[str, Any], verb: str, body: Any = None) -> Any:
    sent = BODIES[verb] if body is None else body
    return await api.post(f"/v1/bookings/{booking['id']}/{verb}", sent)


async def shown(api: Api, booking: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get(f"/v1/bookings/{booking['id']}")).json()
    return found


async def in_state(centre: Centre, state: str, person: Person) -> dict[str, Any]:
    """Return a booking in the state, the clock a minute after its booked start."""
    centre.at(hours=20)
    team = {"interpreters_needed": 2} if state in ("held", "released") else {}
    request = await centre.asked(**team)
    booking = await person.accept(request)
    if state == "released":
        centre.clock.now = (await centre.due(request))["offers"]
        await centre.expire(request)
    centre.clock.now = START + timedelta(minutes=1)
    for verb in {
        "in_progress": ["start"], "completed": ["start", "end"], "cancelled": ["cancel"],
        "given_back": ["give-back"], "client_no_show": ["client-no-show"],
        "interpreter_no_show": ["interpreter-no-show"],
    }.get(state, []):  # fmt: skip
        assert (await said(centre.coordinator, booking, verb)).status_code == 200
    assert (await shown(centre.coordinator, booking))["state"] == state
    return booking


@pytest.mark.parametrize("state", TABLE)
async def test_every_verb_in_every_state(pool: Pool, clock: Any, state: str) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        for verb in BODIES:
            people = await centre.people(2)
            booking = await in_state(centre, state, people[0])
            before = await shown(centre.coordinator, booking)
            answer = await said(centre.coordinator, booking, verb)
            after = await shown(centre.coordinator, booking)
            expected = TABLE[state].get(verb)
            if expected is None:
                assert (answer.status_code, answer.json()["code"]) == (409, "wrong-state"), verb
                assert after == before
                await clear_away(centre, people)
                continue
            assert answer.status_code == 200, (verb, answer.text)
            assert after["state"] == expected, verb
            if verb != "running-late":
                repeated = await said(centre.coordinator, booking, verb)
                assert (repeated.status_code, repeated.json()) == (200, answer.json()), verb
                assert await shown(centre.coordinator, booking) == after
            await clear_away(centre, people)


async def clear_away(centre: Centre, people: list[Person]) -> None:
    for one in people:
        response = await centre.coordinator.patch(f"/v1/interpreters/{one.id}", {"active": False})
        assert response.status_code == 200


@pytest.mark.parametrize(
    ("verb", "lead"),
    [
        ("check-in", timedelta(hours=2)),
        ("start", timedelta(minutes=15)),
        ("client-no-show", timedelta(minutes=15)),
        ("interpreter-no-show", timedelta(minutes=15)),
    ],
)
async def test_too_early_to_the_second(pool: Pool, clock: Any, verb: str, lead: timedelta) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        booking = await centre.booked(await centre.person())
        clock.now = START - lead - SECOND
        early = await said(centre.coordinator, booking, verb)
        assert (early.status_code, early.json()["code"]) == (409, "too-early")
        clock.now += SECOND
        assert (await said(centre.coordinator, booking, verb)).status_code == 200


async def test_a_session_from_the_door_to_the_ledger(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        booking = await centre.booked(person, external_reference="CASE-77")
        theirs = await shown(centre.school, booking)
        assert theirs["external_reference"] == "CASE-77"
        assert theirs["session"] == {
            "checked_in_at": None, "started_at": None, "ended_at": None, "break_minutes": 0,
        }  # fmt: skip
        clock.now = START - timedelta(minutes=20)
        checked = (await said(person.api, booking, "check-in")).json()
        assert checked["session"]["checked_in_at"] == z(clock.now)
        late = (await said(person.api, booking, "running-late", {"minutes": 7})).json()
        assert late["running_late_minutes"] == 7
        clock.now = START + timedelta(minutes=7)
        begun = (await said(person.api, booking, "start")).json()
        assert (begun["state"], begun["session"]["started_at"]) == ("in_progress", z(clock.now))
        clock.now = END
        ended = (await said(person.api, booking, "end")).json()
        assert (ended["state"], ended["session"]["ended_at"]) == ("completed", z(END))
        assert await centre.events(centre.school) == [
            "request.created", "request.searching", "booking.confirmed", "request.filled",
            "booking.started", "booking.completed", "usage.recorded",
        ]  # fmt: skip
        assert await centre.events(person.api) == [
            "offer.sent", "offer.accepted", "booking.confirmed", "booking.started",
            "booking.completed",
        ]  # fmt: skip
        assert (await centre.request({"id": booking["request_id"]}))["state"] == "closed"


async def entries(centre: Centre) -> list[dict[str, Any]]:
    path = "/v1/usage/entries?from=2026-11-01&to=2026-12-31"
    found: list[dict[str, Any]] = (await centre.school.get(path)).json()["items"]
    return found


@pytest.mark.parametrize(
    ("start", "end", "actual"),
    [
        (timedelta(minutes=-15), timedelta(minutes=60), 60),
        (timedelta(minutes=10), timedelta(minutes=60), 50),
        (timedelta(0), timedelta(minutes=60, seconds=1), 61),
        (timedelta(minutes=-15), timedelta(minutes=-5), 0),
        (timedelta(seconds=30), timedelta(minutes=1), 1),
        (timedelta(minutes=5), timedelta(minutes=5), 0),
        (timedelta(0), timedelta(hours=30), 1800),
    ],
)
async def test_actual_minutes_run_from_the_booked_start_or_a_later_one(
    pool: Pool, clock: Any, start: timedelta, end: timedelta, actual: int
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        booking = await centre.booked(person)
        clock.now = START + start
        assert (await said(person.api, booking, "start")).status_code == 200
        clock.now = START + end
        assert (await said(person.api, booking, "end")).status_code == 200
        (entry,) = await entries(centre)
        assert (entry["booked_minutes"], entry["actual_minutes"], entry["billable_minutes"]) == (
            60, actual, max(60, actual),
        )  # fmt: skip


async def test_the_end_may_be_said_later_and_lies_within_the_session(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        booking = await centre.booked(person)
        clock.now = START
        await said(person.api, booking, "start")
        clock.now = END + timedelta(hours=1)
        for moment in (START - SECOND, clock.now + SECOND):
            refused = await said(person.api, booking, "end", {"ended_at": moment.isoformat()})
            assert errors_of(refused) == {("/ended_at", "out-of-range")}
        naive = await said(person.api, booking, "end", {"ended_at": "2026-11-25T11:00:00"})
        assert errors_of(naive) == {("/ended_at", "naive-time")}
        done = await said(person.api, booking, "end", {"ended_at": END.isoformat()})
        assert done.json()["session"]["ended_at"] == z(END)
        again = await said(person.api, booking, "end", {"ended_at": START.isoformat()})
        assert again.json() == done.json()
        assert len(await entries(centre)) == 1


async def test_nobody_came(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        booking = await centre.booked(person)
        clock.now = START + timedelta(minutes=20)
        gone = (await said(person.api, booking, "client-no-show")).json()
        assert gone["state"] == "client_no_show"
        (entry,) = await entries(centre)
        assert (entry["kind"], entry["actual_minutes"], entry["billable_minutes"]) == (
            "client_no_show", 0, 60,
        )  # fmt: skip
        assert (await centre.request({"id": booking["request_id"]}))["state"] == "closed"
        assert (await centre.events(centre.school))[-2:] == ["booking.no_show", "usage.recorded"]


async def test_the_interpreter_did_not_come_and_another_is_asked_while_there_is_time(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person, other = await centre.people(2)
        booking = await centre.booked(person)
        clock.now = START - timedelta(minutes=10)
        gone = (await said(centre.school, booking, "interpreter-no-show")).json()
        assert gone["state"] == "interpreter_no_show"
        assert await entries(centre) == []
        assert (await person.offers(), len(await other.offers())) == ([], 1)
        request = await centre.request({"id": booking["request_id"]})
        assert request["state"] == "searching"
        assert (await other.accept(request))["state"] == "confirmed"


async def test_calling_off_tells_its_cost_and_ends_the_request(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        booking = await centre.booked(person)
        answer = await said(
            centre.school, booking, "cancel", {"reason": "moved", "reason_code": "MOVED"}
        )
        assert answer.json()["booking"] == await shown(centre.school, booking)
        assert answer.json()["booking"]["state"] == "cancelled"
        assert answer.json()["fee"] == {
            "charge": {"amount_minor": 0, "currency": "EUR"}, "rule": None,
        }  # fmt: skip
        request = await centre.request({"id": booking["request_id"]})
        assert (request["state"], request["cancel_reason"], request["cancel_reason_code"]) == (
            "cancelled", "moved", "MOVED",
        )  # fmt: skip
        assert (await centre.events())[-2:] == ["booking.cancelled", "request.cancelled"]
        assert await person.offers() == []
        assert await centre.due(request) == {}
        missing = await said(centre.school, booking, "cancel", {})
        assert errors_of(missing) == {("/reason", "required")}


async def test_a_request_called_off_withdraws_offers_and_cancels_bookings(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, two, three = await centre.people(3)
        request = await centre.asked(interpreters_needed=2, partial_ok=True)
        booking = await one.accept(request)
        path = f"/v1/requests/{request['id']}/cancel"
        answer = await centre.school.post(path, WHY)
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
        assert {seat["state"] for seat in answer.json()["seats"]} == {"cancelled"}
        again = await centre.school.post(path, WHY)
        assert again.json() == answer.json()
        assert (await shown(one.api, booking))["state"] == "cancelled"
        for person in (two, three):
            assert (await person.offer(request))["state"] == "withdrawn"
        assert (await centre.events()).count("offer.withdrawn") == 2
        free = await centre.booked(one)
        assert free["state"] == "confirmed"


async def test_a_session_in_progress_is_ended_not_called_off(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        booking = await centre.booked(person)
        clock.now = START
        await said(person.api, booking, "start")
        before = await shown(centre.school, booking)
        refused = await centre.school.post(f"/v1/requests/{booking['request_id']}/cancel", WHY)
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong-state")
        assert await shown(centre.school, booking) == before
        assert (await centre.request({"id": booking["request_id"]}))["state"] == "filled"


async def test_what_was_held_stays_when_the_rest_is_called_off(pool: Pool, clock: Any) -> None:
    """Of two sessions one took place, or nobody came to it; the other is called off."""
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        for verbs in (["start", "end"], ["client-no-show"]):
            for whole in (True, False):
                centre.at(hours=20)
                one, two = await centre.people(2)
                request = await centre.asked(interpreters_needed=2)
                first, second = await one.accept(request), await two.accept(request)
                clock.now = START
                for verb in verbs:
                    assert (await said(centre.coordinator, first, verb)).status_code == 200
                if whole:
                    path = f"/v1/requests/{request['id']}/cancel"
                    assert (await centre.school.post(path, WHY)).status_code == 200
                else:
                    assert (await said(centre.school, second, "cancel")).status_code == 200
                assert (await centre.request(request))["state"] == "closed"
                states = [(await shown(centre.school, each))["state"] for each in (first, second)]
                assert states[0] in ("completed", "client_no_show")
                assert states[1] == "cancelled"
                await clear_away(centre, [one, two])


async def test_a_seat_given_back_by_a_team_is_filled_and_confirmed_again(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, two, three = await centre.people(3)
        request = await centre.asked(interpreters_needed=2)
        first, second = await one.accept(request), await two.accept(request)
        clock.now += SECOND
        assert (await said(two.api, second, "give-back")).status_code == 200
        assert (await centre.request(request))["state"] == "partly_filled"
        assert (await shown(one.api, first))["state"] == "confirmed"
        assert (await three.accept(request))["state"] == "confirmed"
        assert (await centre.request(request))["state"] == "filled"
        assert (await centre.events())[-1] == "request.filled"


async def test_a_coordinator_puts_somebody_on_a_seat(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person, other = await centre.people(2)
        request = await centre.asked(requirements={"excluded_interpreter_ids": [person.id]})
        path = f"/v1/requests/{request['id']}/assign"
        made = await centre.coordinator.post(path, {"interpreter_id": person.id})
        assert made.status_code == 201
        assert (made.json()["state"], made.json()["interpreter"]["id"]) == ("confirmed", person.id)
        again = await centre.coordinator.post(path, {"interpreter_id": person.id})
        assert (again.status_code, again.json()) == (200, made.json())
        full = await centre.coordinator.post(path, {"interpreter_id": other.id})
        assert (full.status_code, full.json()["code"]) == (409, "wrong-state")
        assert (await other.offer(request))["state"] == "taken"
        unknown = await centre.coordinator.post(
            path, {"interpreter_id": "int_00000000000000000000000000"}
        )
        assert errors_of(unknown) == {("/interpreter_id", "unknown-interpreter")}
        busy = await centre.asked()
        taken = await centre.coordinator.post(
            f"/v1/requests/{busy['id']}/assign", {"interpreter_id": person.id}
        )
        assert (taken.status_code, taken.json()["code"]) == (409, "interpreter-is-busy")


async def test_somebody_put_there_by_hand_is_told_of_the_booking_not_of_a_loss(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person, other = await centre.people(2)
        request = await centre.asked()
        await centre.made(
            centre.coordinator, f"/v1/requests/{request['id']}/assign",
            {"interpreter_id": person.id},
        )  # fmt: skip
        assert await centre.events(person.api) == [
            "offer.sent", "booking.confirmed", "offer.withdrawn",
        ]  # fmt: skip
        assert await centre.events(other.api) == ["offer.sent", "offer.taken"]


async def test_assigning_the_last_of_a_team_confirms_the_team(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, two = await centre.people(2)
        for order in ("yes first", "hand first"):
            clock.now += timedelta(hours=1)
            start = (START + timedelta(days=len(order))).isoformat()
            request = await centre.asked(interpreters_needed=2, starts_at=start)
            path = f"/v1/requests/{request['id']}/assign"
            if order == "yes first":
                held = await one.accept(request)
                assert held["state"] == "held"
            await centre.made(centre.coordinator, path, {"interpreter_id": two.id})
            if order == "hand first":
                held = await one.accept(request)
            assert (await centre.booking(held))["state"] == "confirmed"
            assert (await centre.request(request))["state"] == "filled"


async def test_who_may_say_what(pool: Pool, clock: Any) -> None:
    interpreters = {"check-in", "start", "end", "running-late", "give-back", "client-no-show"}
    requesters = {"cancel", "client-no-show", "interpreter-no-show"}
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person, other = await centre.people(2)
        booking = await centre.booked(person)
        finance = await network.caller("finance")
        _, hospital = await network.institution("Hospital")
        async with another_network(network) as stranger:
            for verb in BODIES:
                codes = {
                    name: (await said(api, booking, verb, {"nonsense": 1})).status_code
                    for name, api in (
                        ("person", person.api), ("school", centre.school), ("finance", finance),
                        ("other", other.api), ("hospital", hospital), ("stranger", stranger),
                        ("nobody", Api(network.client, None)),
                    )
                }  # fmt: skip
                mine, theirs = verb in interpreters, verb in requesters
                assert codes == {
                    "nobody": 401, "finance": 403, "stranger": 404,
                    "person": codes["person"] if mine else 403,
                    "school": codes["school"] if theirs else 403,
                    "other": 404 if mine else 403,
                    "hospital": 404 if theirs else 403,
                }, verb  # fmt: skip
                assert not mine or codes["person"] in (409, 422), verb
                assert not theirs or codes["school"] in (409, 422), verb
        for api in (other.api, hospital):
            assert (await api.get(f"/v1/bookings/{booking['id']}")).status_code == 404
            assert (await api.get("/v1/bookings")).json()["items"] == []
        assert (await finance.get("/v1/bookings")).status_code == 403
        assert (await shown(person.api, booking))["state"] == "confirmed"


async def test_lists_of_bookings_are_filtered(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, two = await centre.people(2)
        first = await centre.booked(one)
        clock.now += SECOND
        late = START + timedelta(days=2)
        second = await centre.booked(two, starts_at=late.isoformat())
        other_id, _ = await network.institution("Hospital")
        await said(centre.school, first, "cancel")
        for query, expected in (
            ("", [second, first]),
            ("state=cancelled", [first]),
            (f"interpreter_id={two.id}", [second]),
            (f"starts_after={z(late)}", [second]),
            (f"institution_id={centre.institution['id']}", [second, first]),
            ("limit=1", [second]),
        ):
            found = (await centre.coordinator.get(f"/v1/bookings?{query}")).json()
            assert [each["id"] for each in found["items"]] == [each["id"] for each in expected]
        assert (await centre.coordinator.get(f"/v1/bookings?institution_id={other_id}")).json()[
            "items"
        ] == []
        for api, query in (
            (centre.school, f"institution_id={other_id}"),
            (one.api, f"interpreter_id={two.id}"),
        ):
            assert (await api.get(f"/v1/bookings?{query}")).status_code == 404
        assert [each["id"] for each in (await one.api.get("/v1/bookings")).json()["items"]] == [
            first["id"]
        ]


async def busy_times(centre: Centre, person: Person) -> list[tuple[datetime, datetime]]:
    response = await person.api.get(
        f"/v1/interpreters/{person.id}/free-busy?from=2026-11-25T00:00:00Z&to=2026-11-26T00:00:00Z"
    )
    return [
        (datetime.fromisoformat(each["starts_at"]), datetime.fromisoformat(each["ends_at"]))
        for each in response.json()["busy"]
    ]


@pytest.mark.parametrize("verb", ["cancel", "give-back", "interpreter-no-show"])
async def test_the_neighbours_travel_anew_when_one_between_goes(
    pool: Pool, clock: Any, verb: str
) -> None:
    """At home in Riga; the first and last session 49 km to the north, the middle one at home."""
    away = {"latitude": PLACE["latitude"] + 49 / 111.195, "longitude": PLACE["longitude"]}
    trip = timedelta(minutes=65)
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        north = await centre.add_site(name="North", **away)
        person = await centre.person(travel_radius_km=100)
        hour = timedelta(hours=1)
        first = START - 3 * hour, START - 2 * hour
        last = START + 3 * hour, START + 4 * hour
        for start, _ in (first, last):
            await centre.booked(person, site_id=north["id"], starts_at=start.isoformat())
        alone = [(first[0] - trip, first[1] + trip), (last[0] - trip, last[1] + trip)]
        assert await busy_times(centre, person) == alone
        middle = await centre.booked(person)
        assert await busy_times(centre, person) == [
            (first[0] - trip, first[1]), (START - trip, END), (last[0] - trip, last[1] + trip),
        ]  # fmt: skip
        clock.now = START
        assert (await said(centre.coordinator, middle, verb)).status_code == 200
        assert await busy_times(centre, person) == alone
