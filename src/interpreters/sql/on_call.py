"""Every statement about the `on_call` table: who is on call, by the network's clock."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.availability import DAYS
from interpreters.domain.ids import new_id
from interpreters.domain.on_call import Duty

# $1 network_id
ROTA: Final[LiteralString] = """
    SELECT o.user_id, o.day, o.from_minute, o.to_minute, o.position
    FROM on_call o
    WHERE o.network_id = $1
    ORDER BY o.day, o.from_minute, o.position, o.id
"""


async def rota(db: Db, *, network_id: UUID) -> list[Duty]:
    """Return the whole rota, in order of the week."""
    return [
        Duty(
            user_id=row["user_id"],
            day=DAYS[row["day"]],
            from_=row["from_minute"],
            to=row["to_minute"],
            position=row["position"],
        )
        for row in await db.fetch(ROTA, network_id)
    ]


# $1 network_id
CLEAR: Final[LiteralString] = """
    DELETE FROM on_call AS o WHERE o.network_id = $1
"""
# $1 network_id, then arrays of one length: $2 ids, $3 user_ids, $4 days, $5 from, $6 to,
# $7 positions
INSERT: Final[LiteralString] = """
    INSERT INTO on_call (network_id, id, user_id, day, from_minute, to_minute, position)
    SELECT $1, d.id, d.user_id, d.day, d.from_minute, d.to_minute, d.position
    FROM unnest($2::uuid[], $3::uuid[], $4::smallint[], $5::smallint[], $6::smallint[],
                $7::smallint[]) AS d (id, user_id, day, from_minute, to_minute, position)
    ON CONFLICT DO NOTHING
"""


async def replace(db: Db, *, network_id: UUID, rota: Sequence[Duty], now: datetime) -> None:
    """Make this the rota."""
    await db.execute(CLEAR, network_id)
    await db.execute(
        INSERT, network_id, [new_id(now) for _ in rota], [one.user_id for one in rota],
        [DAYS.index(one.day) for one in rota], [one.from_ for one in rota],
        [one.to for one in rota], [one.position for one in rota],
    )  # fmt: skip
