"""What coordinators do to a request by hand is noted, so that the next one sees who it was."""

from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import NotFound
from interpreters.sql import audit, requests, users
from interpreters.sql.audit import AuditFilter

ByHand: TypeAlias = Literal["assigned", "widened", "split", "cancelled", "noted"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """When a request was last changed; `by` is the coordinator's name, where it was one."""

    at: datetime
    by: str | None


async def note_by_hand(
    db: Db, caller: Caller, *, request_id: UUID, action: ByHand, now: datetime
) -> None:
    """Note what a coordinator did, in the audit; what others did is told by events."""
    if caller.is_coordinator and caller.owner_id is not None:
        await audit.write(
            db, caller=caller, action=action, subject_kind="request", subject_ids=[request_id],
            now=now,
        )  # fmt: skip


async def last_change(db: Db, caller: Caller, *, request_id: UUID) -> Change:
    """Return when the request was last changed, and by which coordinator.

    Raises:
        Forbidden: only coordinators see who did what.
        NotFound: there is no such request.
    """
    permit(caller, "requests:read", "coordinator")
    network_id = caller.network_id
    request = await requests.find(db, network_id=network_id, request_id=request_id)
    if request is None:
        raise NotFound
    noted = await audit.page(
        db, network_id=network_id, wanted=AuditFilter(subject_id=request_id), before=None, limit=1
    )
    who = noted[0].user_id if noted and noted[0].at == request.updated_at else None
    user = None if who is None else await users.find(db, network_id=network_id, user_id=who)
    return Change(at=request.updated_at, by=None if user is None else user.display_name)
