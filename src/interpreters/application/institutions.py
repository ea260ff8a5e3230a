"""Institutions: who asks and is charged. Each function is one transaction's work."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from interpreters.application.places import default_working_language
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Invalid, NotFound, Stale
from interpreters.domain.ids import new_id
from interpreters.sql import (
    cancellation_policies,
    institutions,
    interpreters,
    networks,
    tariffs,
)
from interpreters.sql.institutions import Institution

__all__ = [
    "Institution",
    "InstitutionOrder",
    "change_institution",
    "create_institution",
    "list_institutions",
    "show_institution",
]


class InstitutionOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A new institution; what is None is filled from the network."""

    name: str
    kind: str
    country: str | None = None
    time_zone: str | None = None
    working_language: str | None = None
    tariff_id: UUID | None = None
    cancellation_policy_id: UUID | None = None
    preferred_interpreter_ids: tuple[UUID, ...] = ()
    blocked_interpreter_ids: tuple[UUID, ...] = ()
    client_links: bool = False
    ladder: dict[str, Any] | None = None


async def create_institution(
    db: Db, caller: Caller, *, order: Callable[[], InstitutionOrder], now: datetime
) -> Institution:
    """Add an institution to the network.

    The working language defaults to the first official language of the country, else to the
    network's.

    Raises:
        Forbidden: only coordinators may.
        Invalid: an interpreter, a tariff or a policy that is named is not in the network.
    """
    permit(caller, "institutions:write", "coordinator")
    wanted = order()
    await _check_named(db, caller, msgspec.structs.asdict(wanted))
    network = await networks.get(db, network_id=caller.network_id)
    country = wanted.country or network.country
    institution = Institution(
        id=new_id(now),
        name=wanted.name,
        kind=wanted.kind,
        country=country,
        time_zone=wanted.time_zone or network.time_zone,
        working_language=wanted.working_language
        or default_working_language(country)
        or network.working_language
        or "eng",
        tariff_id=wanted.tariff_id,
        cancellation_policy_id=wanted.cancellation_policy_id,
        preferred_interpreter_ids=wanted.preferred_interpreter_ids,
        blocked_interpreter_ids=wanted.blocked_interpreter_ids,
        client_links=wanted.client_links,
        ladder=_versioned(wanted.ladder, 1),
        created_at=now,
    )
    await institutions.insert(db, network_id=caller.network_id, institution=institution)
    return institution


async def show_institution(db: Db, caller: Caller, *, institution_id: UUID) -> Institution:
    """Return an institution: any for coordinators and finance, their own for its people.

    Raises:
        NotFound: there is none such in what the caller may see.
    """
    permit(caller, "institutions:read", "coordinator", "finance", "consultant", "institution")
    if caller.institution_id not in (None, institution_id):
        raise NotFound
    found = await institutions.find(db, network_id=caller.network_id, institution_id=institution_id)
    if found is None:
        raise NotFound
    return found


async def list_institutions(
    db: Db, caller: Caller, *, before: UUID | None, limit: int
) -> list[Institution]:
    """Return a page of institutions, newest first; an institution sees itself."""
    permit(caller, "institutions:read", "coordinator", "finance", "consultant", "institution")
    return await institutions.page(
        db, network_id=caller.network_id, only=caller.institution_id, before=before, limit=limit
    )


async def change_institution(
    db: Db,
    caller: Caller,
    *,
    institution_id: UUID,
    if_match: int | None,
    change: Callable[[], Mapping[str, Any]],
) -> Institution:
    """Change the given fields.

    Raises:
        Forbidden: only coordinators may.
        NotFound: there is none such.
        Stale: it was changed since the version in If-Match.
    """
    permit(caller, "institutions:write", "coordinator")
    found = await show_institution(db, caller, institution_id=institution_id)
    if if_match not in (None, found.version):
        raise Stale
    fields = dict(change())
    await _check_named(db, caller, fields)
    if "ladder" in fields:
        fields["ladder"] = _versioned(fields["ladder"], found.version + 1)
    changed = msgspec.structs.replace(found, **fields, version=found.version + 1)
    if not await institutions.update(db, network_id=caller.network_id, institution=changed):
        raise Stale
    return changed


def _versioned(ladder: dict[str, Any] | None, version: int) -> dict[str, Any] | None:
    """Number a ladder by the institution's own version: it rises, also when one was taken back."""
    return None if ladder is None else {**ladder, "version": version}


async def _check_named(db: Db, caller: Caller, fields: Mapping[str, Any]) -> None:
    """Refuse ids of what the network does not have, each by its place."""
    errors = [
        *await _unknown_interpreters(db, caller, fields),
        *await _unknown_rules(db, caller, fields),
    ]
    if errors:
        raise Invalid(errors)


async def _unknown_rules(db: Db, caller: Caller, fields: Mapping[str, Any]) -> list[FieldError]:
    errors = []
    tariff_id, policy_id = fields.get("tariff_id"), fields.get("cancellation_policy_id")
    network_id = caller.network_id
    if tariff_id and not await tariffs.find(db, network_id=network_id, tariff_id=tariff_id):
        detail = "The network has no such tariff"
        errors.append(FieldError(pointer="/tariff_id", code="unknown-tariff", detail=detail))
    if policy_id and not await cancellation_policies.find(
        db, network_id=network_id, policy_id=policy_id
    ):
        detail, pointer = "The network has no such policy", "/cancellation_policy_id"
        errors.append(FieldError(pointer=pointer, code="unknown-policy", detail=detail))
    return errors


async def _unknown_interpreters(
    db: Db, caller: Caller, fields: Mapping[str, Any]
) -> list[FieldError]:
    named = {
        f"/{field}/{place}": interpreter_id
        for field in ("preferred_interpreter_ids", "blocked_interpreter_ids")
        for place, interpreter_id in enumerate(fields.get(field, ()))
    }
    if not named:
        return []
    ids = list(set(named.values()))
    known = await interpreters.get_many(db, network_id=caller.network_id, ids=ids)
    return [
        FieldError(pointer=pointer, code="unknown-interpreter", detail="There is none such")
        for pointer, interpreter_id in named.items()
        if interpreter_id not in known
    ]
