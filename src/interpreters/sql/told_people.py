"""Interpreters as they are told things: addresses, language, quiet hours."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.notices_to_people import Choice
from interpreters.vault import vault_of


class ToldInterpreter(msgspec.Struct, frozen=True, kw_only=True):
    """One interpreter; `language` and `notify` are the person's who signs in, else the roster's.

    `user_id` is theirs while they may sign in.
    """

    id: UUID
    user_id: UUID | None
    phone: str | None
    email: str | None
    language: str | None
    notify: Choice | None
    time_zone: str
    quiet_hours: dict[str, str] | None
    urgent_opt_in: bool


# $1 network_id, $2 ids
INTERPRETERS: Final[LiteralString] = """
    SELECT i.id, CASE WHEN u.active THEN u.id END AS user_id, i.phone, i.email,
           coalesce(u.language, i.language) AS language, coalesce(u.notify, i.notify) AS notify,
           i.time_zone, i.quiet_hours, i.urgent_opt_in
    FROM interpreters i
    LEFT JOIN users u ON u.network_id = $1 AND u.interpreter_id = i.id
    WHERE i.network_id = $1 AND i.id = ANY ($2::uuid[]) AND i.active
    ORDER BY i.id
"""


async def interpreters(
    db: Db, *, network_id: UUID, ids: Sequence[UUID]
) -> dict[UUID, ToldInterpreter]:
    """Return those of the interpreters who are active, by id."""
    rows = await db.fetch(INTERPRETERS, network_id, list(ids))
    return {row["id"]: _told(db, network_id, row) for row in rows}


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """In which language somebody on the roster is told things, and how they chose to be."""

    language: str | None = None
    notify: Choice | None = None


# $1 network_id, $2 ids
CHOICES: Final[LiteralString] = """
    SELECT i.id, coalesce(u.language, i.language) AS language,
           coalesce(u.notify, i.notify) AS notify
    FROM interpreters i
    LEFT JOIN users u ON u.network_id = $1 AND u.interpreter_id = i.id
    WHERE i.network_id = $1 AND i.id = ANY ($2::uuid[])
"""


async def choices(db: Db, *, network_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Told]:
    """Return how the interpreters are told things, whether they are active or not."""
    return {
        row["id"]: Told(
            language=row["language"],
            notify=None if row["notify"] is None else msgspec.json.decode(row["notify"]),
        )
        for row in await db.fetch(CHOICES, network_id, list(ids))
    }


# $1 network_id, $2 interpreter_id, $3 whether the language changes, $4 language, $5 whether the
# choice changes, $6 notify
CHOOSE: Final[LiteralString] = """
    UPDATE interpreters AS i
    SET language = CASE WHEN $3::boolean THEN $4 ELSE i.language END,
        notify = CASE WHEN $5::boolean THEN $6::text::jsonb ELSE i.notify END
    WHERE i.network_id = $1 AND i.id = $2
"""


async def choose(
    db: Db, *, network_id: UUID, interpreter_id: UUID, fields: Mapping[str, Any]
) -> None:
    """Write the roster's own `language` and `notify`, as far as they are among the fields."""
    notify = fields.get("notify")
    await db.execute(
        CHOOSE, network_id, interpreter_id, "language" in fields, fields.get("language"),
        "notify" in fields, None if notify is None else msgspec.json.encode(notify).decode(),
    )  # fmt: skip


def _told(db: Db, network_id: UUID, row: Row) -> ToldInterpreter:
    fields: dict[str, Any] = dict(row)
    for name in ("phone", "email"):
        fields[name] = vault_of(db).unseal_or_none(network_id, fields[name])
    for name in ("quiet_hours", "notify"):
        if fields[name] is not None:
            fields[name] = msgspec.json.decode(fields[name])
    return ToldInterpreter(**fields)
