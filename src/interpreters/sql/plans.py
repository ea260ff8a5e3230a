"""Every statement about the `plans` table: what was proposed together, and what became of it."""

from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.planning import Figures, PlanState


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan for the sessions that start from `starts_at` up to `ends_at`.

    `made_by` is None for the nightly one.
    """

    id: UUID
    state: PlanState
    starts_at: datetime
    ends_at: datetime
    made_at: datetime
    made_by: UUID | None = None
    figures: Figures
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    version: int = 1


# $1 network_id, $2 id, $3 state, $4 starts_at, $5 ends_at, $6 made_at, $7 made_by, $8 figures,
# $9 version
INSERT: Final[LiteralString] = """
    INSERT INTO plans (network_id, id, state, starts_at, ends_at, made_at, made_by, figures,
        version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb, $9)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, plan: Plan) -> None:
    """Add a plan."""
    await db.execute(
        INSERT, network_id, plan.id, plan.state, plan.starts_at, plan.ends_at, plan.made_at,
        plan.made_by, msgspec.json.encode(plan.figures).decode(), plan.version,
    )  # fmt: skip


# $1 network_id, $2 now, $3 from, $4 until
SUPERSEDE: Final[LiteralString] = """
    UPDATE plans AS p SET state = 'superseded', decided_at = $2, version = p.version + 1
    WHERE p.network_id = $1 AND p.state = ANY ('{proposed,partly_accepted}'::text[])
      AND p.starts_at < $4 AND p.ends_at > $3
    RETURNING p.id
"""


async def supersede(
    db: Db, *, network_id: UUID, since: datetime, until: datetime, now: datetime
) -> None:
    """Put aside what is proposed for any of this time, and what is left of it; the rest stays."""
    await db.execute(SUPERSEDE, network_id, now, since, until)


# $1 network_id, $2 id
FIND: Final[LiteralString] = """
    SELECT p.id, p.state, p.starts_at, p.ends_at, p.made_at, p.made_by, p.figures, p.decided_at,
           p.decided_by, p.version
    FROM plans p WHERE p.network_id = $1 AND p.id = $2
"""


async def find(db: Db, *, network_id: UUID, plan_id: UUID) -> Plan | None:
    """Return the plan, if the network has it."""
    row = await db.fetchrow(FIND, network_id, plan_id)
    return None if row is None else _plan(row)


# $1 network_id, $2 id
LOCK: Final[LiteralString] = """
    SELECT p.id, p.state, p.starts_at, p.ends_at, p.made_at, p.made_by, p.figures, p.decided_at,
           p.decided_by, p.version
    FROM plans p WHERE p.network_id = $1 AND p.id = $2
    FOR NO KEY UPDATE
"""


async def lock(db: Db, *, network_id: UUID, plan_id: UUID) -> Plan | None:
    """Return the plan, held until the transaction ends."""
    row = await db.fetchrow(LOCK, network_id, plan_id)
    return None if row is None else _plan(row)


# $1 network_id, $2 id, $3 state, $4 decided_at, $5 decided_by
DECIDE: Final[LiteralString] = """
    UPDATE plans AS p
    SET state = $3, decided_at = $4, decided_by = $5, version = p.version + 1
    WHERE p.network_id = $1 AND p.id = $2
    RETURNING p.id
"""


async def decide(
    db: Db, *, network_id: UUID, plan_id: UUID, state: PlanState, by: UUID | None, now: datetime
) -> None:
    """Say what became of the plan, whose row the caller holds."""
    await db.execute(DECIDE, network_id, plan_id, state, now, by)


# $1 network_id, $2 before id, $3 state (null = any), $4 limit
PAGE: Final[LiteralString] = """
    SELECT p.id, p.state, p.starts_at, p.ends_at, p.made_at, p.made_by, p.figures, p.decided_at,
           p.decided_by, p.version
    FROM plans p
    WHERE p.network_id = $1 AND ($2::uuid IS NULL OR p.id < $2)
      AND ($3::text IS NULL OR p.state = $3)
    ORDER BY p.id DESC LIMIT $4
"""


async def page(
    db: Db, *, network_id: UUID, before: UUID | None, state: str | None, limit: int
) -> list[Plan]:
    """Return plans, newest first."""
    rows = await db.fetch(PAGE, network_id, before, state, limit)
    return [_plan(row) for row in rows]


def _plan(row: Row) -> Plan:
    fields: dict[str, Any] = dict(row)
    fields["figures"] = msgspec.json.decode(fields["figures"], type=Figures)
    return Plan(**fields)
