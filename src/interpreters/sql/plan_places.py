"""Every statement about the `plan_places` table: one interpreter proposed for one seat.

Why they were chosen is sealed: it names what the client wants.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.planning import PlaceState
from interpreters.domain.windows import Window
from interpreters.vault import vault_of


class PlanPlace(msgspec.Struct, frozen=True, kw_only=True):
    """One interpreter for one seat, at the time that was planned.

    `step` is the fallback's that asks for it (`domain/fallbacks.py`), None as was asked.
    """

    id: UUID
    plan_id: UUID
    request_id: UUID
    seat: int
    interpreter_id: UUID
    mode: str
    from_language: str
    to_language: str
    session: Window
    step: str | None = None
    score: float
    distance_km: float | None = None
    reasons: Sequence[Mapping[str, Any]] = ()
    state: PlaceState
    offer_id: UUID | None = None
    changed_at: datetime


# $1 network_id, $2 plan_id, $3 changed_at, then arrays of one length: $4 ids, $5 request_ids,
# $6 seats, $7 interpreter_ids, $8 modes, $9 from, $10 to languages, $11 starts, $12 ends,
# $13 steps, $14 scores, $15 distances, $16 reasons
INSERT: Final[LiteralString] = """
    INSERT INTO plan_places (network_id, id, plan_id, request_id, seat, interpreter_id, mode,
        from_language, to_language, session, step, score, distance_km, reasons, state, changed_at)
    SELECT $1, n.id, $2, n.request_id, n.seat, n.interpreter_id, n.mode, n.from_language,
           n.to_language, tstzrange(n.starts_at, n.ends_at, '[)'), n.step, n.score, n.distance_km,
           n.reasons, 'proposed', $3
    FROM unnest($4::uuid[], $5::uuid[], $6::smallint[], $7::uuid[], $8::text[], $9::text[],
                $10::text[], $11::timestamptz[], $12::timestamptz[], $13::text[], $14::real[],
                $15::real[], $16::text[])
         AS n (id, request_id, seat, interpreter_id, mode, from_language, to_language, starts_at,
               ends_at, step, score, distance_km, reasons)
    ON CONFLICT DO NOTHING
"""


async def insert(db: Db, *, network_id: UUID, places: Sequence[PlanPlace]) -> None:
    """Add the places of one plan, made together."""
    if not places:
        return
    first, vault = places[0], vault_of(db)
    await db.execute(
        INSERT, network_id, first.plan_id, first.changed_at, [one.id for one in places],
        [one.request_id for one in places], [one.seat for one in places],
        [one.interpreter_id for one in places], [one.mode for one in places],
        [one.from_language for one in places], [one.to_language for one in places],
        [one.session.starts_at for one in places], [one.session.ends_at for one in places],
        [one.step for one in places], [one.score for one in places],
        [one.distance_km for one in places],
        [vault.seal(network_id, _json(one.reasons)) for one in places],
    )  # fmt: skip


# $1 network_id, $2 plan ids
OF_PLANS: Final[LiteralString] = """
    SELECT p.id, p.plan_id, p.request_id, p.seat, p.interpreter_id, p.mode, p.from_language,
           p.to_language, p.session, p.step, p.score, p.distance_km, p.reasons, p.state,
           p.offer_id, p.changed_at
    FROM plan_places p
    WHERE p.network_id = $1 AND p.plan_id = ANY ($2::uuid[])
    ORDER BY p.plan_id, lower(p.session), p.request_id, p.seat
"""


async def of_plans(
    db: Db, *, network_id: UUID, plan_ids: Sequence[UUID]
) -> dict[UUID, list[PlanPlace]]:
    """Return each plan's places, in order of time."""
    found: dict[UUID, list[PlanPlace]] = {one: [] for one in plan_ids}
    for row in await db.fetch(OF_PLANS, network_id, list(plan_ids)):
        found[row["plan_id"]].append(_place(db, network_id, row))
    return found


# $1 network_id, $2 ids
LEFT: Final[LiteralString] = """
    SELECT p.id, p.plan_id, p.request_id, p.seat, p.interpreter_id, p.mode, p.from_language,
           p.to_language, p.session, p.step, p.score, p.distance_km, p.reasons, p.state,
           p.offer_id, p.changed_at
    FROM plan_places p
    WHERE p.network_id = $1 AND p.id = ANY ($2::uuid[]) AND p.state = 'proposed'
    ORDER BY lower(p.session), p.request_id, p.seat
"""


async def left(db: Db, *, network_id: UUID, ids: Sequence[UUID]) -> list[PlanPlace]:
    """Return those of the places that are still proposed, in order of time."""
    return [_place(db, network_id, row) for row in await db.fetch(LEFT, network_id, list(ids))]


# $1 network_id, $2 plan_id
ANY_LEFT: Final[LiteralString] = """
    SELECT EXISTS (
        SELECT FROM plan_places p
        WHERE p.network_id = $1 AND p.plan_id = $2 AND p.state = 'proposed')
"""


async def is_any_left(db: Db, *, network_id: UUID, plan_id: UUID) -> bool:
    """Say whether a place of the plan is still proposed."""
    return bool(await db.fetchval(ANY_LEFT, network_id, plan_id))


# $1 network_id, $2 id, $3 state, $4 offer_id, $5 now
SET_STATE: Final[LiteralString] = """
    UPDATE plan_places AS p SET state = $3, offer_id = $4, changed_at = $5
    WHERE p.network_id = $1 AND p.id = $2 AND p.state = 'proposed'
    RETURNING p.id
"""


async def set_state(
    db: Db,
    *,
    network_id: UUID,
    place_id: UUID,
    state: PlaceState,
    offer_id: UUID | None,
    now: datetime,
) -> None:
    """Say what became of a place when it was accepted; the caller holds the plan."""
    await db.fetchval(SET_STATE, network_id, place_id, state, offer_id, now)


# $1 network_id, $2 request ids. Proposed still, or being asked about.
KEPT: Final[LiteralString] = """
    SELECT DISTINCT q.request_id, q.interpreter_id
    FROM plan_places q
    JOIN plans p ON p.network_id = $1 AND p.id = q.plan_id
    WHERE q.network_id = $1 AND q.request_id = ANY ($2::uuid[])
      AND (q.state = 'proposed' AND p.state IN ('proposed', 'partly_accepted')
           OR q.state = 'offered')
"""


async def kept(db: Db, *, network_id: UUID, request_ids: Sequence[UUID]) -> set[tuple[UUID, UUID]]:
    """Return who is planned for which request already: pairs of request and interpreter."""
    rows = await db.fetch(KEPT, network_id, list(request_ids))
    return {(row["request_id"], row["interpreter_id"]) for row in rows}


def _place(db: Db, network_id: UUID, row: Row) -> PlanPlace:
    fields: dict[str, Any] = dict(row)
    fields["session"] = Window(starts_at=row["session"].lower, ends_at=row["session"].upper)
    sealed = row["reasons"]
    opened = None if sealed is None else vault_of(db).unseal(network_id, sealed)
    fields["reasons"] = [] if opened is None else msgspec.json.decode(opened)
    return PlanPlace(**fields)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
