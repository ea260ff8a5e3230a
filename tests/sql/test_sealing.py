"""What stands readable in the database, and what only its secret keys open."""

import csv
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias
from uuid import UUID

import anyio
import asyncpg
import pytest

from api import Api, Network, serving
from centre import START, Centre, Person
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.rotation import TABLES
from interpreters.database import Db, Pool
from interpreters.embedded.binaries import find_postgres
from interpreters.secret_keys import WrongKeys, new_key, read_keys, write_keys
from interpreters.sql import interpreters
from interpreters.vault import LOOK, SETTLING, Vault
from sealing import VAULT
from servers import database_url

pytestmark = pytest.mark.anyio
Place: TypeAlias = tuple[str, str]
COLUMNS: Final = Path(__file__).with_name("columns.csv")
CLASSES: Final = {"sealed", "code", "open"}
# Sealed columns of rooms whose own tests fill them.
ELSEWHERE: Final = {
    ("users", "display_name"), ("users", "email"), ("users", "phone"),
    ("messages", "recipient"), ("messages", "subject"), ("messages", "body"),
    ("sign_in_attempts", "recipient"), ("identity_providers", "client_secret"),
    ("passkeys", "name"),
    ("client_voices", "said"), ("client_voices", "answer"),
    ("webhook_endpoints", "url"), ("webhook_endpoints", "secret"),
    ("webhook_endpoints", "old_secret"), ("networks", "push_key"), ("messages", "attachment"),
    ("push_subscriptions", "subscription"), ("external_calendars", "url"),
    ("networks", "receipt_key"), ("disputes", "reason"), ("disputes", "answer"),
    ("ratings", "note"), ("time_changes", "reason"), ("statements", "reason"),
    ("expenses", "receipt"), ("expenses", "note"), ("receipts", "terms"),
    ("plan_places", "reasons"),
    ("export_parts", "content"),
    ("operations", "input"), ("operations", "result"), ("interpreters", "stage_reason"),
}  # fmt: skip
CATALOGUE: Final = """
    SELECT c.relname::text AS table, a.attname::text AS column
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
    WHERE c.relkind IN ('r', 'p', 'm')
      AND coalesce(e.typname, t.typname) NOT IN (
          'uuid', 'timestamptz', 'timestamp', 'date', 'tstzrange', 'bool', 'int2', 'int4', 'int8',
          'float4', 'float8', 'bit')
"""


def written() -> dict[Place, str]:
    """Return the class of every column that can hold words or bytes, as the list has it."""
    with COLUMNS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["why"] for row in rows)
    return {(row["table"], row["column"]): row["class"] for row in rows}


async def owner(database: str) -> Any:
    """Return a connection that sees every row."""
    return await asyncpg.connect(database_url(role="postgres", database=database))


async def test_every_column_that_can_hold_words_has_a_class_and_a_reason(database: str) -> None:
    db = await owner(database)
    there = {(row["table"], row["column"]) for row in await db.fetch(CATALOGUE)}
    await db.close()
    assert set(written()) == there
    assert set(written().values()) == CLASSES


def test_what_is_listed_as_sealed_is_what_a_rotation_seals() -> None:
    rotated = {(table.name, one.name) for table in TABLES for one in table.columns}
    assert {place for place, kind in written().items() if kind == "sealed"} == rotated


class Canaries:
    """Words that are planted, each only once."""

    def __init__(self) -> None:
        self.sealed: list[str] = []
        self.open: list[str] = []

    def seal(self, form: str = "{}") -> str:
        """Return a text that must be found nowhere."""
        self.sealed.append(f"canary{len(self.sealed):03}s")
        return form.format(self.sealed[-1])

    def phone(self) -> str:
        """Return a telephone number that must be found nowhere."""
        self.sealed.append(f"+371200{len(self.sealed):05}")
        return self.sealed[-1]

    def show(self, form: str = "{}") -> str:
        """Return a text that may be found where people's words are kept readable."""
        self.open.append(f"canary{len(self.open):03}o")
        return form.format(self.open[-1])


