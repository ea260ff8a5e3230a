"""Our own processes kept alive: restarted when they end unasked, ended together when asked."""

import collections
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType
from typing import Final, NoReturn

import msgspec

from interpreters.embedded.processes import spawn, stop
from interpreters.embedded.roots import Account
from interpreters.embedded.trouble import Trouble

STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE: Final = 3.0  # seconds a child has to end by itself
RESTARTS: Final = 5  # as many as this in WINDOW seconds are bad luck, one more is a fault
WINDOW: Final = 60.0


class Stopped(BaseException):
    """Somebody asked this process to end."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One of our processes: its name for people, its command line and its environment."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]


class Family:
    """The running parts, in the order in which they are stopped."""

    def __init__(self, parts: Sequence[Part], *, pause: float = 0.1) -> None:
        self._parts = parts
        self._pause = pause  # seconds before the first restart; doubled for each recent one
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._ends: dict[str, collections.deque[float]] = {
            one.name: collections.deque(maxlen=RESTARTS + 1) for one in parts
        }
        self._due: dict[str, float] = {}

    def start(self) -> None:
        """Start every part that does not run."""
        for one in self._parts:
            if one.name not in self._running:
                self._start(one)

    def look(self) -> list[str]:
        """Restart, after a growing pause, what ended unasked; return a line for each that did.

        Raises:
            Trouble: a part ends again and again.
        """
        said = [line for one in self._parts if (line := self._look_at(one))]
        for one in self._parts:
            if self._due.get(one.name, float("inf")) <= time.monotonic():
                self._start(one)
        return said

    def stop(self) -> None:
        """End every part, one after the other in their order."""
        for one in self._parts:
            if child := self._running.pop(one.name, None):
                stop(child, by=signal.SIGTERM, patience=PATIENCE)

    def _start(self, part: Part) -> None:
        self._due.pop(part.name, None)
        plain = Account(how="plain", uid=os.geteuid(), gid=os.getegid())
        self._running[part.name] = spawn(
            list(part.argv), account=plain, death=signal.SIGTERM, env=part.env
        )

    def _look_at(self, part: Part) -> str | None:
        child = self._running.get(part.name)
        if child is None or child.poll() is None:
            return None
        del self._running[part.name]
        ends = self._ends[part.name]
        ends.append(time.monotonic())
        recent = sum(1 for one in ends if one > ends[-1] - WINDOW)
        if recent > RESTARTS:
            raise Trouble(
                f"{part.name} ended {recent} times within a minute, the last time with code "
                f"{child.returncode}; what it said stands above"
            )
        pause = self._pause * 2 ** (recent - 1)
        self._due[part.name] = time.monotonic() + pause
        return f"{part.name} ended with code {child.returncode}, starting it again"


@contextlib.contextmanager
def run_parts(parts: Sequence[Part]) -> Iterator[Family]:
    """Run the parts until the block ends, then stop them in their order."""
    family = Family(parts)
    try:
        family.start()
        yield family
    finally:
        family.stop()


@contextlib.contextmanager
def until_stopped() -> Iterator[None]:
    """End the block, from wherever it is, at Ctrl-C, SIGTERM or SIGHUP; that is no error.

    A second signal is not heard, so that the servers are always left cleanly.
    """

    def hear(_number: int, _frame: FrameType | None) -> NoReturn:
        for one in STOPPING:
            signal.signal(one, signal.SIG_IGN)
        raise Stopped

    # one that is ignored already, as under nohup, stays so
    before = {one: signal.getsignal(one) for one in STOPPING}
    heard = [one for one in STOPPING if before[one] is not signal.SIG_IGN]
    for one in heard:
        signal.signal(one, hear)
    try:
        yield
    except Stopped:
        pass
    finally:
        for one in heard:
            signal.signal(one, before[one])
