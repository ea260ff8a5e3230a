"""Other calendars, read by the job from a real server: their busy times keep offers away."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from api import serving
from centre import START, Centre, Json, Person, z
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.due import take_due
from interpreters.application.people_messages import Outgoing
from interpreters.database import Db, Pool
from interpreters.domain.ids import NETWORK, show_id
from interpreters.jobs import calendars
from interpreters.sql import messages
from people_post import SITE
from receivers import Receiver, receiving

pytestmark = pytest.mark.anyio
SETTINGS = {"INTERPRETERS_ALLOW_PRIVATE_URLS": "1"}
OUT = Outgoing(base_url=SITE, ways=frozenset({"mail", "text"}))
LEASE = timedelta(seconds=15)
HOUR = timedelta(hours=1)


@pytest.fixture
async def centre(pool: Pool, clock: Clock) -> AsyncIterator[Centre]:
    async with serving(pool, clock, SETTINGS) as network:
        yield await Centre(network, clock).open()


def event(starts: str, ends: str, *lines: str, uid: str = "a@elsewhere.example") -> str:
    wanted = [f"UID:{uid}", f"DTSTART{starts}", f"DTEND{ends}", "SUMMARY:Dentist", *lines]
    return "\r\n".join(["BEGIN:VEVENT", *wanted, "END:VEVENT"])


def calendar(*events: str) -> bytes:
    parts = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", *events, "END:VCALENDAR", ""]
    return "\r\n".join(parts).encode()


def stamp(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def utc_event(starts: datetime, ends: datetime, **fields: str) -> str:
    return event(f":{stamp(starts)}", f":{stamp(ends)}", **fields)


BUSY = calendar(utc_event(START, START + HOUR))


def path_of(person: Person) -> str:
    return f"/v1/interpreters/{person.id}/external-calendar"


async def named(person: Person, receiver: Receiver) -> Json:
    answer = await person.api.put(path_of(person), {"url": receiver.url})
    assert answer.status_code == 200, answer.text
    shown: Json = answer.json()
    return shown


async def work(centre: Centre, *, allow_private: bool = True) -> int:
    """Do what is due by the clock, as the relay would; return how many readings that were."""
    job = calendars.reader(OUT, allow_private=allow_private)
    now = centre.clock()
    pool = centre.network.pool
    taken = await take_due(pool, kinds=["calendar"], now=now, until=now + LEASE, limit=100)
    for one in taken:
        await job(pool, network_id=one.network_id, id=one.id, clock=centre.clock)
    return len(taken)


async def later(centre: Centre, **much: float) -> None:
    centre.clock.now += timedelta(**much)
    await work(centre)


async def away(person: Person) -> list[Json]:
    answer = await person.api.get(f"/v1/interpreters/{person.id}/absences?limit=200")
    items: list[Json] = answer.json()["items"]
    return sorted(items, key=lambda one: str(one["starts_at"]))


async def times(person: Person) -> list[tuple[str, str]]:
    return [
        (one["starts_at"], one["ends_at"])
        for one in await away(person)
        if one["source"] == "calendar"
    ]


async def shown(person: Person) -> Json:
    answer: Json = (await person.api.get(path_of(person))).json()
    return answer


async def next_at(centre: Centre, person: Person) -> datetime | None:
    found: datetime | None = await run(
        centre.network.pool, centre.network.id,
        lambda db: db.fetchval(
            "SELECT d.at FROM due d WHERE d.network_id = $1 AND d.kind = 'calendar' AND d.id = $2",
            centre.network.id, person.key,
        ),
    )  # fmt: skip
    return found


async def told(centre: Centre) -> list[messages.Message]:
    network_id = centre.network.id

    async def work(db: Db) -> list[messages.Message]:
        rows = await db.fetch(
            "SELECT m.id FROM messages m WHERE m.network_id = $1 AND m.purpose = $2",
            network_id, "calendar-unreadable",
        )  # fmt: skip
        found = [
            await messages.take(db, network_id=network_id, message_id=row["id"]) for row in rows
        ]
        return [one for one in found if one is not None]

    return await run(centre.network.pool, network_id, work)


async def test_busy_times_are_absences_and_nobody_is_asked_then(centre: Centre) -> None:
    person = await centre.person()
    async with receiving(Receiver(body=BUSY)) as server:
        assert await named(person, server) == {
            "host": "127.0.0.1", "read_at": None, "error": None,
        }  # fmt: skip
        await work(centre)
    [one] = await away(person)
    assert one["source"] == "calendar"
    assert (one["starts_at"], one["ends_at"]) == (z(START), z(START + HOUR))
    assert (await shown(person))["read_at"] == z(centre.clock.now)

    request = await centre.asked()
    assert request["state"] == "unfilled"
    seen = await centre.request(request)
    assert {"code": "unavailable", "count": 1} in seen["excluded"]
    assert (await centre.asked(starts_at=(START + 3 * HOUR).isoformat()))["state"] == "searching"
    span = f"from={z(START - HOUR)}&to={z(START + 2 * HOUR)}"
    answer = (await person.api.get(f"/v1/interpreters/{person.id}/free-busy?{span}")).json()
    assert [(each["kind"], each["starts_at"]) for each in answer["busy"]] == [("absence", z(START))]


async def test_what_is_free_or_cancelled_takes_no_time_and_whole_days_do(centre: Centre) -> None:
    person = await centre.person(time_zone="Europe/Riga")
    body = calendar(
        event(":20261126T100000", ":20261126T110000", "TRANSP:TRANSPARENT", uid="1"),
        event(":20261126T120000", ":20261126T130000", "STATUS:CANCELLED", uid="2"),
        event(";VALUE=DATE:20261127", ";VALUE=DATE:20261128", uid="3"),
        event(":20261129T090000", ":20261129T100000", uid="4"),  # floating: their own clock
    )
    async with receiving(Receiver(body=body)) as server:
        await named(person, server)
        await work(centre)
    assert await times(person) == [
        ("2026-11-26T22:00:00Z", "2026-11-27T22:00:00Z"),
        ("2026-11-29T07:00:00Z", "2026-11-29T08:00:00Z"),
    ]


async def test_what_repeats_keeps_to_the_wall_clock_over_the_night_clocks_change(
    pool: Pool,
) -> None:
    clock = Clock(datetime(2027, 3, 20, 8, tzinfo=UTC))
    rule = "RRULE:FREQ=WEEKLY;COUNT=2"
    zoned = ";TZID=Europe/Riga:"
    body = calendar(event(f"{zoned}20270325T090000", f"{zoned}20270325T100000", rule))
    async with serving(pool, clock, SETTINGS) as network, receiving(Receiver(body=body)) as server:
        centre = await Centre(network, clock).open()
        person = await centre.person()
        await named(person, server)
        await work(centre)
        assert await times(person) == [
            ("2027-03-25T07:00:00Z", "2027-03-25T08:00:00Z"),
            ("2027-04-01T06:00:00Z", "2027-04-01T07:00:00Z"),
        ]


async def test_it_is_read_every_quarter_of_an_hour_or_so(centre: Centre) -> None:
    person = await centre.person()
    async with receiving(Receiver(body=BUSY)) as server:
        await named(person, server)
        for _ in range(5):
            assert await work(centre) == 1
            assert await work(centre) == 0
            at = await next_at(centre, person)
            assert at is not None
            pause = at - centre.clock.now
            assert timedelta(minutes=13) <= pause <= timedelta(minutes=17)
            centre.clock.now = at
        assert len(server.calls) == 5


async def test_a_file_that_has_not_changed_is_not_sent_again_the_same_day(centre: Centre) -> None:
    person = await centre.person()
    ahead = START + timedelta(days=121)
    body = calendar(utc_event(START, START + HOUR), utc_event(ahead, ahead + HOUR, uid="far"))
    async with receiving(Receiver(body=body, headers={"ETag": '"a1"'})) as server:
        await named(person, server)
        await work(centre)
        before = await away(person)
        server.status, server.body = 304, b""
        await later(centre, minutes=20)
        assert server.calls[-1].headers["If-None-Match"] == '"a1"'
        assert await away(person) == before
        assert (await shown(person))["read_at"] == z(centre.clock.now)
        # Another day sees further, so the file is read whole although it is the same.
        server.status, server.body = 200, body
        await later(centre, days=1)
        assert "If-None-Match" not in server.calls[-1].headers
        await later(centre, days=1)
        assert (z(ahead), z(ahead + HOUR)) in await times(person)


async def test_a_reading_replaces_the_last_one_and_touches_nothing_else(centre: Centre) -> None:
    person = await centre.person()
    own = {"starts_at": z(START + 5 * HOUR), "ends_at": z(START + 6 * HOUR)}
    await centre.made(person.api, f"/v1/interpreters/{person.id}/absences", own)
    stays = utc_event(START, START + HOUR, uid="stays")
    goes = utc_event(START + 2 * HOUR, START + 3 * HOUR, uid="goes")
    comes = utc_event(START + 8 * HOUR, START + 9 * HOUR, uid="comes")
    async with receiving(Receiver(body=calendar(stays, goes))) as server:
        await named(person, server)
        await work(centre)
        first = await away(person)
        await later(centre, minutes=20)
        assert await away(person) == first  # the same rows: nothing was written
        server.body = calendar(stays, comes)
        await later(centre, minutes=20)
    second = await away(person)
    assert [one["source"] for one in second] == ["calendar", "own", "calendar"]
    assert second[:2] == [first[0], first[2]]
    assert second[2]["starts_at"] == z(START + 8 * HOUR)


async def test_a_booking_of_ours_that_comes_back_does_not_block(centre: Centre) -> None:
    person = await centre.person()
    booking = await centre.booked(person)
    network = show_id(NETWORK, centre.network.id)
    ours = utc_event(START, START + HOUR, uid=f"{booking['id']}@{network}")
    odd = utc_event(START, START + HOUR, uid=f"x-{booking['id'].lower()}@{network.lower()}-1")
    other = "bkg_" + "0" * 26 + "@net_" + "0" * 26  # of another centre: they are busy there
    theirs = utc_event(START + 3 * HOUR, START + 4 * HOUR, uid=other)
    async with receiving(Receiver(body=calendar(ours, odd, theirs))) as server:
        await named(person, server)
        await work(centre)
    assert await times(person) == [(z(START + 3 * HOUR), z(START + 4 * HOUR))]


UNREADABLE = {
    "gone": (Receiver(status=410), "410"),
    "redirect": (Receiver(status=302, headers={"Location": "/elsewhere"}), "302"),
    "huge": (Receiver(body=b"x" * (2 * 1024 * 1024 + 1)), "too-large"),
    "no calendar": (Receiver(body=b"<html>sign in</html>"), "not-a-calendar"),
    "ill": (Receiver(status=500), "500"),
    "too many": (
        Receiver(
            body=calendar(
                event(":20261125T000000Z", ":20261125T000100Z", "RRULE:FREQ=HOURLY;COUNT=2001")
            )
        ),
        "too-large",
    ),
}


@pytest.mark.parametrize("what", UNREADABLE)
async def test_what_cannot_be_read_is_said_and_the_last_known_times_stay(
    centre: Centre, what: str
) -> None:
    wrong, code = UNREADABLE[what]
    person = await centre.person()
    async with receiving(Receiver(body=BUSY)) as server:
        await named(person, server)
        await work(centre)
        known = await times(person)
        read_at = (await shown(person))["read_at"]
        server.status, server.headers, server.body = wrong.status, wrong.headers, wrong.body
        await later(centre, minutes=20)
        assert await shown(person) == {"host": "127.0.0.1", "read_at": read_at, "error": code}
        assert await times(person) == known == [(z(START), z(START + HOUR))]
        server.status, server.headers, server.body = 200, {}, BUSY
        await later(centre, minutes=20)
        assert (await shown(person))["error"] is None


async def test_one_that_fails_is_left_alone_longer_and_longer(centre: Centre) -> None:
    person = await centre.person()
    pauses = []
    async with receiving(Receiver(status=500)) as server:
        await named(person, server)
        for _ in range(12):
            await work(centre)
            at = await next_at(centre, person)
            assert at is not None
            pauses.append(at - centre.clock.now)
            centre.clock.now = at
        assert len(server.calls) == 12
    slack = timedelta(minutes=2)
    assert pauses[0] <= timedelta(minutes=15) + slack
    assert timedelta(hours=2) <= pauses[6]
    assert max(pauses) <= timedelta(days=1) + slack
    assert timedelta(days=1) - slack <= pauses[-1]


async def test_who_asks_for_a_pause_gets_it(centre: Centre) -> None:
    person = await centre.person()
    async with receiving(Receiver(status=429, headers={"Retry-After": "7200"})) as server:
        await named(person, server)
        await work(centre)
    assert await next_at(centre, person) == centre.clock.now + timedelta(hours=2)


async def test_after_three_days_the_interpreter_is_told_once(centre: Centre) -> None:
    person = await centre.person()
    async with receiving(Receiver(body=BUSY)) as server:
        await named(person, server)
        await work(centre)
        server.status = 410
        await later(centre, minutes=20)
        for _ in range(2):
            await later(centre, hours=25)
        assert await told(centre) == []
        for _ in range(4):
            await later(centre, hours=25)
        [mail] = await told(centre)
    assert (mail.channel, mail.recipient) == ("mail", "p1@example.org")
    assert mail.interpreter_id == person.key
    assert mail.language == "lv"
    assert "127.0.0.1" in mail.body
    assert f"{SITE}/sign-in" in mail.body
    assert "/in" not in mail.body.replace("/sign-in", "")


async def test_taking_the_calendar_away_takes_its_times_away(centre: Centre) -> None:
    person = await centre.person()
    own = {"starts_at": z(START + 5 * HOUR), "ends_at": z(START + 6 * HOUR)}
    await centre.made(person.api, f"/v1/interpreters/{person.id}/absences", own)
    async with receiving(Receiver(body=BUSY)) as server:
        await named(person, server)
        await work(centre)
    assert (await person.api.delete(path_of(person))).status_code == 204
    assert [one["source"] for one in await away(person)] == ["own"]
    assert await next_at(centre, person) is None
    assert (await person.api.get(path_of(person))).status_code == 404
    assert (await person.api.delete(path_of(person))).status_code == 404


async def test_another_calendar_takes_the_place_of_the_first(centre: Centre) -> None:
    person = await centre.person()
    other = calendar(utc_event(START + 2 * HOUR, START + 3 * HOUR))
    async with receiving(Receiver(body=BUSY)) as first, receiving(Receiver(body=other)) as second:
        await named(person, first)
        await work(centre)
        again = await named(person, first)
        assert again["read_at"] is not None  # the same address: nothing changes
        assert await times(person) == [(z(START), z(START + HOUR))]
        assert (await named(person, second))["read_at"] is None
        assert await times(person) == []
        await work(centre)
    assert await times(person) == [(z(START + 2 * HOUR), z(START + 3 * HOUR))]


async def test_a_reading_that_was_overtaken_is_thrown_away(centre: Centre) -> None:
    person = await centre.person()
    async with receiving(Receiver(body=BUSY, pause=0.5)) as slow:
        await named(person, slow)
        reading = asyncio.create_task(work(centre))
        while not slow.calls:
            await asyncio.sleep(0.01)
        assert (await person.api.delete(path_of(person))).status_code == 204
        await reading
    assert await times(person) == []
    assert await next_at(centre, person) is None


async def test_two_workers_at_once_write_it_down_once(centre: Centre) -> None:
    person = await centre.person()
    job = calendars.reader(OUT, allow_private=True)
    network = centre.network
    async with receiving(Receiver(body=BUSY, pause=0.1)) as server:
        await named(person, server)
        await asyncio.gather(
            *(job(network.pool, network_id=network.id, id=person.key, clock=centre.clock)
              for _ in range(6))
        )  # fmt: skip
        await job(network.pool, network_id=network.id, id=person.key, clock=centre.clock)
    assert await times(person) == [(z(START), z(START + HOUR))]


async def test_whoever_names_a_slow_server_again_and_again_keeps_one_reading_busy(
    centre: Centre,
) -> None:
    person = await centre.person()
    job = calendars.reader(OUT, allow_private=True)
    network = centre.network
    async with receiving(Receiver(body=BUSY, pause=0.3)) as server:
        readings: list[asyncio.Future[None]] = []
        for _ in range(8):
            await named(person, server)  # due at once, each time
            readings.append(asyncio.ensure_future(
                job(network.pool, network_id=network.id, id=person.key, clock=centre.clock)
            ))  # fmt: skip
            await asyncio.sleep(0.01)
        await asyncio.gather(*readings)
        assert len(server.calls) == 1
        await job(network.pool, network_id=network.id, id=person.key, clock=centre.clock)
        assert len(server.calls) == 2  # what was named meanwhile is still due
    assert await times(person) == [(z(START), z(START + HOUR))]


async def test_what_is_read_cannot_be_taken_back_by_hand(centre: Centre) -> None:
    person = await centre.person()
    async with receiving(Receiver(body=BUSY)) as server:
        await named(person, server)
        await work(centre)
    [one] = await away(person)
    refused = await person.api.delete(f"/v1/interpreters/{person.id}/absences/{one['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "calendar-absence")
    assert await away(person) == [one]


async def test_the_address_is_shown_to_nobody_and_kept_sealed(centre: Centre) -> None:
    person = await centre.person()
    url = "webcal://calendars.example.org/private-s3cret/basic.ics"
    answers = [
        await person.api.put(path_of(person), {"url": url}),
        await person.api.get(path_of(person)),
        await centre.coordinator.get(path_of(person)),
        await person.api.get(f"/v1/interpreters/{person.id}/export"),
    ]
    assert [one.status_code for one in answers] == [200] * 4
    assert answers[0].json()["host"] == "calendars.example.org"
    assert not any("s3cret" in one.text for one in answers)
    stored = await run(
        centre.network.pool, centre.network.id,
        lambda db: db.fetchval("SELECT c.url FROM external_calendars c"),
    )  # fmt: skip
    assert stored.startswith("sealed:1:")


async def test_addresses_inside_a_network_are_refused_when_named(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        person = await (await Centre(network, clock).open()).person()
        for url, code in (
            ("https://10.0.0.1/a.ics", "private-address"),
            ("webcal://localhost/a.ics", "private-address"),
            ("https://0x7f.1/a.ics", "private-address"),
            ("http://calendars.example.org/a.ics", "invalid-address"),
            ("https://me:word@calendars.example.org/a.ics", "invalid-address"),
        ):
            answer = await person.api.put(path_of(person), {"url": url})
            assert answer.status_code == 422
            [error] = answer.json()["errors"]
            assert (error["pointer"], error["code"]) == ("/url", code)


async def test_and_again_when_read(centre: Centre) -> None:
    person = await centre.person()
    async with receiving(Receiver(body=BUSY)) as server:
        await named(person, server)  # when it was still allowed
        await work(centre, allow_private=False)
        assert server.calls == []
    assert (await shown(person))["error"] in {"private-address", "invalid-address"}


async def test_nobody_elses_calendar_is_named_seen_or_taken_away(centre: Centre) -> None:
    person, other = await centre.people(2)
    path, body = path_of(person), {"url": "https://calendars.example.org/a.ics"}
    assert (await person.api.put(path, body)).status_code == 200
    finance = await centre.network.caller("finance")
    for api, status in ((other.api, 404), (centre.school, 403), (finance, 403)):
        assert (await api.put(path, body)).status_code == status
        assert (await api.get(path)).status_code == status
        assert (await api.delete(path)).status_code == status
    assert (await centre.coordinator.get(path)).status_code == 200


@pytest.mark.parametrize("verb", ["suspend", "erase"])
async def test_of_somebody_who_left_nothing_is_read(centre: Centre, verb: str) -> None:
    person = await centre.person()
    async with receiving(Receiver(body=BUSY)) as server:
        await named(person, server)
        body = {"reason": "left"} if verb == "suspend" else {}
        answer = await centre.coordinator.post(f"/v1/interpreters/{person.id}/{verb}", body)
        assert answer.status_code == 200, answer.text
        await work(centre)
        assert server.calls == []
    if verb == "erase":
        assert await centre.network.count("external_calendars") == 0
        assert await next_at(centre, person) is None