async def plant(network: Network, clock: Clock) -> Canaries:
    """Write words into every free field of the API, on the way of a request to its end."""
    words = Canaries()
    centre = await Centre(network, clock).open(name=words.show())
    centre.site = await centre.add_site(
        name=words.show(), city=words.show(), address=words.seal("Street of {} 1"),
        phone=words.phone(), email=words.seal("{}@example.org"),
        rooms=[words.show(), {"name": words.show()}],
    )  # fmt: skip
    path = f"/v1/institutions/{centre.institution['id']}/sites/{centre.site['id']}"
    for field, text in (("address", words.seal()), ("phone", words.phone())):
        assert (await centre.coordinator.patch(path, {field: text})).status_code == 200
    people = [
        await centre.person(
            display_name=words.show(), email=words.seal("{}@example.org"), phone=words.phone(),
            languages=[{"code": "dari", "level": "native", "dialects": [words.show()]},
                       {"code": "lv"}],
        )
        for _ in range(2)
    ]  # fmt: skip
    changed = {"phone": words.phone(), "email": words.seal("{}@Example.org")}
    response = await people[0].api.patch(f"/v1/interpreters/{people[0].id}", changed)
    assert response.status_code == 200, response.text
    await centre.made(
        centre.coordinator, f"/v1/interpreters/{people[0].id}/credentials",
        {"kind": words.show(), "number": words.seal()},
    )  # fmt: skip
    await plant_request(words, centre, people)
    return words


async def plant_request(words: Canaries, centre: Centre, people: list[Person]) -> None:
    """Ask, change, decline, accept, cancel: with words wherever they may be said."""
    order = centre.order(
        clients=[{"reference": words.show()}], instructions=words.seal("Ask for {}"),
        connect={"by": "link", "number": words.phone(), "extension": words.seal(),
                 "url": words.seal("https://{}.example.org"), "pin": words.seal()},
        requirements={"dialect": {"value": words.seal()}},
        on_behalf_of={"note": words.seal()}, referred_by=words.seal(), channel="email",
        parties=[
            {"reference": words.show(), "arrives_at": (START + minutes).isoformat()}
            for minutes in (timedelta(0), timedelta(minutes=10))
        ],
        external_reference=words.show(), cost_centre=words.show(), modes=["in_person", "video"],
    )  # fmt: skip
    key = {"Idempotency-Key": words.show()}
    asked = await centre.school.post("/v1/requests", order, headers=key)
    assert asked.status_code == 201, asked.text
    again = await centre.school.post("/v1/requests", order, headers=key)
    assert again.json() == asked.json()
    path = f"/v1/requests/{asked.json()['id']}"
    for change in (
        {"instructions": words.seal()},
        {"connect": {"by": "requester", "number": words.phone()}},
    ):
        response = await centre.school.patch(path, change)
        assert response.status_code == 200, response.text
    for person in people:
        for offer in await person.offers():
            why = {"reason": words.seal("Because of {}")}
            await done(person.api, f"/v1/offers/{offer['id']}/decline", why)
    booked = await centre.booked(people[0], starts_at="2026-11-26T08:00:00Z")
    for one in (f"/v1/bookings/{booked['id']}", path):
        why = {"reason": words.seal("{} is ill"), "reason_code": words.show()}
        await done(centre.school, f"{one}/cancel", why)


async def done(api: Api, path: str, body: dict[str, str]) -> None:
    response = await api.post(path, body)
    assert response.status_code == 200, response.text


async def everything(database: str) -> dict[Place, list[bytes]]:
    """Return all values of all columns of the list, as bytes, as the superuser reads them."""
    db = await owner(database)
    found: dict[Place, list[bytes]] = {}
    for table, column in written():
        rows = await db.fetch(f'SELECT "{column}" AS value FROM "{table}"')
        found[table, column] = [raw(row["value"]) for row in rows if row["value"] is not None]
    await db.close()
    return found


