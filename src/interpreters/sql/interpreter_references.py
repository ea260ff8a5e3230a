"""Statements about the network's own references of interpreters (`external_reference`)."""

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db

# $1 network_id, $2 references
OF: Final[LiteralString] = """
    SELECT i.id, i.external_reference
    FROM interpreters i
    WHERE i.network_id = $1 AND i.external_reference = ANY ($2::text[])
"""


async def interpreters_of(
    db: Db, *, network_id: UUID, references: Sequence[str]
) -> dict[str, UUID]:
    """Return who has one of the references."""
    rows = await db.fetch(OF, network_id, list(references))
    return {row["external_reference"]: row["id"] for row in rows}


# $1 network_id, $2 ids
BY_ID: Final[LiteralString] = """
    SELECT i.id, i.external_reference
    FROM interpreters i
    WHERE i.network_id = $1 AND i.id = ANY ($2::uuid[]) AND i.external_reference IS NOT NULL
"""


async def references_of(db: Db, *, network_id: UUID, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the references of those of the ids that have one."""
    rows = await db.fetch(BY_ID, network_id, list(ids))
    return {row["id"]: row["external_reference"] for row in rows}


# $1 network_id, then arrays of one length: $2 ids, $3 references
SET: Final[LiteralString] = """
    UPDATE interpreters AS i SET external_reference = r.reference
    FROM unnest($2::uuid[], $3::text[]) AS r (id, reference)
    WHERE i.network_id = $1 AND i.id = r.id
"""


async def set_references(db: Db, *, network_id: UUID, references: Mapping[UUID, str]) -> None:
    """Give interpreters their references. The caller holds their rows, or has just made them."""
    await db.execute(SET, network_id, list(references.keys()), list(references.values()))
