"""A supervisor of the embedded servers in a process of its own, to be killed and looked at."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from interpreters.embedded.binaries import find_postgres
from interpreters.embedded.roots import choose_account, command

SUPERVISOR: Final = """
import sys, time
from pathlib import Path
from interpreters.embedded.folder import hold, tell
from interpreters.embedded.servers import run_servers
from interpreters.embedded.supervisor import until_stopped
from interpreters.embedded.trouble import Trouble
from interpreters.settings import load_or_exit

how = None if sys.argv[2] == "chosen" else sys.argv[2]
try:
    with until_stopped(), hold(Path(sys.argv[1])) as held:
        with run_servers(held, load_or_exit(), how=how) as servers:
            tell(held, servers)
            print("ready", flush=True)
            while True:
                time.sleep(1)
except Trouble as trouble:
    sys.exit(f"{trouble}")
"""


class Started:
    """One running supervisor."""

    def __init__(self, child: "subprocess.Popen[str]", data_dir: Path) -> None:
        self.child, self.data_dir = child, data_dir

    @property
    def servers(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data_dir / "servers.json").read_text())
        return found

    @property
    def superuser_url(self) -> str:
        url: str = self.servers["database_url"]
        return url.replace("interpreters_app@", "postgres@")

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        self.child.send_signal(by)
        return self.child.wait(10)


class Start(Protocol):
    """Start the servers on a folder and return when they are ready."""

    def __call__(
        self, data_dir: Path, *, how: str = "chosen", env: Mapping[str, str] | None = None
    ) -> Started: ...


@contextlib.contextmanager
def starting() -> Iterator[Start]:
    """Give the function that starts; in the end nothing that it started runs."""
    with contextlib.ExitStack() as stack:

        def start(
            data_dir: Path, *, how: str = "chosen", env: Mapping[str, str] | None = None
        ) -> Started:
            child = subprocess.Popen(
                _argv(data_dir, how),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**_clean(), **(env or {})},
            )
            stack.enter_context(child)  # closes its pipes and waits
            stack.callback(child.kill)
            assert child.stdout is not None
            assert child.stderr is not None
            if child.stdout.readline() != "ready\n":
                raise AssertionError(child.stderr.read())
            return Started(child, data_dir)

        yield start


def refused(data_dir: Path, *, how: str = "chosen", env: Mapping[str, str] | None = None) -> str:
    """Start the servers where that must fail, and return what was said."""
    ended = subprocess.run(
        _argv(data_dir, how),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**_clean(), **(env or {})},
    )
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr
    return ended.stderr


def ways() -> list[str]:
    """Return every way to run the servers that can be tried on this machine.

    `ordinary` is the start by an ordinary user; for root it is tried inside a user namespace.
    """
    if os.geteuid() != 0:
        return ["ordinary"]
    spaces = choose_account(find_postgres() / "postgres").how == "namespace"
    return ["namespace", "ordinary", "nobody"] if spaces else ["nobody"]


def family(pid: int) -> dict[int, str]:
    """Return the pids of a process and of everything below it, with their instants of start."""
    found = {pid: started_at(pid)}
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it ended while we looked
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found |= family(int(child))
    return {one: started for one, started in found.items() if started != "gone"}


def forget_sockets(data_dir: Path) -> None:
    """Remove the folders of sockets that a killed supervisor left for its next start."""
    for note in data_dir.glob("*.sockets"):
        shutil.rmtree(note.read_text(), ignore_errors=True)


def alive(processes: Mapping[int, str]) -> list[int]:
    """Return those that still run; a pid that was given to another process does not count."""
    return [pid for pid, started in processes.items() if started_at(pid) == started]


def gone_within(processes: Mapping[int, str], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while alive(processes):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def started_at(pid: int) -> str:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "gone"
    return "gone" if fields[0] in "ZX" else fields[19]


def _argv(data_dir: Path, how: str) -> Sequence[str]:
    argv = [sys.executable, "-c", SUPERVISOR, str(data_dir)]
    if how != "ordinary":
        return [*argv, how]
    argv.append("chosen")
    if os.geteuid() != 0:
        return argv
    account = choose_account(find_postgres() / "postgres", how="namespace")
    return command(account, argv, death="SIGKILL")


def _clean() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("INTERPRETERS_")}
