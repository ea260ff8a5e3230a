"""Cancellation policies: made by coordinators and finance, never changed; all sides read theirs."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from interpreters.application.tariffs import READERS
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.cancellations import Policy, PolicyRule
from interpreters.domain.errors import NotFound
from interpreters.domain.ids import new_id
from interpreters.domain.policy_presets import PolicyPreset, policy_presets
from interpreters.sql import cancellation_policies, institutions

__all__ = [
    "Policy",
    "PolicyOrder",
    "PolicyPreset",
    "create_policy",
    "list_policies",
    "list_presets",
    "show_policy",
]


class PolicyOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A new policy."""

    name: str
    is_default: bool
    valid_from: date
    valid_until: date | None
    rules: Sequence[PolicyRule]


async def create_policy(
    db: Db, caller: Caller, *, order: Callable[[], PolicyOrder], now: datetime
) -> Policy:
    """Add a policy. What was recorded before stays as it is.

    Raises:
        Forbidden: only coordinators and finance may.
    """
    permit(caller, "tariffs:write", "coordinator", "finance")
    made = Policy(id=new_id(now), created_at=now, **msgspec.structs.asdict(order()))
    await cancellation_policies.insert(db, network_id=caller.network_id, policy=made)
    return made


async def show_policy(db: Db, caller: Caller, *, policy_id: UUID) -> Policy:
    """Return a policy; an institution's people see those that may apply to it.

    Raises:
        NotFound: there is none such in what the caller may see.
    """
    permit(caller, "usage:read", *READERS)
    network_id = caller.network_id
    if caller.institution_id is not None:
        found = {one.id: one for one in await _of_caller(db, caller)}.get(policy_id)
    else:
        found = await cancellation_policies.find(db, network_id=network_id, policy_id=policy_id)
    if found is None:
        raise NotFound
    return found


async def list_policies(
    db: Db, caller: Caller, *, before: UUID | None, limit: int
) -> Sequence[Policy]:
    """Return a page of policies, newest first; an institution's people see those that may apply."""
    permit(caller, "usage:read", *READERS)
    if caller.institution_id is not None:
        seen = await _of_caller(db, caller)
        return [one for one in seen if before is None or one.id < before][:limit]
    return await cancellation_policies.page(
        db, network_id=caller.network_id, before=before, limit=limit
    )


async def list_presets(_: Db, caller: Caller) -> Mapping[str, PolicyPreset]:
    """Return the published rules that may be taken over, by name.

    Raises:
        Forbidden: they are for coordinators and finance.
    """
    permit(caller, "usage:read", "coordinator", "finance")
    return policy_presets()


async def _of_caller(db: Db, caller: Caller) -> list[Policy]:
    assert caller.institution_id is not None  # those who have none see all
    found = await institutions.find(
        db, network_id=caller.network_id, institution_id=caller.institution_id
    )
    own_id = None if found is None else found.cancellation_policy_id
    return await cancellation_policies.for_institution(
        db, network_id=caller.network_id, own_id=own_id
    )
