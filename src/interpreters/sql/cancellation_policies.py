"""Every statement about the `cancellation_policies` table, which only grows."""

from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.cancellations import Policy, PolicyRule

# $1 network_id, $2 id, $3 name, $4 is_default, $5 valid_from, $6 valid_until, $7 rules,
# $8 created_at
INSERT: Final[LiteralString] = """
    INSERT INTO cancellation_policies (network_id, id, name, is_default, valid_from, valid_until,
        rules, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, policy: Policy) -> None:
    """Add a policy."""
    await db.execute(
        INSERT, network_id, policy.id, policy.name, policy.is_default, policy.valid_from,
        policy.valid_until, msgspec.json.encode(policy.rules).decode(), policy.created_at,
    )  # fmt: skip


# $1 network_id, $2 id
FIND: Final[LiteralString] = """
    SELECT p.id, p.name, p.is_default, p.valid_from, p.valid_until, p.rules, p.created_at
    FROM cancellation_policies p
    WHERE p.network_id = $1 AND p.id = $2
"""


async def find(db: Db, *, network_id: UUID, policy_id: UUID) -> Policy | None:
    """Return the policy, if the network has it."""
    row = await db.fetchrow(FIND, network_id, policy_id)
    return None if row is None else _policy(row)


# $1 network_id, $2 an institution's own policy (null = none)
FOR_INSTITUTION: Final[LiteralString] = """
    SELECT p.id, p.name, p.is_default, p.valid_from, p.valid_until, p.rules, p.created_at
    FROM cancellation_policies p
    WHERE p.network_id = $1
      AND (p.is_default
           OR p.name = (SELECT o.name FROM cancellation_policies o
                        WHERE o.network_id = $1 AND o.id = $2))
    ORDER BY p.id DESC
"""


async def for_institution(db: Db, *, network_id: UUID, own_id: UUID | None) -> list[Policy]:
    """Return the policies that may apply to an institution on any day: the network's defaults, its
    own and those of the same name; newest first.
    """
    return [_policy(row) for row in await db.fetch(FOR_INSTITUTION, network_id, own_id)]


# $1 network_id, $2 before this id (null = from the newest), $3 limit
PAGE: Final[LiteralString] = """
    SELECT p.id, p.name, p.is_default, p.valid_from, p.valid_until, p.rules, p.created_at
    FROM cancellation_policies p
    WHERE p.network_id = $1 AND ($2::uuid IS NULL OR p.id < $2)
    ORDER BY p.id DESC LIMIT $3
"""


async def page(db: Db, *, network_id: UUID, before: UUID | None, limit: int) -> list[Policy]:
    """Return policies, newest first."""
    return [_policy(row) for row in await db.fetch(PAGE, network_id, before, limit)]


def _policy(row: Row) -> Policy:
    fields: dict[str, Any] = dict(row)
    rules = msgspec.json.decode(fields.pop("rules"), type=tuple[PolicyRule, ...])
    return Policy(**fields, rules=rules)
