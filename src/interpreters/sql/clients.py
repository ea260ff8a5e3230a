"""Every statement about the `clients` table. A client has a reference, never a name."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """The person helped, known by the institution's own reference."""

    id: UUID
    institution_id: UUID
    reference: str
    languages: Sequence[str] = ()
    nationality: str | None = None
    gender_preference: str | None = None
    status: str | None = None
    status_since: date | None = None
    group: str | None = None
    erased_at: datetime | None = None
    created_at: datetime
    version: int = 1


# $1 network_id, $2 id, $3 institution_id, $4 reference, $5 languages, $6 nationality,
# $7 gender_preference, $8 status, $9 status_since, $10 group, $11 created_at
INSERT: Final[LiteralString] = """
    INSERT INTO clients (network_id, id, institution_id, reference, languages, nationality,
        gender_preference, status, status_since, "group", created_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)
    ON CONFLICT DO NOTHING
    RETURNING id
"""


async def insert(db: Db, *, network_id: UUID, client: Client) -> bool:
    """Add a client; False when the institution already has the reference."""
    made = await db.fetchval(
        INSERT, network_id, client.id, client.institution_id, client.reference,
        list(client.languages), client.nationality, client.gender_preference, client.status,
        client.status_since, client.group, client.created_at,
    )  # fmt: skip
    return made is not None


# $1 network_id, $2 institution_id, $3 references
BY_REFERENCES: Final[LiteralString] = """
    SELECT c.id, c.institution_id, c.reference, c.languages, c.nationality, c.gender_preference,
           c.status, c.status_since, c."group", c.erased_at, c.created_at, c.version
    FROM clients c
    WHERE c.network_id = $1 AND c.institution_id = $2 AND c.reference = ANY ($3::text[])
"""


async def by_references(
    db: Db, *, network_id: UUID, institution_id: UUID, references: Sequence[str]
) -> dict[str, Client]:
    """Return the institution's clients among the references."""
    rows = await db.fetch(BY_REFERENCES, network_id, institution_id, list(references))
    return {row["reference"]: _client(row) for row in rows}


# $1 network_id, $2 ids
OF_IDS: Final[LiteralString] = """
    SELECT c.id, c.institution_id, c.reference, c.languages, c.nationality, c.gender_preference,
           c.status, c.status_since, c."group", c.erased_at, c.created_at, c.version
    FROM clients c
    WHERE c.network_id = $1 AND c.id = ANY ($2::uuid[])
"""


async def of_ids(db: Db, *, network_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Client]:
    """Return the clients among the ids."""
    rows = await db.fetch(OF_IDS, network_id, list(ids))
    return {row["id"]: _client(row) for row in rows}


async def references(db: Db, *, network_id: UUID, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the present references of the clients."""
    found = await of_ids(db, network_id=network_id, ids=ids)
    return {client_id: client.reference for client_id, client in found.items()}


async def find(db: Db, *, network_id: UUID, client_id: UUID) -> Client | None:
    """Return the client, if the network has it."""
    return (await of_ids(db, network_id=network_id, ids=[client_id])).get(client_id)


# $1 network_id, $2 institution_id (null = all), $3 reference (null = any),
# $4 before this id (null = from the newest), $5 limit
PAGE: Final[LiteralString] = """
    SELECT c.id, c.institution_id, c.reference, c.languages, c.nationality, c.gender_preference,
           c.status, c.status_since, c."group", c.erased_at, c.created_at, c.version
    FROM clients c
    WHERE c.network_id = $1
      AND ($2::uuid IS NULL OR c.institution_id = $2)
      AND ($3::text IS NULL OR c.reference = $3)
      AND ($4::uuid IS NULL OR c.id < $4)
    ORDER BY c.id DESC LIMIT $5
"""


async def page(
    db: Db,
    *,
    network_id: UUID,
    institution_id: UUID | None,
    reference: str | None,
    before: UUID | None,
    limit: int,
) -> list[Client]:
    """Return clients, newest first."""
    rows = await db.fetch(PAGE, network_id, institution_id, reference, before, limit)
    return [_client(row) for row in rows]


# $1 network_id, $2 id, $3 what stands for the reference from now on, $4 now
ERASE: Final[LiteralString] = """
    UPDATE clients AS c
    SET reference = $3, languages = '{}', gender_preference = NULL, status = NULL,
        status_since = NULL, "group" = NULL, erased_at = $4, version = c.version + 1
    WHERE c.network_id = $1 AND c.id = $2 AND c.erased_at IS NULL
"""


async def erase(
    db: Db, *, network_id: UUID, client_id: UUID, reference: str, now: datetime
) -> None:
    """Erase what is personal; the nationality stays, for counts. Again: nothing."""
    await db.execute(ERASE, network_id, client_id, reference, now)


async def insert_many(db: Db, *, network_id: UUID, clients: Sequence[Client]) -> bool:
    """Add clients; False when somebody else has just added one of the references."""
    await db.executemany(
        INSERT,
        [
            (network_id, one.id, one.institution_id, one.reference, list(one.languages),
             one.nationality, one.gender_preference, one.status, one.status_since, one.group,
             one.created_at)
            for one in clients
        ],
    )  # fmt: skip
    found = await db.fetchval(COUNT, network_id, [one.id for one in clients])
    return bool(found == len(clients))


# $1 network_id, $2 ids
COUNT: Final[LiteralString] = """
    SELECT count(*) FROM clients c WHERE c.network_id = $1 AND c.id = ANY ($2::uuid[])
"""
# $1 network_id, $2 id, $3 languages, $4 nationality, $5 gender_preference, $6 status,
# $7 status_since, $8 group, $9 the version that is replaced
UPDATE: Final[LiteralString] = """
    UPDATE clients AS c
    SET languages = $3, nationality = $4, gender_preference = $5, status = $6, status_since = $7,
        "group" = $8, version = c.version + 1
    WHERE c.network_id = $1 AND c.id = $2 AND c.version = $9 AND c.erased_at IS NULL
"""
# $1 network_id, $2 ids
VERSIONS: Final[LiteralString] = """
    SELECT c.id, c.version FROM clients c
    WHERE c.network_id = $1 AND c.id = ANY ($2::uuid[])
    ORDER BY c.id FOR NO KEY UPDATE
"""


async def lock_many(db: Db, *, network_id: UUID, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Keep others from changing the clients; return their versions."""
    rows = await db.fetch(VERSIONS, network_id, list(ids))
    return {row["id"]: row["version"] for row in rows}


async def update_many(db: Db, *, network_id: UUID, clients: Sequence[Client]) -> None:
    """Write the next versions. The caller holds the rows (`lock_many`) and knows the old ones."""
    await db.executemany(
        UPDATE,
        [
            (network_id, one.id, list(one.languages), one.nationality, one.gender_preference,
             one.status, one.status_since, one.group, one.version - 1)
            for one in clients
        ],
    )  # fmt: skip


def _client(row: Row) -> Client:
    return Client(**dict(row))
