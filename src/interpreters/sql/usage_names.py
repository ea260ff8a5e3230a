"""What the things that usage is counted by are called."""

from collections.abc import Sequence
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.usage_counts import UsageKey

# $1 network_id, $2 institution ids, $3 site ids, $4 client ids, $5 interpreter ids, $6 funding ids
NAMES: Final[LiteralString] = """
    SELECT i.id, i.name, i.kind, i.id AS institution_id
    FROM institutions i WHERE i.network_id = $1 AND i.id = ANY ($2::uuid[])
    UNION ALL
    SELECT s.id, s.name, NULL, s.institution_id
    FROM sites s WHERE s.network_id = $1 AND s.id = ANY ($3::uuid[])
    UNION ALL
    SELECT c.id, c.reference, NULL, c.institution_id
    FROM clients c WHERE c.network_id = $1 AND c.id = ANY ($4::uuid[])
    UNION ALL
    SELECT p.id, p.display_name, NULL, NULL
    FROM interpreters p WHERE p.network_id = $1 AND p.id = ANY ($5::uuid[])
    UNION ALL
    SELECT f.id, f.number, NULL, NULL
    FROM fundings f WHERE f.network_id = $1 AND f.id = ANY ($6::uuid[])
"""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What an institution, a site, a client (its reference), an interpreter or a funding is called.

    `institution_id` is whose it is; None for what is the network's.
    """

    id: UUID
    name: str | None
    kind: str | None
    institution_id: UUID | None


async def names(db: Db, *, network_id: UUID, keys: Sequence[UsageKey]) -> dict[UUID, Named]:
    """Return what the things of the rows are called."""
    wanted = [
        {value for key in keys if (value := getattr(key, name)) is not None}
        for name in ("institution_id", "site_id", "client_id", "interpreter_id", "funding_id")
    ]
    if not any(wanted):
        return {}
    rows = await db.fetch(NAMES, network_id, *(list(one) for one in wanted))
    return {row["id"]: Named(**dict(row)) for row in rows}
