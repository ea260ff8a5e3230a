"""Statements about what coordinators look at: which requests, and how far their asking is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.board import OPEN

LONGEST: Final = timedelta(days=7)  # of a session: how long before something it may have begun

# $1 network_id, $2 sessions that end after, $3 and so start after, $4 starts before (null = any),
# $5 states, $6 language, $7 institution_id (null = any, of these), $8 ids (null = all), $9 limit,
# $10 states in which somebody is missing: those come first
PAGE: Final[LiteralString] = """
    SELECT r.id
    FROM requests r
    WHERE r.network_id = $1 AND r.starts_at >= $3 AND upper(r.session) > $2
      AND ($4::timestamptz IS NULL OR r.starts_at < $4)
      AND r.state = ANY ($5::text[])
      AND ($6::text IS NULL OR $6 = ANY (r.languages))
      AND ($7::uuid IS NULL OR r.institution_id = $7)
      AND ($8::uuid[] IS NULL OR r.id = ANY ($8::uuid[]))
    ORDER BY r.state <> ALL ($10::text[]), r.starts_at, r.id LIMIT $9
"""


class BoardFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which requests: sessions that end after `since` and start before `until`."""

    since: datetime
    until: datetime | None = None
    states: Sequence[str]
    language: str | None = None
    institution_id: UUID | None = None
    ids: Sequence[UUID] | None = None


async def page(db: Db, *, network_id: UUID, wanted: BoardFilter, limit: int) -> list[UUID]:
    """Return requests: first those that miss somebody, each part by its start."""
    rows = await db.fetch(
        PAGE, network_id, wanted.since, wanted.since - LONGEST, wanted.until, list(wanted.states),
        wanted.language, wanted.institution_id,
        None if wanted.ids is None else list(wanted.ids), limit, list(OPEN),
    )  # fmt: skip
    return [row["id"] for row in rows]


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """How many people were asked about a request, and what came of it.

    `waiting` have not answered; the first of their answers is due `answer_by`.
    """

    asked: int = 0
    waiting: int = 0
    declined: int = 0
    answer_by: datetime | None = None


# $1 network_id, $2 request_ids
ASKING: Final[LiteralString] = """
    SELECT o.request_id, count(DISTINCT o.interpreter_id) AS asked,
           count(DISTINCT o.interpreter_id) FILTER (WHERE o.state = 'open') AS waiting,
           count(DISTINCT o.interpreter_id) FILTER (WHERE o.state = 'declined') AS declined,
           min(o.answer_by) FILTER (WHERE o.state = 'open') AS answer_by
    FROM offers o
    WHERE o.network_id = $1 AND o.request_id = ANY ($2::uuid[])
    GROUP BY o.request_id
"""


async def asking(db: Db, *, network_id: UUID, request_ids: Sequence[UUID]) -> dict[UUID, Asking]:
    """Return how far the asking is; nobody was asked about a request that is not in it."""
    found = {}
    for row in await db.fetch(ASKING, network_id, list(request_ids)):
        fields = dict(row)
        request_id = fields.pop("request_id")
        found[request_id] = Asking(**fields)
    return found


# $1 network_id
LANGUAGES: Final[LiteralString] = """
    SELECT DISTINCT l.language FROM interpreter_languages l WHERE l.network_id = $1
"""


async def languages(db: Db, *, network_id: UUID) -> list[str]:
    """Return what the network's interpreters speak (ISO 639-3), in no order."""
    return [row["language"] for row in await db.fetch(LANGUAGES, network_id)]


# $1 network_id, $2 language, $3 limit
SPEAKERS: Final[LiteralString] = """
    SELECT i.id, i.display_name
    FROM interpreters i
    JOIN interpreter_languages l ON l.network_id = $1 AND l.interpreter_id = i.id
    WHERE i.network_id = $1 AND l.language = $2 AND i.erased_at IS NULL
    ORDER BY i.display_name, i.id LIMIT $3
"""


async def speakers(
    db: Db, *, network_id: UUID, language: str, limit: int
) -> list[tuple[UUID, str]]:
    """Return who speaks a language, also those who are not active, by name."""
    rows = await db.fetch(SPEAKERS, network_id, language, limit)
    return [(row["id"], row["display_name"]) for row in rows]
