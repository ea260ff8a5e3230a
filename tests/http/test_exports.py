"""What is held about a person, in one document: all of it, and nothing of anybody else."""

import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Final

import anyio
import asyncpg
import pytest

from api import serving
from centre import START, Centre, Json, Person, z
from conftest import Clock
from faults.workers import clean
from interpreters.database import Pool
from interpreters.domain.exports import SOURCES
from interpreters.domain.ids import USER, show_id
from sealing import SECRET_KEYS
from servers import database_url

pytestmark = pytest.mark.anyio
REFERS: Final = re.compile(
    r"(client|interpreter|user|owner|key|subject)_ids?$|_by$|^preferred_|^blocked_"
)
PEOPLE: Final = {"clients", "interpreters", "users"}
# Columns that may lead to a person and are not in an export, and why.
ELSEWHERE: Final = {
    "events.subject_id": "ids only; what happened stands in requests, bookings and offers",
    "events.interpreter_id": "the same",
    "outbox.subject_id": "the same, for seven days",
    "outbox.interpreter_id": "the same",
    "webhook_deliveries.subject_id": "a request, a booking or a ping",
    "audit.key_id": "what a key did; a person's own doings are under user_id",
    "identity_providers.client_id": "a provider's name for this software, no person",
    "offers.answer_by": "an instant",
    "expenses.decide_by": "an instant",
    "disputes.opened_by": "which side it was, no person",
    "ratings.rated_by": "which side it was, no person",
    "time_changes.changed_by": "which side it was, no person",
    "conflicts.client_id": "what an interpreter said of themself: in theirs, without the client",
}
# Columns of the exported tables that no export shows, and why.
MACHINERY: Final = "the machinery's own"
SECRET: Final = "opens a door"
OTHERS: Final = "another person's, or an institution's"
NEVER_SHOWN: Final = {
    "version": MACHINERY, "network_id": MACHINERY, "token_hash": SECRET, "email_mark": MACHINERY,
    "remind_at": MACHINERY, "reminder_hash": SECRET,
    "phone_mark": MACHINERY, "public_key": SECRET, "credential_id": SECRET, "sign_count": MACHINERY,
    "challenge": SECRET, "request_hash": MACHINERY, "answer": "what was told, ids without people",
    "provider_reference": MACHINERY, "weights_version": MACHINERY,
    "ladder_version": MACHINERY, "reasons": OTHERS,
    "partial_ok": MACHINERY, "excluded": OTHERS, "wave": MACHINERY, "next_step_at": MACHINERY,
    "ladder_started_at": MACHINERY, "charge_minor": OTHERS, "lines": OTHERS, "rule": OTHERS,
    "funding_shares": OTHERS, "position": MACHINERY, "input": "a file with others in it",
    "result": "a file with others in it", "done": MACHINERY, "total": MACHINERY, "cell": MACHINERY,
    "offer_id": MACHINERY, "week": "availability, worked out", "etag": MACHINERY,
}  # fmt: skip


@pytest.fixture
async def centre(pool: Pool, clock: Clock) -> AsyncIterator[Centre]:
    async with serving(pool, clock) as network:
        yield await Centre(network, clock).open(client_links=True)


async def columns(database: str) -> dict[str, list[str]]:
    db = await asyncpg.connect(database_url(role="postgres", database=database))
    found: dict[str, list[str]] = {}
    for row in await db.fetch(
        """SELECT table_name, column_name FROM information_schema.columns
           WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"""
    ):
        found.setdefault(row["table_name"], []).append(row["column_name"])
    await db.close()
    return found


async def test_every_column_that_leads_to_a_person_is_exported_or_named_with_a_reason(
    database: str,
) -> None:
    leading = {
        f"{table}.{name}"
        for table, names in (await columns(database)).items()
        for name in names
        if REFERS.search(name) or (table in PEOPLE and name == "id")
    }
    covered = {f"{one.table}.{one.column}" for each in SOURCES.values() for one in each}
    assert {"clients.id", "usage_entries.client_ids", "audit.subject_id"} <= leading
    assert leading - covered - set(ELSEWHERE) == set()


async def test_every_column_of_the_exported_tables_is_shown_or_named_with_a_reason(
    database: str,
) -> None:
    tables = await columns(database)
    shown = {(one.table, name) for each in SOURCES.values() for one in each for name in one.shows}
    shown |= {("requests", name) for table, name in shown if table == "request_clients"}
    shown |= {(one.table, one.column) for each in SOURCES.values() for one in each}
    of_search = {"supply"}  # worked out of what else is shown
    of_institutions = {"institutions"}  # theirs; an export says which, no more
    missing = {
        f"{table}.{name}"
        for table in {one.table for each in SOURCES.values() for one in each} | {"requests"}
        for name in tables[table]
        if (table, name) not in shown
        and name not in NEVER_SHOWN
        and table not in of_search | of_institutions | {"request_clients"}
    }
    assert missing == HIDDEN.keys()


