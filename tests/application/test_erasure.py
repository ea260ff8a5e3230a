"""Erasing a person: nothing of them is left, and whatever is counted or owed is as before."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest

from api import Api, Network, serving
from centre import START, Centre, Json, Person
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.networks import change_network
from interpreters.database import Pool
from interpreters.domain.callers import house
from interpreters.domain.ids import CLIENT, INTERPRETER, USER, read_id, show_id
from interpreters.jobs.retention import forget
from sealing import VAULT
from servers import database_url

pytestmark = pytest.mark.anyio
GROUPINGS: Final = "client,nationality,language,mode,topic,institution,month"
USAGE: Final = f"/v1/usage?from=2026-11-01&to=2026-11-26&group_by={GROUPINGS}"
REFERENCE: Final = "LV-SECRET-77"
SAID: Final = "planted words"


@pytest.fixture
async def centre(pool: Pool, clock: Clock) -> AsyncIterator[Centre]:
    async with serving(pool, clock) as network:
        yield await Centre(network, clock).open(client_links=True)


async def everything(database: str, network_id: UUID) -> str:
    """Return all rows of all tables as text, with what is sealed opened."""
    db = await asyncpg.connect(database_url(role="postgres", database=database))
    tables = await db.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found = []
    for table in tables:
        for row in await db.fetch(f"SELECT t.* FROM {table['tablename']} t"):
            found += [f"{table['tablename']}: {_opened(network_id, one)}" for one in row.values()]
    await db.close()
    return "\n".join(found)


def _opened(network_id: UUID, value: Any) -> str:
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    bare = text.strip('"')
    return VAULT.unseal(network_id, bare) if bare.startswith("sealed:") else text


async def held(centre: Centre, database: str, text: str) -> list[str]:
    """Return where the text still stands."""
    lines = (await everything(database, centre.network.id)).splitlines()
    return [one for one in lines if text in one]


async def session(centre: Centre, person: Person, **asked: Any) -> Json:
    """A session that was asked for, held and is over."""
    booking = await centre.booked(person, **asked)
    centre.at(minutes=0)
    await person.api.post(f"/v1/bookings/{booking['id']}/start")
    centre.at(minutes=-60)
    ended = await person.api.post(f"/v1/bookings/{booking['id']}/end")
    assert ended.status_code == 200, ended.text
    return booking


async def report(centre: Centre) -> Json:
    """Return the usage report, clients by their ids alone."""
    found: Json = (await centre.coordinator.get(USAGE)).json()
    for row in found["items"]:
        row["client"].pop("reference", None)
    found["items"].sort(key=lambda row: row["client"]["id"])
    return found


async def the_client(centre: Centre, reference: str = REFERENCE) -> str:
    items = (await centre.school.get(f"/v1/clients?reference={reference}")).json()["items"]
    found: str = items[0]["id"]
    return found


async def test_a_client_is_nowhere_afterwards_and_every_count_is_the_same(
    centre: Centre, database: str
) -> None:
    person = await centre.person()
    asked = {
        "clients": [{"reference": REFERENCE, "nationality": "AF"}],
        "instructions": SAID, "external_reference": REFERENCE,
    }  # fmt: skip
    booking = await centre.booked(person, **asked)
    link = await centre.made(centre.coordinator, f"/v1/bookings/{booking['id']}/client-link", {})
    path = "/" + str(link["url"]).split("/", 3)[3]
    await centre.network.client.post(path, data={"kind": "complaint", "said": SAID})
    centre.at(minutes=0)
    await person.api.post(f"/v1/bookings/{booking['id']}/start")
    centre.at(minutes=-60)
    await person.api.post(f"/v1/bookings/{booking['id']}/end")
    later = START + timedelta(days=3)
    parties = [
        {"reference": one, "arrives_at": (later + number * timedelta(minutes=10)).isoformat()}
        for number, one in enumerate((REFERENCE, "LV-OTHER"))
    ]
    meeting = await centre.asked(
        clients=[{"reference": "LV-OTHER"}], topic="supervised_contact", parties=parties,
        starts_at=later.isoformat(), instructions="stays",
    )  # fmt: skip
    client_id, before = await the_client(centre), await report(centre)
    assert await held(centre, database, REFERENCE)
    assert await held(centre, database, SAID)

    for _ in range(2):
        gone = await centre.school.delete(f"/v1/clients/{client_id}")
        assert gone.status_code == 204
        assert await held(centre, database, REFERENCE) == []
        assert await held(centre, database, SAID) == []
        assert await report(centre) == before

    assert {row["nationality"] for row in before["items"]} == {"AF"}
    assert before["totals"]["clients"] == 1
    shown = await centre.request(meeting)
    assert shown["instructions"] == "stays"
    assert [one["reference"] for one in shown["parties"]][1] == "LV-OTHER"
    assert (await centre.network.client.get(path)).status_code == 404


async def test_what_was_written_for_two_people_stays_for_the_other(
    centre: Centre, database: str
) -> None:
    person = await centre.person()
    both = [{"reference": REFERENCE}, {"reference": "LV-STAYS"}]
    await session(centre, person, clients=both, instructions=SAID)
    await centre.school.delete(f"/v1/clients/{await the_client(centre)}")
    assert await held(centre, database, REFERENCE) == []
    assert await held(centre, database, "LV-STAYS")
    assert await held(centre, database, SAID)
    await centre.school.delete(f"/v1/clients/{await the_client(centre, 'LV-STAYS')}")
    assert await held(centre, database, "LV-STAYS") == []


async def test_a_stored_answer_says_nothing_of_the_erased(centre: Centre, database: str) -> None:
    body, key = {"reference": REFERENCE, "group": SAID}, {"Idempotency-Key": "one"}
    first = await centre.school.post("/v1/clients", body, headers=key)
    await centre.school.delete(f"/v1/clients/{first.json()['id']}")
    assert await held(centre, database, REFERENCE) == []
    assert await held(centre, database, SAID) == []
    again = await centre.school.post("/v1/clients", body, headers=key)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert REFERENCE not in again.text


FIELDS: Final = {
    "display_name": "Planted Name", "phone": "+37125565098", "email": "planted@example.org",
    "home": {"latitude": 56.9496, "longitude": 24.1052, "city": "Plantedtown"},
}  # fmt: skip


async def somebody(centre: Centre) -> Person:
    person = await centre.person(**FIELDS)
    path = f"/v1/interpreters/{person.id}"
    await centre.made(
        centre.coordinator, f"{path}/credentials", {"kind": "court", "number": "planted-number"}
    )
    return person


async def test_an_interpreter_is_nowhere_afterwards_and_every_count_is_the_same(
    centre: Centre, database: str
) -> None:
    person = await somebody(centre)
    signed_in = await centre.network.person(
        ["interpreter"], email="planted@example.org", display_name="Planted Name",
        interpreter_id=person.key,
    )  # fmt: skip
    await session(centre, person)
    waiting = await centre.asked(starts_at=(START + timedelta(days=2)).isoformat())
    before = await report(centre)

    for _ in range(2):
        answer = await centre.coordinator.post(f"/v1/interpreters/{person.id}/erase")
        assert answer.status_code == 200, answer.text
        assert answer.json() == {"id": person.id, "erased": True}

    for text in ("lanted", "+37125565098"):
        assert await held(centre, database, text) == []
    assert await report(centre) == before
    assert (await signed_in.get("/v1/me")).status_code == 401
    assert (await person.api.get("/v1/offers")).status_code == 401
    assert set((await centre.states(waiting)).values()) == {"withdrawn"}
    shown = (await centre.coordinator.get(f"/v1/interpreters/{person.id}")).json()
    assert (shown["display_name"], shown["active"]) == ("erased", False)
    revived = await centre.coordinator.patch(f"/v1/interpreters/{person.id}", {"active": True})
    assert revived.status_code == 404


async def test_an_interpreter_somebody_waits_for_is_not_erased(centre: Centre) -> None:
    person = await somebody(centre)
    await centre.booked(person)
    answer = await centre.coordinator.post(f"/v1/interpreters/{person.id}/erase")
    assert (answer.status_code, answer.json()["code"]) == (409, "has-bookings")
    shown = (await centre.coordinator.get(f"/v1/interpreters/{person.id}")).json()
    assert (shown["display_name"], shown["active"]) == ("Planted Name", True)
    assert (await person.api.get("/v1/offers")).status_code == 200


@pytest.mark.parametrize("first", ["yes", "erasure", "either"])
async def test_a_yes_and_an_erasure_at_once_are_one_after_the_other(
    centre: Centre, first: str
) -> None:
    """Either there is a booking and the person, or neither."""
    for number in range(4):
        person = await somebody(centre)
        request = await centre.asked(
            starts_at=(START + timedelta(days=number)).isoformat(),
            clients=[{"reference": f"LV-{number}"}],
        )
        offer = await person.offer(request)
        yes = person.api.post(f"/v1/offers/{offer['id']}/accept")
        erase = centre.coordinator.post(f"/v1/interpreters/{person.id}/erase")
        calls = [yes, erase] if first != "erasure" else [erase, yes]
        await asyncio.gather(*calls)

        shown = (await centre.coordinator.get(f"/v1/interpreters/{person.id}")).json()
        erased = shown["display_name"] == "erased"
        items = (await centre.coordinator.get(
            f"/v1/bookings?interpreter_id={person.id}&state=confirmed"
        )).json()["items"]  # fmt: skip
        assert erased != bool(items)


async def test_the_erased_are_booked_by_nobody_who_was_waiting_for_their_row(
    centre: Centre, database: str
) -> None:
    """A coordinator's own choice waits for the row while the erasure holds it."""
    person = await somebody(centre)
    request = await centre.asked(starts_at=(START + timedelta(days=1)).isoformat())
    other = await asyncpg.connect(database_url(role="postgres", database=database))
    await other.execute("BEGIN")
    await other.execute(
        "UPDATE interpreters SET erased_at = now(), phone = NULL WHERE id = $1", person.key
    )
    assigning = asyncio.create_task(
        centre.coordinator.post(
            f"/v1/requests/{request['id']}/assign", {"interpreter_id": person.id}
        )
    )
    await asyncio.sleep(0.3)
    assert not assigning.done()
    await other.execute("COMMIT")
    await other.close()
    assert (await assigning).status_code == 404
    assert (await centre.request(request))["state"] == "searching"


