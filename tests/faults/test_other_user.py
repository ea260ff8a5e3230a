"""`up` as somebody who owns nothing, on a tree nobody can write: it works, and keeps to its folder.

As root the tree is read-only for it, whatever its own rights are; where there can be no such walls
the tree is looked at before and after.
"""

import contextlib
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from faults.started import family
from faults.test_embedded_up import answers, clean, get, port
from faults.walled import (
    EMPTY,
    INSIDE,
    ROOT,
    beside,
    can_be_walled,
    give,
    unprivileged,
    walled,
    writable,
)

__all__ = ["port"]  # a fixture

PATIENCE: Final = 60.0  # seconds
ROOT_USER: Final = os.geteuid() == 0
WALLED: Final = can_be_walled()
SOCKETS: Final = "interpreters-"
# What the command could write into when the walls are missing.
TREE: Final = (ROOT / "src", ROOT / "migrations", ROOT / "openapi")


class Up:
    """A running `up`, its data folder as seen from outside and from inside."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.inside = INSIDE if WALLED else self.data
        self.elsewhere = folder / "elsewhere"  # home and working folder of an unwalled one
        for one in (self.data, self.elsewhere):
            one.mkdir(mode=0o700)
            if ROOT_USER:
                give(one)
        argv = self.command("up", "--port", str(port))
        with (folder / "said").open("wb") as said:
            self.child = subprocess.Popen(
                walled(argv, self.data) if WALLED else as_another(argv),
                stdout=said, stderr=said, env=self.environment, cwd=self.elsewhere,
            )  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in clean().items() if name in {"PATH", "LANG"}}
        return {**kept, "HOME": str(self.elsewhere), "PYTHONDONTWRITEBYTECODE": "1"}

    @property
    def words(self) -> str:
        return (self.folder / "said").read_text()

    def command(self, name: str, *more: str) -> list[str]:
        whole = [sys.executable, "-m", "interpreters", name, *more]
        return [*whole, "--data-dir", str(self.inside)]

    def also(self, argv: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        """Run another command as the same user behind the same walls."""
        return subprocess.run(
            beside(self.child.pid, argv) if WALLED else as_another(argv),
            capture_output=True, text=True, check=False, timeout=60, env=self.environment,
        )  # fmt: skip

    def beside_the_folder(self) -> list[Path]:
        """Return what it made outside its data folder, without the sockets' closed folders."""
        place = Path(f"/proc/{self.child.pid}/root{EMPTY[0]}") if WALLED else self.elsewhere
        # a tree that lies under /tmp itself is put back there, for reading
        there = {Path(one) for one in (sys.base_prefix, sys.prefix, ROOT)}
        ways = {one.relative_to(EMPTY[0]).parts[0] for one in there if one.is_relative_to(EMPTY[0])}
        made = (one for one in place.iterdir() if one.name not in ways)
        return [one for one in made if not _is_data(one) and not _is_sockets(one)]


def as_another(argv: Sequence[str]) -> Sequence[str]:
    return unprivileged(argv) if ROOT_USER else argv


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder on a way that is open to everybody, unlike pytest's own."""
    made = Path(tempfile.mkdtemp(prefix="other-user-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def up(folder: Path, port: int) -> Iterator[Up]:
    one = Up(folder, port)
    try:
        end = time.monotonic() + PATIENCE
        while not answers(port):
            assert one.child.poll() is None, one.words
            assert time.monotonic() < end, one.words
            time.sleep(0.05)
        yield one
    finally:
        one.child.kill()
        one.child.wait()


def test_another_user_on_a_read_only_tree_serves_and_writes_into_the_data_folder_alone(
    up: Up, port: int
) -> None:
    before = _tree()

    made = up.also(up.command("keys", "create", "--role", "coordinator", "--json"))
    assert made.returncode == 0, made.stderr
    token = json.loads(made.stdout)["token"]
    assert get(port, "/health/ready")[0] == 200
    assert get(port, "/v1/institutions", token)[0] == 200

    assert _with_powers(up) == []
    assert up.beside_the_folder() == []
    if WALLED:
        assert writable(up.child.pid) == {str(INSIDE), *map(str, EMPTY)}
        assert up.also(["touch", str(ROOT / "src/interpreters/written")]).returncode != 0
    assert open_to_others(up.data) == []

    up.child.send_signal(signal.SIGTERM)
    assert up.child.wait(15) == 0, up.words
    assert list(up.data.glob("*/PG_VERSION"))  # it did keep its data there
    assert open_to_others(up.data) == []
    assert _tree() == before


def open_to_others(folder: Path) -> list[str]:
    """Return what in the folder, itself included, anybody else has any right to."""
    found = []
    for one in (folder, *folder.rglob("*")):
        with contextlib.suppress(FileNotFoundError):  # the database removes files of its own
            mode = stat.S_IMODE(one.lstat().st_mode)
            if mode & 0o077:
                found.append(f"{one.relative_to(folder)} {mode:o}")
    return found


def _with_powers(up: Up) -> list[str]:
    """Return the processes that are root, or could become it where we had the say."""
    found = []
    for pid in family(up.child.pid):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        told = {name: value.split() for name, _, value in (one.partition(":") for one in lines)}
        powers = {name: told[name] for name in ("CapEff", "CapPrm", "CapBnd")}
        walls = all(int(value[0], 16) == 0 for value in powers.values())
        if "0" in told["Uid"] or (ROOT_USER and not (walls and told["NoNewPrivs"] == ["1"])):
            found.append(f"{told['Name']} {told['Uid']} {powers}")
    return found


def _tree() -> dict[str, tuple[int, int]]:
    """Return size and time of every file of ours that the command may write.

    What Python compiles for other tests is left out. Walls need no look.
    """
    files = [one for top in TREE for one in top.rglob("*") if one.suffix != ".pyc"]
    found = {str(one): one.stat() for one in files if one.is_file() and not WALLED}
    mine = pwd.getpwnam("nobody").pw_uid if ROOT_USER else os.geteuid()
    return {
        path: (about.st_size, about.st_mtime_ns)
        for path, about in found.items()
        if about.st_uid == mine or about.st_mode & stat.S_IWOTH
    }


def _is_data(one: Path) -> bool:
    return one.name == INSIDE.name


def _is_sockets(one: Path) -> bool:
    return one.name.startswith(SOCKETS) and stat.S_IMODE(one.stat().st_mode) == 0o700
