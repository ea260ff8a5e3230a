"""The vault: texts are sealed before they are stored, so that a copy of the database tells nothing.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce, under a key derived for each network
from the installation's secret keys (HMAC-SHA-256, as in HKDF, RFC 5869); the network is bound in
as additional data, so a row moved to another network does not open. A sealed text says which
secret key it needs; what was stored before there was a vault reads as it is.

A process looks at the file of keys once a second at most. A key that was just added opens at once
and seals a few seconds later, when every process knows it (docs/decisions/0006-sealing.md).
"""

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import re
import time
from pathlib import Path
from typing import Final, cast
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from interpreters.database import Db
from interpreters.secret_keys import WrongKeys, key_file, keys_of, read_keys
from interpreters.settings import Settings

NONCE: Final = 12
MARK: Final = "sealed:"
# All that `seal` writes: number of the key, then nonce, text and tag (28 bytes at least).
SEALED: Final = re.compile(rb"sealed:([1-9][0-9]{0,8}):([A-Za-z0-9_-]{38,}={0,2})")
LOOK: Final = 1.0  # seconds between two looks at the file of keys
SETTLING: Final = 3.0  # seconds from which a new key seals: every process has looked by then


class Vault:
    """The secret keys of an installation, the newest last; each has a number from 1."""

    def __init__(self, keys: dict[int, bytes], file: Path | None = None) -> None:
        self._keys = keys
        self._file = file
        self._ciphers: dict[tuple[int, UUID], AESGCM] = {}
        self._written = -1.0  # the time of the file as it was read; not known yet
        self._look_at = 0.0

    def __repr__(self) -> str:
        """Never the keys."""
        return f"Vault({len(self._keys)} keys)"

    @property
    def newest(self) -> int:
        """The number of the key that seals: the newest that every process knows by now."""
        self._look()
        numbers = sorted(self._keys)
        age = time.time() - self._written  # noqa: TID251 - compared with a file's own time
        return numbers[-2] if len(numbers) > 1 and age < SETTLING else numbers[-1]

    @property
    def numbers(self) -> list[int]:
        """The numbers of all keys, the newest last."""
        self._look()
        return sorted(self._keys)

    def seal(self, network_id: UUID, text: str) -> str:
        """Return the text so that only this installation reads it."""
        return self._seal(network_id, text.encode()).decode()

    def seal_or_none(self, network_id: UUID, text: str | None) -> str | None:
        """Seal a text that may be absent."""
        return None if text is None else self.seal(network_id, text)

    def seal_bytes(self, network_id: UUID, data: bytes) -> bytes:
        """Seal bytes."""
        return self._seal(network_id, data)

    def unseal(self, network_id: UUID, stored: str) -> str:
        """Return the text behind a stored one.

        Raises:
            WrongKeys: it was sealed with a key that is not here, for another network, or changed.
        """
        if not stored.startswith(MARK):
            return stored
        opened = self.unseal_bytes(network_id, stored.encode())
        return opened.decode()

    def unseal_or_none(self, network_id: UUID, stored: str | None) -> str | None:
        """Unseal a text that may be absent."""
        return None if stored is None else self.unseal(network_id, stored)

    def unseal_bytes(self, network_id: UUID, stored: bytes) -> bytes:
        """Unseal bytes.

        Raises:
            WrongKeys: as `unseal`.
        """
        found = SEALED.fullmatch(stored)
        return stored if found is None else self._unseal(network_id, int(found[1]), found[2])

    def number(self, stored: str | bytes) -> int:
        """Return the number of the key a stored text needs; 0 for one that is not sealed."""
        raw = stored.encode() if isinstance(stored, str) else stored
        found = SEALED.fullmatch(raw)
        return 0 if found is None else int(found[1])

    def mark(self, network_id: UUID, text: str) -> bytes:
        """Return what an equal text is found by: an HMAC under the newest key."""
        return self._mark(self.newest, network_id, text)

    def marks(self, network_id: UUID, text: str) -> list[bytes]:
        """Return the marks under every key: rows not yet rotated are found as well."""
        return [self._mark(number, network_id, text) for number in self.numbers]

    def signing_key(self) -> bytes:
        """Return a key for short-lived signatures (cookies of a sign-in under way)."""
        return _derived(self._keys[self.newest], b"signatures")

    def _mark(self, number: int, network_id: UUID, text: str) -> bytes:
        key = _derived(self._keys[number], b"marks" + network_id.bytes)
        return hmac.digest(key, text.encode(), hashlib.sha256)

    def _seal(self, network_id: UUID, data: bytes) -> bytes:
        nonce, number = os.urandom(NONCE), self.newest
        box = nonce + self._cipher(number, network_id).encrypt(nonce, data, network_id.bytes)
        return f"{MARK}{number}:".encode() + base64.urlsafe_b64encode(box)

    def _unseal(self, network_id: UUID, number: int, text: bytes) -> bytes:
        try:
            box = base64.urlsafe_b64decode(text)
            cipher = self._cipher(number, network_id)
            return cipher.decrypt(box[:NONCE], box[NONCE:], network_id.bytes)
        except (InvalidTag, binascii.Error) as error:
            raise WrongKeys(f"what was sealed with secret key {number} does not open") from error

    def _cipher(self, number: int, network_id: UUID) -> AESGCM:
        found = self._ciphers.get((number, network_id))
        if found is None:
            if number not in self._keys:
                self._reread()
            if number not in self._keys:
                raise WrongKeys(f"secret key {number} is not here")
            found = AESGCM(_derived(self._keys[number], b"seals" + network_id.bytes))
            self._ciphers[number, network_id] = found
        return found

    def _look(self) -> None:
        """Read the file again when it was written since; what is no file of keys is passed over."""
        now = time.monotonic()
        if self._file is None or now < self._look_at:
            return
        self._look_at = now + LOOK
        if self._file_time() != self._written:
            with contextlib.suppress(WrongKeys):
                self._reread()

    def _reread(self) -> None:
        """Another process added a key to the file, or took one away."""
        if self._file is not None:
            written = self._file_time()  # before it is read: a change meanwhile is seen next time
            self._keys, self._written = read_keys(self._file), written
            self._ciphers = {}

    def _file_time(self) -> float:
        try:
            return 0.0 if self._file is None else self._file.stat().st_mtime
        except OSError:
            return 0.0


def vault_from(settings: Settings) -> Vault:
    """Return the vault of an installation.

    Raises:
        WrongKeys: its secret keys are missing or cannot be read.
    """
    if settings.secret_keys is not None:
        return Vault(keys_of(settings.secret_keys))
    file = key_file(settings)
    return Vault(read_keys(file), file)


def vault_of(db: Db) -> Vault:
    """Return the vault of the pool a connection came from."""
    return cast("Vault", db.vault)  # type: ignore[union-attr]  # set by open_pool; the driver's class knows no such name


def _derived(key: bytes, purpose: bytes) -> bytes:
    return hmac.digest(key, purpose, hashlib.sha256)
