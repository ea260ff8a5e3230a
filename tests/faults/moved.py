"""Web and worker processes whose clock a test moves: the real time and an offset from a file.

The product has no such switch. Its processes take their clock as an argument, and these two give
another one: `faults.moved:create_app` for a web server, `python -m faults.moved` for the worker.
"""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from litestar.types import ASGIApp

from interpreters import asgi
from interpreters.logs import log_to_stderr
from interpreters.settings import load_or_exit
from interpreters.worker import work

NAME: Final = "FAULTS_CLOCK"  # of the variable with the path of the file


class MovedClock:
    """The real time and an offset, which other processes read from the file at every look."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self.path.read_text()))

    def set(self, offset: float) -> None:
        """Move it, for everybody at once."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text(str(offset))
        fresh.rename(self.path)


def create_app() -> ASGIApp:
    """Return the application as a server process has it, with this clock."""
    return asgi.create_app(clock=MovedClock(Path(os.environ[NAME])))


def main() -> None:
    """Run the worker as its own process does, with this clock."""
    settings = load_or_exit()
    log_to_stderr(settings)
    asyncio.run(work(settings, clock=MovedClock(Path(os.environ[NAME]))))


if __name__ == "__main__":
    main()
