"""What institutions and interpreters are called, for those who look after the money."""

from collections.abc import Collection
from uuid import UUID

from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.sql import institutions, interpreters


async def name_parties(
    db: Db,
    caller: Caller,
    *,
    institution_ids: Collection[UUID] = (),
    interpreter_ids: Collection[UUID] = (),
) -> dict[UUID, str]:
    """Return the names by id; of who is not there, none.

    Raises:
        Forbidden: they are for coordinators and finance.
    """
    permit(caller, "usage:read", "coordinator", "finance")
    network_id = caller.network_id
    named = await institutions.names(db, network_id=network_id, ids=list(set(institution_ids)))
    if interpreter_ids:
        found = await interpreters.get_many(
            db, network_id=network_id, ids=list(set(interpreter_ids))
        )
        named |= {one.id: one.display_name for one in found.values()}
    return named
