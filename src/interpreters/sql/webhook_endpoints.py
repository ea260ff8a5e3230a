"""Every statement about the `webhook_endpoints` table. Addresses and secrets are sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import asyncpg
import msgspec

from interpreters.database import Db, Row
from interpreters.domain.errors import NotFound
from interpreters.vault import vault_of


class WebhookEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An address that is told the events of an institution, or (none) of the network.

    `types` are those it wants, all if none are named. It was told of what stands up to
    `after_place`. While a secret is replaced the old one signs too, until `old_secret_until`.
    """

    id: UUID
    institution_id: UUID | None
    url: str
    secret: str
    old_secret: str | None = None
    old_secret_until: datetime | None = None
    types: Sequence[str]
    active: bool = True
    failing_since: datetime | None = None
    after_place: int
    created_at: datetime
    version: int = 1

    def __repr__(self) -> str:
        """Never the address, nor a secret."""
        return f"WebhookEndpoint(id={self.id!r})"


# $1 network_id, $2 id, $3 institution_id, $4 url, $5 secret, $6 types, $7 active, $8 after_place,
# $9 created_at, $10 version
INSERT: Final[LiteralString] = """
    INSERT INTO webhook_endpoints (network_id, id, institution_id, url, secret, types, active,
        after_place, created_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, endpoint: WebhookEndpoint) -> None:
    """Add an endpoint.

    Raises:
        NotFound: the network has no such institution.
    """
    vault = vault_of(db)
    try:
        await db.execute(
            INSERT, network_id, endpoint.id, endpoint.institution_id,
            vault.seal(network_id, endpoint.url), vault.seal(network_id, endpoint.secret),
            list(endpoint.types), endpoint.active, endpoint.after_place, endpoint.created_at,
            endpoint.version,
        )  # fmt: skip
    except asyncpg.ForeignKeyViolationError as error:
        raise NotFound from error


# $1 network_id, $2 id
FIND: Final[LiteralString] = """
    SELECT w.id, w.institution_id, w.url, w.secret, w.old_secret, w.old_secret_until, w.types,
           w.active, w.failing_since, w.after_place, w.created_at, w.version
    FROM webhook_endpoints w
    WHERE w.network_id = $1 AND w.id = $2
"""
# $1 network_id, $2 id
LOCK: Final[LiteralString] = """
    SELECT w.id, w.institution_id, w.url, w.secret, w.old_secret, w.old_secret_until, w.types,
           w.active, w.failing_since, w.after_place, w.created_at, w.version
    FROM webhook_endpoints w
    WHERE w.network_id = $1 AND w.id = $2
    FOR NO KEY UPDATE
"""


async def find(
    db: Db, *, network_id: UUID, endpoint_id: UUID, lock: bool = False
) -> WebhookEndpoint | None:
    """Return the endpoint, if the network has it; locked, nobody else changes it meanwhile."""
    row = await db.fetchrow(LOCK if lock else FIND, network_id, endpoint_id)
    return None if row is None else _endpoint(db, network_id, row)


# $1 network_id, $2 before this id (null = from the newest), $3 institution_id (null = all),
# $4 limit
PAGE: Final[LiteralString] = """
    SELECT w.id, w.institution_id, w.url, w.secret, w.old_secret, w.old_secret_until, w.types,
           w.active, w.failing_since, w.after_place, w.created_at, w.version
    FROM webhook_endpoints w
    WHERE w.network_id = $1 AND ($2::uuid IS NULL OR w.id < $2)
      AND ($3::uuid IS NULL OR w.institution_id = $3)
    ORDER BY w.id DESC LIMIT $4
"""


async def page(
    db: Db, *, network_id: UUID, institution_id: UUID | None, before: UUID | None, limit: int
) -> list[WebhookEndpoint]:
    """Return endpoints, newest first: all, or an institution's."""
    rows = await db.fetch(PAGE, network_id, before, institution_id, limit)
    return [_endpoint(db, network_id, row) for row in rows]


# $1 network_id, $2 institution_id (null: the network's own)
COUNT: Final[LiteralString] = """
    SELECT count(*) FROM webhook_endpoints w
    WHERE w.network_id = $1 AND w.institution_id IS NOT DISTINCT FROM $2
"""


