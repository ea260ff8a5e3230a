"""Every statement about the `external_calendars` table: calendars we read. Addresses are sealed."""

from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.vault import vault_of


class ExternalCalendar(msgspec.Struct, frozen=True, kw_only=True):
    """An interpreter's other calendar; `error` is why it is unreadable since `failing_since`."""

    interpreter_id: UUID
    url: str
    etag: str | None = None
    read_at: datetime | None = None
    failing_since: datetime | None = None
    error: str | None = None
    created_at: datetime

    def __repr__(self) -> str:
        """Never the address."""
        return f"ExternalCalendar(interpreter_id={self.interpreter_id!r})"


# $1 network_id, $2 interpreter_id, $3 url, $4 created_at
PUT: Final[LiteralString] = """
    INSERT INTO external_calendars AS c (network_id, interpreter_id, url, created_at)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (network_id, interpreter_id) DO UPDATE
    SET url = excluded.url, created_at = excluded.created_at, etag = NULL, read_at = NULL,
        failing_since = NULL, error = NULL
"""


async def put(db: Db, *, network_id: UUID, calendar: ExternalCalendar) -> None:
    """Have this calendar read in place of any other."""
    sealed = vault_of(db).seal(network_id, calendar.url)
    await db.execute(PUT, network_id, calendar.interpreter_id, sealed, calendar.created_at)


# $1 network_id, $2 interpreter_id
FIND: Final[LiteralString] = """
    SELECT c.interpreter_id, c.url, c.etag, c.read_at, c.failing_since, c.error, c.created_at
    FROM external_calendars c
    WHERE c.network_id = $1 AND c.interpreter_id = $2
"""


async def find(db: Db, *, network_id: UUID, interpreter_id: UUID) -> ExternalCalendar | None:
    """Return the interpreter's other calendar."""
    row = await db.fetchrow(FIND, network_id, interpreter_id)
    return None if row is None else _calendar(db, network_id, row)


# $1 network_id, $2 interpreter_id, $3 etag, $4 read_at, $5 failing_since, $6 error
NOTE: Final[LiteralString] = """
    UPDATE external_calendars AS c
    SET etag = $3, read_at = $4, failing_since = $5, error = $6
    WHERE c.network_id = $1 AND c.interpreter_id = $2
"""


async def note(db: Db, *, network_id: UUID, calendar: ExternalCalendar) -> None:
    """Write down how a reading went."""
    await db.execute(
        NOTE, network_id, calendar.interpreter_id, calendar.etag, calendar.read_at,
        calendar.failing_since, calendar.error,
    )  # fmt: skip


# $1 network_id, $2 interpreter_id
DELETE: Final[LiteralString] = """
    DELETE FROM external_calendars AS c
    WHERE c.network_id = $1 AND c.interpreter_id = $2
    RETURNING c.interpreter_id
"""


async def delete(db: Db, *, network_id: UUID, interpreter_id: UUID) -> bool:
    """Forget the calendar; False when there is none."""
    return await db.fetchval(DELETE, network_id, interpreter_id) is not None


def _calendar(db: Db, network_id: UUID, row: Row) -> ExternalCalendar:
    return ExternalCalendar(**{**row, "url": vault_of(db).unseal(network_id, row["url"])})
