"""The application behind a server that really listens, in a process of its own."""

import contextlib
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from interpreters.cli.serve import Server, web_command, web_environment
from interpreters.settings import load

GRACE: Final = 20.0  # seconds until it answers


class Listening:
    """A listening server."""

    def __init__(self, port: int, log: Path, child: "subprocess.Popen[bytes]") -> None:
        self.port = port
        self.log = log
        self.child = child

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def say(self, raw: bytes, *, seconds: float = 3.0) -> bytes:
        """Send bytes as they are; return all that comes until it is quiet or closed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as line:
            answer = b""
            with contextlib.suppress(OSError):
                line.sendall(raw)
            with contextlib.suppress(OSError):
                while part := line.recv(65536):
                    answer += part
                    line.settimeout(0.3)
            return answer


@contextlib.contextmanager
def listening(
    server: Server, *, database_url: str, folder: Path, environment: Mapping[str, str]
) -> Iterator[Listening]:
    """Run a web process until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = load(
        {
            "INTERPRETERS_DATABASE_URL": database_url,
            "INTERPRETERS_PORT": str(port),
            "INTERPRETERS_DATA_DIR": str(folder),
            **environment,
        }
    )
    log = folder / "web.log"
    with log.open("wb") as to:
        child = subprocess.Popen(
            web_command(settings, server),
            env=web_environment(settings, server) | {"PATH": os.environ["PATH"]},
            stdout=to,
            stderr=to,
        )
    try:
        _wait(port, child, log)
        yield Listening(port, log, child)
    finally:
        child.terminate()
        child.wait(10)


def _wait(port: int, child: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + GRACE
    while True:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=1).close()
            return
        assert child.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)
