"""Who calls: what a token stands for."""

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.sql import networks
from interpreters.sql.networks import Network


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """The caller and their network."""

    caller: Caller
    network: Network


async def show_me(db: Db, caller: Caller) -> Me:
    """Return who the caller is; everybody may know that of themselves."""
    return Me(caller=caller, network=await networks.get(db, network_id=caller.network_id))
