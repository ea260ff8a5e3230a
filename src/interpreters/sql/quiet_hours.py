"""The statement that reads the quiet hours of those who are about to be asked."""

from collections.abc import Sequence
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db


class Quiet(msgspec.Struct, frozen=True, kw_only=True):
    """One interpreter's quiet hours by their own clock, and whether urgent jobs may ring."""

    id: UUID
    time_zone: str
    quiet_hours: dict[str, str]
    urgent_opt_in: bool


# $1 network_id, $2 ids
OF_INTERPRETERS: Final[LiteralString] = """
    SELECT i.id, i.time_zone, i.quiet_hours, i.urgent_opt_in
    FROM interpreters i
    WHERE i.network_id = $1 AND i.id = ANY ($2::uuid[]) AND i.quiet_hours IS NOT NULL
"""


async def of_interpreters(
    db: Db, *, network_id: UUID, interpreter_ids: Sequence[UUID]
) -> dict[UUID, Quiet]:
    """Return the quiet hours of those of them who have any."""
    rows = await db.fetch(OF_INTERPRETERS, network_id, list(interpreter_ids))
    return {
        row["id"]: Quiet(
            id=row["id"],
            time_zone=row["time_zone"],
            quiet_hours=msgspec.json.decode(row["quiet_hours"]),
            urgent_opt_in=row["urgent_opt_in"],
        )
        for row in rows
    }
