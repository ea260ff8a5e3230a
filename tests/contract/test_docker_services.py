"""The services' commands, run in their order without containers.

Each has the environment it would have, with the test servers in place of `database` and `queue`.
"""

import contextlib
import json
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Final

import asyncpg
import pytest

from composition import (
    ROOT,
    SECRETS,
    argv_of,
    clean,
    environment_of,
    here,
    instructions,
    run,
    services,
)
from interpreters.database import open_pool
from interpreters.embedded.binaries import find_postgres
from interpreters.settings import PREFIX
from sealing import VAULT
from servers import database_url, start_test_postgres

pytestmark = pytest.mark.anyio
PATIENCE: Final = 30.0  # seconds


@pytest.fixture
async def prepared() -> AsyncIterator[str]:
    """The name of a database as the container makes it: empty, then `roles.sql` by psql."""
    start_test_postgres()
    name = "docker_composition"
    superuser = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    try:
        await superuser.execute(f"CREATE DATABASE {name}")
        psql = find_postgres(os.environ.get("PG_BIN")) / "psql"
        url = database_url(role="postgres", database=name)
        for _ in range(2):  # it may run again
            done = run([str(psql), "-X", "-q", "-f", ROOT / "docker/roles.sql", url], SECRETS)
            assert done.returncode == 0, done.stderr
        yield name
        await superuser.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await superuser.close()


async def test_the_roles_have_their_passwords_and_no_more_than_they_need(prepared: str) -> None:
    db = await asyncpg.connect(database_url(role="postgres", database=prepared))
    try:
        rows = await db.fetch(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcanlogin, rolpassword"
            " FROM pg_authid WHERE rolname IN ('interpreters_owner', 'interpreters_app')"
        )
        owner = await db.fetchval(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1", prepared
        )
    finally:
        await db.close()

    assert owner == "interpreters_owner"
    assert len(rows) == 2
    for row in rows:
        powers = [row[name] for name in ("rolsuper", "rolbypassrls", "rolcreaterole")]
        assert powers == [False, False, False]
        assert row["rolcanlogin"]
        assert row["rolpassword"].startswith("SCRAM-SHA-256$")


async def test_the_services_run_in_their_order(prepared: str, tmp_path: Path) -> None:
    for name in ("migrate", "first-network", "first-network"):
        done = run(here(argv_of(services()[name])), environment_of(services()[name], prepared))
        assert done.returncode == 0, done.stderr

    # the check of start-up: raises when the role may do too much
    pool = await open_pool(
        database_url(role="interpreters_app", database=prepared), vault=VAULT, size=1
    )
    names = await pool.fetch("SELECT slug FROM network_names")
    await pool.close()
    assert [row["slug"] for row in names] == ["interpreters"]

    web = environment_of(services()["web"], prepared)
    port = {f"{PREFIX}HOST": "127.0.0.1", f"{PREFIX}PORT": str(_free_port())}
    with _running(here(argv_of(services()["web"])), web | port, cwd=tmp_path) as process:
        _wait_until_healthy(process, web | port)
        key = run(here(["interpreters", "keys", "create", "--role", "coordinator"]), web)
        assert key.returncode == 0, key.stderr
        assert key.stdout.startswith("ik_live_")


async def test_the_worker_runs_until_it_is_told_to_end(prepared: str, tmp_path: Path) -> None:
    migrate = services()["migrate"]
    assert run(here(argv_of(migrate)), environment_of(migrate, prepared)).returncode == 0

    argv, environment = (
        argv_of(services()["worker"]),
        environment_of(services()["worker"], prepared),
    )
    with _running(here(argv), environment, cwd=tmp_path) as process:
        assert process.stderr is not None
        said = json.loads(process.stderr.readline())
        process.terminate()
        assert process.wait(10) == 0

    assert said["event"] == "worker-started"


def _wait_until_healthy(process: "subprocess.Popen[str]", environment: Mapping[str, str]) -> None:
    (check,) = (value for name, value in instructions() if name == "HEALTHCHECK")
    argv = json.loads(check.partition(" CMD ")[2])
    end = time.monotonic() + PATIENCE
    while run(here(argv), environment).returncode != 0:
        assert process.poll() is None, "the web process ended"
        assert time.monotonic() < end, "the web process is not healthy"
        time.sleep(0.2)


@contextlib.contextmanager
def _running(
    argv: list[str], environment: Mapping[str, str], *, cwd: Path
) -> Iterator["subprocess.Popen[str]"]:
    """A process for the length of the block."""
    whole = {**clean(), **environment}
    with subprocess.Popen(argv, env=whole, cwd=cwd, text=True, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.communicate(timeout=20)


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port
