"""What a sealed column is, and the table it stands in, for sealing it again."""

from typing import Final, Literal, LiteralString
from uuid import UUID

import msgspec

FIRST: Final = UUID(int=0)


class Column(msgspec.Struct, frozen=True):
    """A sealed column. `mark` is the column by which an equal text is found."""

    name: str
    kind: Literal["text", "json", "bytes"] = "text"
    mark: str | None = None
    folded: bool = False  # capitals mean nothing: an e-mail address


class Table(msgspec.Struct, frozen=True):
    """A table with sealed columns.

    `read` takes network_id, the key to begin after, and how many rows; it gives key and columns.
    `write` takes network_id, key, the columns' new values, the new marks, the columns' old values.
    `begin` is a key before all keys.
    """

    name: str
    columns: tuple[Column, ...]
    read: LiteralString
    write: LiteralString
    begin: tuple[object, ...] = (FIRST,)
    batch: int = 100
