"""Calendars at a secret address: who may have one, what stands in it, and when it ends."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import icalendar
import pytest
from httpx import Response

from api import Api, serving
from centre import START, Centre, Json, Person
from conftest import Clock
from interpreters.application.calls import run
from interpreters.database import Pool
from interpreters.domain.ids import INSTITUTION, read_id

pytestmark = pytest.mark.anyio
ROOT = "/v1/calendar-links"


@pytest.fixture
async def centre(pool: Pool, clock: Clock) -> AsyncIterator[Centre]:
    async with serving(pool, clock) as network:
        yield await Centre(network, clock).open()


async def link(centre: Centre, api: Api, **whose: str) -> Json:
    return await centre.made(api, ROOT, dict(whose))


async def read(
    centre: Centre, made: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response:
    """Read a calendar as a telephone does: without a token but the one in its address."""
    path = urlsplit(made["url"]).path
    return await centre.network.client.get(path, headers=dict(headers or {}))


async def events(centre: Centre, made: Mapping[str, Any]) -> list[Any]:
    answer = await read(centre, made)
    assert answer.status_code == 200, answer.text
    calendar = icalendar.Calendar.from_ical(answer.content)
    return list(calendar.walk("VEVENT"))


async def stranger(centre: Centre) -> Api:
    """Another institution's software."""
    return (await centre.network.institution("Bank"))[1]


async def test_a_booking_stands_in_the_interpreters_calendar_by_the_clock_of_the_place(
    centre: Centre,
) -> None:
    person = await centre.person()
    booking = await centre.booked(person)
    made = await link(centre, person.api)

    [event] = await events(centre, made)

    network = (await centre.coordinator.get("/v1/me")).json()["network"]["id"]
    assert event["UID"] == f"{booking['id']}@{network}"
    assert event.decoded("DTSTART") == START
    assert event.decoded("DTSTART").isoformat() == "2026-11-25T10:00:00+02:00"
    assert event["DTSTART"].params["TZID"] == "Europe/Riga"
    assert event.decoded("DTEND") == START + timedelta(hours=1)
    assert event["STATUS"] == "CONFIRMED"
    assert event["TRANSP"] == "OPAQUE"
    assert event["SUMMARY"] == "darī \N{EN DASH} latviešu, Klātienē"
    assert event["LOCATION"] == "Main, Riga"


async def test_nothing_of_the_client_the_topic_or_the_street_is_in_a_calendar(
    centre: Centre,
) -> None:
    person = await centre.person()
    await centre.booked(
        person, external_reference="CASE-77", cost_centre="CC-9", instructions="Ask for Ilze"
    )
    for api in (person.api, centre.school):
        answer = await read(centre, await link(centre, api))
        assert answer.status_code == 200
        for word in ("LV-1042", "CASE-77", "CC-9", "Ilze", "health", "Street 1", "Person 1"):
            assert word not in answer.text


async def test_where_being_found_is_the_danger_no_place_is_told(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        shelter = await Centre(network, clock).open(kind="crisis_centre")
        person = await shelter.person()
        await shelter.booked(person)
        [event] = await events(shelter, await link(shelter, person.api))
        assert "LOCATION" not in event
        assert "Riga" not in str(event["SUMMARY"])


async def test_supervised_contact_names_no_place_either(centre: Centre) -> None:
    person = await centre.person()
    await centre.booked(person, topic="supervised_contact")
    [event] = await events(centre, await link(centre, person.api))
    assert "LOCATION" not in event


async def test_what_changed_has_the_same_name_and_a_higher_sequence(centre: Centre) -> None:
    person = await centre.person()
    booking = await centre.booked(person)
    made = await link(centre, person.api)
    [before] = await events(centre, made)
    centre.clock.now += timedelta(minutes=5)

    path = f"/v1/bookings/{booking['id']}"
    assert (await person.api.post(f"{path}/extend", {"minutes": 15})).status_code == 200
    [longer] = await events(centre, made)
    why = {"reason": "not needed"}
    assert (await centre.school.post(f"{path}/cancel", why)).status_code == 200
    [gone] = await events(centre, made)

    assert before["UID"] == longer["UID"] == gone["UID"]
    assert before["SEQUENCE"] < longer["SEQUENCE"] < gone["SEQUENCE"]
    assert longer.decoded("DTEND") == START + timedelta(minutes=75)
    assert longer.decoded("LAST-MODIFIED") == centre.clock.now
    assert (gone["STATUS"], gone["TRANSP"]) == ("CANCELLED", "TRANSPARENT")


async def test_what_was_called_off_leaves_the_calendar_after_thirty_days(centre: Centre) -> None:
    person = await centre.person()
    later = START + timedelta(days=60)
    booking = await centre.booked(person, starts_at=later.isoformat())
    made = await link(centre, person.api)
    why = {"reason": "not needed"}
    await centre.school.post(f"/v1/bookings/{booking['id']}/cancel", why)
    centre.clock.now += timedelta(days=30)
    assert [one["STATUS"] for one in await events(centre, made)] == ["CANCELLED"]
    centre.clock.now += timedelta(seconds=1)
    assert await events(centre, made) == []


async def test_what_is_over_stays_for_thirty_days(centre: Centre) -> None:
    person = await centre.person()
    await centre.booked(person)
    made = await link(centre, person.api)
    centre.clock.now = START + timedelta(days=30)
    assert len(await events(centre, made)) == 1
    centre.clock.now += timedelta(seconds=1)
    assert await events(centre, made) == []


async def test_a_yes_that_waits_for_the_others_is_tentative(centre: Centre) -> None:
    people = await centre.people(2)
    request = await centre.asked(interpreters_needed=2)
    await people[0].accept(request)
    made = await link(centre, people[0].api)
    assert [one["STATUS"] for one in await events(centre, made)] == ["TENTATIVE"]
    await people[1].accept(request)
    assert [one["STATUS"] for one in await events(centre, made)] == ["CONFIRMED"]


async def test_a_session_in_the_night_when_clocks_go_back_stands_at_its_instant(
    pool: Pool,
) -> None:
    clock = Clock(datetime(2027, 10, 29, 8, tzinfo=UTC))
    starts = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)  # in Riga 03:30 for the second time
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        await centre.booked(person, starts_at=starts.isoformat())
        [event] = await events(centre, await link(centre, person.api))
        assert event.decoded("DTSTART") == starts
        assert event.decoded("DTEND") == starts + timedelta(hours=1)


