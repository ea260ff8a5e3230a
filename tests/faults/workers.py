"""Workers and a Valkey in processes of their own, to be killed and started again."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from interpreters.embedded.binaries import find_valkey
from sealing import SECRET_KEYS

WORKER: Final = """
import asyncio, sys
from datetime import timedelta
from interpreters.settings import load_or_exit
from interpreters.worker import log_to_stderr, work

settings = load_or_exit()
log_to_stderr(settings)
asyncio.run(work(settings, lease=timedelta(seconds=float(sys.argv[1]))))
"""


class Valkey:
    """A Valkey on a socket; it keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "valkey.sock"
        self.url = f"unix://{self.path}"
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["--port", "0", "--unixsocket", str(self.path), "--dir", str(self.folder)]
        options += ["--save", "", "--appendonly", "no", "--logfile", str(self.folder / "log")]
        program = find_valkey(os.environ.get("VALKEY_BIN"))
        self.child = subprocess.Popen([str(program), *options])
        end = time.monotonic() + 10
        while not self._answers():
            assert time.monotonic() < end, "Valkey does not start"
            time.sleep(0.01)

    def kill(self) -> None:
        if self.child is not None:
            self.child.kill()
            self.child.wait()
        self.path.unlink(missing_ok=True)

    def flush(self) -> None:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(2)
            line.connect(str(self.path))
            line.sendall(b"FLUSHALL\r\n")
            line.recv(16)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(2)
            line.connect(str(self.path))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        return False


@contextlib.contextmanager
def a_valkey(folder: Path) -> Iterator[Valkey]:
    """Run a Valkey until the block ends."""
    one = Valkey(folder)
    one.start()
    try:
        yield one
    finally:
        one.kill()


class Worker:
    """One worker process."""

    def __init__(self, environment: Mapping[str, str], *, lease: float, log: Path) -> None:
        self.argv = [sys.executable, "-c", WORKER, str(lease)]
        self.environment = environment
        self.log = log
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                self.argv, env={**clean(), **self.environment}, stdout=log, stderr=log
            )

    def kill(self) -> None:
        if self.child is not None:
            self.child.kill()
            self.child.wait()

    def end(self) -> tuple[int, float]:
        """Ask it to end; return its exit code and how long that took."""
        assert self.child is not None
        began = time.monotonic()
        self.child.terminate()
        return self.child.wait(10), time.monotonic() - began

    def said(self) -> str:
        return self.log.read_text()

    def wait_for(self, word: str, seconds: float = 15) -> None:
        end = time.monotonic() + seconds
        while word not in self.said():
            assert self.child is not None
            assert self.child.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.02)


@contextlib.contextmanager
def workers(
    count: int, *, database_url: str, redis_url: str, lease: float, folder: Path
) -> Iterator[list[Worker]]:
    """Run workers until the block ends; those that were killed may be started again."""
    environment = {
        "INTERPRETERS_DATABASE_URL": database_url,
        "INTERPRETERS_REDIS_URL": redis_url,
        "INTERPRETERS_SECRET_KEYS": SECRET_KEYS,
    }
    made = [
        Worker(environment, lease=lease, log=folder / f"worker-{number}.log")
        for number in range(count)
    ]
    try:
        for one in made:
            one.start()
        yield made
    finally:
        for one in made:
            one.kill()


def clean() -> dict[str, str]:
    """Return the environment without settings of ours."""
    return {k: v for k, v in os.environ.items() if not k.startswith("INTERPRETERS_")}
