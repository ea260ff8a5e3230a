"""Tariffs: made by coordinators and finance, never changed; institutions read what they pay."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Invalid, NotFound
from interpreters.domain.ids import new_id
from interpreters.domain.tariffs import Tariff, Terms
from interpreters.sql import institutions, networks, tariffs

__all__ = ["Tariff", "TariffOrder", "create_tariff", "list_tariffs", "show_tariff"]
READERS: Final = ("coordinator", "finance", "consultant", "institution")


class TariffOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A new tariff; without a currency it is the network's."""

    name: str
    is_default: bool
    currency: str | None
    valid_from: date
    valid_until: date | None
    terms: Terms


async def create_tariff(
    db: Db, caller: Caller, *, order: Callable[[], TariffOrder], now: datetime
) -> Tariff:
    """Add a tariff. What was recorded before stays as it is.

    Raises:
        Forbidden: only coordinators and finance may.
        Invalid: `wrong-currency`, another than the network's: its sums would mean nothing.
    """
    permit(caller, "tariffs:write", "coordinator", "finance")
    wanted = order()
    network = await networks.get(db, network_id=caller.network_id)
    if wanted.currency not in (None, network.currency):
        detail = f"This network counts in {network.currency}"
        raise Invalid([FieldError(pointer="/currency", code="wrong-currency", detail=detail)])
    made = Tariff(
        id=new_id(now),
        name=wanted.name,
        is_default=wanted.is_default,
        currency=network.currency,
        valid_from=wanted.valid_from,
        valid_until=wanted.valid_until,
        terms=wanted.terms,
        created_at=now,
    )
    await tariffs.insert(db, network_id=caller.network_id, tariff=made)
    return made


async def show_tariff(db: Db, caller: Caller, *, tariff_id: UUID) -> Tariff:
    """Return a tariff; an institution's people see those that may apply to it.

    Raises:
        NotFound: there is none such in what the caller may see.
    """
    permit(caller, "usage:read", *READERS)
    if caller.institution_id is not None:
        found = {one.id: one for one in await _of_caller(db, caller)}.get(tariff_id)
    else:
        found = await tariffs.find(db, network_id=caller.network_id, tariff_id=tariff_id)
    if found is None:
        raise NotFound
    return found


async def list_tariffs(
    db: Db, caller: Caller, *, before: UUID | None, limit: int
) -> Sequence[Tariff]:
    """Return a page of tariffs, newest first; an institution's people see those that may apply."""
    permit(caller, "usage:read", *READERS)
    if caller.institution_id is not None:
        seen = await _of_caller(db, caller)
        return [one for one in seen if before is None or one.id < before][:limit]
    return await tariffs.page(db, network_id=caller.network_id, before=before, limit=limit)


async def _of_caller(db: Db, caller: Caller) -> list[Tariff]:
    assert caller.institution_id is not None  # those who have none see all
    found = await institutions.find(
        db, network_id=caller.network_id, institution_id=caller.institution_id
    )
    own_id = None if found is None else found.tariff_id
    return await tariffs.for_institution(db, network_id=caller.network_id, own_id=own_id)
