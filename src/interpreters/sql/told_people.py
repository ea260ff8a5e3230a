"""Interpreters as they are told things: addresses, language, quiet hours."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.vault import vault_of


class ToldInterpreter(msgspec.Struct, frozen=True, kw_only=True):
    """One interpreter; `language` is their own, else that of their pages."""

    id: UUID
    user_id: UUID | None
    phone: str | None
    email: str | None
    language: str | None
    time_zone: str
    quiet_hours: dict[str, str] | None
    urgent_opt_in: bool


# $1 network_id, $2 ids
INTERPRETERS: Final[LiteralString] = """
    SELECT i.id, u.id AS user_id, i.phone, i.email, coalesce(i.language, u.language) AS language,
           i.time_zone, i.quiet_hours, i.urgent_opt_in
    FROM interpreters i
    LEFT JOIN users u ON u.network_id = $1 AND u.interpreter_id = i.id AND u.active
    WHERE i.network_id = $1 AND i.id = ANY ($2::uuid[]) AND i.active
    ORDER BY i.id
"""


async def interpreters(
    db: Db, *, network_id: UUID, ids: Sequence[UUID]
) -> dict[UUID, ToldInterpreter]:
    """Return those of the interpreters who are active, by id."""
    rows = await db.fetch(INTERPRETERS, network_id, list(ids))
    return {row["id"]: _told(db, network_id, row) for row in rows}


def _told(db: Db, network_id: UUID, row: Row) -> ToldInterpreter:
    fields: dict[str, Any] = dict(row)
    for name in ("phone", "email"):
        fields[name] = vault_of(db).unseal_or_none(network_id, fields[name])
    if fields["quiet_hours"] is not None:
        fields["quiet_hours"] = msgspec.json.decode(fields["quiet_hours"])
    return ToldInterpreter(**fields)
