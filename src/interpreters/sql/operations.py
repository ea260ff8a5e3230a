"""Every statement about the `operations` table: work that takes longer than a call.

What goes in and what comes out is sealed.
"""

from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.vault import vault_of


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """Work under way or done. `kind` is its name with what it is about, `import:clients`.

    `result` is JSON; input and result are emptied some time after the end.
    """

    id: UUID
    kind: str
    owner_id: UUID | None
    state: str
    done: int = 0
    total: int | None = None
    input: bytes | None = None
    result: bytes | None = None
    created_at: datetime
    finished_at: datetime | None = None


# $1 network_id, $2 id, $3 kind, $4 owner_id, $5 state, $6 done, $7 total, $8 input, $9 created_at
INSERT: Final[LiteralString] = """
    INSERT INTO operations (network_id, id, kind, owner_id, state, done, total, input, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, operation: Operation) -> None:
    """Add an operation."""
    sealed = None
    if operation.input is not None:
        sealed = vault_of(db).seal_bytes(network_id, operation.input)
    await db.execute(
        INSERT, network_id, operation.id, operation.kind, operation.owner_id, operation.state,
        operation.done, operation.total, sealed, operation.created_at,
    )  # fmt: skip


# $1 network_id, $2 id
FIND: Final[LiteralString] = """
    SELECT o.id, o.kind, o.owner_id, o.state, o.done, o.total, o.result, o.created_at,
           o.finished_at
    FROM operations o
    WHERE o.network_id = $1 AND o.id = $2
"""


async def find(db: Db, *, network_id: UUID, operation_id: UUID) -> Operation | None:
    """Return an operation without its input, if the network has it."""
    row = await db.fetchrow(FIND, network_id, operation_id)
    if row is None:
        return None
    fields = dict(row)
    if row["result"] is not None:
        fields["result"] = vault_of(db).unseal_bytes(network_id, row["result"])
    return Operation(**fields)


# $1 network_id, $2 id
INPUT: Final[LiteralString] = """
    SELECT o.input FROM operations o WHERE o.network_id = $1 AND o.id = $2
"""


async def input_of(db: Db, *, network_id: UUID, operation_id: UUID) -> bytes | None:
    """Return what an operation works on, if that is still there."""
    sealed = await db.fetchval(INPUT, network_id, operation_id)
    return None if sealed is None else vault_of(db).unseal_bytes(network_id, sealed)


# $1 network_id, $2 id, $3 done. A slower twin tells of less.
PROGRESS: Final[LiteralString] = """
    UPDATE operations AS o SET state = 'running', done = greatest(o.done, $3)
    WHERE o.network_id = $1 AND o.id = $2 AND o.state = ANY ('{waiting,running}'::text[])
    RETURNING o.id
"""


async def set_progress(db: Db, *, network_id: UUID, operation_id: UUID, done: int) -> bool:
    """Say how far it is; False when it has ended, or there is none."""
    return await db.fetchval(PROGRESS, network_id, operation_id, done) is not None


# $1 network_id, $2 id, $3 state, $4 result, $5 finished_at
FINISH: Final[LiteralString] = """
    UPDATE operations AS o
    SET state = $3, result = $4, finished_at = $5, done = coalesce(o.total, o.done)
    WHERE o.network_id = $1 AND o.id = $2 AND o.state = ANY ('{waiting,running}'::text[])
    RETURNING o.id
"""


async def finish(
    db: Db, *, network_id: UUID, operation_id: UUID, state: str, result: bytes | None, now: datetime
) -> bool:
    """End it; False when a twin has."""
    sealed = None if result is None else vault_of(db).seal_bytes(network_id, result)
    ended = await db.fetchval(FINISH, network_id, operation_id, state, sealed, now)
    return ended is not None


# $1 lock number
HOLD: Final[LiteralString] = "SELECT pg_try_advisory_xact_lock($1)"


async def try_hold(db: Db, *, number: int) -> bool:
    """Take a turn until the transaction ends; False when somebody else has it."""
    return bool(await db.fetchval(HOLD, number))


PLAN_ANEW: Final[LiteralString] = "SET LOCAL plan_cache_mode = force_custom_plan"
PLAN_AS_EVER: Final[LiteralString] = "SET LOCAL plan_cache_mode = auto"


async def plan_anew(db: Db, *, anew: bool) -> None:
    """Have statements planned for what is in the tables now, until told otherwise or the end.

    A plan kept from when a roster was empty reads a full one thousands of times.
    """
    await db.execute(PLAN_ANEW if anew else PLAN_AS_EVER)