def raw(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


async def test_no_word_is_found_but_where_it_may_be(
    pool: Pool, clock: Clock, database: str
) -> None:
    async with serving(pool, clock) as network:
        words = await plant(network, clock)
    kinds, held = written(), await everything(database)
    assert len(words.sealed) > 20
    for word in words.sealed:
        assert [place for place, values in held.items() if found(word, values)] == []
    shown = {place for one in words.open for place, values in held.items() if found(one, values)}
    assert {kinds[place] for place in shown} == {"open"}
    sealed = {place for place, kind in kinds.items() if kind == "sealed"}
    for place in sealed:
        for value in held[place]:
            assert value.lstrip(b'"').startswith(b"sealed:1:"), place
    # Not in vain: every sealed column was written.
    assert sealed - {place for place in sealed if held[place]} == ELSEWHERE


def found(word: str, values: list[bytes]) -> bool:
    return any(word.casefold().encode() in value.lower() for value in values)


async def test_a_dump_of_the_database_holds_no_sealed_word(
    pool: Pool, clock: Clock, database: str
) -> None:
    async with serving(pool, clock) as network:
        words = await plant(network, clock)
    program = find_postgres(os.environ.get("PG_BIN")) / "pg_dump"
    url = database_url(role="postgres", database=database)
    dump = (await anyio.run_process([str(program), url])).stdout.lower()
    assert all(word.encode() in dump for word in words.open)
    assert [word for word in words.sealed if word.encode() in dump] == []
    # Bytes are dumped as hexadecimal digits.
    assert [word for word in words.sealed if word.encode().hex().encode() in dump] == []


async def test_what_was_written_before_there_was_a_vault_reads_as_it_is(
    pool: Pool, clock: Clock, database: str
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person, request = await centre.person(), await centre.asked(instructions="Ring twice")
        db = await owner(database)
        await db.execute("UPDATE interpreters SET phone = '+37120000001', email = 'sealed:a@b.lv'")
        await db.execute("""UPDATE requests SET instructions = 'Gate B',
                            connect = '{"by": "link", "number": null}', details = '{}'""")
        await db.close()
        shown = (await centre.coordinator.get(f"/v1/interpreters/{person.id}")).json()
        assert (shown["phone"], shown["email"]) == ("+37120000001", "sealed:a@b.lv")
        shown = await centre.request(request)
        assert (shown["instructions"], shown["connect"]["by"]) == ("Gate B", "link")


@pytest.mark.parametrize(
    "text", ["sealed:", "sealed:1:", "sealed:1:" + "A" * 40, "sealed:x:y", '"']
)
async def test_a_text_that_looks_sealed_comes_back_as_it_was_written(
    pool: Pool, clock: Clock, text: str
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        request = await centre.asked(instructions=text, referred_by=text)
        assert (await centre.request(request))["instructions"] == text
        assert (await centre.request(request))["referred_by"] == text


async def test_a_sealed_text_opens_only_in_its_network(pool: Pool, clock: Clock) -> None:
    here, there = UUID(int=1), UUID(int=2)
    stored = VAULT.seal(here, "Gate B")
    assert VAULT.unseal(here, stored) == "Gate B"
    changed = stored[:30] + ("A" if stored[30] != "A" else "B") + stored[31:]
    for network_id, text in ((there, stored), (here, changed), (here, stored[:-4])):
        with pytest.raises(WrongKeys):
            VAULT.unseal(network_id, text)
    with pytest.raises(WrongKeys):
        Vault({1: new_key()}).unseal(here, stored)
    assert VAULT.seal(here, "Gate B") != stored  # equal texts do not look equal


async def test_a_new_key_opens_at_once_and_seals_when_everybody_knows_it(tmp_path: Path) -> None:
    here, file, keys = UUID(int=1), tmp_path / "secret-keys", {1: new_key()}
    write_keys(file, keys)
    running = Vault(read_keys(file), file)
    assert running.newest == 1
    write_keys(file, {**keys, 2: new_key()})
    ahead = Vault(read_keys(file)).seal(here, "Gate B")
    assert running.unseal(here, ahead) == "Gate B"
    for vault in (running, Vault(read_keys(file), file)):  # also one that began just now
        assert vault.number(vault.seal(here, "Gate B")) == 1
        assert len(vault.marks(here, "Gate B")) == 2
    past = time.time() - SETTLING
    os.utime(file, (past, past))
    await anyio.sleep(LOOK)
    assert running.number(running.seal(here, "Gate B")) == 2
    assert running.mark(here, "Gate B") == running.marks(here, "Gate B")[1]


async def test_a_file_that_holds_no_keys_for_a_moment_stops_nobody(tmp_path: Path) -> None:
    here, file = UUID(int=1), tmp_path / "secret-keys"
    write_keys(file, {1: new_key()})
    running = Vault(read_keys(file), file)
    stored = running.seal(here, "Gate B")
    file.write_text("1:half a k", encoding="ascii")
    await anyio.sleep(LOOK)
    assert running.unseal(here, running.seal(here, "Gate C")) == "Gate C"
    file.unlink()
    await anyio.sleep(LOOK)
    assert running.unseal(here, stored) == "Gate B"
    with pytest.raises(WrongKeys):
        running.unseal(here, Vault({3: new_key()}).seal(here, "Gate B"))


async def test_an_interpreter_is_found_by_address_whatever_its_capitals(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        first = await centre.person(email="Jana@Example.org", phone="+371 2000 0001")
        second = await centre.person(email="jana@example.org", phone="+37120000002")

        async def found(db: Db) -> list[set[UUID]]:
            by_mail = await interpreters.of_email(
                db, network_id=network.id, email="JANA@example.ORG"
            )
            by_phone = await interpreters.of_phone(db, network_id=network.id, phone="+37120000001")
            both = await interpreters.of_marks(
                db, network_id=network.id, emails=["nobody@example.org"],
                phones=["+37120000001", "+37120000002"],
            )  # fmt: skip
            return [{one.id for one in each} for each in (by_mail, by_phone, both)]

        expected = [{first.key, second.key}, {first.key}, {first.key, second.key}]
        assert await run(pool, network.id, found) == expected
        await first.api.patch(f"/v1/interpreters/{first.id}", {"email": "new@example.org"})
        assert (await run(pool, network.id, found))[0] == {second.key}
