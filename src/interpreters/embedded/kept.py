"""Servers kept alive: started anew when they end unasked, by the same command on the same files."""

import collections
import subprocess
import time
from collections.abc import Callable
from typing import Final

from interpreters.embedded.trouble import Trouble

RESTARTS: Final = 5  # as many as this in WINDOW seconds are bad luck, one more is a fault
WINDOW: Final = 60.0
PAUSE: Final = 0.2  # seconds before the first restart; doubled for each recent one


class Kept:
    """One running server. Look at it from the main thread: that is the one whose end counts."""

    def __init__(self, name: str, start: Callable[[], "subprocess.Popen[bytes]"]) -> None:
        self.name = name
        self._start = start
        self._ends: collections.deque[float] = collections.deque(maxlen=RESTARTS + 1)
        self._due: float | None = None
        self.child = start()

    def look(self) -> str | None:
        """Start it anew, after a growing pause, if it ended; return a line when it did.

        Raises:
            Trouble: it ends again and again.
        """
        if self._due is not None and self._due <= time.monotonic():
            self._due = None
            self.child = self._start()
        if self._due is not None or self.child.poll() is None:
            return None
        self._ends.append(time.monotonic())
        recent = sum(1 for one in self._ends if one > self._ends[-1] - WINDOW)
        if recent > RESTARTS:
            raise Trouble(f"{self.name} ended {recent} times within a minute; its log says why")
        self._due = time.monotonic() + PAUSE * 2 ** (recent - 1)
        return f"{self.name} ended with code {self.child.returncode}, starting it again"
