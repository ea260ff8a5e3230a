"""Every statement about which `credentials` of a network run out."""

from datetime import date
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db


class Expiring(msgspec.Struct, frozen=True, kw_only=True):
    """A paper of somebody active whose last day is near or over; none of its kind goes on."""

    interpreter_id: UUID
    kind: str
    expires_on: date


# $1 network_id, $2 until day
EXPIRING: Final[LiteralString] = """
    SELECT c.interpreter_id, c.kind, max(c.expires_on) AS expires_on
    FROM credentials c
    JOIN interpreters i ON i.network_id = $1 AND i.id = c.interpreter_id
    WHERE c.network_id = $1 AND i.active
    GROUP BY c.interpreter_id, c.kind
    HAVING bool_and(c.expires_on IS NOT NULL) AND max(c.expires_on) < $2
    ORDER BY max(c.expires_on), c.interpreter_id, c.kind
"""


async def before(db: Db, *, network_id: UUID, until: date) -> list[Expiring]:
    """Return the papers that run out before a day, those that did long ago too, the first first."""
    rows = await db.fetch(EXPIRING, network_id, until)
    return [Expiring(**dict(row)) for row in rows]
