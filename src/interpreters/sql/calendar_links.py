"""Every statement about the `calendar_links` table: calendars read at a secret address."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db


class CalendarLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link as it is kept, without its token: an interpreter's calendar, or an institution's."""

    id: UUID
    interpreter_id: UUID | None = None
    institution_id: UUID | None = None
    created_at: datetime


class OpenedCalendar(msgspec.Struct, frozen=True, kw_only=True):
    """Whose calendar a token opens; `languages` are its reader's, the dearest first."""

    interpreter_id: UUID | None
    institution_id: UUID | None
    network_name: str
    languages: Sequence[str]


# $1 network_id, $2 id, $3 interpreter_id, $4 institution_id, $5 token_hash, $6 created_at
INSERT: Final[LiteralString] = """
    INSERT INTO calendar_links (network_id, id, interpreter_id, institution_id, token_hash,
                                created_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, link: CalendarLink, token_hash: bytes) -> None:
    """Keep a new link; the token itself is not kept."""
    await db.execute(
        INSERT, network_id, link.id, link.interpreter_id, link.institution_id, token_hash,
        link.created_at,
    )  # fmt: skip


# $1 network_id, $2 token_hash
OPEN: Final[LiteralString] = """
    SELECT l.interpreter_id, l.institution_id, n.name AS network_name,
           array_remove(ARRAY[i.language, u.language, h.working_language, n.working_language],
                        NULL) AS languages
    FROM calendar_links l
    JOIN networks n ON n.network_id = $1
    LEFT JOIN interpreters i ON i.network_id = $1 AND i.id = l.interpreter_id
    LEFT JOIN users u ON u.network_id = $1 AND u.interpreter_id = l.interpreter_id AND u.active
    LEFT JOIN institutions h ON h.network_id = $1 AND h.id = l.institution_id
    WHERE l.network_id = $1 AND l.token_hash = $2 AND l.revoked_at IS NULL
      AND (l.interpreter_id IS NULL OR (i.erased_at IS NULL AND i.stage <> 'suspended'))
"""


async def open_calendar(db: Db, *, network_id: UUID, token_hash: bytes) -> OpenedCalendar | None:
    """Return whose calendar it is; None when it was revoked, or the interpreter is suspended."""
    row = await db.fetchrow(OPEN, network_id, token_hash)
    return None if row is None else OpenedCalendar(**dict(row))


# $1 network_id, $2 interpreter_id (null = of all), $3 institution_id (null = of all),
# $4 before this id (null = from the newest), $5 limit
PAGE: Final[LiteralString] = """
    SELECT l.id, l.interpreter_id, l.institution_id, l.created_at
    FROM calendar_links l
    WHERE l.network_id = $1 AND l.revoked_at IS NULL
      AND ($2::uuid IS NULL OR l.interpreter_id = $2)
      AND ($3::uuid IS NULL OR l.institution_id = $3)
      AND ($4::uuid IS NULL OR l.id < $4)
    ORDER BY l.id DESC LIMIT $5
"""


async def page(
    db: Db,
    *,
    network_id: UUID,
    interpreter_id: UUID | None,
    institution_id: UUID | None,
    before: UUID | None,
    limit: int,
) -> list[CalendarLink]:
    """Return the links that live, newest first."""
    rows = await db.fetch(PAGE, network_id, interpreter_id, institution_id, before, limit)
    return [CalendarLink(**dict(row)) for row in rows]


# $1 network_id, $2 interpreter_id, $3 institution_id; one of the two is null
COUNT: Final[LiteralString] = """
    SELECT count(*) FROM calendar_links l
    WHERE l.network_id = $1 AND l.revoked_at IS NULL
      AND (l.interpreter_id = $2 OR l.institution_id = $3)
"""


async def count(
    db: Db, *, network_id: UUID, interpreter_id: UUID | None, institution_id: UUID | None
) -> int:
    """Return how many links of one calendar live."""
    return int(await db.fetchval(COUNT, network_id, interpreter_id, institution_id))


# $1 network_id, $2 id, $3 interpreter_id (null = anybody's), $4 institution_id (null = anybody's),
# $5 now
REVOKE: Final[LiteralString] = """
    UPDATE calendar_links AS l SET revoked_at = $5
    WHERE l.network_id = $1 AND l.id = $2 AND l.revoked_at IS NULL
      AND ($3::uuid IS NULL OR l.interpreter_id = $3)
      AND ($4::uuid IS NULL OR l.institution_id = $4)
    RETURNING l.id
"""


async def revoke(
    db: Db,
    *,
    network_id: UUID,
    link_id: UUID,
    interpreter_id: UUID | None,
    institution_id: UUID | None,
    now: datetime,
) -> bool:
    """End a link at once; False when there is none such that lives."""
    made = await db.fetchval(REVOKE, network_id, link_id, interpreter_id, institution_id, now)
    return made is not None


# $1 network_id, $2 user_id, $3 now, $4 what the audit says of it. Who made a link is in the audit.
REVOKE_MADE_BY: Final[LiteralString] = """
    UPDATE calendar_links AS l SET revoked_at = $3
    WHERE l.network_id = $1 AND l.revoked_at IS NULL AND EXISTS (
        SELECT FROM audit a
        WHERE a.network_id = $1 AND a.subject_id = l.id AND a.user_id = $2 AND a.action = $4)
    RETURNING l.id
"""


async def revoke_made_by(db: Db, *, network_id: UUID, user_id: UUID, now: datetime) -> None:
    """End every link that a person made, and so knows the address of."""
    await db.fetch(REVOKE_MADE_BY, network_id, user_id, now, "created")
