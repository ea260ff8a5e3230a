"""Everything on this machine at once: servers, migrations, web process and worker."""

import contextlib
import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec

from interpreters.cli.reach import with_keys, with_servers
from interpreters.cli.serve import web_command, web_environment
from interpreters.cli.work import work_command
from interpreters.embedded.folder import hold, tell
from interpreters.embedded.kept import Kept
from interpreters.embedded.servers import run_servers
from interpreters.embedded.supervisor import Family, Part, run_parts
from interpreters.embedded.trouble import Trouble
from interpreters.settings import Settings, environment

PATIENCE: Final = 60.0  # seconds until the web process must answer
PORT_PATIENCE: Final = 2.5
LOOK: Final = 0.2
NOTHING: Final[Mapping[str, list[str]]] = MappingProxyType({})
ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """Everything runs: where it answers, what was prepared, and how to keep it so."""

    url: str
    prepared: bytes
    watch: Callable[[], None]  # returns only by an exception


@contextlib.contextmanager
def everything(
    settings: Settings,
    prepare: list[str],
    *,
    shown: bool = False,
    beside: Mapping[str, list[str]] = NOTHING,
) -> Iterator[Running]:
    """Run everything until the block ends.

    `prepare` is the command line of what must run once between migrations and the web
    process; what it printed is handed on, and `shown` lets people see how far it is. `beside` are
    further processes to keep running, by name.

    Raises:
        Trouble: some part cannot start.
    """
    _wait_for_port(settings)
    kept: list[Kept] = []
    with hold(Path(settings.data_dir)) as held, run_servers(held, settings, kept=kept) as servers:
        full = msgspec.structs.replace(with_servers(settings, servers), supervised=True)
        _migrate(with_keys(full))
        tell(held, servers)
        prepared = run_once(prepare, full, shown=shown)
        with run_parts([*_parts(full), *_beside(full, beside)]) as family:
            _wait(family, full)
            url = f"http://{_bracketed(_near(full))}:{full.port}"
            tell(held, msgspec.structs.replace(servers, url=url))
            yield Running(url=url, prepared=prepared, watch=lambda: _watch(family, kept))


def check_port(settings: Settings) -> None:
    """Look whether the port is free.

    Raises:
        Trouble: it is not, or not for us.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(address)
    except OSError as error:
        raise Trouble(
            f"port {settings.port} of {settings.host} cannot be used ({error.strerror}): "
            "choose another with --port"
        ) from error


def run_once(argv: list[str], settings: Settings, *, shown: bool = False) -> bytes:
    """Run a short task of ours in a process of its own and return what it printed.

    A process of its own, because what it imports would stay in this one's memory for ever.
    `shown` lets its stderr through to ours as it comes: for a task with a progress bar.

    Raises:
        Trouble: it failed, with the reason it gave.
    """
    done = subprocess.run(  # noqa: S603 - our own program
        argv,
        check=False,
        stdout=subprocess.PIPE,
        stderr=None if shown else subprocess.PIPE,
        env=environment(settings),
        cwd="/",
    )
    if done.returncode != 0:
        said = (done.stderr or b"what was to be prepared failed").decode("utf-8", "replace").strip()
        raise Trouble(said.removeprefix("interpreters: "))
    return done.stdout


def _wait_for_port(settings: Settings) -> None:
    """Give a web process whose supervisor was just killed the time to end."""
    end = time.monotonic() + PORT_PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(Trouble):
            return check_port(settings)
        time.sleep(LOOK)
    return check_port(settings)


def _migrate(settings: Settings) -> None:
    """Migrate as the owner; without the owner's address only look whether that was done."""
    check = [] if settings.owner_database_url is not None else ["--check"]
    run_once([sys.executable, "-m", "interpreters", "migrate", *check], settings)


def _parts(settings: Settings) -> list[Part]:
    return [
        Part(name="web", argv=web_command(settings), env=web_environment(settings)),
        Part(name="worker", argv=work_command(), env=environment(settings)),
    ]


def _beside(settings: Settings, beside: Mapping[str, list[str]]) -> list[Part]:
    env = environment(settings)
    return [Part(name=name, argv=argv, env=env) for name, argv in beside.items()]


def _wait(family: Family, settings: Settings) -> None:
    end = time.monotonic() + PATIENCE
    while not _answers(settings):
        _report(family)
        if time.monotonic() > end:
            raise Trouble(f"the web process did not answer within {PATIENCE:.0f} seconds")
        time.sleep(0.05)


def _answers(settings: Settings) -> bool:
    line = http.client.HTTPConnection(_near(settings), settings.port, timeout=2)
    with contextlib.closing(line):
        try:
            line.request("GET", "/health/live")
            return line.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False


def _watch(family: Family, kept: list[Kept]) -> None:
    while True:
        for server in kept:
            if line := server.look():
                sys.stderr.write(f"interpreters: {line}\n")
        _report(family)
        time.sleep(LOOK)


def _report(family: Family) -> None:
    for line in family.look():
        sys.stderr.write(f"interpreters: {line}\n")


def _near(settings: Settings) -> str:
    return ANYWHERE.get(settings.host, settings.host)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
