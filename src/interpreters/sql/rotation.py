"""Statements over sealed columns: read and written in batches, to seal them again.

Rows are read in batches by their keys and written only where they still hold what was read, so
what others write meanwhile is never lost: it is found in the next round.
"""

from collections.abc import Iterable, Sequence
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db, Row
from interpreters.domain.sealed_columns import Table


async def read(db: Db, *, network_id: UUID, table: Table, after: Sequence[object]) -> list[Row]:
    """Return the next rows of a table: their keys first, then the columns as they are stored."""
    return await db.fetch(table.read, network_id, *after, table.batch)


async def write(
    db: Db, *, network_id: UUID, table: Table, rows: Iterable[Sequence[object]]
) -> None:
    """Write each row that is still as it was read; a row is key, new values, marks, old values."""
    await db.executemany(table.write, [(network_id, *row) for row in rows])


NUMBER: Final[LiteralString] = "SELECT pg_current_xact_id()::text::bigint"


async def transaction_number(db: Db) -> int:
    """Take a transaction's number: higher than of all that have written until now."""
    return int(await db.fetchval(NUMBER))


OLDEST: Final[LiteralString] = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


async def oldest_running(db: Db) -> int:
    """Return a number below which every transaction that wrote has ended."""
    return int(await db.fetchval(OLDEST))
