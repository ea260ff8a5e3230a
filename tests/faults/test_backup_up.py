"""`backup` while everything runs, `restore` on another machine: the same answers, the same wall."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
import pytest

from faults.started import forget_sockets
from interpreters.domain.ids import NETWORK, read_id
from interpreters.embedded.binaries import find_postgres

FIFTEEN: Final = Path("/usr/lib/postgresql/15/bin")
PHONE: Final = "+37120000001"


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        number: int = door.getsockname()[1]
        return number


class Machine:
    """A data folder, and the commands that are given on it."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data, self.port, self.settings = data, free_port(), settings

    def say(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "interpreters", *words, "--data-dir", str(self.data)],
            capture_output=True, text=True, check=False, env=self._env(), cwd=self.data.parent,
        )  # fmt: skip

    @contextlib.contextmanager
    def up(self) -> Iterator[None]:
        """Run `up` until the block ends."""
        argv = ["up", "--data-dir", str(self.data), "--port", str(self.port)]
        child = subprocess.Popen(
            [sys.executable, "-m", "interpreters", *argv], env=self._env(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            end = time.monotonic() + 60
            while not self._answers():
                assert child.poll() is None
                assert time.monotonic() < end
                time.sleep(0.05)
            yield
            child.send_signal(signal.SIGINT)
            assert child.wait(20) == 0
        finally:
            child.kill()
            child.wait()
            forget_sockets(self.data)

    def call(self, token: str, path: str, body: Any = None) -> Any:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(line):
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            sent = None if body is None else json.dumps(body)
            line.request("GET" if body is None else "POST", path, sent, headers)
            answer = line.getresponse()
            read = json.loads(answer.read())
        assert answer.status in (200, 201), read
        return read

    def url(self, role: str) -> str:
        told = json.loads((self.data / "servers.json").read_text())["database_url"]
        return str(told).replace("interpreters_app@", f"{role}@")

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def _env(self) -> dict[str, str]:
        others = {k: v for k, v in os.environ.items() if not k.startswith("INTERPRETERS_")}
        return {**others, **self.settings}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for data in tmp_path.iterdir():
        if data.is_dir():
            forget_sockets(data)


PAGES: Final = ("/v1/interpreters", "/v1/institutions", "/v1/requests", "/v1/events", "/v1/network")


def people(one: Machine) -> str:
    """Fill a network; return a coordinator's token."""
    made = one.say("keys", "create", "--role", "coordinator", "--json")
    token: str = json.loads(made.stdout)["token"]
    home = {"latitude": 56.95, "longitude": 24.1, "city": "Riga"}
    one.call(token, "/v1/interpreters", {
        "display_name": "Person 1", "phone": PHONE, "email": "p1@example.org", "home": home,
        "languages": [{"code": "dari", "level": "native"}, {"code": "lv"}],
    })  # fmt: skip
    school = one.call(token, "/v1/institutions", {
        "name": "School", "kind": "education", "working_language": "lv",
    })  # fmt: skip
    one.call(token, "/v1/requests", {
        "institution_id": school["id"], "language": "dari", "modes": ["phone"], "topic": "health",
        "starts_at": "2036-11-25T10:00:00+02:00", "duration_minutes": 60,
        "clients": [{"reference": "LV-1042"}], "instructions": "ask for Ilze",
    })  # fmt: skip
    return token


def settled(one: Machine, token: str) -> dict[str, Any]:
    """Return what the pages of the API say, once the worker has told what there was to tell."""
    last: dict[str, Any] = {}
    for _ in range(100):
        found = {path: one.call(token, path) for path in PAGES}
        if found == last and "offer.sent" in json.dumps(found["/v1/events"]):
            return found
        last = found
        time.sleep(0.5)
    raise AssertionError(last)


def test_what_was_backed_up_while_it_ran_answers_the_same_on_another_machine(
    folder: Path,
) -> None:
    here, there = Machine(folder / "here"), Machine(folder / "there")
    file = folder / "kept.dump"
    with here.up():
        token = people(here)
        before = settled(here, token)
        made = here.say("backup", str(file))
        assert made.returncode == 0, made.stderr
        again = here.say("backup", str(file))
        busy = here.say("restore", str(file), "--replace")
    assert "it opens with secret key 1 alone, which is not in it" in made.stdout
    assert str(here.data / "secret-keys") in made.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(one.name for one in folder.iterdir()) == ["here", "kept.dump"]  # nothing half
    assert (again.returncode, "is there already" in again.stderr) == (2, True)
    assert (busy.returncode, "stop `interpreters up` first" in busy.stderr) == (2, True)
    text = subprocess.run(
        [find_postgres() / "pg_restore", "--file=-", file], capture_output=True, check=True
    ).stdout
    key = (here.data / "secret-keys").read_text().strip().partition(":")[2]
    for never in (key, PHONE, "p1@example.org", "ask for Ilze", token):
        assert never.encode() not in text

    lost = there.say("restore", str(file))
    assert (lost.returncode, "opens with secret key 1" in lost.stderr) == (2, True)
    assert not there.data.exists()  # nothing was begun
    there.data.mkdir()
    shutil.copy(here.data / "secret-keys", there.data)
    back = there.say("restore", str(file))
    assert back.returncode == 0, back.stderr
    assert "networks: interpreters" in back.stdout
    with there.up():
        assert settled(there, token) == before
        assert there.call(token, "/v1/interpreters")["items"][0]["phone"] == PHONE
        doctor = there.say("doctor")
        assert doctor.returncode == 0, doctor.stdout
        network_id = read_id(NETWORK, before["/v1/network"]["id"])
        walled(there.url("interpreters_app"), network_id)


def walled(url: str, network_id: UUID) -> None:
    """The application reads the network it has entered, and never rewrites the ledger."""
    with psycopg.connect(url) as db:
        counted = "SELECT count(*) FROM interpreters"
        [outside] = db.execute(counted).fetchone() or (None,)
        db.execute("SELECT enter(%s)", [network_id])
        [inside] = db.execute(counted).fetchone() or (None,)
        assert (outside, inside) == (0, 1)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("DELETE FROM usage_entries")
        db.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("DROP TABLE interpreters")


@pytest.mark.skipif(not (FIFTEEN / "initdb").exists(), reason="PostgreSQL 15 is not installed")
def test_it_is_the_way_from_one_major_version_of_the_server_to_another(folder: Path) -> None:
    old = Machine(folder / "old", PG_BIN=str(FIFTEEN))
    new = Machine(folder / "new")
    assert old.say("migrate").returncode == 0
    made = old.say("backup", "old.dump")
    assert made.returncode == 0, made.stderr
    assert "of PostgreSQL 15\nnothing in it is sealed" in made.stdout
    back = new.say("restore", "old.dump")
    assert back.returncode == 0, back.stderr
    assert new.say("migrate", "--check").returncode == 0
    assert new.say("backup", "new.dump").returncode == 0
    down = old.say("restore", "new.dump")  # its programs cannot read what a newer one wrote
    assert (down.returncode, "no backup that can be read here" in down.stderr) == (2, True)


def test_where_there_is_no_database_nothing_is_made(folder: Path) -> None:
    said = Machine(folder / "none").say("backup")
    assert (said.returncode, "there is no database in" in said.stderr) == (2, True)
    assert list(folder.iterdir()) == []
