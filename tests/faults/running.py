"""Everything a fault run kills: PostgreSQL, Valkey, web processes and workers, each by itself."""

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec

import interpreters
from faults.moved import NAME, MovedClock
from faults.outside import Outside, free_port
from faults.started import family
from faults.workers import Valkey, clean
from interpreters.cli.serve import web_command, web_environment
from interpreters.embedded.binaries import find_postgres
from interpreters.embedded.folder import hold, socket_folder
from interpreters.embedded.postgres import APP, OWNER, Postgres, run_postgres
from interpreters.embedded.roots import choose_account
from interpreters.migrate import migrate
from interpreters.settings import environment, load
from sealing import SECRET_KEYS

# of this very tree, whatever is installed
PATHS: Final = f"{Path(interpreters.__file__).parents[1]}:{Path(__file__).parents[1]}"
PATIENCE: Final = 60.0
UNLIMITED: Final = {
    f"INTERPRETERS_RATE_{whose}_{what}": "10000000"
    for whose in ("ADDRESS", "TOKEN", "SIGN_IN")
    for what in ("PER_MINUTE", "BURST")
}


class Process:
    """A process of ours that is killed and started again."""

    def __init__(self, argv: list[str], env: Mapping[str, str], log: Path, url: str = "") -> None:
        self.argv, self.env, self.log, self.url = argv, env, log, url
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(self.argv, env=self.env, stdout=log, stderr=log)

    def kill(self) -> None:
        """Kill -9 all of it."""
        if self.child is not None:
            kill_family(self.child)


class Running:
    """The four kinds of processes."""

    def __init__(self, folder: Path, postgres: Postgres, valkey: Valkey, clock: MovedClock):
        self.folder, self.postgres, self.valkey, self.clock = folder, postgres, valkey, clock
        self.webs: list[Process] = []
        self.workers: list[Process] = []

    @property
    def superuser_url(self) -> str:
        return self.postgres.url("postgres")

    def settle(self, outside: Outside, *, webs: int, workers: int) -> None:
        """Start web processes and workers that know the world outside."""
        common = {
            "INTERPRETERS_DATABASE_URL": self.postgres.url(APP),
            "INTERPRETERS_REDIS_URL": self.valkey.url,
            "INTERPRETERS_SECRET_KEYS": SECRET_KEYS,
            "INTERPRETERS_SMTP_URL": f"smtp://127.0.0.1:{outside.mail_port}",
            "INTERPRETERS_MAIL_FROM": "desk@example.org",
            "INTERPRETERS_SMS_URL": outside.url,
            "INTERPRETERS_SMS_ACCOUNT": "AC1",
            "INTERPRETERS_SMS_TOKEN": "secret",
            "INTERPRETERS_SMS_FROM": "+37120000000",
            "INTERPRETERS_TEXTS_PER_DAY": "1000000",
            "INTERPRETERS_ALLOW_PRIVATE_URLS": "1",
            "INTERPRETERS_PUBLIC_URL": "https://interpreters.example",
            "INTERPRETERS_LOG_LEVEL": "warning",
            **UNLIMITED,
        }
        for number in range(webs):
            port = free_port()
            settings = load({**common, "INTERPRETERS_PORT": str(port)})
            argv = [*web_command(settings)[:-1], "faults.moved:create_app"]
            env = self._env(web_environment(settings))
            log = self.folder / f"web-{number}.log"
            self.webs.append(Process(argv, env, log, f"http://127.0.0.1:{port}"))
        for number in range(workers):
            argv = [sys.executable, "-m", "faults.moved"]
            env = self._env(environment(load(common)))
            self.workers.append(Process(argv, env, self.folder / f"worker-{number}.log"))
        for one in (*self.webs, *self.workers):
            one.start()

    def _env(self, env: Mapping[str, str]) -> dict[str, str]:
        return {**clean(), **env, NAME: str(self.clock.path), "PYTHONPATH": PATHS}

    def kill_backend(self, dice: random.Random) -> None:
        """Kill -9 one of PostgreSQL's own processes that serve us: it starts them all anew."""
        pids = [pid for pid in family(self.postgres.kept.child.pid) if serves(pid)]
        if pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(dice.choice(pids), signal.SIGKILL)

    async def restart_postgres(self, pause: float) -> None:
        """Kill -9 all of PostgreSQL, and start it again on its files."""
        kept: Any = self.postgres.kept
        kill_family(kept.child)
        await asyncio.sleep(pause)
        kept.child = kept._start()

    async def wait(self) -> None:
        """Return when every web process has its database."""
        end = time.monotonic() + PATIENCE
        async with aiohttp.ClientSession() as session:
            for web in self.webs:
                while not await _is_ready(session, web.url):
                    assert time.monotonic() < end, f"{web.url} is not ready: {self.said()}"
                    self.revive()
                    await asyncio.sleep(0.1)

    def revive(self) -> None:
        """Start what has ended by itself, as a supervisor does."""
        kept: Any = self.postgres.kept
        if kept.child.poll() is not None:
            kept.child = kept._start()
        for one in (*self.webs, *self.workers):
            if one.child is None or one.child.poll() is not None:
                one.start()

    def said(self) -> str:
        """Return the last lines of every log."""
        logs = [one.log for one in (*self.webs, *self.workers)]
        return "\n".join(f"{one.name}: {one.read_text()[-1500:]}" for one in logs if one.exists())

    def words(self) -> Counter[str]:
        """Return what the workers logged, by kind, and what is in no log of ours."""
        found: Counter[str] = Counter()
        for one in self.workers:
            for line in one.log.read_text().splitlines():
                try:
                    said = msgspec.json.decode(line)
                except msgspec.DecodeError:
                    found["no JSON"] += 1
                    continue
                named = [said.get(name) for name in ("event", "kind", "purpose", "error", "code")]
                found[" ".join(str(name) for name in named if name)] += 1
        return found


def serves(pid: int) -> bool:
    """Tell whether it is a process of PostgreSQL that answers the application."""
    with contextlib.suppress(OSError):
        return b"postgres: interpreters_app" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def kill_family(child: "subprocess.Popen[bytes]") -> None:
    """Kill -9 a process of ours and everything below it."""
    for pid in family(child.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    child.wait()


@contextlib.asynccontextmanager
async def running(folder: Path, clock: MovedClock) -> AsyncIterator[Running]:
    """Start PostgreSQL, migrated, and Valkey; in the end nothing of all runs."""
    programs = find_postgres(os.environ.get("PG_BIN"))
    account = choose_account(programs / "postgres")
    with (
        hold(folder / "data") as held,
        socket_folder(held, account, name="postgres") as sockets,
        run_postgres(held, programs=programs, sockets=sockets, account=account) as postgres,
    ):
        migrate(postgres.url(OWNER))
        valkey = Valkey(folder)
        valkey.start()
        one = Running(folder, postgres, valkey, clock)
        try:
            yield one
        finally:
            for process in (*one.webs, *one.workers):
                process.kill()
            valkey.kill()


async def _is_ready(session: aiohttp.ClientSession, url: str) -> bool:
    wait = aiohttp.ClientTimeout(total=2)
    with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
        async with session.get(f"{url}/health/ready", timeout=wait) as answer:
            return answer.status == 200
    return False
