"""Every statement about the `credentials` table: papers that expire. Their numbers are sealed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.vault import vault_of


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A paper: valid from `issued_on` to `expires_on`, both included; None is open."""

    id: UUID
    kind: str
    number: str | None = None
    issued_on: date | None = None
    expires_on: date | None = None
    created_at: datetime


# $1 network_id, $2 id, $3 interpreter_id, $4 kind, $5 number, $6 issued_on, $7 expires_on,
# $8 created_at
INSERT: Final[LiteralString] = """
    INSERT INTO credentials (network_id, id, interpreter_id, kind, number, issued_on, expires_on,
                             created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, interpreter_id: UUID, credential: Credential) -> None:
    """Add a credential."""
    await db.execute(
        INSERT, network_id, credential.id, interpreter_id, credential.kind,
        vault_of(db).seal_or_none(network_id, credential.number), credential.issued_on,
        credential.expires_on, credential.created_at,
    )  # fmt: skip


# $1 network_id, $2 interpreter_id, $3 before this id (null = from the newest), $4 limit
PAGE: Final[LiteralString] = """
    SELECT c.id, c.kind, c.number, c.issued_on, c.expires_on, c.created_at
    FROM credentials c
    WHERE c.network_id = $1 AND c.interpreter_id = $2 AND ($3::uuid IS NULL OR c.id < $3)
    ORDER BY c.id DESC LIMIT $4
"""


async def page(
    db: Db, *, network_id: UUID, interpreter_id: UUID, before: UUID | None, limit: int
) -> list[Credential]:
    """Return the interpreter's credentials, newest first, those that ran out too."""
    rows = await db.fetch(PAGE, network_id, interpreter_id, before, limit)
    return [_credential(db, network_id, row) for row in rows]


# $1 network_id, $2 interpreter_id
KINDS: Final[LiteralString] = """
    SELECT DISTINCT c.kind FROM credentials c
    WHERE c.network_id = $1 AND c.interpreter_id = $2
    ORDER BY c.kind
"""


async def kinds(db: Db, *, network_id: UUID, interpreter_id: UUID) -> list[str]:
    """Return the kinds of papers the interpreter has or had; their dates say which are valid."""
    return [row["kind"] for row in await db.fetch(KINDS, network_id, interpreter_id)]


# $1 network_id, $2 interpreter_id, $3 id
DELETE: Final[LiteralString] = """
    DELETE FROM credentials AS c
    WHERE c.network_id = $1 AND c.interpreter_id = $2 AND c.id = $3
    RETURNING c.id
"""


async def delete(db: Db, *, network_id: UUID, interpreter_id: UUID, credential_id: UUID) -> bool:
    """Take a credential away; False when the interpreter has none such."""
    return await db.fetchval(DELETE, network_id, interpreter_id, credential_id) is not None


# $1 network_id, $2 interpreter ids
OF: Final[LiteralString] = """
    SELECT c.interpreter_id, c.id, c.kind, c.number, c.issued_on, c.expires_on, c.created_at
    FROM credentials c
    WHERE c.network_id = $1 AND c.interpreter_id = ANY ($2::uuid[])
    ORDER BY c.interpreter_id, c.id
"""


async def of_interpreters(
    db: Db, *, network_id: UUID, interpreter_ids: Sequence[UUID]
) -> dict[UUID, list[Credential]]:
    """Return each one's credentials, the oldest first; every id asked for has an entry."""
    found: dict[UUID, list[Credential]] = {one: [] for one in interpreter_ids}
    for row in await db.fetch(OF, network_id, list(interpreter_ids)):
        fields = {name: value for name, value in row.items() if name != "interpreter_id"}
        fields["number"] = vault_of(db).unseal_or_none(network_id, row["number"])
        found[row["interpreter_id"]].append(Credential(**fields))
    return found


async def insert_many(
    db: Db, *, network_id: UUID, credentials: Sequence[tuple[UUID, Credential]]
) -> None:
    """Add credentials, each behind whose it is."""
    seal = vault_of(db).seal_or_none
    await db.executemany(
        INSERT,
        [
            (network_id, one.id, whose, one.kind, seal(network_id, one.number), one.issued_on,
             one.expires_on, one.created_at)
            for whose, one in credentials
        ],
    )  # fmt: skip


def _credential(db: Db, network_id: UUID, row: Row) -> Credential:
    fields = dict(row)
    fields["number"] = vault_of(db).unseal_or_none(network_id, row["number"])
    return Credential(**fields)