HIDDEN: Final = {
    "audit.id": MACHINERY,
    "plans.figures": "counts of seats",
    "audit.key_id": "who looked is another person; coordinators read /v1/audit",
    "bookings.external_reference": OTHERS,
    "conflicts.client_id": OTHERS,
    "calendar_links.institution_id": "another calendar's",
    "external_calendars.url": SECRET,
    "statements.institution_id": "a pay statement has none",
    "statements.reason": "the words of who opened it again",
    "bookings.latitude": "the site's",
    "bookings.longitude": "the site's",
    "push_subscriptions.mark": MACHINERY,
    "requests.channel": "stands in `details`, and is found by it",
    "requests.receiving_id": "stands in `details`, and is found by it",
    "push_subscriptions.subscription": "whoever has it can follow the browser",
}


async def export(centre: Centre, path: str, api: Any = None) -> Json:
    answer = await (api or centre.coordinator).get(f"{path}/export")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def a_session(centre: Centre, person: Person) -> Json:
    parties = [
        {"reference": one, "arrives_at": (START + timedelta(minutes=minutes)).isoformat()}
        for one, minutes in (("LV-1", -5), ("LV-PARTY", 5))
    ]
    booking = await centre.booked(
        person, clients=[{"reference": "LV-1", "nationality": "AF"}], parties=parties,
        instructions="Room 4", connect={"by": "link", "url": "https://meet.example.org/x"},
        requirements={"preferred_interpreter_ids": [person.id]},
    )  # fmt: skip
    link = await centre.made(centre.coordinator, f"/v1/bookings/{booking['id']}/client-link", {})
    path = "/" + str(link["url"]).split("/", 3)[3]
    await centre.network.client.post(path, data={"kind": "complaint", "said": "Too late"})
    centre.at(minutes=0)
    await person.api.post(f"/v1/bookings/{booking['id']}/start")
    centre.at(minutes=-60)
    await person.api.post(f"/v1/bookings/{booking['id']}/end")
    return booking


async def test_a_client_is_told_all_and_nothing_of_others(centre: Centre) -> None:
    person = await centre.person(display_name="Zohra Safi", phone="+37125565098")
    await a_session(centre, person)
    await centre.asked(
        clients=[{"reference": "LV-1"}, {"reference": "LV-OTHER"}], instructions="for both",
        starts_at=(START + timedelta(days=1)).isoformat(),
    )  # fmt: skip
    found = (await centre.school.get("/v1/clients?reference=LV-1")).json()["items"][0]

    made = await export(centre, f"/v1/clients/{found['id']}")

    assert (made["person"], made["person_id"]) == ("client", found["id"])
    held = made["held"]
    assert set(held) == {one.name for one in SOURCES["client"]}
    assert held["client"][0]["reference"] == "LV-1"
    assert held["client"][0]["nationality"] == "AF"
    first, second = held["requests"]
    assert first["instructions"] == "Room 4"
    assert first["connect"]["url"] == "https://meet.example.org/x"
    assert [one["reference"] for one in first["details"]["parties"]] == ["LV-1"]
    assert second["instructions"] is None
    assert [one["said"] for one in held["said"]] == ["Too late"]
    assert len(held["links"]) == 1
    assert [one["actual_minutes"] for one in held["usage"]] == [60]
    assert len(held["bookings"]) == 1
    assert "exported" in [one["action"] for one in (await export(
        centre, f"/v1/clients/{found['id']}"
    ))["held"]["audit"]]  # fmt: skip
    text = str(made)
    for others in ("LV-OTHER", "LV-PARTY", "Zohra", "+37125565098", str(person.key), "sealed:"):
        assert others not in text


async def test_somebody_who_was_only_a_party_is_told_when_they_came_and_nothing_of_the_client(
    centre: Centre,
) -> None:
    await a_session(centre, await centre.person(display_name="Zohra Safi", phone="+37125565098"))
    await centre.asked(clients=[{"reference": "LV-1"}], starts_at="2026-11-26T10:00:00Z")
    found = (await centre.school.get("/v1/clients?reference=LV-PARTY")).json()["items"][0]

    held = (await export(centre, f"/v1/clients/{found['id']}"))["held"]

    assert held["requests"] == held["bookings"] == []
    (came,) = held["came_as_party"]
    (own,) = came["details"]["parties"]
    assert own["reference"] == "LV-PARTY"
    assert own["arrives_at"] == z(START + timedelta(minutes=5))
    assert came["topic"] == "health"
    for others in ("LV-1'", "Room 4", "meet.example", "Zohra", "sealed:", "requirements"):
        assert others not in str(held), others


