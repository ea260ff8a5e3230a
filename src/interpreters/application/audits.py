"""The audit: who did what to whom. Coordinators read it; nothing in it is ever changed.

What is noted: every look at a client, exports, erasures, who may do what (people, their roles,
keys), sign-ins, clients' links, imports. Entries hold ids, never what was seen.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.windows import local_instant
from interpreters.sql import audit, networks
from interpreters.sql.audit import AuditEntry, AuditFilter

__all__ = ["AuditEntry", "AuditSearch", "list_audit"]


class AuditSearch(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries. The days are the network's own; `since` is included, `until` is not."""

    subject_id: UUID | None = None
    actor_id: UUID | None = None
    since: date | None = None
    until: date | None = None
    before: UUID | None = None
    limit: int


async def list_audit(
    db: Db, caller: Caller, *, search: Callable[[], AuditSearch]
) -> Sequence[AuditEntry]:
    """Return a page of the audit, newest first.

    Raises:
        Forbidden: only coordinators may.
    """
    permit(caller, "audit:read", "coordinator")
    asked = search()
    network = await networks.get(db, network_id=caller.network_id)
    wanted = AuditFilter(
        subject_id=asked.subject_id,
        actor_id=asked.actor_id,
        since=_midnight(asked.since, network.time_zone),
        until=_midnight(asked.until, network.time_zone),
    )
    return await audit.page(
        db, network_id=caller.network_id, wanted=wanted, before=asked.before, limit=asked.limit
    )


def _midnight(day: date | None, time_zone: str) -> datetime | None:
    return None if day is None else local_instant(date=day, minute_of_day=0, time_zone=time_zone)
