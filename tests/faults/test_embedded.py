"""The embedded servers keep what they were given, whoever starts them and however they end."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from faults.started import Start, family, forget_sockets, gone_within, refused, starting, ways
from interpreters.embedded.binaries import find_postgres
from interpreters.embedded.folder import find_servers


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder that every account may walk to, in memory where the system has that."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    above = Path(tempfile.mkdtemp(prefix="faults-", dir=memory))
    above.chmod(0o711)
    yield above / "data"
    forget_sockets(above / "data")
    shutil.rmtree(above)


@pytest.fixture
def start() -> Iterator[Start]:
    """Start the servers on a folder; whatever still runs after the test is ended."""
    with starting() as start:
        yield start


def log_of(data_dir: Path) -> str:
    return (data_dir / "logs" / "postgres.log").read_text()


def keep(url: str) -> None:
    with psycopg.connect(url) as db:
        db.execute("CREATE TABLE kept (word text)")
        db.execute("INSERT INTO kept VALUES ('here')")


def kept(url: str) -> list[tuple[str]]:
    with psycopg.connect(url) as db:
        return db.execute("SELECT word FROM kept").fetchall()


@pytest.mark.parametrize("how", ways())
def test_rows_outlive_a_clean_stop_whoever_starts_the_servers(
    data_dir: Path, how: str, start: Start
) -> None:
    first = start(data_dir, how=how)
    keep(first.servers["owner_database_url"])
    with redis.Redis.from_url(first.servers["redis_url"]) as cache:
        assert cache.ping()
    processes = family(first.child.pid)
    began = time.monotonic()

    assert first.stop(signal.SIGINT) == 0
    assert time.monotonic() - began < 5
    assert gone_within(processes, 1)
    assert not (data_dir / "servers.json").exists()
    assert log_of(data_dir).rstrip().endswith("database system is shut down")

    second = start(data_dir, how=how)
    assert kept(second.servers["owner_database_url"]) == [("here",)]
    assert second.stop() == 0


def test_the_application_role_owns_nothing_and_passes_no_wall(data_dir: Path, start: Start) -> None:
    running = start(data_dir)

    with psycopg.connect(running.servers["database_url"]) as db:
        role = db.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("CREATE TABLE mine (word text)")
    with psycopg.connect(running.servers["owner_database_url"]) as db:
        extensions = db.execute("SELECT extname FROM pg_extension ORDER BY 1").fetchall()
        durable = db.execute("SELECT current_setting('fsync')").fetchone()
        heard = db.execute("SELECT current_setting('listen_addresses')").fetchone()
    running.stop()

    assert role == ("interpreters_app", False, False, False, False)
    assert {("btree_gist",), ("pg_trgm",)} <= set(extensions)
    assert durable == ("on",)
    assert heard == ("",)


def test_only_their_user_may_reach_the_sockets_and_the_cluster(
    data_dir: Path, start: Start
) -> None:
    running = start(data_dir)
    sockets = Path(running.servers["database_url"].partition("host=")[2])
    modes = [one.stat().st_mode & 0o777 for one in (sockets, data_dir / "postgres")]
    told = (data_dir / "servers.json").stat().st_mode & 0o777
    running.stop()

    assert modes == [0o700, 0o700]
    assert told == 0o600
    assert not sockets.exists()


def test_a_second_start_on_the_folder_is_refused_and_names_who_holds_it(
    data_dir: Path, start: Start
) -> None:
    first = start(data_dir)

    said = refused(data_dir)

    assert said == (
        f"the data folder {data_dir} is in use by process {first.child.pid}; "
        "stop that one first, or choose another folder with --data-dir\n"
    )
    with psycopg.connect(first.servers["database_url"]) as db:
        assert db.execute("SELECT 1").fetchone() == (1,)
    assert first.stop() == 0


@pytest.mark.parametrize("how", ways())
def test_kill_9_of_the_supervisor_leaves_nothing_running_and_no_damage(
    data_dir: Path, how: str, start: Start
) -> None:
    first = start(data_dir, how=how)
    keep(first.servers["owner_database_url"])
    processes = family(first.child.pid)
    assert len(processes) >= 4

    first.child.kill()
    first.child.wait()

    assert gone_within(processes, 5)
    assert log_of(data_dir).rstrip().endswith("database system is shut down")
    assert find_servers(data_dir) is None
    second = start(data_dir, how=how)
    assert kept(second.servers["owner_database_url"]) == [("here",)]
    assert second.stop() == 0
    assert "was not properly shut down" not in log_of(data_dir)


def test_a_start_right_after_kill_9_waits_for_the_orphan_and_goes_on(
    data_dir: Path, start: Start
) -> None:
    first = start(data_dir)
    keep(first.servers["owner_database_url"])
    with psycopg.connect(first.servers["owner_database_url"], autocommit=True) as db:
        db.execute("INSERT INTO kept SELECT 'here' FROM generate_series(1, 50000)")

    first.child.kill()
    first.child.wait()
    second = start(data_dir)

    assert len(kept(second.servers["owner_database_url"])) == 50001
    assert second.stop() == 0


def test_kill_9_of_postgresql_itself_loses_no_committed_row(data_dir: Path, start: Start) -> None:
    first = start(data_dir)
    keep(first.servers["owner_database_url"])
    pid = int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])

    os.kill(pid, signal.SIGKILL)
    assert first.stop() == 0
    second = start(data_dir)

    assert kept(second.servers["owner_database_url"]) == [("here",)]
    assert second.stop() == 0


def test_a_pid_file_with_the_pid_of_a_stranger_is_not_believed(
    data_dir: Path, start: Start
) -> None:
    first = start(data_dir)
    keep(first.servers["owner_database_url"])
    content = (data_dir / "postgres" / "postmaster.pid").read_text().split("\n")
    assert first.stop() == 0
    (data_dir / "postgres" / "postmaster.pid").write_text(
        "\n".join([str(os.getpid()), *content[1:]])
    )

    second = start(data_dir)

    assert kept(second.servers["owner_database_url"]) == [("here",)]
    assert second.stop() == 0


def test_what_a_killed_process_told_is_not_believed(data_dir: Path, start: Start) -> None:
    data_dir.mkdir()
    (data_dir / "lock").write_text("1")
    (data_dir / "servers.json").write_text('{"pid": 1, "database_url": "postgresql://x/y"}')

    assert find_servers(data_dir) is None

    running = start(data_dir)
    found = find_servers(data_dir)
    assert found is not None
    assert found.pid == running.child.pid
    assert running.stop() == 0


def test_a_first_start_that_was_killed_half_way_is_begun_again(
    data_dir: Path, start: Start
) -> None:
    cluster = data_dir / "postgres"
    for left in ("new/base", "base/1", "global"):
        (cluster / left).mkdir(parents=True)
    (cluster / "new" / "PG_VERSION").write_text("18\n")

    running = start(data_dir)

    keep(running.servers["owner_database_url"])
    assert running.stop() == 0


def test_a_cluster_of_another_major_version_is_refused_untouched(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir(parents=True)
    (data_dir / "postgres" / "PG_VERSION").write_text("14\n")

    said = refused(data_dir)

    assert "was made by PostgreSQL 14" in said
    assert "set PG_BIN to the folder of a PostgreSQL 14" in said
    assert [one.name for one in (data_dir / "postgres").iterdir()] == ["PG_VERSION"]


def test_a_data_folder_below_a_closed_home_works_and_the_home_stays_closed(
    tmp_path: Path, start: Start
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    how = next(one for one in (*ways(), "chosen") if one != "nobody")

    if how == "chosen":  # root without user namespaces
        said = refused(home / "data", how="nobody")
        assert "choose a data folder such as /var/lib/interpreters" in said
    else:
        assert start(home / "data", how=how).stop() == 0

    assert home.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("how", [one for one in ways() if one == "nobody"])
def test_programs_in_a_closed_home_are_copied_to_where_nobody_can_run_them(
    start: Start, tmp_path: Path, how: str
) -> None:
    package = find_postgres().parents[1]
    home, open_folder = tmp_path / "home", Path(tempfile.mkdtemp(prefix="faults-"))
    for one in package.parent.glob(f"{package.name}*"):
        if one.is_dir():
            shutil.copytree(one, home / one.name, ignore=shutil.ignore_patterns("include"))
    home.chmod(0o700)
    open_folder.chmod(0o711)

    programs = home / find_postgres().relative_to(package.parent)
    running = start(open_folder / "data", how=how, env={"PG_BIN": str(programs)})

    keep(running.servers["owner_database_url"])
    assert running.stop() == 0
    assert home.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(open_folder)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PG_BIN", "/nowhere", "PG_BIN is /nowhere, and there is no initdb and postgres in it"),
        ("VALKEY_BIN", "/nowhere", "VALKEY_BIN is /nowhere, and there is no such program"),
    ],
)
def test_programs_that_are_not_there_are_named(
    data_dir: Path, name: str, value: str, sentence: str
) -> None:
    assert refused(data_dir, env={name: value}) == f"{sentence}\n"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    said = refused(tmp_path / "file" / "data")

    assert said == f"the data folder {tmp_path / 'file' / 'data'} cannot be used: Not a directory\n"
