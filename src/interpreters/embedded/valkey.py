"""The embedded Valkey: a cache that may be lost, so nothing of it is written to disk."""

import contextlib
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from interpreters.embedded.kept import Kept
from interpreters.embedded.processes import spawn, stop, wait_until
from interpreters.embedded.roots import Account

PATIENCE: Final = 15.0  # seconds
STOP_PATIENCE: Final = 3.0
MEMORY: Final = "64mb"


class Valkey(msgspec.Struct, frozen=True, kw_only=True):
    """A running server: its socket, and its process."""

    socket: Path
    pid: int
    kept: Kept

    @property
    def url(self) -> str:
        """The URL as redis-py and arq read it."""
        return f"unix://{self.socket}"


@contextlib.contextmanager
def run_valkey(
    data_dir: Path, *, program: Path, sockets: Path, account: Account
) -> Iterator[Valkey]:
    """Run Valkey on a socket in `sockets` until the block ends.

    Raises:
        Trouble: it does not start; the text names the log.
    """
    path, log = sockets / "valkey.sock", data_dir / "logs" / "valkey.log"
    options = {
        "--port": "0",
        "--unixsocket": str(path),
        "--unixsocketperm": "700",
        "--dir": str(sockets),
        "--save": "",
        "--appendonly": "no",
        "--maxmemory": MEMORY,
        "--maxmemory-policy": "volatile-lru",
    }

    def start() -> "subprocess.Popen[bytes]":
        return spawn(
            [str(program), *(part for pair in options.items() for part in pair)],
            account=account,
            death=signal.SIGTERM,
            log=log,
        )

    kept = Kept("Valkey", start)
    try:
        what = f"Valkey did not start, its log {log} says why"
        wait_until(lambda: _answers(path), child=kept.child, what=what, patience=PATIENCE)
        yield Valkey(socket=path, pid=kept.child.pid, kept=kept)
    finally:
        stop(kept.child, by=signal.SIGTERM, patience=STOP_PATIENCE)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        line.settimeout(1)
        line.sendall(b"PING\r\n")
        return line.recv(16).startswith(b"+PONG")
