"""What is in a backup: which revision, how much, and which secret keys it needs."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from interpreters.embedded.dumps import Stored, contents, rows
from interpreters.embedded.trouble import Trouble
from interpreters.secret_keys import WrongKeys
from interpreters.vault import SEALED, Vault

VERSION: Final = re.compile(r";\s+Dumped from database version: (\d+)")
HEX: Final = b"\\\\x"  # before bytes in the form of COPY
# The names of a table's sealed columns, by table.
SealedColumns = Mapping[str, Collection[str]]


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that was read from its first byte to its last.

    `samples` is one sealed value for each secret key that it needs, with its network. `listed` is
    its table of contents.
    """

    revision: str
    server: int
    rows: int
    samples: Mapping[int, tuple[UUID, bytes]]
    listed: list[str]

    @property
    def keys(self) -> list[int]:
        """The numbers of the secret keys that it needs."""
        return sorted(self.samples)


def look_into(programs: Path, file: Path, sealed: SealedColumns) -> Backup:
    """Read the whole of a backup.

    Raises:
        Trouble: it is damaged, or of another program.
    """
    listed = contents(programs, file)
    versions = [int(found[1]) for one in listed if (found := VERSION.match(one))]
    revision, count, samples = "", 0, dict[int, tuple[UUID, bytes]]()
    for one in rows(programs, file):
        count += 1
        if one.table == "alembic_version":
            revision = one.value("version_num").decode()
        for name in sealed.get(one.table, ()):
            _sample(one, name, samples)
    if not revision or not versions:
        raise Trouble(f"{file} is a copy of some other database")
    return Backup(revision=revision, server=versions[0], rows=count, samples=samples, listed=listed)


def try_keys(backup: Backup, vault: Vault) -> None:
    """Open something that each of the secret keys has sealed.

    Raises:
        WrongKeys: one is not here, or is another one of the same number.
    """
    for number, (network_id, value) in sorted(backup.samples.items()):
        if number not in vault.numbers:
            raise WrongKeys(f"secret key {number} is not here")
        vault.unseal_bytes(network_id, value)


def _sample(one: Stored, name: str, samples: dict[int, tuple[UUID, bytes]]) -> None:
    value = one.value(name)
    if value.startswith(HEX):
        value = bytes.fromhex(value.removeprefix(HEX).decode())
    found = SEALED.fullmatch(value.strip(b'"'))  # in a column of JSON it is a string
    if found is not None and int(found[1]) not in samples:
        samples[int(found[1])] = (UUID(one.value("network_id").decode()), found[0])