async def a_user(centre: Centre, *roles: Any, **fields: Any) -> Api:
    return await centre.network.person(
        roles, email="planted@example.org", display_name="Planted Name", phone="+37125565098",
        **fields,
    )  # fmt: skip


async def erase_user(centre: Centre, one: Api) -> Any:
    assert one.user_id is not None
    return await centre.coordinator.post(f"/v1/users/{show_id(USER, one.user_id)}/erase")


async def test_a_user_is_nowhere_afterwards_and_signed_out(centre: Centre, database: str) -> None:
    one = await a_user(centre, "finance")
    for _ in range(2):
        assert (await erase_user(centre, one)).status_code == 200
        assert await held(centre, database, "lanted") == []
        assert await held(centre, database, "+37125565098") == []
    assert (await one.get("/v1/me")).status_code == 401
    noted = (await centre.coordinator.get("/v1/audit")).json()["items"]
    assert [one["action"] for one in noted if one["subject_kind"] == "user"] == ["erased"]


async def test_a_user_who_interprets_goes_as_both_or_not_at_all(
    centre: Centre, database: str
) -> None:
    person = await somebody(centre)
    one = await a_user(centre, "interpreter", interpreter_id=person.key)
    booking = await centre.booked(person)
    refused = await erase_user(centre, one)
    assert (refused.status_code, refused.json()["code"]) == (409, "has-bookings")
    assert await held(centre, database, "Planted Name")
    await centre.coordinator.post(f"/v1/bookings/{booking['id']}/cancel", {"reason": "no"})
    assert (await erase_user(centre, one)).status_code == 200
    assert await held(centre, database, "lanted") == []


