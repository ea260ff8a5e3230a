"""`keys rotate` while others write, killed, begun twice, and with rows that cannot be sealed."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
import pytest

from conftest import Clock
from interpreters.application.networks import open_network
from interpreters.application.rotation import count_old
from interpreters.database import Pool, open_pool, transaction
from interpreters.domain.ids import new_id
from interpreters.secret_keys import keys_of, new_key, read_keys, write_keys
from interpreters.sql import interpreters
from interpreters.sql.interpreters import Interpreter
from interpreters.vault import Vault
from sealing import SECRET_KEYS
from servers import database_url

pytestmark = pytest.mark.anyio
CROWD: Final = 20  # who write
WRITES: Final = 10  # of each


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with one secret key."""
    made = tmp_path / "secret-keys"
    write_keys(made, keys_of(SECRET_KEYS))
    return made


@asynccontextmanager
async def process(database: str, file: Path, size: int = 4) -> AsyncIterator[Pool]:
    """Give the pool of something like a process: it has read the file when it began."""
    url = database_url(role="interpreters_app", database=database)
    pool = await open_pool(url, vault=Vault(read_keys(file), file), size=size)
    try:
        yield pool
    finally:
        await pool.close()


async def rotating(database: str, file: Path, *options: str) -> Process:
    """Start `keys rotate` in a process of its own."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("INTERPRETERS_")}
    env = {
        **clean,
        "INTERPRETERS_DATABASE_URL": database_url(role="interpreters_app", database=database),
        "INTERPRETERS_REDIS_URL": "redis://127.0.0.1:1",  # nobody asks it
        "INTERPRETERS_SECRET_KEYS_FILE": str(file),
    }
    argv = (sys.executable, "-m", "interpreters", "keys", "rotate", *options)
    return await asyncio.create_subprocess_exec(*argv, env=env, stdout=PIPE, stderr=PIPE)


async def ended(child: Process) -> tuple[int | None, str]:
    """Wait for the process; return its end and what it said."""
    async with asyncio.timeout(60):
        _, said = await child.communicate()
    return child.returncode, said.decode()


async def roster(pool: Pool, clock: Clock, size: int) -> tuple[UUID, list[UUID]]:
    """Open a network with interpreters who have telephones."""
    network = await open_network(
        pool, name="Centre", slug="centre", time_zone="Europe/Riga", currency="EUR",
        country="LV", working_language="lav", now=clock(),
    )  # fmt: skip
    ids = [new_id(clock()) for _ in range(size)]
    async with transaction(pool, network.network_id) as db:
        for number, one in enumerate(ids):
            person = Interpreter(
                id=one, display_name=f"Person {number}", phone=f"+371200{number:05}",
                time_zone="Europe/Riga", created_at=clock(),
            )  # fmt: skip
            await interpreters.insert(db, network_id=network.network_id, interpreter=person)
    return network.network_id, ids


async def phones(pool: Pool, network_id: UUID, ids: list[UUID]) -> dict[UUID, str | None]:
    async with transaction(pool, network_id) as db:
        held = await interpreters.get_many(db, network_id=network_id, ids=ids)
    return {one: person.phone for one, person in held.items()}


async def numbers(database: str) -> dict[str, int]:
    """Count the telephones by the number of the key they are sealed with."""
    db: Any = await asyncpg.connect(database_url(role="postgres", database=database))
    rows = await db.fetch(
        "SELECT split_part(phone, ':', 2) AS key, count(*) FROM interpreters GROUP BY 1"
    )
    await db.close()
    return {row["key"]: row["count"] for row in rows}


async def write_often(pool: Pool, network_id: UUID, one: UUID, until: asyncio.Event) -> str:
    """Change a telephone again and again; return what was written last."""
    count, phone = 0, ""
    while count < WRITES or not until.is_set():
        count += 1
        phone = f"+371300{count:05}"
        async with transaction(pool, network_id) as db:
            held = await interpreters.lock(db, network_id=network_id, interpreter_id=one)
            assert held is not None
            changed = msgspec.structs.replace(held, phone=phone, version=held.version + 1)
            assert await interpreters.update(db, network_id=network_id, interpreter=changed)
        await asyncio.sleep(0.1)
    return phone


async def test_two_hundred_writes_meanwhile_are_kept_and_end_under_the_new_key_alone(
    database: str, file: Path, clock: Clock
) -> None:
    async with process(database, file) as one, process(database, file) as two:
        network_id, ids = await roster(one, clock, 500)
        over = asyncio.Event()
        crowd = [
            asyncio.create_task(write_often((one, two)[turn % 2], network_id, person, over))
            for turn, person in enumerate(ids[:CROWD])
        ]
        code, said = await ended(await rotating(database, file, "--drop-old"))
        over.set()
        last = await asyncio.gather(*crowd)
        assert code == 0, said
        assert list(read_keys(file)) == [2]
        # Whoever ran all the time goes on without a restart, and reads what it wrote.
        assert (await phones(two, network_id, ids[:CROWD])) == dict(zip(ids, last, strict=False))
    assert await numbers(database) == {"2": 500}
    async with process(database, file) as fresh:
        assert await count_old(fresh) == {}
        held = await phones(fresh, network_id, ids)
    assert [held[person] for person in ids[:CROWD]] == last
    assert held[ids[-1]] == "+37120000499"


async def test_a_rotation_that_was_killed_is_finished_by_the_next(
    database: str, file: Path, clock: Clock
) -> None:
    async with process(database, file) as running:
        network_id, ids = await roster(running, clock, 2000)
        before = await phones(running, network_id, ids)
        child = await rotating(database, file)
        assert child.stderr is not None
        for _ in range(2):  # how far it is: the second line tells of the second tenth
            await child.stderr.readline()
        child.send_signal(signal.SIGKILL)
        await ended(child)
        assert list(read_keys(file)) == [1, 2]
        assert set(await numbers(database)) == {"1", "2"}
        assert await phones(running, network_id, ids) == before
        code, said = await ended(await rotating(database, file, "--drop-old"))
        assert code == 0, said
        assert list(read_keys(file)) == [2]
        assert await numbers(database) == {"2": 2000}
        assert await phones(running, network_id, ids) == before


async def test_no_key_is_taken_away_while_a_row_needs_another(
    database: str, file: Path, clock: Clock
) -> None:
    async with process(database, file) as running:
        network_id, ids = await roster(running, clock, 1)
    lost = Vault({7: new_key()}).seal(network_id, "lost")
    db: Any = await asyncpg.connect(database_url(role="postgres", database=database))
    await db.execute("UPDATE interpreters SET stage_reason = $1", lost)
    await db.close()
    code, said = await ended(await rotating(database, file, "--drop-old"))
    assert code == 2
    assert "1 in interpreters" in said
    assert "Traceback" not in said
    assert list(read_keys(file)) == [1, 2]
    assert ids


async def test_only_one_rotation_at_a_time(database: str, file: Path, clock: Clock) -> None:
    async with process(database, file) as running:
        await roster(running, clock, 1)
    children = [await rotating(database, file), await rotating(database, file)]
    ends = await asyncio.gather(*(ended(child) for child in children))
    assert sorted(code or 0 for code, _ in ends) == [0, 2]
    assert any("another `keys rotate` is running" in said for _, said in ends)
    assert list(read_keys(file)) == [1, 2]