async def test_an_interpreter_is_told_all_and_nothing_of_clients(centre: Centre) -> None:
    person = await centre.person(display_name="Zohra Safi", phone="+37125565098")
    path = f"/v1/interpreters/{person.id}"
    await centre.made(centre.coordinator, f"{path}/credentials", {"kind": "court", "number": "N-7"})
    await a_session(centre, person)
    await centre.booked(person, starts_at=(START + timedelta(days=2)).isoformat())

    for api in (person.api, centre.coordinator):
        made = await export(centre, path, api)
        held = made["held"]
        assert set(held) == {one.name for one in SOURCES["interpreter"]}
        assert held["interpreter"][0]["phone"] == "+37125565098"
        assert held["interpreter"][0]["city"] == "Riga"
        assert held["credentials"][0]["number"] == "N-7"
        assert [one["language"] for one in held["languages"]] == ["prs", "lav"]
        assert len(held["offers"]) == len(held["bookings"]) == 2
        assert [one["pay_minor"] for one in held["usage"]] == [0]
        for others in ("LV-1", "LV-PARTY", "Room 4", "charge", "sealed:", "token_hash"):
            assert others not in str(made)


async def test_a_user_is_told_all_by_themselves_and_by_a_coordinator(centre: Centre) -> None:
    one = await centre.network.person(
        ["finance"], email="ilze@example.org", display_name="Ilze", phone="+37125565098"
    )
    assert one.user_id is not None
    user_id = show_id(USER, one.user_id)
    own = (await one.get("/v1/me/export")).json()
    for made in (own, await export(centre, f"/v1/users/{user_id}")):
        assert made["person_id"] == user_id
        assert set(made["held"]) == {one.name for one in SOURCES["user"]}
        assert made["held"]["user"][0]["email"] == "ilze@example.org"
        assert made["held"]["user"][0]["display_name"] == "Ilze"
        assert len(made["held"]["sign_ins"]) == 1
        assert "token" not in str(made).replace("token_", "")
    assert (await centre.school.get("/v1/me/export")).status_code == 403


async def test_others_are_told_nothing(centre: Centre) -> None:
    person, other = await centre.people(2)
    assert (await other.api.get(f"/v1/interpreters/{person.id}/export")).status_code == 404
    await centre.asked()
    client = (await centre.school.get("/v1/clients")).json()["items"][0]["id"]
    assert (await person.api.get(f"/v1/clients/{client}/export")).status_code == 403
    _, stranger = await centre.network.institution("Police")
    assert (await stranger.get(f"/v1/clients/{client}/export")).status_code == 403
    finance = await centre.network.caller("finance")
    assert (await finance.get(f"/v1/interpreters/{person.id}/export")).status_code == 403


async def test_the_erased_are_exported_as_what_is_left(centre: Centre) -> None:
    person = await centre.person(display_name="Zohra Safi", phone="+37125565098")
    await a_session(centre, person)
    await centre.coordinator.post(f"/v1/interpreters/{person.id}/erase")
    made = await export(centre, f"/v1/interpreters/{person.id}")
    assert made["held"]["interpreter"][0]["display_name"] == "erased"
    assert "Zohra" not in str(made)
    assert len(made["held"]["usage"]) == 1


def run_export(database: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    given = {
        "DATABASE_URL": database_url(role="interpreters_app", database=database),
        "REDIS_URL": "redis://127.0.0.1:9",
        "SECRET_KEYS": SECRET_KEYS,
    }
    return subprocess.run(
        [sys.executable, "-m", "interpreters", "export", *arguments],
        env={**clean(), **{f"INTERPRETERS_{name}": one for name, one in given.items()}},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


async def test_the_command_line_says_the_same(centre: Centre, database: str) -> None:
    person = await centre.person(display_name="Zohra Safi", phone="+37125565098")
    ended = await anyio.to_thread.run_sync(run_export, database, person.id)
    assert ended.returncode == 0, ended.stderr
    made = json.loads(ended.stdout)
    assert made["held"]["interpreter"][0]["phone"] == "+37125565098"
    nobody = await anyio.to_thread.run_sync(run_export, database, "cli_" + "0" * 26)
    assert nobody.returncode == 2
    assert "there is nobody" in nobody.stderr