async def test_a_reader_that_has_it_is_told_only_that(centre: Centre) -> None:
    person = await centre.person()
    booking = await centre.booked(person)
    made = await link(centre, person.api)
    first = await read(centre, made)
    assert first.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "private" in first.headers["cache-control"]
    etag = first.headers["etag"]

    centre.clock.now += timedelta(hours=1)
    for said in (etag, f'"other", {etag}', etag.removeprefix("W/"), "*"):
        again = await read(centre, made, {"If-None-Match": said})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
    assert (await read(centre, made, {"If-None-Match": '"other"'})).status_code == 200

    path = f"/v1/bookings/{booking['id']}/cancel"
    await centre.school.post(path, {"reason": "not needed"})
    changed = await read(centre, made, {"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


async def test_each_calendar_holds_its_owners_bookings_alone(centre: Centre) -> None:
    first, second = await centre.people(2)
    booking = await centre.booked(first)
    other = await stranger(centre)
    mine = await link(centre, centre.school)
    for api, number in ((first.api, 1), (second.api, 0), (other, 0)):
        assert len(await events(centre, await link(centre, api))) == number
    [event] = await events(centre, mine)
    assert event["UID"].startswith(booking["id"])


async def test_an_address_is_told_once_and_kept_as_a_hash(centre: Centre) -> None:
    person = await centre.person()
    once = {"Idempotency-Key": "k1"}
    first = await person.api.post(ROOT, headers=once)
    again = await person.api.post(ROOT, headers=once)
    assert (first.status_code, again.status_code) == (201, 201)
    made = first.json()
    assert again.json() == {**made, "url": None}
    assert made["id"].startswith("cal_")
    assert made["interpreter_id"] == person.id
    token = made["url"].rpartition("/")[2].removesuffix(".ics")
    listed = await person.api.get(ROOT)
    assert [one["id"] for one in listed.json()["items"]] == [made["id"]]
    assert token not in listed.text
    for table in ("calendar_links", "idempotency_keys"):
        rows = await run(
            centre.network.pool, centre.network.id,
            lambda db, table=table: db.fetch(f"SELECT t::text FROM {table} t"),
        )  # fmt: skip
        assert rows
        assert token not in str(rows)


async def test_a_revoked_address_an_unknown_one_and_a_wrong_one_look_alike(
    centre: Centre,
) -> None:
    person = await centre.person()
    made = await link(centre, person.api)
    path = f"{ROOT}/{made['id']}"
    assert (await person.api.delete(path)).status_code == 204
    assert (await person.api.delete(path)).status_code == 404
    assert (await person.api.get(ROOT)).json()["items"] == []
    told = {(await read(centre, made)).text}
    url = str(made["url"])
    for wrong in (url[:-5] + "0.ics", url.removesuffix(".ics"), url.replace("/ca_", "/ol_")):
        answer = await read(centre, {"url": wrong})
        assert answer.status_code == 404
        told.add(answer.text)
    assert len(told) == 1


@pytest.mark.parametrize("verb", ["suspend", "erase"])
async def test_the_calendar_of_somebody_who_left_is_gone(centre: Centre, verb: str) -> None:
    person = await centre.person()
    made = await link(centre, person.api)
    assert (await read(centre, made)).status_code == 200
    body = {"reason": "left"} if verb == "suspend" else {}
    answer = await centre.coordinator.post(f"/v1/interpreters/{person.id}/{verb}", body)
    assert answer.status_code == 200, answer.text
    assert (await read(centre, made)).status_code == 404
    if verb == "erase":
        assert await centre.network.count("calendar_links") == 0


@pytest.mark.parametrize("how", ["deactivated", "moved", "another role", "erased"])
async def test_the_addresses_that_somebody_made_end_when_they_leave(
    centre: Centre, how: str
) -> None:
    network, coordinator = centre.network, centre.coordinator
    school = read_id(INSTITUTION, centre.institution["id"])
    elsewhere, _ = await network.institution("Bank")
    leaving = await network.person(["consultant"], email="a@example.org", institution_id=school)
    staying = await network.person(["consultant"], email="b@example.org", institution_id=school)
    theirs, others = await link(centre, leaving), await link(centre, staying)
    user = f"/v1/users/{(await leaving.get('/v1/me')).json()['user_id']}"
    done = {
        "deactivated": lambda: coordinator.patch(user, {"active": False}),
        "moved": lambda: coordinator.patch(user, {"institution_id": elsewhere}),
        "another role": lambda: coordinator.patch(user, {"roles": ["finance"]}),
        "erased": lambda: coordinator.post(f"{user}/erase"),
    }[how]
    assert (await read(centre, theirs)).status_code == 200
    answer = await done()
    assert answer.status_code == 200, answer.text
    assert (await read(centre, theirs)).status_code == 404
    assert (await read(centre, others)).status_code == 200


async def test_coordinators_make_anybodys_and_must_say_whose(centre: Centre) -> None:
    person = await centre.person()
    of_person = await link(centre, centre.coordinator, interpreter_id=person.id)
    institution = centre.institution["id"]
    of_school = await link(centre, centre.coordinator, institution_id=institution)
    assert (of_person["interpreter_id"], of_school["institution_id"]) == (person.id, institution)
    assert len((await centre.coordinator.get(ROOT)).json()["items"]) == 2
    assert len((await person.api.get(ROOT)).json()["items"]) == 1
    nobody = "int_" + "0" * 26
    none = "ins_" + "0" * 26
    for body, code in (
        ({}, "required"),
        ({"interpreter_id": person.id, "institution_id": institution}, "conflicting"),
        ({"interpreter_id": nobody}, "unknown-interpreter"),
        ({"institution_id": none}, "unknown-institution"),
    ):
        answer = await centre.coordinator.post(ROOT, body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == code


async def test_nobody_else_makes_sees_or_ends_a_link(centre: Centre) -> None:
    person, other = await centre.people(2)
    made = await link(centre, person.api)
    of_school = await link(centre, centre.school)
    bank = await stranger(centre)
    finance = await centre.network.caller("finance")
    for api in (other.api, centre.school, bank, finance):
        answer = await api.post(ROOT, {"interpreter_id": person.id})
        assert answer.status_code == 403
    school = centre.institution["id"]
    assert (await bank.post(ROOT, {"institution_id": school})).status_code == 403
    assert (await finance.get(ROOT)).status_code == 403
    for api in (other.api, bank):
        assert (await api.get(ROOT)).json()["items"] == []
        for one in (made, of_school):
            assert (await api.delete(f"{ROOT}/{one['id']}")).status_code == 404
    assert (await read(centre, made)).status_code == 200


async def test_a_consultant_makes_their_institutions(centre: Centre) -> None:
    owner = read_id(INSTITUTION, centre.institution["id"])
    consultant = await centre.network.caller("consultant", institution_id=owner)
    made = await link(centre, consultant)
    assert made["institution_id"] == centre.institution["id"]
    assert (await centre.school.delete(f"{ROOT}/{made['id']}")).status_code == 204


async def test_a_calendar_has_twenty_links_at_most(centre: Centre) -> None:
    person: Person = await centre.person()
    for _ in range(20):
        last = await link(centre, person.api)
    refused = await person.api.post(ROOT)
    assert (refused.status_code, refused.json()["code"]) == (409, "too-many-calendar-links")
    await person.api.delete(f"{ROOT}/{last['id']}")
    assert (await person.api.post(ROOT)).status_code == 201


async def test_opening_a_calendar_changes_nothing_and_takes_no_other_method(
    centre: Centre,
) -> None:
    person = await centre.person()
    made = await link(centre, person.api)
    path = urlsplit(made["url"]).path
    assert (await centre.network.client.post(path)).status_code == 405
    assert (await read(centre, made)).status_code == 200
