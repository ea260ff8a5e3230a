"""Operations: work that takes longer than a call, done by the worker, looked at meanwhile."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound
from interpreters.domain.ids import new_id
from interpreters.sql import due, operations
from interpreters.sql.operations import Operation

__all__ = [
    "Operation",
    "begin_operation",
    "fail_operation",
    "finish_operation",
    "note_progress",
    "show_operation",
    "start_operation",
]

LEASE: Final = timedelta(seconds=15)  # after which one that says nothing is taken for dead
HOPELESS: Final = timedelta(minutes=10)  # what fails and is older is not tried again
# What whoever looks must be allowed, by what the operation is about.
SCOPES: Final = {
    "import:interpreters": "roster:write",
    "import:clients": "clients:write",
    "import:institutions": "institutions:write",
    "export:usage_entries": "usage:read",
    "export:usage": "usage:read",
    "export:statements": "usage:read",
    "plan": "requests:write",
    "plan:accept": "requests:write",
}


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """An operation that is to be carried out: `kind` as `import:clients`, and what it keeps."""

    kind: str
    given: bytes


async def start_operation(
    db: Db, caller: Caller, *, kind: str, total: int, given: bytes, now: datetime
) -> Operation:
    """Have work done soon; it belongs to the caller, or to the caller's institution."""
    operation = Operation(
        id=new_id(now),
        kind=kind,
        owner_id=_owner(caller),
        state="waiting",
        total=total,
        input=given,
        created_at=now,
    )
    await operations.insert(db, network_id=caller.network_id, operation=operation)
    await due.set_at(db, network_id=caller.network_id, kind="operation", id=operation.id, at=now)
    return operation


async def show_operation(db: Db, caller: Caller, *, operation_id: UUID) -> Operation:
    """Return an operation to its owner, and to whoever looks after the network and may do such
    work themselves.

    Raises:
        Forbidden: the role never starts one.
        NotFound: there is none such in what the caller may see.
    """
    if caller.role not in ("coordinator", "finance", "consultant", "institution"):
        raise Forbidden
    found = await operations.find(db, network_id=caller.network_id, operation_id=operation_id)
    if found is None or SCOPES.get(found.kind) not in caller.scopes:
        raise NotFound
    looks_after_all = caller.role in ("coordinator", "finance")
    if not looks_after_all and found.owner_id != _owner(caller):
        raise NotFound
    return found


async def begin_operation(
    db: Db, *, network_id: UUID, operation_id: UUID, now: datetime
) -> Begun | None:
    """Return what an operation works on, and keep others from it for a while; None when it ended.

    Whoever begins says again and again that they live (`note_progress`).
    """
    going = await operations.set_progress(
        db, network_id=network_id, operation_id=operation_id, done=0
    )
    given = await operations.input_of(db, network_id=network_id, operation_id=operation_id)
    found = await operations.find(db, network_id=network_id, operation_id=operation_id)
    if not going or given is None or found is None:
        await due.clear(db, network_id=network_id, kind="operation", id=operation_id)
        return None
    await due.postpone(db, network_id=network_id, kind="operation", id=operation_id, at=now + LEASE)
    return Begun(kind=found.kind, given=given)


async def note_progress(
    db: Db, *, network_id: UUID, operation_id: UUID, done: int, now: datetime
) -> None:
    """Say how far an operation is, and that it lives."""
    await operations.set_progress(db, network_id=network_id, operation_id=operation_id, done=done)
    await due.postpone(db, network_id=network_id, kind="operation", id=operation_id, at=now + LEASE)


async def finish_operation(
    db: Db,
    *,
    network_id: UUID,
    operation_id: UUID,
    succeeded: bool,
    result: bytes | None,
    now: datetime,
) -> bool:
    """End an operation in the transaction of its effect; False when a twin has ended it.

    Then there must be no effect: the caller rolls back.
    """
    ended = await operations.finish(
        db,
        network_id=network_id,
        operation_id=operation_id,
        state="succeeded" if succeeded else "failed",
        result=result,
        now=now,
    )
    # The operation first, then its place in the clock: everywhere in this order.
    await due.clear(db, network_id=network_id, kind="operation", id=operation_id)
    return ended


async def fail_operation(db: Db, *, network_id: UUID, operation_id: UUID, now: datetime) -> None:
    """End one that fails again and again for a reason nobody foresaw; a young one goes on."""
    found = await operations.find(db, network_id=network_id, operation_id=operation_id)
    if found is not None and found.created_at < now - HOPELESS:
        await finish_operation(
            db,
            network_id=network_id,
            operation_id=operation_id,
            succeeded=False,
            result=None,
            now=now,
        )


def _owner(caller: Caller) -> UUID | None:
    """An institution's people and software share its work, as they share its clients."""
    return caller.institution_id or caller.owner_id
