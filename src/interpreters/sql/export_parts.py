"""Every statement about the `export_parts` table: files of exports, sealed, in parts."""

import zlib
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.ids import new_id
from interpreters.vault import vault_of

# $1 network_id, $2 id, $3 operation_id, $4 run_id, $5 part, $6 content, $7 created_at
INSERT: Final[LiteralString] = """
    INSERT INTO export_parts (network_id, id, operation_id, run_id, part, content, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT DO NOTHING
"""


async def insert(
    db: Db, *, network_id: UUID, operation_id: UUID, run_id: UUID, part: int, data: bytes,
    now: datetime,
) -> None:  # fmt: skip
    """Keep one part of a file, compressed and sealed."""
    sealed = vault_of(db).seal_bytes(network_id, zlib.compress(data))
    await db.execute(INSERT, network_id, new_id(now), operation_id, run_id, part, sealed, now)


# $1 network_id, $2 run_id, $3 part
CONTENT: Final[LiteralString] = """
    SELECT p.content FROM export_parts p
    WHERE p.network_id = $1 AND p.run_id = $2 AND p.part = $3
"""


async def content(db: Db, *, network_id: UUID, run_id: UUID, part: int) -> bytes | None:
    """Return one part of a file; None where it is not there any more."""
    sealed = await db.fetchval(CONTENT, network_id, run_id, part)
    return (
        None if sealed is None else zlib.decompress(vault_of(db).unseal_bytes(network_id, sealed))
    )


# $1 network_id, $2 operation_id, $3 except this run
DELETE_OTHERS: Final[LiteralString] = """
    DELETE FROM export_parts AS p
    WHERE p.network_id = $1 AND p.operation_id = $2 AND p.run_id <> $3
"""


async def delete_others(db: Db, *, network_id: UUID, operation_id: UUID, run_id: UUID) -> None:
    """Forget an operation's parts, but those of the run that made its file."""
    await db.execute(DELETE_OTHERS, network_id, operation_id, run_id)


# $1 network_id, $2 run_id
DELETE: Final[LiteralString] = """
    DELETE FROM export_parts AS p WHERE p.network_id = $1 AND p.run_id = $2
"""


async def delete(db: Db, *, network_id: UUID, run_id: UUID) -> None:
    """Forget the parts of a run that came too late."""
    await db.execute(DELETE, network_id, run_id)
