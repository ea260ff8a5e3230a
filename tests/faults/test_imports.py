"""Imports with processes of their own: a worker that is killed in the middle, the command line."""

import asyncio
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api import Api, Network, serving
from conftest import Clock
from faults.workers import a_valkey, clean, workers
from interpreters.application.calls import run
from interpreters.database import Pool
from interpreters.domain.ids import NETWORK, OPERATION, read_id, show_id
from sealing import SECRET_KEYS
from servers import database_url

pytestmark = pytest.mark.anyio
HEADER = "external_reference,name,email,languages,weekly hours"
GOOD = f"{HEADER}\nP-1,Anna,anna@example.org,Dari:native; lv,mon-fri 09:00-17:00\n"


def roster(count: int) -> bytes:
    rows = (
        f"P-{one},Person {one},p{one}@example.org,Dari:native; lv,mon-fri 09:00-17:00"
        for one in range(count)
    )
    return "\n".join([HEADER, *rows]).encode()


async def looked_at(api: Api, operation: str) -> dict[str, Any]:
    told: dict[str, Any] = (await api.get(f"/v1/operations/{operation}")).json()
    return told


async def wait_for(api: Api, operation: str, state: str, done: int = 0) -> dict[str, Any]:
    end = time.monotonic() + 60
    while True:
        told = await looked_at(api, operation)
        if told["state"] == state and told["done"] >= done:
            return told
        assert time.monotonic() < end, told
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("with_queue", [True, False])
async def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_does_it_all(
    database: str, pool: Pool, tmp_path: Path, with_queue: bool
) -> None:
    url = database_url(role="interpreters_app", database=database)
    async with serving(pool, lambda: datetime.now(UTC)) as network:
        coordinator = await network.caller("coordinator")
        sent = await coordinator.call(
            "POST", "/v1/imports", data={"kind": "interpreters", "mode": "commit"},
            files={"file": ("a.csv", roster(4000))},
        )  # fmt: skip
        operation = sent.json()["id"]
        with a_valkey(tmp_path) as valkey:
            if not with_queue:
                valkey.kill()
            with workers(1, database_url=url, redis_url=valkey.url, lease=15, folder=tmp_path) as (
                worker,
            ):
                await wait_for(coordinator, operation, "running", done=2000)
                worker.kill()
                assert await network.count("interpreters") == 0
                assert (await looked_at(coordinator, operation))["state"] == "running"
                await time_passes(network, operation)
                worker.start()
                told = await wait_for(coordinator, operation, "succeeded")
                code, _ = worker.end()
        assert (told["result"]["created"], told["done"]) == (4000, 4000)
        assert await network.count("interpreters") == 4000
        assert await network.count("due WHERE kind = 'operation'") == 0
        assert code == 0


async def time_passes(network: Network, operation: str) -> None:
    """Let the time run out in which a silent worker is believed to live."""

    async def work(db: Any) -> None:
        await db.execute(
            "UPDATE due d SET at = $3 WHERE d.network_id = $1 AND d.id = $2",
            network.id, read_id(OPERATION, operation), datetime.now(UTC),
        )  # fmt: skip

    await run(network.pool, network.id, work)


def command(database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "interpreters", "import", *arguments],
        env={
            **clean(),
            "INTERPRETERS_DATABASE_URL": database_url(role="interpreters_app", database=database),
            "INTERPRETERS_REDIS_URL": "redis://127.0.0.1:1",
            "INTERPRETERS_SECRET_KEYS": SECRET_KEYS,
            "COLUMNS": "200",
        },
        capture_output=True, text=True, check=False,
    )  # fmt: skip


async def test_the_command_previews_commits_and_refuses(
    database: str, pool: Pool, clock: Clock, tmp_path: Path
) -> None:
    async with serving(pool, clock) as network:
        file = tmp_path / "roster.csv"
        file.write_text(GOOD)
        arguments = (str(file), "--kind", "interpreters", "--network", "centre")
        preview = await asyncio.to_thread(command, database, *arguments)
        assert preview.stdout == (
            "1 rows: 1 new, 0 changed, 0 as they were, 0 errors; nothing stored\n"
        )
        assert (preview.returncode, await network.count("interpreters")) == (0, 0)
        stored = await asyncio.to_thread(command, database, *arguments, "--commit")
        assert stored.stdout == "1 rows: 1 new, 0 changed, 0 as they were, 0 errors; stored\n"
        again = await asyncio.to_thread(command, database, str(file), "--commit")
        assert "0 new, 0 changed, 1 as they were" in again.stdout
        file.write_text(GOOD.replace("Dari", "Pharsi") + "P-2,Omar,o@example.org,lv,\n")
        refused = await asyncio.to_thread(command, database, *arguments, "--commit")
        assert refused.returncode == 1
        assert "write 'Farsi' (pes)" in refused.stderr
        assert refused.stdout.endswith("1 errors; nothing stored\n")
        assert await network.count("interpreters") == 1


async def test_the_command_says_what_is_wrong_in_one_sentence(
    database: str, pool: Pool, clock: Clock, tmp_path: Path
) -> None:
    async with serving(pool, clock) as network:
        file = tmp_path / "clients.csv"
        for text, options, sentence in (
            (b"\xd0\xcf\x11\xe0", ("--kind", "clients"), "save it as .xlsx"),
            (b"reference\nA\n", ("--kind", "clients", "--institution", "x"), "no id of an inst"),
            (b"name\n", ("--kind", "clients"), "There are no rows"),
            (b"name\nA\n", (), "say what the rows are: --kind"),
            (b"reference\nA\n", ("--kind", "clients", "--network", "other"), "--network"),
        ):
            file.write_bytes(text)
            told = await asyncio.to_thread(command, database, str(file), *options)
            assert told.returncode == 2, told
            assert sentence in told.stderr
            assert told.stderr.startswith("interpreters: ")
            assert told.stderr.count("\n") == 1
        named = ("--kind", "clients", "--network", show_id(NETWORK, network.id))
        file.write_bytes(b"reference\nA\n")
        told = await asyncio.to_thread(command, database, str(file), *named)
        assert (told.returncode, "Whose client is it?" in told.stderr) == (1, True)
