"""Who calls: what a token stands for, and what people change of themselves."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from interpreters.application.told_choices import forget_older
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound, Stale
from interpreters.sql import audit, networks, users
from interpreters.sql.networks import Network
from interpreters.sql.users import User


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """The caller and their network; `user` where it is a person."""

    caller: Caller
    network: Network
    user: User | None = None


async def show_me(db: Db, caller: Caller) -> Me:
    """Return who the caller is; everybody may know that of themselves."""
    user = None
    if caller.user_id is not None:
        user = await users.find(db, network_id=caller.network_id, user_id=caller.user_id)
    network = await networks.get(db, network_id=caller.network_id)
    return Me(caller=caller, network=network, user=user)


async def change_me(
    db: Db,
    caller: Caller,
    *,
    if_match: int | None,
    change: Callable[[], Mapping[str, Any]],
    now: datetime,
) -> Me:
    """Change what is the person's own to say: how they are called, and how they are told things.

    Raises:
        Forbidden: the caller is software with a key.
        Stale: it was changed since the version in If-Match.
    """
    if caller.user_id is None:
        raise Forbidden("A key is nobody in particular")
    found = await users.find(db, network_id=caller.network_id, user_id=caller.user_id)
    if found is None:
        raise NotFound
    if if_match not in (None, found.version):
        raise Stale
    fields = change()
    await forget_older(db, network_id=caller.network_id, user=found, fields=fields)
    changed = msgspec.structs.replace(found, **fields, version=found.version + 1)
    if not await users.update(db, network_id=caller.network_id, user=changed):
        raise Stale
    await audit.write(
        db, caller=caller, action="changed", subject_kind="user", subject_ids=[found.id], now=now
    )
    return await show_me(db, caller)
