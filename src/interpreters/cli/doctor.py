"""`doctor`: one line for each thing that must be in place, and what to do where it is not."""

import asyncio
import os
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import asyncpg
import msgspec
import psycopg
import redis
import typer
from rich.console import Console

from interpreters.application.networks import check_keys
from interpreters.cli.everything import check_port
from interpreters.cli.options import DataDir, Host, Port, chosen
from interpreters.cli.reach import with_servers
from interpreters.database import GONE, open_pool
from interpreters.embedded.binaries import find_postgres, find_valkey, major
from interpreters.embedded.folder import find_servers
from interpreters.embedded.roots import choose_account
from interpreters.embedded.trouble import Trouble
from interpreters.migrate import is_current
from interpreters.secret_keys import WrongKeys, key_file
from interpreters.settings import Settings
from interpreters.vault import vault_from

OLDEST: Final = (3, 11)
HOWS: Final = {
    "plain": "as the user who starts them",
    "namespace": "as an unprivileged user in a user namespace (started as root)",
    "nobody": "as the user nobody (started as root, user namespaces are refused)",
}
app = typer.Typer(add_completion=False)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing looked at. `problem` says what is wrong and what to do, or is empty."""

    what: str
    found: str = ""
    problem: str = ""


@app.command()
def doctor(data_dir: DataDir = None, host: Host = None, port: Port = None) -> None:
    """Look at everything and change nothing; ends with 1 when something is wrong."""
    settings = chosen(data_dir=data_dir, host=host, port=port)
    console, wrong = Console(soft_wrap=True, highlight=False), 0
    for one in _findings(settings):
        wrong += bool(one.problem)
        mark = "[red]problem[/red]" if one.problem else "[green]ok[/green]     "
        console.print(f"{mark} {one.what}: ", end="")
        console.print(one.problem or one.found, markup=False)
    raise typer.Exit(1 if wrong else 0)


def _findings(settings: Settings) -> Iterator[Finding]:
    yield _look("Python", _python)
    if settings.database_url is None:
        yield _look("PostgreSQL programs", lambda: _postgres(settings))
        yield _look("embedded servers run", lambda: _how(settings))
    if settings.redis_url is None:
        yield _look("Valkey program", lambda: str(find_valkey(settings.valkey_bin)))
    yield _look("data folder", lambda: _folder(Path(settings.data_dir)))
    servers = find_servers(Path(settings.data_dir))
    if servers is None:
        yield _look("port", lambda: _port(settings))
    else:
        yield Finding(what="running", found=f"process {servers.pid}, {servers.url or 'no web'}")
        settings = with_servers(settings, servers)
    if settings.database_url is not None:
        url = settings.database_url
        yield _look("database", lambda: _database(url))
        yield _look("migrations", lambda: _migrations(url))
    yield _look("secret keys", lambda: _keys(settings))
    if settings.redis_url is not None:
        cache = settings.redis_url
        yield _look("Valkey", lambda: _valkey(cache))
    yield Finding(what="mail", found=_mail(settings))
    yield Finding(what="text messages", found=_texts(settings))


def _look(what: str, at: Callable[[], str]) -> Finding:
    try:
        return Finding(what=what, found=at())
    except Trouble as trouble:
        return Finding(what=what, problem=str(trouble))


def _python() -> str:
    if sys.version_info < OLDEST:
        raise Trouble(f"{platform.python_version()}; 3.11 or later is needed")
    return platform.python_version()


def _postgres(settings: Settings) -> str:
    programs = find_postgres(settings.pg_bin)
    return f"version {major(programs)} in {programs}"


def _how(settings: Settings) -> str:
    return HOWS[choose_account(find_postgres(settings.pg_bin) / "postgres").how]


def _folder(data_dir: Path) -> str:
    there = next(one for one in (data_dir, *data_dir.parents) if one.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise Trouble(f"{there} cannot be written: choose another folder with --data-dir")
    return f"{data_dir} can be written" if there == data_dir else f"{data_dir} can be created"


def _port(settings: Settings) -> str:
    check_port(settings)
    return f"{settings.port} of {settings.host} is free"


def _database(url: str) -> str:
    try:
        return asyncio.run(_checked(url))
    except RuntimeError as fault:  # what open_pool says of a role that may do too much
        raise Trouble(str(fault)) from fault
    except GONE as error:
        raise Trouble(f"it does not answer ({error}): check INTERPRETERS_DATABASE_URL") from error


async def _checked(url: str) -> str:
    pool = await open_pool(url, vault=None, size=1)
    try:
        version = await pool.fetchval("SHOW server_version")
        role = await pool.fetchval("SELECT current_user")
        return f"PostgreSQL {version}, as {role}, who may not pass row-level security"
    finally:
        await pool.close()


def _migrations(url: str) -> str:
    try:
        current = is_current(url)
    except psycopg.Error as error:
        raise Trouble(f"they cannot be read: {error}") from error
    if not current:
        raise Trouble(
            "the database is not at the newest revision: run `interpreters migrate` with "
            "INTERPRETERS_OWNER_DATABASE_URL set to the owner's address"
        )
    return "at the newest revision"


def _keys(settings: Settings) -> str:
    if settings.secret_keys is None and settings.database_url is None:
        file = key_file(settings)
        if not file.exists():
            return f"none yet: {file} is made at the first start"
    try:
        return asyncio.run(_tried(settings))
    except (WrongKeys, RuntimeError) as wrong:
        raise Trouble(str(wrong)) from wrong
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
        raise Trouble("the database must be migrated first: `interpreters migrate`") from error
    except GONE as error:
        raise Trouble("the database does not answer: they cannot be tried") from error


async def _tried(settings: Settings) -> str:
    vault = vault_from(settings)
    found = f"number {vault.numbers[-1]} is the newest of {len(vault.numbers)}"
    if settings.database_url is None:
        return f"{found} (not tried: the database does not run)"
    pool = await open_pool(settings.database_url, vault=vault, size=1)
    try:
        await check_keys(pool, complete=False)
    finally:
        await pool.close()
    return f"{found}; what the database holds opens"


def _valkey(url: str) -> str:
    with redis.Redis.from_url(url, socket_timeout=2) as line:
        try:
            line.ping()
        except redis.RedisError as error:
            raise Trouble(f"it does not answer ({error}): check INTERPRETERS_REDIS_URL") from error
    return "answers"


def _mail(settings: Settings) -> str:
    if settings.smtp_url is None:
        return "none is sent: INTERPRETERS_SMTP_URL is not set"
    return f"handed over to {urlsplit(settings.smtp_url).hostname} (not called)"


def _texts(settings: Settings) -> str:
    if settings.sms_account is None:
        return "none are sent: INTERPRETERS_SMS_ACCOUNT is not set"
    return f"handed over to {urlsplit(settings.sms_url).hostname} (not called)"
