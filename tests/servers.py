"""Servers for tests: the embedded ones, made disposable, one pair for each test process.

Each pytest process (each xdist worker) starts its own on first use: nothing is shared, so
nothing is counted or locked, and a killed run leaves nothing, because the servers die with the
process that started them. Everything lies in memory where the system offers that.
"""

import atexit
import contextlib
import fcntl
import functools
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Final

from interpreters.embedded import folder
from interpreters.embedded.binaries import find_postgres, find_valkey
from interpreters.embedded.postgres import Postgres, run_postgres
from interpreters.embedded.roots import Account, choose_account, give
from interpreters.embedded.valkey import run_valkey

PREFIX: Final = "interpreters-tests-"
MEMORY: Final = Path("/dev/shm")

_running = contextlib.ExitStack()
atexit.register(_running.close)


@functools.cache
def start_test_postgres() -> str:
    """Return the superuser's URL of this process's PostgreSQL, on the database `interpreters`.

    It has the roles interpreters_owner (owns the database) and interpreters_app, both without
    a password, and the extensions btree_gist and pg_trgm. `database_url` gives other URLs.
    """
    return _postgres().url("postgres")


def database_url(*, role: str, database: str = "interpreters") -> str:
    """Return the URL of this process's PostgreSQL for a role and a database."""
    return _postgres().url(role, database)


@functools.cache
def start_test_valkey() -> str:
    """Return the URL of this process's Valkey, as redis-py and arq read it."""
    data_dir, account = _data_dir()
    sockets = _sockets(data_dir, account, "valkey")
    program = find_valkey(os.environ.get("VALKEY_BIN"))
    running = run_valkey(data_dir, program=program, sockets=sockets, account=account)
    return _running.enter_context(running).url


@functools.cache
def _postgres() -> Postgres:
    data_dir, account = _data_dir()
    sockets = _sockets(data_dir, account, "postgres")
    programs = find_postgres(os.environ.get("PG_BIN"))
    running = run_postgres(
        data_dir, programs=programs, sockets=sockets, account=account, disposable=True
    )
    return _running.enter_context(running)


@functools.cache
def _data_dir() -> tuple[Path, Account]:
    parent = MEMORY if os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    _sweep(parent)
    made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    _running.callback(shutil.rmtree, made, ignore_errors=True)
    account = choose_account(find_postgres(os.environ.get("PG_BIN")) / "postgres")
    data_dir = _running.enter_context(folder.hold(made))
    return data_dir, account


def _sockets(data_dir: Path, account: Account, name: str) -> Path:
    """Inside the folder, which is short enough here, so that they are swept with it."""
    made = data_dir / f"{name}.sockets"
    made.mkdir(mode=0o700)
    give(made, account)
    return made


def _sweep(parent: Path) -> None:
    """Remove what a killed run left: folders whose lock nobody holds, and not just made."""
    for left in parent.glob(f"{PREFIX}*/lock"):
        if left.stat().st_mtime > time.time() - 60:
            continue
        with contextlib.suppress(OSError), left.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left.parent, ignore_errors=True)
