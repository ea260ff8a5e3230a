"""Offers: what an interpreter sees before and after, the answers, and what nobody may learn."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from api import serving
from centre import PLACE, START, Centre, Person, z
from interpreters.database import Pool
from roster import another_network, errors_of

pytestmark = pytest.mark.anyio
FIELDS = {
    "id", "request_id", "state", "from_language", "to_language", "mode", "starts_at", "ends_at",
    "time_zone", "duration_minutes", "area", "topic", "pay", "answer_by",
}  # fmt: skip
SECOND = timedelta(seconds=1)


async def test_an_offer_says_no_more_than_is_needed_to_decide(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        request = await centre.asked()
        (offer,) = await person.offers()
        assert set(offer) == FIELDS
        assert {name: offer[name] for name in FIELDS - {"id", "to_language", "from_language"}} == {
            "request_id": request["id"], "state": "open", "mode": "in_person",
            "starts_at": z(START), "ends_at": z(START + timedelta(hours=1)),
            "time_zone": "Europe/Riga", "duration_minutes": 60, "area": "Riga",
            "topic": "health", "pay": None,
            "answer_by": z(clock.now + timedelta(minutes=90)),
        }  # fmt: skip
        assert offer["from_language"]["code"] == "prs"
        assert offer["to_language"]["code"] == "lav"
        remote = await centre.asked(modes=["phone"])
        assert (await person.offer(remote))["area"] is None


async def test_only_the_one_who_was_asked_sees_it(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person, other = await centre.people(2)
        request = await centre.asked()
        path = f"/v1/offers/{(await person.offer(request))['id']}"
        async with another_network(network) as stranger:
            for api in (other.api, stranger):
                assert (await api.get(path)).status_code == 404
            for verb in ("accept", "decline"):
                assert (await other.api.post(f"{path}/{verb}")).status_code == 404
                assert (await stranger.post(f"{path}/{verb}")).status_code == 403
        assert (await centre.coordinator.get(path)).status_code == 200
        for api in (centre.school, await network.caller("finance")):
            for call in (api.get(path), api.get("/v1/offers"), api.post(f"{path}/accept")):
                assert (await call).status_code == 403
        assert (await centre.coordinator.post(f"{path}/accept")).status_code == 403
        assert (
            await person.api.get("/v1/offers/off_00000000000000000000000000")
        ).status_code == 404
        assert (await person.api.get(f"/v1/offers/{request['id']}")).status_code == 404
        assert (await person.offer(request))["state"] == "open"


async def test_a_closed_offer_stays_readable_without_details(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        one, two = await centre.people(2)
        ends = {}
        request = await centre.asked()
        await one.decline(request)
        ends["declined"] = await one.offer(request)
        clock.now = (await centre.due(request))["offers"]
        await centre.expire(request)
        ends["expired"] = await two.offer(request)
        request = await centre.asked(starts_at="2026-11-26T10:00:00Z")
        await one.accept(request)
        ends["taken"] = await two.offer(request)
        request = await centre.asked(starts_at="2026-11-27T10:00:00Z")
        await centre.school.post(f"/v1/requests/{request['id']}/cancel", {"reason": "x"})
        ends["withdrawn"] = await two.offer(request)
        for state, offer in ends.items():
            assert (offer["state"], offer["area"], offer["topic"], offer["pay"]) == (
                state, None, None, None,
            )  # fmt: skip
            assert set(offer) == FIELDS
        listed = (await two.api.get("/v1/offers?state=withdrawn")).json()["items"]
        assert listed == [ends["withdrawn"]]
        assert (await two.api.get("/v1/offers?state=lost")).status_code == 422


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("expire", "offer-expired"),
        ("silence", "offer-expired"),
        ("take", "offer-taken"),
        ("cancel", "offer-withdrawn"),
        ("assign", "offer-taken"),
        ("decline", "wrong-state"),
    ],
)
async def test_too_late_says_why(pool: Pool, clock: Any, ending: str, code: str) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person, other = await centre.people(2)
        request = await centre.asked()
        offer = await person.offer(request)
        if ending in ("expire", "silence"):
            clock.now = (await centre.due(request))["offers"]
            if ending == "expire":
                await centre.expire(request)
        elif ending == "take":
            await other.accept(request)
        elif ending == "decline":
            await person.decline(request)
        else:
            body = {"reason": "x"} if ending == "cancel" else {"interpreter_id": other.id}
            api = centre.coordinator
            said = await api.post(f"/v1/requests/{request['id']}/{ending}", body)
            assert said.status_code in (200, 201)
        late = await person.api.post(f"/v1/offers/{offer['id']}/accept")
        assert (late.status_code, late.json()["code"]) == (409, code)
        assert late.headers["content-type"] == "application/problem+json"


async def test_an_offer_holds_to_the_last_second(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        request = await centre.asked()
        clock.now = (await centre.due(request))["offers"] - timedelta(microseconds=1)
        assert (await person.accept(request))["state"] == "confirmed"


async def test_saying_yes_again_is_the_same_yes(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        request = await centre.asked()
        path = f"/v1/offers/{(await person.offer(request))['id']}"
        key = {"Idempotency-Key": "tap-1"}
        first = await person.api.post(f"{path}/accept", headers=key)
        again = await person.api.post(f"{path}/accept", headers=key)
        without = await person.api.post(f"{path}/accept")
        assert first.json() == again.json() == without.json()
        assert again.headers["idempotent-replayed"] == "true"
        assert await network.count("bookings") == 1
        shown = await person.api.get(f"/v1/bookings/{first.json()['id']}")
        assert shown.json() == first.json()
        no = await person.api.post(f"{path}/decline")
        assert (no.status_code, no.json()["code"]) == (409, "wrong-state")
        assert (await centre.events(person.api)) == [
            "offer.sent", "offer.accepted", "booking.confirmed",
        ]  # fmt: skip
        assert (await person.api.get(path)).json()["topic"] == "health"


async def test_saying_no_again_is_the_same_no(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        request = await centre.asked()
        path = f"/v1/offers/{(await person.offer(request))['id']}/decline"
        answers = [await person.api.post(path, {"reason": "no time"}) for _ in range(2)]
        assert [one.status_code for one in answers] == [200, 200]
        assert answers[0].json() == answers[1].json()
        wrong = await person.api.post(path, {"why": "x"})
        assert errors_of(wrong) == {("/why", "unknown-field")}
        assert (await centre.events()).count("offer.declined") == 1


async def test_one_who_is_busy_meanwhile_is_told_and_the_offer_stays(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        first = await centre.asked()
        second = await centre.asked(starts_at=(START + timedelta(minutes=30)).isoformat())
        await person.accept(first)
        offer = await person.offer(second)
        late = await person.api.post(f"/v1/offers/{offer['id']}/accept")
        assert (late.status_code, late.json()["code"]) == (409, "interpreter-is-busy")
        assert (await person.offer(second))["state"] == "open"
        shown = await centre.request(second)
        assert (shown["state"], shown["seats"][0]["state"]) == ("searching", "open")


async def test_two_yeses_at_once_are_one_booking(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        people = await centre.people(4)
        request = await centre.asked()
        paths = [f"/v1/offers/{(await one.offer(request))['id']}/accept" for one in people]
        said = await asyncio.gather(
            *(one.api.post(path) for one, path in zip(people, paths, strict=True))
        )
        assert Counter(one.status_code for one in said) == {200: 1, 409: 3}
        assert {one.json()["code"] for one in said if one.status_code == 409} == {"offer-taken"}
        assert await network.count("bookings") == 1
        assert (await centre.events()).count("offer.taken") == 3


async def everything(person: Person, request: dict[str, Any], booking: dict[str, Any]) -> str:
    """Whatever the interpreter can read, as one text."""
    offer = await person.offer(request)
    paths = [
        "/v1/me", "/v1/offers?limit=200", f"/v1/offers/{offer['id']}", "/v1/bookings",
        f"/v1/bookings/{booking['id']}", "/v1/events", f"/v1/interpreters/{person.id}",
        "/v1/bookings?updated_since=2020-01-01T00:00:00Z", f"/v1/requests/{request['id']}",
        "/v1/clients", "/v1/usage/entries?from=2026-01-01&to=2026-12-31",
        f"/v1/interpreters/{person.id}/free-busy?from=2026-11-24T00:00:00Z&to=2026-11-27T00:00:00Z",
    ]  # fmt: skip
    texts = [(await person.api.get(path)).text for path in paths]
    late = await person.api.post(f"/v1/bookings/{booking['id']}/start")
    again = await person.api.post(f"/v1/offers/{offer['id']}/accept")
    return "\n".join([*texts, late.text, again.text])


async def test_the_interpreter_never_learns_who_the_client_is(pool: Pool, clock: Any) -> None:
    canaries = ("KANARIE", '"AF"', "CANARY-CASE", "COSTS-77", "PARTYBIRD", "REFERRER")
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person, other = await centre.people(2)
        request = await centre.asked(
            clients=[{"reference": "KANARIE-1", "nationality": "AF"}],
            external_reference="CANARY-CASE", cost_centre="COSTS-77", referred_by="REFERRER",
            parties=[
                {"reference": "PARTYBIRD", "arrives_at": START.isoformat()},
                {"reference": "PARTYBIRD-2",
                 "arrives_at": (START + timedelta(minutes=10)).isoformat()},
            ],
        )  # fmt: skip
        assert "KANARIE-1" in (await centre.school.get(f"/v1/requests/{request['id']}")).text
        lost = await other.offer(request)
        booking = await person.accept(request)
        for moment in (timedelta(hours=-20), timedelta(minutes=-10), timedelta(minutes=30)):
            clock.now = START + moment
            seen = await everything(person, request, booking)
            assert booking["id"] in seen
            assert not [one for one in canaries if one in seen]
        assert not [
            one for one in canaries if one in (await other.api.get(f"/v1/offers/{lost['id']}")).text
        ]


async def test_contact_and_instructions_come_after_the_yes_and_go_with_the_booking(
    pool: Pool, clock: Any
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        site = await centre.add_site(
            name="East", phone="+371 67000000", email="east@example.org", rooms=[{"name": "4"}],
        )  # fmt: skip
        person, other = await centre.people(2)
        request = await centre.asked(
            site_id=site["id"], room_id=site["rooms"][0]["id"], instructions="Ask for Ilze"
        )
        before = (await person.api.get("/v1/offers")).text
        for secret in ("Ask for Ilze", "Street 1", "East", "67000000", "east@example.org"):
            assert secret not in before
        booking = await person.accept(request)
        assert booking["contact"] == {
            "site": "East", "city": "Riga", "address": "Street 1", "phone": "+37167000000",
            "email": "east@example.org",
        }  # fmt: skip
        assert (booking["instructions"], booking["room_id"]) == (
            "Ask for Ilze", site["rooms"][0]["id"],
        )  # fmt: skip
        assert (await other.api.get(f"/v1/bookings/{booking['id']}")).status_code == 404
        clock.now += SECOND
        left = await person.api.post(f"/v1/bookings/{booking['id']}/give-back", {"reason": "ill"})
        for name in ("contact", "instructions", "room_id", "connect"):
            assert left.json()[name] is None
        theirs = (await centre.school.get(f"/v1/bookings/{booking['id']}")).json()
        assert theirs["instructions"] == "Ask for Ilze"


async def test_who_calls_whom_shows_from_half_an_hour_before_to_the_end(
    pool: Pool, clock: Any
) -> None:
    connect = {"by": "interpreter", "number": "+371 25565098", "pin": "77"}
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        booking = await centre.booked(person, modes=["phone"], site_id=..., connect=connect)
        path = f"/v1/bookings/{booking['id']}"
        end = START + timedelta(minutes=60)
        for at, shown in (
            (START - timedelta(minutes=30) - SECOND, False),
            (START - timedelta(minutes=30), True),
            (end - SECOND, True),
            (end, False),
        ):
            clock.now = at
            found = (await person.api.get(path)).json()["connect"]
            assert (found is not None) is shown
            assert not shown or (found["number"], found["pin"]) == ("+37125565098", "77")
        clock.now = START - timedelta(minutes=5)
        await centre.school.post(f"{path}/cancel", {"reason": "x"})
        assert (await person.api.get(path)).json()["connect"] is None
        there = await centre.booked(person, connect=connect)
        assert there["connect"] is None


async def test_pay_and_other_people_are_never_shown_to_institutions(pool: Pool, clock: Any) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person(phone="+371 25565098", home={**PLACE, "city": "Secretville"})
        booking = await centre.booked(person)
        for path in ("/v1/bookings", f"/v1/requests/{booking['request_id']}", "/v1/events"):
            text = (await centre.school.get(path)).text
            for secret in ("pay", "25565098", "Secretville", "p1@example.org", "score"):
                assert secret not in text, path
        shown = (await centre.school.get(f"/v1/bookings/{booking['id']}")).json()
        assert shown["interpreter"] == {"id": person.id, "display_name": "Person 1"}
