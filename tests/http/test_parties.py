"""Groups, and supervised contact through its doors: who must not meet, where, and who is told."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from api import serving
from centre import START, Centre, Json, Person, z
from conftest import Clock
from interpreters.application.calls import run
from interpreters.database import Db, Pool
from interpreters.vault import vault_of
from roster import errors_of

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)


class Contact(Centre):
    """A centre with a room, and one interpreter."""

    person_: Person
    room: str
    other_room: str

    async def furnish(self) -> "Contact":
        await self.open()
        self.site = await self.add_site(rooms=[{"name": "Blue"}, {"name": "Green"}])
        self.room, self.other_room = (one["id"] for one in self.site["rooms"])
        self.person_ = await self.person()
        return self

    def contact(self, *minutes: int, **changes: Any) -> Json:
        """Return an order for parties who come so many minutes after its start."""
        begin = START + changes.pop("after", 0) * MINUTE
        return self.order(
            starts_at=begin.isoformat(), topic="supervised_contact",
            **({"parties": parties(*minutes, begin=begin)} if minutes else {}),
            **{"room_id": self.room, **changes},
        )  # fmt: skip

    async def made_contact(self, *minutes: int, **changes: Any) -> Json:
        return await self.made(self.school, "/v1/requests", self.contact(*minutes, **changes))

    async def refused(self, *minutes: int, **changes: Any) -> set[tuple[str, str]]:
        order = self.contact(*minutes, **changes)
        return errors_of(await self.school.post("/v1/requests", order))

    async def rooms_used(self) -> list[tuple[str, timedelta, timedelta]]:
        """Return the rooms that are taken, from and to when, counted from the usual start."""

        async def work(db: Db) -> Any:
            return await db.fetch(
                "SELECT r.name, lower(u.used) AS begins, upper(u.used) AS ends FROM room_uses u"
                " JOIN rooms r ON r.network_id = $1 AND r.id = u.room_id"
                " WHERE u.network_id = $1 ORDER BY 2",
                self.network.id,
            )

        found = await run(self.network.pool, self.network.id, work)
        return [(one["name"], one["begins"] - START, one["ends"] - START) for one in found]


def parties(*minutes: int, begin: Any = START) -> list[Json]:
    return [
        {"reference": f"PARTY-{number}", "arrives_at": (begin + one * MINUTE).isoformat()}
        for number, one in enumerate(minutes)
    ]


@pytest.fixture
async def centre(pool: Pool, clock: Clock) -> AsyncIterator[Contact]:
    async with serving(pool, clock) as network:
        yield await Contact(network, clock).furnish()


async def test_of_a_group_the_interpreter_learns_how_many_and_not_who(centre: Contact) -> None:
    group = [{"reference": f"G-{number}"} for number in range(3)]
    booking = await centre.booked(centre.person_, clients=group, attendees_expected=5)

    assert booking["attendees_expected"] == 5
    assert "G-1" not in str(booking)
    assert len((await centre.request({"id": booking["request_id"]}))["clients"]) == 3


async def test_no_fewer_attendees_than_clients_are_expected(centre: Contact) -> None:
    group = [{"reference": one} for one in ("A", "B", "B")]

    few = await centre.school.post(
        "/v1/requests", centre.order(clients=group, attendees_expected=1)
    )
    enough = await centre.school.post(
        "/v1/requests", centre.order(clients=group, attendees_expected=2)
    )

    assert errors_of(few) == {("/attendees_expected", "out-of-range")}
    assert enough.status_code == 201


async def test_a_stored_answer_holds_no_party_so_that_erasing_one_erases_them(
    centre: Contact,
) -> None:
    order, once = centre.contact(20, 0), {"Idempotency-Key": "contact"}
    first = await centre.school.post("/v1/requests", order, headers=once)
    again = await centre.school.post("/v1/requests", order, headers=once)
    assert (again.headers["Idempotent-Replayed"], again.json()) == ("true", first.json())

    async def stored(db: Db) -> bytes:
        answer = await db.fetchval("SELECT i.answer FROM idempotency_keys i")
        return vault_of(db).unseal_bytes(centre.network.id, answer)

    assert b"PARTY-" not in await run(centre.network.pool, centre.network.id, stored)
    party = first.json()["parties"][0]["id"]
    assert (await centre.school.delete(f"/v1/clients/{party}")).status_code in (200, 204)
    told = (await centre.school.post("/v1/requests", order, headers=once)).json()["parties"]
    assert told[0]["reference"].startswith("erased-")
    assert told[1]["reference"] == "PARTY-1"


async def test_those_who_asked_see_the_parties_and_the_interpreter_when_somebody_comes(
    centre: Contact,
) -> None:
    request = await centre.made_contact(20, 0)
    shown = [
        {name: one[name] for name in ("reference", "arrives_at")} for one in request["parties"]
    ]
    assert shown == [
        {"reference": "PARTY-0", "arrives_at": z(START + 20 * MINUTE)},
        {"reference": "PARTY-1", "arrives_at": z(START)},
    ]
    offer = await centre.person_.offer(request)
    assert "parties" not in offer

    booking = await centre.person_.accept(request)

    assert (booking["room_id"], booking["room"]) == (centre.room, "Blue")
    assert booking["parties"] == [
        {"party": 1, "arrives_at": z(START)},
        {"party": 2, "arrives_at": z(START + 20 * MINUTE)},
    ]
    assert "PARTY-0" not in str(booking)
    given_back = await centre.person_.api.post(
        f"/v1/bookings/{booking['id']}/give-back", {"reason": "ill"}
    )
    assert given_back.json()["parties"] is None
    assert given_back.json()["attendees_expected"] is None


@pytest.mark.parametrize(
    ("minutes", "changes", "errors"),
    [
        ((0, 9), {}, {("/parties/1/arrives_at", "arrivals-too-close")}),
        ((-121, 0), {}, {("/parties/0/arrives_at", "out-of-range")}),
        ((0, 60), {}, {("/parties/1/arrives_at", "out-of-range")}),
        ((0,), {}, {("/parties", "out-of-range")}),
        ((0, 20), {"fallbacks": {"shift_minutes": 30}},
         {("/fallbacks/shift_minutes", "conflicting")}),
        ((0, 20), {"briefing_minutes": 241}, {("/briefing_minutes", "out-of-range")}),
    ],
)  # fmt: skip
async def test_parties_who_would_meet_are_refused_and_nothing_is_created(
    centre: Contact, minutes: tuple[int, ...], changes: Json, errors: set[tuple[str, str]]
) -> None:
    assert await centre.refused(*minutes, **changes) == errors
    preview = await centre.school.post("/v1/requests/preview", centre.contact(*minutes, **changes))
    assert errors_of(preview) == errors
    assert await centre.network.count("requests") == 0
    assert await centre.network.count("clients") == 0


async def test_a_supervised_contact_without_parties_is_as_any_other(centre: Contact) -> None:
    one, two = await centre.made_contact(), await centre.made_contact()

    assert (one["parties"], two["parties"]) == (None, None)
    assert await centre.rooms_used() == []


async def test_parties_are_clients_of_the_institution_whom_the_session_is_not_counted_for(
    centre: Contact,
) -> None:
    request = await centre.made_contact(0, 20)
    await centre.made_contact(0, 20, after=300)
    await centre.person_.accept(request)

    known = (await centre.school.get("/v1/clients")).json()["items"]

    assert sorted(one["reference"] for one in known) == ["LV-1042", "PARTY-0", "PARTY-1"]
    assert [one["reference"] for one in request["clients"]] == ["LV-1042"]


async def test_a_room_is_theirs_alone_from_the_first_arrival_to_the_end(centre: Contact) -> None:
    await centre.made_contact(-30, 10, briefing_minutes=15)
    assert await centre.rooms_used() == [("Blue", -45 * MINUTE, 60 * MINUTE)]

    taken = await centre.school.post("/v1/requests", centre.contact(-15, 30, after=60))
    assert (taken.status_code, taken.json()["code"]) == (409, "room-is-taken")
    before = await centre.school.post("/v1/requests", centre.contact(0, 20, after=-104))
    assert before.json()["code"] == "room-is-taken"
    assert await centre.network.count("requests") == 1

    await centre.made_contact(0, 20, after=60)
    await centre.made_contact(0, 20, after=-105)
    await centre.made_contact(0, 20, room_id=centre.other_room)
    await centre.made_contact(room_id=centre.room)  # without parties a room is shared


async def test_a_room_is_free_again_once_it_is_called_off_or_done(
    centre: Contact, clock: Clock
) -> None:
    first = await centre.made_contact(0, 20)
    gone = await centre.school.post(f"/v1/requests/{first['id']}/cancel", {"reason": "no need"})
    assert gone.status_code == 200
    assert await centre.rooms_used() == []

    second = await centre.made_contact(0, 20)
    booking = await centre.person_.accept(second)
    assert len(await centre.rooms_used()) == 1
    clock.now = START
    for verb in ("start", "end"):
        said = await centre.person_.api.post(f"/v1/bookings/{booking['id']}/{verb}", {})
        assert said.status_code == 200, said.text
    assert await centre.rooms_used() == []


async def test_each_date_of_a_series_has_the_room_and_one_that_has_it_not_refuses_all(
    centre: Contact,
) -> None:
    week = 7 * 24 * 60
    await centre.made_contact(0, 20, after=2 * week)
    order = centre.contact(0, 20, recurrence="FREQ=WEEKLY;COUNT=3")

    refused = await centre.school.post("/v1/requests", order)
    assert (refused.status_code, refused.json()["code"]) == (409, "room-is-taken")
    assert "2026-12-09" in refused.json()["detail"]
    assert await centre.network.count("requests") == 1

    made = await centre.school.post("/v1/requests", order | {"recurrence": "FREQ=WEEKLY;COUNT=2"})
    assert made.status_code == 201
    used = [begins // MINUTE for _, begins, _ in await centre.rooms_used()]
    assert used == [0, week, 2 * week]


async def test_a_search_that_found_nobody_keeps_its_room_until_it_is_called_off(
    centre: Contact,
) -> None:
    request = await centre.made_contact(0, 20, language="urdu")

    assert request["state"] == "unfilled"
    assert len(await centre.rooms_used()) == 1


async def test_the_room_moves_with_the_request_and_the_parties_come_with_it(
    centre: Contact,
) -> None:
    request = await centre.made_contact(0, 20)
    path = f"/v1/requests/{request['id']}"
    later = START + 60 * MINUTE

    moved = await centre.school.patch(path, {"starts_at": later.isoformat()})

    assert [one["arrives_at"] for one in moved.json()["parties"]] == [
        z(later), z(later + 20 * MINUTE),
    ]  # fmt: skip
    assert await centre.rooms_used() == [("Blue", 60 * MINUTE, 120 * MINUTE)]

    other = await centre.school.patch(path, {"room_id": centre.other_room, "briefing_minutes": 30})
    assert (other.json()["room_id"], other.json()["briefing_minutes"]) == (centre.other_room, 30)
    assert await centre.rooms_used() == [("Green", 30 * MINUTE, 120 * MINUTE)]

    alone = await centre.school.patch(path, {"parties": None})
    assert alone.json()["parties"] is None
    assert await centre.rooms_used() == []


async def test_a_change_is_held_to_the_same_rules_and_leaves_everything_as_it_was(
    centre: Contact,
) -> None:
    await centre.made_contact(0, 20, after=60)
    request = await centre.made_contact(0, 20)
    path = f"/v1/requests/{request['id']}"
    elsewhere = (await centre.add_site(name="Other", rooms=[{"name": "Red"}]))["rooms"][0]["id"]

    said = {
        name: await centre.school.patch(path, change)
        for name, change in {
            "meet": {"parties": parties(0, 5)},
            "shift": {"fallbacks": {"shift_minutes": 30}},
            "elsewhere": {"room_id": elsewhere},
            "taken": {"starts_at": (START + 10 * MINUTE).isoformat()},
            "longer": {"duration_minutes": 61},
            "briefing": {"briefing_minutes": 241},
        }.items()
    }
    wide = await centre.school.post(f"{path}/widen", {"shift_minutes": 30})

    assert errors_of(said["meet"]) == {("/parties/1/arrives_at", "arrivals-too-close")}
    assert errors_of(said["shift"]) == {("/fallbacks/shift_minutes", "conflicting")}
    assert errors_of(said["elsewhere"]) == {("/room_id", "unknown-room")}
    assert said["taken"].json()["code"] == said["longer"].json()["code"] == "room-is-taken"
    assert errors_of(said["briefing"]) == {("/briefing_minutes", "out-of-range")}
    assert errors_of(wide) == {("/shift_minutes", "conflicting")}
    now = await centre.request(request)
    same = ("parties", "room_id", "starts_at", "version")
    assert {one: now[one] for one in same} == {one: request[one] for one in same}
    assert await centre.rooms_used() == [
        ("Blue", 0 * MINUTE, 60 * MINUTE), ("Blue", 60 * MINUTE, 120 * MINUTE),
    ]  # fmt: skip


@pytest.mark.parametrize("field", ["parties", "briefing_minutes", "room_id"])
async def test_nothing_of_it_changes_under_a_booking(centre: Contact, field: str) -> None:
    request = await centre.made_contact(0, 20)
    await centre.person_.accept(request)
    change = {"parties": parties(0, 30), "briefing_minutes": 30, "room_id": centre.other_room}

    said = await centre.school.patch(f"/v1/requests/{request['id']}", {field: change[field]})

    assert (said.status_code, said.json()["code"]) == (409, "wrong-state")
    assert await centre.rooms_used() == [("Blue", 0 * MINUTE, 60 * MINUTE)]


async def test_what_stands_in_the_change_already_changes_nothing_under_a_booking(
    centre: Contact,
) -> None:
    request = await centre.made_contact(0, 20)
    await centre.person_.accept(request)
    same = {"parties": parties(0, 20), "briefing_minutes": 0, "room_id": centre.room}

    said = await centre.school.patch(f"/v1/requests/{request['id']}", same)

    assert said.status_code == 200
    assert said.json()["state"] == "filled"


async def test_a_longer_session_keeps_the_room_unless_others_have_it_afterwards(
    centre: Contact,
) -> None:
    request = await centre.made_contact(0, 20)
    booking = await centre.person_.accept(request)
    await centre.made_contact(0, 20, after=90)
    path = f"/v1/bookings/{booking['id']}/extend"

    longer = await centre.school.post(path, {"minutes": 30})
    too_long = await centre.school.post(path, {"minutes": 1})

    assert longer.status_code == 200
    assert (too_long.status_code, too_long.json()["code"]) == (409, "room-is-taken")
    assert (await centre.booking(booking))["ends_at"] == z(START + 90 * MINUTE)
    assert await centre.rooms_used() == [
        ("Blue", 0 * MINUTE, 90 * MINUTE), ("Blue", 90 * MINUTE, 150 * MINUTE),
    ]  # fmt: skip


async def test_a_room_that_somebody_comes_to_stays_at_its_site(
    centre: Contact, clock: Clock
) -> None:
    await centre.made_contact(0, 20)
    path = f"/v1/institutions/{centre.institution['id']}/sites/{centre.site['id']}"

    used = await centre.coordinator.patch(path, {"rooms": [{"name": "Green"}]})
    clock.now = START + 60 * MINUTE
    over = await centre.coordinator.patch(path, {"rooms": [{"name": "Green"}]})

    assert (used.status_code, used.json()["code"]) == (409, "room-is-used")
    assert [one["name"] for one in over.json()["rooms"]] == ["Green"]
    assert await centre.rooms_used() == []


async def test_people_who_are_not_known_yet_become_clients_in_one_order_whatever_they_are_named_as(
    centre: Contact,
) -> None:
    """Else two orders at once that name the same people crosswise wait for each other."""
    await centre.made_contact(
        clients=[{"reference": "M"}, {"reference": "C"}],
        parties=[
            {"reference": "Z", "arrives_at": START.isoformat()},
            {"reference": "A", "arrives_at": (START + 20 * MINUTE).isoformat()},
        ],
    )  # fmt: skip

    async def written(db: Db) -> list[str]:
        rows = await db.fetch(
            "SELECT c.reference FROM clients c WHERE c.network_id = $1 ORDER BY c.ctid",
            centre.network.id,
        )
        return [row["reference"] for row in rows]

    assert await run(centre.network.pool, centre.network.id, written) == ["A", "C", "M", "Z"]


async def test_who_has_a_conflict_with_a_party_is_not_asked_about_them_again(
    centre: Contact,
) -> None:
    booking = await centre.person_.accept(await centre.made_contact(0, 20))
    given_back = await centre.person_.api.post(
        f"/v1/bookings/{booking['id']}/give-back",
        {"reason": "a neighbour", "reason_code": "conflict_of_interest"},
    )
    assert given_back.status_code == 200, given_back.text

    begin = START + timedelta(days=1)
    again = await centre.made_contact(
        after=24 * 60, clients=[{"reference": "SOMEBODY-ELSE"}],
        parties=[
            {"reference": "PARTY-1", "arrives_at": begin.isoformat()},
            {"reference": "NEW-1", "arrives_at": (begin + 20 * MINUTE).isoformat()},
        ],
    )  # fmt: skip

    assert again["state"] == "unfilled"
    assert [one["code"] for one in again["excluded"]] == ["conflict"]


async def test_a_briefing_is_offered_blocked_and_travelled_to_before(centre: Contact) -> None:
    far = await centre.add_site(latitude=centre.site["latitude"] + 20 / 111.2)  # 30 minutes
    request = await centre.asked(site_id=far["id"], briefing_minutes=45)
    assert (await centre.person_.offer(request))["briefing_minutes"] == 45

    booking = await centre.person_.accept(request)

    assert booking["briefing_minutes"] == 45
    assert (booking["starts_at"], booking["ends_at"]) == (z(START), z(START + 60 * MINUTE))

    async def work(db: Db) -> Any:
        return await db.fetchval(
            "SELECT b.blocked FROM bookings b WHERE b.network_id = $1", centre.network.id
        )

    blocked = await run(centre.network.pool, centre.network.id, work)
    assert (blocked.lower - START, blocked.upper - START) == (-75 * MINUTE, 90 * MINUTE)


async def test_nobody_is_asked_who_is_busy_away_or_off_during_the_briefing(
    centre: Contact,
) -> None:
    await centre.booked(centre.person_, starts_at=(START - 60 * MINUTE).isoformat())
    off = await centre.person()
    away = await centre.coordinator.post(
        f"/v1/interpreters/{off.id}/absences",
        {"starts_at": (START - 30 * MINUTE).isoformat(), "ends_at": START.isoformat()},
    )
    assert away.status_code == 201, away.text

    briefed = await centre.asked(briefing_minutes=15)
    assert briefed["state"] == "unfilled"
    assert {one["code"] for one in briefed["excluded"]} == {"busy", "unavailable"}
    plain = await centre.asked()
    assert plain["state"] == "searching"


async def test_a_booking_cannot_follow_into_the_briefing_of_another(centre: Contact) -> None:
    await centre.booked(centre.person_, briefing_minutes=30)

    earlier = await centre.asked(starts_at=(START - 60 * MINUTE).isoformat(), duration_minutes=45)
    assert earlier["state"] == "unfilled"
    by_hand = await centre.coordinator.post(
        f"/v1/requests/{earlier['id']}/assign", {"interpreter_id": centre.person_.id}
    )
    assert by_hand.json()["code"] == "interpreter-is-busy"
    before = await centre.asked(starts_at=(START - 60 * MINUTE).isoformat(), duration_minutes=30)
    assert before["state"] == "searching"


async def test_who_is_briefed_may_check_in_two_hours_before_the_briefing(
    centre: Contact, clock: Clock
) -> None:
    booking = await centre.booked(centre.person_, briefing_minutes=60)
    path = f"/v1/bookings/{booking['id']}/check-in"

    clock.now = START - 181 * MINUTE
    early = await centre.person_.api.post(path)
    clock.now = START - 180 * MINUTE
    in_time = await centre.person_.api.post(path)

    assert early.json()["code"] == "too-early"
    assert in_time.status_code == 200


async def test_a_briefing_that_would_have_begun_is_refused(centre: Contact) -> None:
    soon = (centre.clock.now + 30 * MINUTE).isoformat()
    late = await centre.school.post(
        "/v1/requests", centre.order(starts_at=soon, briefing_minutes=31)
    )
    now = await centre.school.post(
        "/v1/requests",
        centre.order(starts="now", starts_at=..., modes=["phone"], briefing_minutes=1),
    )

    assert errors_of(late) == errors_of(now) == {("/briefing_minutes", "in-the-past")}
