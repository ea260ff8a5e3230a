"""PostgreSQL's own programs for a database's whole content, run as children of this process."""

import contextlib
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from interpreters.embedded.trouble import Trouble

SAID: Final = ("error:", "fatal:", "ERROR:", "FATAL:")


class Client:
    """A running program: what it writes, what it reads, and how it ended."""

    def __init__(self, child: "subprocess.Popen[bytes]", errors: IO[bytes]) -> None:
        self._child, self._errors = child, errors

    @property
    def output(self) -> IO[bytes]:
        """What it writes."""
        assert self._child.stdout is not None  # a pipe
        return self._child.stdout

    @property
    def input(self) -> IO[bytes]:
        """What it reads."""
        assert self._child.stdin is not None  # a pipe
        return self._child.stdin

    def runs(self) -> bool:
        """Tell whether it has not ended."""
        return self._child.poll() is None

    def worked(self) -> bool:
        """Wait for its end, and tell whether it did what it was to do."""
        return self._child.wait() == 0

    def must_work(self, otherwise: str) -> None:
        """Wait for its end.

        Raises:
            Trouble: it failed; `otherwise` says what that means, the program why.
        """
        if not self.worked():
            self._errors.seek(0)
            lines = self._errors.read().decode("utf-8", "replace").splitlines()
            said = [one for one in lines if any(mark in one for mark in SAID)] or lines
            raise Trouble(f"{otherwise}: {said[0].strip() if said else 'it did not say why'}")


@contextlib.contextmanager
def running(program: Path, *argv: str, url: str | None = None) -> Iterator[Client]:
    """Run a program until the block ends; a password in `url` stands on no command line."""
    with contextlib.ExitStack() as stack:
        where = [] if url is None else ["--dbname", stack.enter_context(_conninfo(url))]
        errors = stack.enter_context(tempfile.TemporaryFile())
        child = subprocess.Popen(  # noqa: S603 - our own binary
            [str(program), *where, *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        try:
            yield Client(child, errors)
        finally:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                with contextlib.suppress(OSError):  # it is gone, with what was still to be written
                    assert pipe is not None  # asked for above
                    pipe.close()


@contextlib.contextmanager
def _conninfo(url: str) -> Iterator[str]:
    """Give the address as the programs take it, with its password in a file until the end."""
    parts = conninfo_to_dict(url)
    password = parts.pop("password", None)
    if password is None:
        yield make_conninfo("", **parts)
        return
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:  # mode 0600
        escaped = re.sub(r"([:\\])", r"\\\1", str(password))
        file.write(f"*:*:*:*:{escaped}\n")
        file.flush()
        yield make_conninfo("", **{**parts, "passfile": file.name})
