"""Sealing everything again: what changes, what is never lost, what cannot be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
import pytest

from api import serving
from centre import Centre, Person
from conftest import Clock
from interpreters.application.networks import check_keys
from interpreters.application.rotation import (
    StillRunning,
    count_old,
    reseal,
    wait_for_writers,
)
from interpreters.database import Db, Pool, open_pool, transaction
from interpreters.domain.ids import REQUEST, read_id
from interpreters.secret_keys import WrongKeys, keys_of, new_key
from interpreters.sql import interpreters, requests
from interpreters.sql.interpreters import Interpreter
from interpreters.vault import Vault
from sealing import SECRET_KEYS
from servers import database_url

pytestmark = pytest.mark.anyio
OLD: Final = keys_of(SECRET_KEYS)
NEW: Final = {2: new_key()}
PHONE: Final = "+37120000001"


@asynccontextmanager
async def knowing(database: str, keys: dict[int, bytes]) -> AsyncIterator[Pool]:
    """Give a pool of a process with these keys."""
    url = database_url(role="interpreters_app", database=database)
    pool = await open_pool(url, vault=Vault(keys), size=2)
    try:
        yield pool
    finally:
        await pool.close()


async def owner(database: str) -> Any:
    return await asyncpg.connect(database_url(role="postgres", database=database))


async def roster(database: str, clock: Clock) -> tuple[UUID, Person, UUID]:
    """Make a network with a person and a request; return its id, the person, the request."""
    async with knowing(database, OLD) as pool, serving(pool, clock) as network:
        centre = await Centre(network, clock).open()
        person = await centre.person(phone=PHONE, email="Jana@example.org")
        asked = await centre.asked(instructions="Gate B", referred_by="The ward")
        return network.id, person, read_id(REQUEST, asked["id"])


async def read(pool: Pool, network_id: UUID, person: Person) -> Interpreter:
    async with transaction(pool, network_id) as db:
        found = await interpreters.find(db, network_id=network_id, interpreter_id=person.key)
    assert found is not None
    return found


async def test_afterwards_the_new_key_alone_opens_and_finds_everything(
    pool: Pool, clock: Clock, database: str
) -> None:
    network_id, person, request_id = await roster(database, clock)
    async with knowing(database, {**OLD, **NEW}) as both:
        old = await count_old(both)
        assert {"networks", "interpreters", "sites", "requests", "offers"} <= set(old)
        assert await reseal(both) == {}
        assert await count_old(both) == {}
    async with knowing(database, NEW) as only:
        await check_keys(only)
        assert (await read(only, network_id, person)).phone == PHONE
        async with transaction(only, network_id) as db:
            by_mail = await interpreters.of_email(
                db, network_id=network_id, email="jana@example.org"
            )
            by_phone = await interpreters.of_phone(db, network_id=network_id, phone=PHONE)
            asked = await requests.find(db, network_id=network_id, request_id=request_id)
        assert [one.id for one in by_mail] == [one.id for one in by_phone] == [person.key]
        assert asked is not None
        assert (asked.instructions, asked.details["referred_by"]) == ("Gate B", "The ward")
    with pytest.raises(WrongKeys):
        await read(pool, network_id, person)


async def test_a_version_is_not_a_change_of_the_thing(
    pool: Pool, clock: Clock, database: str
) -> None:
    network_id, person, _ = await roster(database, clock)
    before = await read(pool, network_id, person)
    async with knowing(database, {**OLD, **NEW}) as both:
        await reseal(both)
        assert await read(both, network_id, person) == before


async def test_what_was_never_sealed_is_sealed_and_found(
    pool: Pool, clock: Clock, database: str
) -> None:
    network_id, person, _ = await roster(database, clock)
    db = await owner(database)
    await db.execute("""UPDATE interpreters SET phone = '+37120000009', phone_mark = NULL,
                        email = 'plain@example.org', email_mark = NULL""")
    await db.execute("""UPDATE requests SET instructions = 'plain', details = '{"plain": 1}'""")
    assert (await count_old(pool))["interpreters"] == 1  # the newest of one key: only plain ones
    assert await reseal(pool) == {}
    stored = await db.fetchrow("SELECT phone, email, phone_mark FROM interpreters")
    assert stored["phone"].startswith("sealed:1:")
    assert stored["email"].startswith("sealed:1:")
    assert (await db.fetchval("SELECT details::text FROM requests")).startswith('"sealed:1:')
    await db.close()
    async with transaction(pool, network_id) as inside:
        found = await interpreters.of_phone(inside, network_id=network_id, phone="+37120000009")
    assert [one.id for one in found] == [person.key]


async def test_what_somebody_writes_meanwhile_is_kept_and_sealed_in_the_next_round(
    pool: Pool, clock: Clock, database: str
) -> None:
    network_id, person, _ = await roster(database, clock)
    async with knowing(database, {**OLD, **NEW}) as both:
        async with transaction(pool, network_id) as db:  # a process that knows the old key only
            await write(db, network_id, person, "+37120000007")
            rotating = asyncio.create_task(reseal(both))
            await until_waiting(database)  # it has read the row, and waits to write it
        assert await rotating == {}
        assert (await read(both, network_id, person)).phone == "+37120000007"
        assert await count_old(both) == {}


async def write(db: Db, network_id: UUID, person: Person, phone: str) -> None:
    held = await interpreters.lock(db, network_id=network_id, interpreter_id=person.key)
    assert held is not None
    changed = msgspec.structs.replace(held, phone=phone, version=held.version + 1)
    assert await interpreters.update(db, network_id=network_id, interpreter=changed)


async def until_waiting(database: str) -> None:
    db = await owner(database)
    async with asyncio.timeout(10):
        while not await db.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.02)
    await db.close()


async def test_a_text_no_key_opens_is_told_and_left_as_it_is(
    pool: Pool, clock: Clock, database: str
) -> None:
    network_id, _, _ = await roster(database, clock)
    lost = Vault({7: new_key()}).seal(network_id, "lost")
    db = await owner(database)
    await db.execute("UPDATE sites SET address = $1", lost)
    async with knowing(database, {**OLD, **NEW}) as both:
        assert await reseal(both) == {"sites": 1}
    assert await db.fetchval("SELECT address FROM sites") == lost
    await db.close()


async def test_twice_at_once_is_as_good_as_once(pool: Pool, clock: Clock, database: str) -> None:
    network_id, person, _ = await roster(database, clock)
    async with knowing(database, {**OLD, **NEW}) as one, knowing(database, {**OLD, **NEW}) as two:
        assert await asyncio.gather(reseal(one), reseal(two)) == [{}, {}]
        assert (await read(one, network_id, person)).phone == PHONE


async def test_it_waits_for_who_may_still_hold_an_old_text(
    pool: Pool, clock: Clock, database: str
) -> None:
    network_id, person, _ = await roster(database, clock)
    async with knowing(database, {**OLD, **NEW}) as both:
        async with transaction(pool, network_id) as db:
            await write(db, network_id, person, "+37120000008")
            with pytest.raises(StillRunning):
                await wait_for_writers(both, seconds=0.5)
        await wait_for_writers(both, seconds=20)  # others' databases have transactions too


async def test_other_keys_than_the_databases_are_found_out_at_the_start(
    pool: Pool, clock: Clock, database: str
) -> None:
    await roster(database, clock)
    await check_keys(pool)
    async with knowing(database, {1: new_key()}) as stranger:
        with pytest.raises(WrongKeys, match="not those of this database"):
            await check_keys(stranger)


async def test_a_network_of_before_is_given_its_check(
    pool: Pool, clock: Clock, database: str
) -> None:
    await roster(database, clock)
    db = await owner(database)
    await db.execute("UPDATE networks SET sealed_check = NULL")
    await check_keys(pool, complete=False)
    assert await db.fetchval("SELECT sealed_check FROM networks") is None
    await check_keys(pool)
    assert (await db.fetchval("SELECT sealed_check FROM networks")).startswith("sealed:1:")
    await db.close()
