"""Backups of a database of one's own: what is refused, and that what is refused changes nothing."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

import psycopg
import pytest
from alembic import command
from psycopg import sql

from conftest import NUMBERS, Clock
from interpreters.application.networks import open_network
from interpreters.database import open_pool
from interpreters.embedded.binaries import find_clients, find_postgres, major
from interpreters.embedded.clients import running
from interpreters.embedded.dumps import rows
from interpreters.embedded.trouble import Trouble
from interpreters.migrate import configuration, is_current
from sealing import SECRET_KEYS, VAULT
from servers import database_url, start_test_postgres

pytestmark = pytest.mark.anyio
PROGRAMS: Final = find_postgres(os.environ.get("PG_BIN"))
NO_INDEXES: Final = """
    CREATE SCHEMA elsewhere;
    CREATE FUNCTION elsewhere.refuse() RETURNS event_trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no more indexes'; END $$;
    CREATE EVENT TRIGGER no_indexes ON ddl_command_start WHEN TAG IN ('CREATE INDEX')
        EXECUTE FUNCTION elsewhere.refuse();
"""
Said: TypeAlias = "subprocess.CompletedProcess[str]"


def owner(database: str, role: str = "interpreters_owner") -> str:
    return database_url(role=role, database=database)


def say(database: str, *words: str, keys: str | None = SECRET_KEYS) -> Said:
    """Give a command about a database that somebody else runs."""
    settings = {
        "INTERPRETERS_DATABASE_URL": owner(database, "interpreters_app"),
        "INTERPRETERS_OWNER_DATABASE_URL": owner(database),
        "INTERPRETERS_REDIS_URL": "redis://127.0.0.1:1",  # nobody asks it
        **({} if keys is None else {"INTERPRETERS_SECRET_KEYS": keys}),
    }
    others = {k: v for k, v in os.environ.items() if not k.startswith("INTERPRETERS_")}
    return subprocess.run(
        [sys.executable, "-m", "interpreters", *words],
        capture_output=True, text=True, check=False, env={**others, **settings},
    )  # fmt: skip


@pytest.fixture
def empty() -> Iterator[Callable[[], str]]:
    """Make new databases, that hold nothing and belong to the owner."""
    start_test_postgres()
    made = []

    def make() -> str:
        name = f"kept_{next(NUMBERS)}"
        with psycopg.connect(owner("postgres", "postgres"), autocommit=True) as db:
            db.execute(
                sql.SQL("CREATE DATABASE {} OWNER interpreters_owner").format(sql.Identifier(name))
            )
        made.append(name)
        return name

    yield make
    with psycopg.connect(owner("postgres", "postgres"), autocommit=True) as db:
        for name in made:
            db.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
async def backup(database: str, clock: Clock, tmp_path: Path) -> Path:
    """A backup of a database with one network, `centre`."""
    await opened(database, clock, "centre")
    file = tmp_path / "kept.dump"
    made = say(database, "backup", str(file))
    assert made.returncode == 0, made.stderr
    return file


async def opened(database: str, clock: Clock, slug: str) -> None:
    pool = await open_pool(owner(database, "interpreters_app"), vault=VAULT, size=1)
    try:
        await open_network(
            pool, name=slug, slug=slug, time_zone="Europe/Riga", currency="EUR", country="LV",
            working_language="lav", now=clock(),
        )  # fmt: skip
    finally:
        await pool.close()


def networks(database: str) -> list[str]:
    with psycopg.connect(owner(database)) as db:
        return [name for (name,) in db.execute("SELECT slug FROM network_names ORDER BY slug")]


async def test_it_comes_back_into_an_empty_database_whoever_made_that(
    backup: Path, empty: Callable[[], str]
) -> None:
    target = empty()
    back = say(target, "restore", str(backup))
    assert back.returncode == 0, back.stderr
    assert networks(target) == ["centre"]
    assert is_current(owner(target))
    with psycopg.connect(owner(target)) as db:
        owners = db.execute(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
    assert owners == [("interpreters_owner",)]


async def test_a_full_database_is_kept_unless_it_is_said_and_then_nothing_of_it_is_left(
    backup: Path, empty: Callable[[], str], clock: Clock
) -> None:
    target = empty()
    assert say(target, "restore", str(backup)).returncode == 0
    await opened(target, clock, "later")
    kept = say(target, "restore", str(backup))
    assert (kept.returncode, "--replace" in kept.stderr) == (2, True)
    assert networks(target) == ["centre", "later"]
    assert say(target, "restore", str(backup), "--replace").returncode == 0
    assert networks(target) == ["centre"]


async def test_while_somebody_uses_the_database_nothing_takes_its_place(
    backup: Path, empty: Callable[[], str]
) -> None:
    target = empty()
    with psycopg.connect(owner(target, "postgres")):
        said = say(target, "restore", str(backup), "--replace")
    assert (said.returncode, "in use by 1 connections" in said.stderr) == (2, True)
    assert say(target, "restore", str(backup)).returncode == 0


@pytest.mark.parametrize("keys", ["1:" + "B" * 43, "2:" + "A" * 43, None])
async def test_without_the_keys_of_then_nothing_is_changed(
    backup: Path, empty: Callable[[], str], keys: str | None
) -> None:
    target = empty()
    said = say(target, "restore", str(backup), "--data-dir", str(backup.parent), keys=keys)
    assert said.returncode == 2
    assert "opens with secret key 1" in said.stderr
    assert "nothing was changed" in said.stderr
    with psycopg.connect(owner(target)) as db:
        assert db.execute("SELECT to_regclass('networks')").fetchone() == (None,)


async def test_a_file_that_is_damaged_or_something_else_changes_nothing(
    backup: Path, empty: Callable[[], str]
) -> None:
    target = empty()
    assert say(target, "restore", str(backup)).returncode == 0
    for file in damaged(backup):
        said = say(target, "restore", str(file), "--replace")
        assert said.returncode == 2, said.stdout
        assert "Traceback" not in said.stderr
        assert networks(target) == ["centre"]
    missing = say(target, "restore", str(backup.parent / "none.dump"), "--replace")
    assert (missing.returncode, "there is no file" in missing.stderr) == (2, True)


def damaged(file: Path) -> Iterator[Path]:
    """Write the file over: nothing, words, its first half, all but its end; one after the other."""
    whole = file.read_bytes()
    for octets in (b"", b"words", whole[: len(whole) // 2], whole[:-20_000]):
        file.write_bytes(octets)
        yield file


async def test_what_the_database_refuses_half_way_leaves_it_as_it_was(
    backup: Path, empty: Callable[[], str]
) -> None:
    target = empty()
    assert say(target, "restore", str(backup)).returncode == 0
    with psycopg.connect(owner(target, "postgres")) as db:
        db.execute(NO_INDEXES)
    said = say(target, "restore", str(backup), "--replace")
    assert (said.returncode, "is as it was: " in said.stderr) == (2, True)
    assert "no more indexes" in said.stderr
    assert networks(target) == ["centre"]


async def test_a_database_of_something_else_is_never_replaced(
    backup: Path, empty: Callable[[], str]
) -> None:
    target = empty()
    with psycopg.connect(owner(target)) as db:
        db.execute("CREATE TABLE accounts AS SELECT 1 AS one")
    said = say(target, "restore", str(backup), "--replace")
    assert (said.returncode, "tables that are not ours" in said.stderr) == (2, True)


async def test_an_older_backup_is_migrated_and_a_newer_one_refused(
    empty: Callable[[], str], tmp_path: Path
) -> None:
    source, target = empty(), empty()
    command.upgrade(configuration(owner(source)), "0012")
    old, new = tmp_path / "old.dump", tmp_path / "new.dump"
    assert "at revision 0012" in say(source, "backup", str(old)).stdout
    with psycopg.connect(owner(source)) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    assert say(source, "backup", str(new)).returncode == 0
    newer = say(target, "restore", str(new))
    assert (newer.returncode, "a newer one has made it" in newer.stderr) == (2, True)
    assert say(target, "restore", str(old)).returncode == 0
    assert is_current(owner(target))


async def test_what_else_is_in_the_world_is_no_backup_of_ours(
    empty: Callable[[], str], tmp_path: Path
) -> None:
    source, target = empty(), empty()
    with psycopg.connect(owner(source)) as db:
        db.execute("CREATE TABLE accounts AS SELECT 1 AS one")
    made = say(source, "backup", str(tmp_path / "x.dump"))
    assert (made.returncode, "some other database" in made.stderr) == (2, True)
    assert names_in(tmp_path) == []
    with running(
        PROGRAMS / "pg_dump", "--format=custom", f"--file={tmp_path / 'y.dump'}", url=owner(source)
    ) as dump:
        dump.must_work("it could not")
    said = say(target, "restore", str(tmp_path / "y.dump"))
    assert (said.returncode, "some other database" in said.stderr) == (2, True)


def names_in(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


async def test_a_place_that_cannot_be_written_is_said(database: str, tmp_path: Path) -> None:
    said = say(database, "backup", str(tmp_path / "none" / "x.dump"))
    assert (said.returncode, "cannot be written" in said.stderr) == (2, True)


async def test_rows_are_read_as_they_are_stored(backup: Path) -> None:
    found = [one for one in rows(PROGRAMS, backup) if one.table == "networks"]
    assert [one.value("name") for one in found] == [b"centre"]
    assert found[0].value("no such column") == b""
    assert VAULT.number(found[0].value("sealed_check").decode()) == 1


def test_a_client_of_another_version_is_not_used_and_it_is_said(tmp_path: Path) -> None:
    assert find_clients(major(PROGRAMS), os.environ.get("PG_BIN")) == PROGRAMS
    (tmp_path / "13/bin").mkdir(parents=True)
    for name in ("pg_dump", "pg_restore", "psql"):
        program = tmp_path / "13/bin" / name
        program.write_text('#!/bin/sh\necho "pg_dump (PostgreSQL) 13.9"\n')
        program.chmod(0o755)
    with pytest.raises(Trouble, match=r"PostgreSQL 14, and of that version .* 13 in .*PG_BIN"):
        find_clients(14, system=tmp_path)
    assert find_clients(13, system=tmp_path) == tmp_path / "13/bin"


def test_a_password_stands_on_no_command_line() -> None:
    echo = shutil.which("echo")
    assert echo is not None
    with running(Path(echo), url="postgresql://owner:p%3A%5Cw@example.org/db") as told:
        said = told.output.read().decode()
        assert "p:" not in said
        kept = Path(said.partition("passfile=")[2].split()[0].strip("'"))
        assert kept.read_text() == "*:*:*:*:p\\:\\\\w\n"
        assert kept.stat().st_mode & 0o077 == 0
    assert not kept.exists()
