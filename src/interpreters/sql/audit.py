"""Every statement about the `audit` table: who did what to whom. It only grows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.domain.ids import new_id

HELD: Final = "client"  # the role of whoever holds a client's link: nobody who is known


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing done to one subject. `role` is what the actor was then; jobs have no key or user.

    `subject_kind` is the name of the thing (`client`), `subject_id` None where it is the network.
    """

    id: UUID
    at: datetime
    key_id: UUID | None
    user_id: UUID | None
    role: str | None
    action: str
    subject_kind: str
    subject_id: UUID | None


# $1 network_id, $2 at, $3 key_id, $4 role, $5 action, $6 subject_kind, then arrays of one length:
# $7 ids, $8 subject ids; $9 user_id
WRITE: Final[LiteralString] = """
    INSERT INTO audit (network_id, id, at, key_id, role, action, subject_kind, subject_id, user_id)
    SELECT $1, n.id, $2, $3, $4, $5, $6, n.subject_id, $9
    FROM unnest($7::uuid[], $8::uuid[]) AS n (id, subject_id)
    ON CONFLICT DO NOTHING
"""


async def write(
    db: Db,
    *,
    caller: Caller,
    action: str,
    subject_kind: str,
    subject_ids: Sequence[UUID],
    now: datetime,
) -> None:
    """Note that the caller did `action` (`read`, `created`, `erased`) to each of the subjects."""
    if subject_ids:
        await db.execute(
            WRITE, caller.network_id, now, caller.key_id, caller.role, action, subject_kind,
            [new_id(now) for _ in subject_ids], list(subject_ids), caller.user_id,
        )  # fmt: skip


async def write_opened(db: Db, *, network_id: UUID, link_id: UUID, now: datetime) -> None:
    """Note that somebody opened a client's link: nobody knows who it was."""
    await db.execute(
        WRITE, network_id, now, None, HELD, "opened", "client-link", [new_id(now)], [link_id], None
    )


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries; None means any. `since` is included, `until` is not."""

    subject_id: UUID | None = None
    actor_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


# $1 network_id, $2 before this id (null = from the newest), $3 limit, $4 subject_id,
# $5 key or user, $6 since, $7 until (null = any, of these four)
PAGE: Final[LiteralString] = """
    SELECT a.id, a.at, a.key_id, a.user_id, a.role, a.action, a.subject_kind, a.subject_id
    FROM audit a
    WHERE a.network_id = $1
      AND ($2::uuid IS NULL OR a.id < $2)
      AND ($4::uuid IS NULL OR a.subject_id = $4)
      AND ($5::uuid IS NULL OR a.key_id = $5 OR a.user_id = $5)
      AND ($6::timestamptz IS NULL OR a.at >= $6)
      AND ($7::timestamptz IS NULL OR a.at < $7)
    ORDER BY a.id DESC LIMIT $3
"""


async def page(
    db: Db, *, network_id: UUID, wanted: AuditFilter, before: UUID | None, limit: int
) -> list[AuditEntry]:
    """Return entries, newest first."""
    rows = await db.fetch(
        PAGE, network_id, before, limit, wanted.subject_id, wanted.actor_id, wanted.since,
        wanted.until,
    )  # fmt: skip
    return [AuditEntry(**dict(row)) for row in rows]
