"""Papers of interpreters: kept by coordinators, who have seen them."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

import msgspec

from interpreters.application.interpreters import hold_interpreter, own_interpreter
from interpreters.application.supply import refresh_supply
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import NotFound
from interpreters.domain.ids import new_id
from interpreters.sql import credentials
from interpreters.sql.credentials import Credential

__all__ = [
    "Credential",
    "CredentialOrder",
    "add_credential",
    "list_credentials",
    "remove_credential",
]


class CredentialOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A paper; valid on both days named, None is open."""

    kind: str
    number: str | None = None
    issued_on: date | None = None
    expires_on: date | None = None


async def add_credential(
    db: Db,
    caller: Caller,
    *,
    interpreter_id: UUID,
    order: Callable[[], CredentialOrder],
    now: datetime,
) -> Credential:
    """Keep a paper of an interpreter.

    Raises:
        Forbidden: only coordinators may.
        NotFound: there is no such interpreter.
    """
    permit(caller, "roster:write", "coordinator")
    held = await hold_interpreter(db, caller, interpreter_id=interpreter_id)
    credential = Credential(id=new_id(now), created_at=now, **msgspec.structs.asdict(order()))
    await credentials.insert(
        db, network_id=caller.network_id, interpreter_id=held.id, credential=credential
    )
    await refresh_supply(db, network_id=caller.network_id, interpreter=held)
    return credential


async def list_credentials(
    db: Db,
    caller: Caller,
    *,
    interpreter_id: UUID,
    before: Callable[[], UUID | None],
    limit: Callable[[], int],
) -> list[Credential]:
    """Return a page of an interpreter's papers, newest first, also those that ran out.

    Raises:
        Forbidden, NotFound: as `own_interpreter` does.
    """
    one = await own_interpreter(db, caller, interpreter_id=interpreter_id)
    return await credentials.page(
        db,
        network_id=caller.network_id,
        interpreter_id=one.id,
        before=before(),
        limit=limit(),
    )


async def remove_credential(
    db: Db, caller: Caller, *, interpreter_id: UUID, credential_id: UUID
) -> None:
    """Take a paper away.

    Raises:
        Forbidden: only coordinators may.
        NotFound: there is no such interpreter, or they have no such paper.
    """
    permit(caller, "roster:write", "coordinator")
    held = await hold_interpreter(db, caller, interpreter_id=interpreter_id)
    if not await credentials.delete(
        db, network_id=caller.network_id, interpreter_id=held.id, credential_id=credential_id
    ):
        raise NotFound
    await refresh_supply(db, network_id=caller.network_id, interpreter=held)
