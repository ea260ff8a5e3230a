"""In which language people are told things, and by which ways: one truth for each person.

Who signs in has it as a user; until somebody on the roster does, it stands there.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.errors import Stale
from interpreters.sql import told_people, users
from interpreters.sql.users import User


async def choose(
    db: Db, *, network_id: UUID, interpreter_id: UUID, fields: Mapping[str, Any]
) -> None:
    """Write an interpreter's `language` and `notify`, as far as they are given.

    Raises:
        Stale: the person changed something of theirs at the same time.
    """
    user = await users.of_interpreter(db, network_id=network_id, interpreter_id=interpreter_id)
    if user is None:
        await told_people.choose(
            db, network_id=network_id, interpreter_id=interpreter_id, fields=fields
        )
        return
    await forget_older(db, network_id=network_id, user=user, fields=fields)
    changed = msgspec.structs.replace(user, **fields, version=user.version + 1)
    if not await users.update(db, network_id=network_id, user=changed):
        raise Stale


async def forget_older(db: Db, *, network_id: UUID, user: User, fields: Mapping[str, Any]) -> None:
    """Empty on the roster what the person now says as a user."""
    if user.interpreter_id is None:
        return
    emptied = {name: None for name in ("language", "notify") if name in fields}
    if emptied:
        await told_people.choose(
            db, network_id=network_id, interpreter_id=user.interpreter_id, fields=emptied
        )