async def test_nobody_erases_their_own_account(centre: Centre) -> None:
    one = await a_user(centre, "coordinator")
    assert one.user_id is not None
    answer = await one.post(f"/v1/users/{show_id(USER, one.user_id)}/erase")
    assert (answer.status_code, answer.json()["code"]) == (409, "own-account")
    assert (await one.get("/v1/me")).status_code == 200


async def says(network: Network, now: Any, **days: int) -> None:
    change = {"retention": days}
    await run(
        network.pool, network.id,
        lambda db: change_network(
            db, house(network.id), if_match=None, change=lambda: change, now=now
        ),
    )  # fmt: skip


async def night(centre: Centre, **later: float) -> None:
    now = START + timedelta(**later)
    await forget(
        centre.network.pool, network_id=centre.network.id, id=centre.network.id, clock=lambda: now
    )


async def test_clients_who_do_not_come_any_more_are_erased_when_the_network_says_so(
    centre: Centre, database: str
) -> None:
    person = await centre.person()
    await session(centre, person, clients=[{"reference": REFERENCE, "nationality": "AF"}])
    before = await report(centre)
    await night(centre, days=3000)
    assert await held(centre, database, REFERENCE)  # no rule, unless the network has one
    await says(centre.network, centre.clock.now, inactive_clients=400)
    await night(centre, days=400)
    assert await held(centre, database, REFERENCE)
    await night(centre, days=400, hours=1)
    assert await held(centre, database, REFERENCE) == []
    assert await report(centre) == before
    client_id = before["items"][0]["client"]["id"]
    noted = (await centre.coordinator.get(f"/v1/audit?subject_id={client_id}")).json()["items"]
    assert noted[0]["action"] == "erased"
    assert noted[0]["actor_id"] is None
    assert read_id(CLIENT, client_id)


async def test_the_suspended_are_erased_when_the_network_says_so_and_nothing_is_open(
    centre: Centre, database: str
) -> None:
    person, working = await somebody(centre), await centre.person(display_name="Working Name")
    await session(centre, person)
    for one in (person, working):
        path = f"/v1/interpreters/{one.id}/suspend"
        answer = await centre.coordinator.post(path, {"reason": "left"})
        assert answer.status_code == 200, answer.text
    await centre.coordinator.post(f"/v1/interpreters/{working.id}/activate")
    await says(centre.network, centre.clock.now, suspended_interpreters=90)
    await night(centre, days=89)
    assert await held(centre, database, "Planted Name")
    await night(centre, days=91)
    assert await held(centre, database, "lanted") == []
    assert await held(centre, database, "Working Name")
    assert read_id(INTERPRETER, person.id) == person.key
