"""Every statement about the `identity_providers` table. What we are known by there is sealed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import asyncpg
import msgspec

from interpreters.database import Db, Row
from interpreters.domain.callers import Role
from interpreters.domain.errors import NotFound
from interpreters.vault import vault_of


class IdentityProvider(msgspec.Struct, frozen=True, kw_only=True):
    """An OpenID provider of an institution's people, or (no institution) of the network's staff.

    `group_roles` are the roles of its groups, `default_roles` everybody's.
    """

    id: UUID
    institution_id: UUID | None
    name: str
    issuer: str
    client_id: str
    client_secret: str | None
    scopes: Sequence[str]
    groups_claim: str
    group_roles: Mapping[str, Sequence[Role]]
    default_roles: Sequence[Role]
    active: bool = True
    created_at: datetime
    version: int = 1

    def __repr__(self) -> str:
        """Never the secret."""
        return f"IdentityProvider(id={self.id!r})"


# $1 network_id, $2 id, $3 institution_id, $4 name, $5 issuer, $6 client_id, $7 client_secret,
# $8 scopes, $9 groups_claim, $10 group_roles, $11 default_roles, $12 active, $13 created_at,
# $14 version
INSERT: Final[LiteralString] = """
    INSERT INTO identity_providers (network_id, id, institution_id, name, issuer, client_id,
        client_secret, scopes, groups_claim, group_roles, default_roles, active, created_at,
        version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text::jsonb, $11, $12, $13, $14)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, provider: IdentityProvider) -> None:
    """Add a provider.

    Raises:
        NotFound: the network has no such institution.
    """
    try:
        await db.execute(INSERT, network_id, *_values(db, network_id, provider))
    except asyncpg.ForeignKeyViolationError as error:
        raise NotFound from error


# $1 network_id, $2 id
FIND: Final[LiteralString] = """
    SELECT p.id, p.institution_id, p.name, p.issuer, p.client_id, p.client_secret, p.scopes,
           p.groups_claim, p.group_roles, p.default_roles, p.active, p.created_at, p.version
    FROM identity_providers p
    WHERE p.network_id = $1 AND p.id = $2
"""


async def find(db: Db, *, network_id: UUID, provider_id: UUID) -> IdentityProvider | None:
    """Return the provider, if the network has it."""
    row = await db.fetchrow(FIND, network_id, provider_id)
    return None if row is None else _provider(db, network_id, row)


# $1 network_id, $2 before this id (null = from the newest), $3 limit
PAGE: Final[LiteralString] = """
    SELECT p.id, p.institution_id, p.name, p.issuer, p.client_id, p.client_secret, p.scopes,
           p.groups_claim, p.group_roles, p.default_roles, p.active, p.created_at, p.version
    FROM identity_providers p
    WHERE p.network_id = $1 AND ($2::uuid IS NULL OR p.id < $2)
    ORDER BY p.id DESC LIMIT $3
"""


async def page(
    db: Db, *, network_id: UUID, before: UUID | None, limit: int
) -> list[IdentityProvider]:
    """Return providers, newest first."""
    rows = await db.fetch(PAGE, network_id, before, limit)
    return [_provider(db, network_id, row) for row in rows]


# $1 network_id, $2 limit
NAMES: Final[LiteralString] = """
    SELECT p.id, p.name FROM identity_providers p
    WHERE p.network_id = $1 AND p.active ORDER BY p.name, p.id LIMIT $2
"""


async def names(db: Db, *, network_id: UUID, limit: int) -> list[tuple[UUID, str]]:
    """Return those that people may sign in with, by name."""
    return [(row["id"], row["name"]) for row in await db.fetch(NAMES, network_id, limit)]


# $1 network_id, $2 id, $3 to $13 as in INSERT, $14 new version; the old one is $14 - 1
UPDATE: Final[LiteralString] = """
    UPDATE identity_providers AS p
    SET institution_id = $3, name = $4, issuer = $5, client_id = $6, client_secret = $7,
        scopes = $8, groups_claim = $9, group_roles = $10::text::jsonb, default_roles = $11,
        active = $12, created_at = $13, version = $14
    WHERE p.network_id = $1 AND p.id = $2 AND p.version = $14 - 1
    RETURNING p.id
"""


async def update(db: Db, *, network_id: UUID, provider: IdentityProvider) -> bool:
    """Write the next version; False when somebody else wrote it first."""
    return await db.fetchval(UPDATE, network_id, *_values(db, network_id, provider)) is not None


# $1 network_id, $2 id
DELETE: Final[LiteralString] = """
    DELETE FROM identity_providers AS p WHERE p.network_id = $1 AND p.id = $2
"""


async def delete(db: Db, *, network_id: UUID, provider_id: UUID) -> None:
    """Forget a provider, and its secret."""
    await db.execute(DELETE, network_id, provider_id)


def _values(db: Db, network_id: UUID, one: IdentityProvider) -> tuple[object, ...]:
    return (
        one.id, one.institution_id, one.name, one.issuer, one.client_id,
        vault_of(db).seal_or_none(network_id, one.client_secret), list(one.scopes),
        one.groups_claim, msgspec.json.encode(one.group_roles).decode(), list(one.default_roles),
        one.active, one.created_at, one.version,
    )  # fmt: skip


def _provider(db: Db, network_id: UUID, row: Row) -> IdentityProvider:
    opened: dict[str, Any] = {
        "client_secret": vault_of(db).unseal_or_none(network_id, row["client_secret"]),
        "group_roles": msgspec.json.decode(row["group_roles"]),
    }
    return IdentityProvider(**{**row, **opened})
