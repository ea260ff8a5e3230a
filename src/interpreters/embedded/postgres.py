"""The embedded PostgreSQL: its cluster, its start, its two roles, its end."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, LiteralString

import msgspec
import psycopg

from interpreters.embedded.binaries import major
from interpreters.embedded.kept import Kept
from interpreters.embedded.processes import command_line, spawn, stop, wait_until
from interpreters.embedded.roots import Account, command, give
from interpreters.embedded.trouble import Trouble

DATABASE: Final = "interpreters"
OWNER: Final = "interpreters_owner"
APP: Final = "interpreters_app"
PATIENCE: Final = 60.0  # seconds; recovery after a power cut takes a while
STOP_PATIENCE: Final = 20.0

CONFIGURATION: Final[Mapping[str, str]] = {
    "listen_addresses": "",  # only a socket, in a folder only we may enter
    "max_connections": "100",
    "shared_buffers": "64MB",
    "deadlock_timeout": "200ms",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # details and statements carry people's data, and a log is read by others
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
DISPOSABLE: Final[Mapping[str, str]] = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}

# $1 role
ROLE_EXISTS: Final[LiteralString] = "SELECT FROM pg_roles WHERE rolname = %s"

# $1 database
DATABASE_EXISTS: Final[LiteralString] = "SELECT FROM pg_database WHERE datname = %s"

CREATE_ROLES: Final[Mapping[str, LiteralString]] = {
    OWNER: "CREATE ROLE interpreters_owner LOGIN",
    APP: "CREATE ROLE interpreters_app LOGIN NOBYPASSRLS",
}

CREATE_DATABASE: Final[LiteralString] = "CREATE DATABASE interpreters OWNER interpreters_owner"

PREPARE_DATABASE: Final[LiteralString] = """
    CREATE EXTENSION IF NOT EXISTS btree_gist;
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    REVOKE ALL ON DATABASE interpreters FROM PUBLIC;
    GRANT CONNECT ON DATABASE interpreters TO interpreters_app;
"""


class Postgres(msgspec.Struct, frozen=True, kw_only=True):
    """A running server: the folder of its socket, and its process."""

    sockets: Path
    pid: int
    kept: Kept

    def url(self, role: str, database: str = DATABASE) -> str:
        """Return the URL for a role, as libpq, asyncpg and SQLAlchemy read it."""
        return f"postgresql://{role}@/{database}?host={self.sockets}"


@contextlib.contextmanager
def run_postgres(
    data_dir: Path, *, programs: Path, sockets: Path, account: Account, disposable: bool = False
) -> Iterator[Postgres]:
    """Run PostgreSQL on `data_dir/postgres` until the block ends.

    The first start creates the cluster, the roles and the database. A disposable one forgets
    safety for speed and is for tests and simulations only.

    Raises:
        Trouble: it does not start; the text names the log.
    """
    cluster = data_dir / "postgres"
    cluster.mkdir(exist_ok=True, mode=0o700)
    give(cluster, account)
    cluster.chmod(0o700)
    _create_cluster(cluster, programs=programs, account=account, disposable=disposable)
    log = data_dir / "logs" / "postgres.log"
    settings = {**CONFIGURATION, **(DISPOSABLE if disposable else {})}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def start() -> "subprocess.Popen[bytes]":
        _end_orphan(cluster)
        return spawn(
            [str(programs / "postgres"), "-D", str(cluster), "-k", str(sockets), *options],
            account=account,
            death=signal.SIGINT,  # a fast, clean shutdown
            log=log,
        )

    kept = Kept("PostgreSQL", start)
    try:
        what = f"PostgreSQL did not start, its log {log} says why"
        wait_until(lambda: _is_ready(cluster), child=kept.child, what=what, patience=PATIENCE)
        server = Postgres(sockets=sockets, pid=kept.child.pid, kept=kept)
        _prepare(server)
        yield server
    finally:
        stop(kept.child, by=signal.SIGINT, patience=STOP_PATIENCE)


def _create_cluster(cluster: Path, *, programs: Path, account: Account, disposable: bool) -> None:
    version = cluster / "PG_VERSION"
    if version.exists():
        made_by, ours = int(version.read_text(encoding="ascii")), major(programs)
        if made_by != ours:
            raise Trouble(
                f"{cluster} was made by PostgreSQL {made_by} and the programs here are {ours}: "
                f"set PG_BIN to the folder of a PostgreSQL {made_by}"
            )
        return
    fresh = cluster / "new"
    shutil.rmtree(fresh, ignore_errors=True)
    _initdb(fresh, programs=programs, account=account, disposable=disposable)
    # PG_VERSION moves last: a first start that is killed is never half a cluster
    for part in sorted(fresh.iterdir(), key=lambda one: one.name == "PG_VERSION"):
        _replace(part, cluster / part.name)
    fresh.rmdir()


def _initdb(fresh: Path, *, programs: Path, account: Account, disposable: bool) -> None:
    # the builtin provider sorts alike on every system, and no libc update corrupts an index
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    argv = [
        *(str(programs / "initdb"), "-D", str(fresh), "-U", "postgres", "--auth=trust"),
        *("--encoding=UTF8", "--no-locale", "--no-instructions", "--data-checksums"),
        *(builtin if major(programs) >= 17 else ()),  # noqa: PLR2004 - a PostgreSQL version
        *(("--no-sync",) if disposable else ()),
    ]
    made = subprocess.run(  # noqa: S603 - our own binary
        command(account, argv, death="SIGKILL"),
        check=False,
        capture_output=True,
        cwd="/",
        text=True,
    )
    if made.returncode != 0:
        raise Trouble(f"PostgreSQL could not create its cluster: {made.stderr.strip()}")


def _replace(part: Path, target: Path) -> None:
    if target.is_dir():  # left by a first start that was killed between two renames
        shutil.rmtree(target)
    part.replace(target)


def _end_orphan(cluster: Path) -> None:
    """End a server of ours that outlived its supervisor; forget the pid of a stranger.

    We hold the folder, so a PostgreSQL on it can only be an orphan. Pids repeat, above all in
    containers, so the pid file alone proves nothing.
    """
    pidfile = cluster / "postmaster.pid"
    if not pidfile.exists():
        return
    pid = int(pidfile.read_text(encoding="utf-8").split()[0])
    if _serves(pid, cluster):
        os.kill(pid, signal.SIGINT)
        end = time.monotonic() + STOP_PATIENCE
        while _serves(pid, cluster):
            if time.monotonic() > end:
                raise Trouble(f"an older PostgreSQL, process {pid}, does not let go of {cluster}")
            time.sleep(0.02)
    pidfile.unlink(missing_ok=True)


def _serves(pid: int, cluster: Path) -> bool:
    return "postgres" in (line := command_line(pid)) and f"-D {cluster} " in line


def _is_ready(cluster: Path) -> bool:
    try:
        lines = (cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return False
    return bool(lines) and lines[-1].strip() == "ready"


def _prepare(server: Postgres) -> None:
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as db:
        for role, statement in CREATE_ROLES.items():
            if db.execute(ROLE_EXISTS, [role]).fetchone() is None:
                db.execute(statement)
        if db.execute(DATABASE_EXISTS, [DATABASE]).fetchone() is None:
            db.execute(CREATE_DATABASE)
    with psycopg.connect(server.url("postgres"), autocommit=True) as db:
        db.execute(PREPARE_DATABASE)