async def count(db: Db, *, network_id: UUID, institution_id: UUID | None) -> int:
    """Return how many endpoints an institution has, or the network itself."""
    return int(await db.fetchval(COUNT, network_id, institution_id))


# $1 network_id, $2 institution ids
LISTENING: Final[LiteralString] = """
    SELECT w.id FROM webhook_endpoints w
    WHERE w.network_id = $1 AND w.active
      AND (w.institution_id IS NULL OR w.institution_id = ANY ($2))
    ORDER BY w.id
"""


async def listening(db: Db, *, network_id: UUID, institution_ids: Sequence[UUID]) -> list[UUID]:
    """Return the endpoints of the network itself and of these institutions, always in one order."""
    rows = await db.fetch(LISTENING, network_id, list(institution_ids))
    return [row["id"] for row in rows]


# $1 network_id, $2 id, $3 url, $4 secret, $5 old_secret, $6 old_secret_until, $7 types, $8 active,
# $9 failing_since, $10 after_place, $11 new version; the old one is $11 - 1
UPDATE: Final[LiteralString] = """
    UPDATE webhook_endpoints AS w
    SET url = $3, secret = $4, old_secret = $5, old_secret_until = $6, types = $7, active = $8,
        failing_since = $9, after_place = $10, version = $11
    WHERE w.network_id = $1 AND w.id = $2 AND w.version = $11 - 1
    RETURNING w.id
"""


async def update(db: Db, *, network_id: UUID, endpoint: WebhookEndpoint) -> bool:
    """Write the next version of a locked endpoint; False when somebody else wrote it first."""
    vault = vault_of(db)
    written = await db.fetchval(
        UPDATE, network_id, endpoint.id, vault.seal(network_id, endpoint.url),
        vault.seal(network_id, endpoint.secret),
        vault.seal_or_none(network_id, endpoint.old_secret), endpoint.old_secret_until,
        list(endpoint.types), endpoint.active, endpoint.failing_since, endpoint.after_place,
        endpoint.version,
    )  # fmt: skip
    return written is not None


# $1 network_id, $2 id, $3 after_place
MOVE_ON: Final[LiteralString] = """
    UPDATE webhook_endpoints AS w SET after_place = $3 WHERE w.network_id = $1 AND w.id = $2
"""


async def move_on(db: Db, *, network_id: UUID, endpoint_id: UUID, after_place: int) -> None:
    """Note up to where the feed was written down for a locked endpoint."""
    await db.execute(MOVE_ON, network_id, endpoint_id, after_place)


# $1 network_id, $2 id, $3 failing_since
SET_FAILING: Final[LiteralString] = """
    UPDATE webhook_endpoints AS w SET failing_since = $3
    WHERE w.network_id = $1 AND w.id = $2 AND w.failing_since IS DISTINCT FROM $3
"""


async def set_failing(
    db: Db, *, network_id: UUID, endpoint_id: UUID, since: datetime | None
) -> None:
    """Note since when nothing gets through; None: something did."""
    await db.execute(SET_FAILING, network_id, endpoint_id, since)


# $1 network_id, $2 id
SWITCH_OFF: Final[LiteralString] = """
    UPDATE webhook_endpoints AS w SET active = false, version = w.version + 1
    WHERE w.network_id = $1 AND w.id = $2 AND w.active
"""


async def switch_off(db: Db, *, network_id: UUID, endpoint_id: UUID) -> None:
    """Tell an endpoint nothing any more."""
    await db.execute(SWITCH_OFF, network_id, endpoint_id)


# $1 network_id, $2 id
DELETE: Final[LiteralString] = """
    DELETE FROM webhook_endpoints AS w WHERE w.network_id = $1 AND w.id = $2
"""


async def delete(db: Db, *, network_id: UUID, endpoint_id: UUID) -> None:
    """Forget an endpoint with all that was sent to it."""
    await db.execute(DELETE, network_id, endpoint_id)


def _endpoint(db: Db, network_id: UUID, row: Row) -> WebhookEndpoint:
    vault = vault_of(db)
    opened: dict[str, Any] = {
        name: vault.unseal_or_none(network_id, row[name])
        for name in ("url", "secret", "old_secret")
    }
    return WebhookEndpoint(**{**row, **opened})
