"""Child processes: started so that they never outlive us, stopped with patience."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from interpreters.embedded.launch import die_with_parent
from interpreters.embedded.roots import Account, command
from interpreters.embedded.trouble import Trouble

__all__ = ["command_line", "die_with_parent", "live_under", "spawn", "stop", "wait_until"]

LARGE_LOG: Final = 10_000_000  # bytes


STDERR: Final = 2


def spawn(
    argv: list[str],
    *,
    account: Account,
    death: signal.Signals,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> "subprocess.Popen[bytes]":
    """Start `argv` in a session of its own (Ctrl-C reaches only us) and return it.

    `death` is what the kernel sends it when we end. Call from the main thread: that is the
    thread whose end counts. Output goes to `log`, or to our stderr: stdout is for what was asked.
    """
    with contextlib.ExitStack() as stack:
        out = None if log is None else stack.enter_context(_rotated(log).open("ab"))
        return subprocess.Popen(  # noqa: S603 - our own binaries
            command(account, argv, death=death.name),
            stdin=subprocess.DEVNULL,
            stdout=STDERR if out is None else out,
            stderr=out,
            cwd="/",
            env=env,
            start_new_session=True,
        )


def live_under(words: str) -> None:
    """Tie this process to its parent, whose command line has `words`; end if that is gone already.

    For a process forked by a server of others: its parent may be killed while it still starts,
    and then the kernel has nobody left to watch.
    """
    die_with_parent()
    if sys.platform == "linux" and words not in command_line(os.getppid()):
        os._exit(1)  # an exception would be caught by whoever loads the application


def stop(child: "subprocess.Popen[bytes]", *, by: signal.Signals, patience: float) -> int:
    """Ask the child to end, wait `patience` seconds, kill what is left; return its exit code."""
    if child.poll() is None:
        child.send_signal(by)
    try:
        return child.wait(patience)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


def wait_until(
    ready: Callable[[], bool],
    *,
    child: "subprocess.Popen[bytes]",
    what: str,
    patience: float,
) -> None:
    """Return when `ready` says so.

    Raises:
        Trouble: the child ended, or `patience` seconds passed. `what` names it and its log.
    """
    end = time.monotonic() + patience
    while not ready():
        if child.poll() is not None:
            raise Trouble(f"{what}: it ended at once with code {child.returncode}")
        if time.monotonic() > end:
            raise Trouble(f"{what}: it was not ready after {patience:.0f} seconds")
        time.sleep(0.01)


def command_line(pid: int) -> str:
    """Return the command line of a living process, or nothing. Pids are not proof of identity."""
    proc = Path("/proc")
    if (proc / "self").exists():
        try:
            return (proc / str(pid) / "cmdline").read_text("utf-8", "replace").replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    listed = subprocess.run(  # noqa: S603 - a number is its only argument
        ["/bin/ps", "-o", "args=", "-p", str(pid)], check=False, capture_output=True, text=True
    )
    return listed.stdout.strip()


def _rotated(log: Path) -> Path:
    """Keep one older log, so that logs never fill the disk; only we may read them."""
    if log.exists() and log.stat().st_size > LARGE_LOG:
        log.replace(log.with_suffix(".log.1"))
    log.touch(mode=0o600)
    return log
