"""The rota of who is on call, and whom a ring goes to."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.on_call import Duty, on_duty, turn
from interpreters.sql import audit, networks, on_call, users


class Rota(msgspec.Struct, frozen=True, kw_only=True):
    """The weekly rota, by the clock of `time_zone`."""

    time_zone: str
    rows: Sequence[Duty]


class OnCallNow(msgspec.Struct, frozen=True, kw_only=True):
    """Who would be rung now, in order; `is_rota` is false where nobody is on call: all would."""

    at: datetime
    user_ids: Sequence[UUID]
    is_rota: bool


async def show_rota(db: Db, caller: Caller) -> Rota:
    """Return the rota of the caller's network.

    Raises:
        Forbidden: only coordinators see it.
    """
    permit(caller, "network:read", "coordinator")
    network = await networks.get(db, network_id=caller.network_id)
    return Rota(
        time_zone=network.time_zone, rows=await on_call.rota(db, network_id=caller.network_id)
    )


async def replace_rota(
    db: Db, caller: Caller, *, rows: Callable[[], Sequence[Duty]], now: datetime
) -> Rota:
    """Make this the rota; an empty one has all coordinators rung.

    Raises:
        Forbidden: only coordinators may.
        Invalid: `unknown-user`: somebody is no active coordinator of the network.
    """
    permit(caller, "network:write", "coordinator")
    wanted = rows()
    network_id = caller.network_id
    known = await users.lock_active(db, network_id=network_id, role="coordinator")
    detail = "There is no active coordinator of this id"
    errors = [
        FieldError(pointer=f"/rows/{place}/user_id", code="unknown-user", detail=detail)
        for place, one in enumerate(wanted)
        if one.user_id not in known
    ]
    if errors:
        raise Invalid(errors)
    await on_call.replace(db, network_id=network_id, rota=wanted, now=now)
    await audit.write(
        db, caller=caller, action="changed", subject_kind="network", subject_ids=[network_id],
        now=now,
    )  # fmt: skip
    return await show_rota(db, caller)


async def show_on_call(db: Db, caller: Caller, *, now: datetime) -> OnCallNow:
    """Return who would be rung now.

    Raises:
        Forbidden: only coordinators see it.
    """
    permit(caller, "network:read", "coordinator")
    return await who_is_on_call(db, network_id=caller.network_id, at=now)


async def who_is_on_call(db: Db, *, network_id: UUID, at: datetime) -> OnCallNow:
    """Return who is on call at the instant, in order; where nobody is, all active coordinators.

    Whoever stands in the rota and is no active coordinator any more is passed over.
    """
    network = await networks.get(db, network_id=network_id)
    rota = await on_call.rota(db, network_id=network_id)
    there = on_duty(rota=rota, at=at, time_zone=network.time_zone)
    active = await users.active(db, network_id=network_id, role="coordinator")
    people = [one for one in there if one in active]
    return OnCallNow(at=at, user_ids=people or active, is_rota=bool(people))


async def whom_to_ring(db: Db, *, network_id: UUID, round_: int, at: datetime) -> list[UUID]:
    """Return the users the nth ring (from 1) about a request goes to.

    One after the other of those on call; where nobody is, all coordinators each time.
    """
    found = await who_is_on_call(db, network_id=network_id, at=at)
    return turn(found.user_ids, round_) if found.is_rota else list(found.user_ids)
