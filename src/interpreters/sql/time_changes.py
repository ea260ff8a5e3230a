"""Every statement about the `time_changes` table: recorded times that were changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, LiteralString, TypeAlias
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.vault import vault_of

Field: TypeAlias = Literal[
    "checked_in_at", "started_at", "ended_at", "break_minutes", "late_told_at"
]


class TimeChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a time was and became; `said_at` by the clock of who said it, `recorded_at` by ours.

    Of breaks the minutes are set, of the other fields the instants.
    """

    id: UUID
    booking_id: UUID
    field: Field
    was: datetime | None = None
    becomes: datetime | None = None
    was_minutes: int | None = None
    becomes_minutes: int | None = None
    changed_by: str
    reason: str | None
    said_at: datetime | None
    recorded_at: datetime

    @property
    def is_change(self) -> bool:
        """Whether something became another; else it was said of a time, by whose clock."""
        return self.was is not None or self.field == "break_minutes"


# $1 network_id, $2 id, $3 booking_id, $4 field, $5 was, $6 becomes, $7 changed_by, $8 reason,
# $9 said_at, $10 recorded_at, $11 was_minutes, $12 becomes_minutes
INSERT: Final[LiteralString] = """
    INSERT INTO time_changes (network_id, id, booking_id, field, was, becomes, changed_by, reason,
                              said_at, recorded_at, was_minutes, becomes_minutes)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, changes: Sequence[TimeChange]) -> None:
    """Keep the changes, the reason sealed."""
    for one in changes:
        await db.execute(
            INSERT, network_id, one.id, one.booking_id, one.field, one.was, one.becomes,
            one.changed_by, vault_of(db).seal_or_none(network_id, one.reason), one.said_at,
            one.recorded_at, one.was_minutes, one.becomes_minutes,
        )  # fmt: skip


# $1 network_id, $2 booking_id
OF_BOOKING: Final[LiteralString] = """
    SELECT t.id, t.booking_id, t.field, t.was, t.becomes, t.changed_by, t.reason, t.said_at,
           t.recorded_at, t.was_minutes, t.becomes_minutes
    FROM time_changes t
    WHERE t.network_id = $1 AND t.booking_id = $2
    ORDER BY t.recorded_at, t.id
"""


async def of_booking(db: Db, *, network_id: UUID, booking_id: UUID) -> list[TimeChange]:
    """Return what was changed, in order."""
    rows = await db.fetch(OF_BOOKING, network_id, booking_id)
    return [_change(db, network_id, row) for row in rows]


def _change(db: Db, network_id: UUID, row: Row) -> TimeChange:
    fields = dict(row)
    fields["reason"] = vault_of(db).unseal_or_none(network_id, fields["reason"])
    return TimeChange(**fields)
