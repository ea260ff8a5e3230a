"""The data folder: one process holds it at a time, and tells others how to reach its servers."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

import msgspec

from interpreters.embedded.roots import Account, give
from interpreters.embedded.trouble import Trouble

LOCK: Final = "lock"
SERVERS: Final = "servers.json"
SOCKETS: Final = "interpreters-"


class Servers(msgspec.Struct, frozen=True, kw_only=True):
    """What runs from a data folder, for other commands on the same machine."""

    pid: int
    database_url: str | None = None
    owner_database_url: str | None = None
    redis_url: str | None = None
    url: str | None = None  # where the web process answers, once it does


@contextlib.contextmanager
def hold(data_dir: Path) -> Iterator[Path]:
    """Hold the folder, created when it is not there, until the block ends; give its full path.

    Raises:
        Trouble: another process holds it, or it cannot be created or written.
    """
    try:
        data_dir = data_dir.absolute()
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        (data_dir / "logs").mkdir(exist_ok=True, mode=0o700)
        (data_dir / LOCK).touch(mode=0o600)
        lock = (data_dir / LOCK).open("a+", encoding="ascii")
    except OSError as error:
        raise Trouble(f"the data folder {data_dir} cannot be used: {error.strerror}") from error
    with lock:
        if not _locked(lock):
            raise Trouble(_in_use(data_dir))
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        (data_dir / SERVERS).unlink(missing_ok=True)  # stale: who wrote it did not stop cleanly
        try:
            yield data_dir
        finally:
            (data_dir / SERVERS).unlink(missing_ok=True)


@contextlib.contextmanager
def socket_folder(data_dir: Path, account: Account, *, name: str) -> Iterator[Path]:
    """Give a folder for sockets that only the account may enter; it is gone after the block.

    It lies outside the data folder, because the path of a socket has at most 107 bytes.
    """
    note = data_dir / f"{name}.sockets"
    if note.exists():  # of a supervisor that was killed
        shutil.rmtree(note.read_text(encoding="utf-8"), ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=SOCKETS))  # mode 0700
    note.touch(mode=0o600)
    note.write_text(str(folder), encoding="utf-8")
    give(folder, account)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        note.unlink(missing_ok=True)


def tell(data_dir: Path, servers: Servers) -> None:
    """Write what runs, readable by the owner only, whole or not at all."""
    fresh = data_dir / f"{SERVERS}.new"
    fresh.touch(mode=0o600)
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(servers)))
    fresh.rename(data_dir / SERVERS)


def find_servers(data_dir: Path) -> Servers | None:
    """Return what runs from the folder, or None; what a killed process left does not count."""
    if not held(data_dir):
        return None
    try:
        return msgspec.json.decode((data_dir / SERVERS).read_bytes(), type=Servers)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def held(data_dir: Path) -> bool:
    """Tell whether a living process holds the folder. A kept lock cannot be stale."""
    try:
        with (data_dir / LOCK).open("r", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def _locked(lock: IO[str]) -> bool:
    for _ in range(5):  # `held` looks by locking for an instant
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        else:
            return True
    return False


def _in_use(data_dir: Path) -> str:
    pid = (data_dir / LOCK).read_text(encoding="ascii").strip() or "unknown"
    return (
        f"the data folder {data_dir} is in use by process {pid}; "
        "stop that one first, or choose another folder with --data-dir"
    )
