"""`up` as a whole, to be killed in parts or altogether and started again on its data."""

import contextlib
import http.client
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from faults.outside import free_port
from faults.started import family, forget_sockets, gone_within
from interpreters.embedded.folder import Servers

# A test of many calls from one address, not of the limits on them.
UNLIMITED: Final = {
    f"INTERPRETERS_RATE_{whose}_{what}": "10000000"
    for whose in ("ADDRESS", "TOKEN")
    for what in ("PER_MINUTE", "BURST")
}
PATIENCE: Final = 40.0


class Everything:
    """Web process, worker and PostgreSQL under one supervisor; Valkey is given."""

    def __init__(self, folder: Path, *, redis_url: str) -> None:
        self.data_dir = folder / "data"
        self.said = folder / "said"
        self.port = free_port()
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("INTERPRETERS_")},
            **UNLIMITED,
            "INTERPRETERS_REDIS_URL": redis_url,
            "INTERPRETERS_NETWORK_COUNTRY": "LV",
            "INTERPRETERS_NETWORK_TIME_ZONE": "Europe/Riga",
        }
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        """As the application's role."""
        told = msgspec.json.decode((self.data_dir / "servers.json").read_bytes(), type=Servers)
        assert told.database_url is not None
        return told.database_url

    def start(self) -> None:
        """Start it, and return when it answers."""
        argv = [sys.executable, "-m", "interpreters", "up"]
        argv += ["--data-dir", str(self.data_dir), "--port", str(self.port)]
        with self.said.open("ab") as said:
            self.child = subprocess.Popen(argv, stdout=said, stderr=said, env=self.env)
        self.wait()

    def wait(self) -> None:
        """Return when it answers."""
        assert self.child is not None
        end = time.monotonic() + PATIENCE
        while not self.answers():
            assert self.child.poll() is None, self.last_words()
            assert time.monotonic() < end, self.last_words()
            time.sleep(0.05)

    def last_words(self) -> str:
        """What the supervisor said last; its children say much more when others are killed."""
        said = self.said.read_text().splitlines()
        return "\n".join([one for one in said if one.startswith("interpreters: ")][-5:] + said[-3:])

    def answers(self) -> bool:
        """Say whether it can do its work: the web process has its database."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        with contextlib.closing(line), contextlib.suppress(OSError, http.client.HTTPException):
            line.request("GET", "/health/ready")
            return line.getresponse().status == http.client.OK
        return False

    def kill_one(self, words: str, dice: random.Random) -> bool:
        """Kill -9 one process whose command line has the words; False when there is none."""
        assert self.child is not None
        found = [pid for pid in family(self.child.pid) if words in _command_line(pid)]
        if not found:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(dice.choice(found), signal.SIGKILL)
        return True

    def kill(self) -> None:
        """Kill -9 all of it, the supervisor first, as when the power goes."""
        if self.child is None:
            return
        whole = family(self.child.pid)
        for pid in whole:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.child.wait()
        assert gone_within(whole, 10)


@contextlib.contextmanager
def everything(folder: Path, *, redis_url: str) -> Iterator[Everything]:
    """Run `up` until the block ends; then nothing of it runs."""
    one = Everything(folder, redis_url=redis_url)
    try:
        one.start()
        yield one
    finally:
        one.kill()
        forget_sockets(one.data_dir)


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""
