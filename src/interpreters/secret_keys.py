"""The secret keys of an installation: what personal texts are sealed with (`vault.py`).

They are a setting or a file, never in the database: whoever copies the one has not the other.
"""

import base64
import binascii
import contextlib
import fcntl
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from interpreters.settings import Settings

NAME: Final = "secret-keys"  # of the file, in the data folder
LENGTH: Final = 32


class WrongKeys(Exception):
    """The secret keys are missing, or cannot open what is stored; the text says which and why."""


@contextlib.contextmanager
def right_keys_or_exit() -> Iterator[None]:
    """Say on stderr what is wrong with the keys, in one sentence, and end the process with 2.

    At once: to a server's loop an exit is an error, which it would tell at length.
    """
    try:
        yield
    except WrongKeys as wrong:
        sys.stderr.write(f"interpreters: {wrong}\n")
        sys.stderr.flush()
        os._exit(2)


def ensure_keys(settings: Settings) -> None:
    """Make the file with a first key where there are no keys yet.

    Raises:
        WrongKeys: the file cannot be written.
    """
    if settings.secret_keys is not None:
        return
    file = key_file(settings)
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            with contextlib.suppress(FileExistsError):  # another process was first
                write_keys(file, {1: new_key()}, replace=False)
    except OSError as error:
        raise WrongKeys(f"the secret keys {file} cannot be written: {error.strerror}") from error


def key_file(settings: Settings) -> Path:
    """Return where the keys lie, unless they are a setting themselves."""
    return Path(settings.secret_keys_file or Path(settings.data_dir) / NAME)


def read_keys(file: Path) -> dict[int, bytes]:
    """Read a file of keys.

    Raises:
        WrongKeys: it cannot be read, or holds something else.
    """
    try:
        return keys_of(file.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not ASCII"
        raise WrongKeys(
            f"the secret keys {file} cannot be read ({reason}): name their file in "
            "INTERPRETERS_SECRET_KEYS_FILE"
        ) from error


def keys_of(text: str) -> dict[int, bytes]:
    """Read keys by number from `number:base64url`, one in a line or between commas.

    Raises:
        WrongKeys: something else stands there.
    """
    parts = [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]
    try:
        keys = {
            int(number): _decoded(key) for number, _, key in (one.partition(":") for one in parts)
        }
    except (ValueError, binascii.Error):
        raise WrongKeys("a secret key is written `number:base64`") from None
    if not keys or any(len(key) != LENGTH or number < 1 for number, key in keys.items()):
        raise WrongKeys("secret keys are numbered from 1 and 32 bytes long")
    return keys


def new_key() -> bytes:
    """Return a random key."""
    return secrets.token_bytes(LENGTH)


def write_keys(file: Path, keys: dict[int, bytes], *, replace: bool = True) -> None:
    """Write the file whole, readable by its owner alone; a file keeps its owner and its mode.

    Raises:
        FileExistsError: it is there and `replace` is not said.
    """
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    lines = [f"{number}:{encoded(key)}\n" for number, key in sorted(keys.items())]
    raw = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(raw, "w", encoding="ascii") as out:
            if replace and file.exists():
                there = file.stat()  # the processes that read it may run as another user
                os.fchown(raw, there.st_uid, there.st_gid)
                os.fchmod(raw, there.st_mode & 0o777)
            out.writelines(lines)
            out.flush()
            os.fsync(out.fileno())
        if replace:
            fresh.replace(file)
        else:
            os.link(fresh, file)
        _keep_name(file.parent)
    finally:
        fresh.unlink(missing_ok=True)


@contextlib.contextmanager
def changing(file: Path) -> Iterator[None]:
    """Keep other processes from changing the file of keys until the block ends.

    Raises:
        WrongKeys: another process is changing it, or it cannot be written.
    """
    try:
        lock = file.with_name(f"{file.name}.lock").open("w", encoding="ascii")
    except OSError as error:
        raise WrongKeys(f"the secret keys {file} cannot be changed: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WrongKeys("another `keys rotate` is running") from None
        yield


def _keep_name(folder: Path) -> None:
    """Wait until the disk holds the file's name: texts are sealed with its keys from now on."""
    raw = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(raw)
    finally:
        os.close(raw)


def encoded(key: bytes) -> str:
    """Return a key as it is written."""
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
