"""Fundings: made and changed by coordinators and finance, read by all who ask and pay."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import FieldError, Invalid, NotFound, Stale
from interpreters.domain.fundings import (
    Funding,
    FundingNumberTaken,
    Terms,
    languages_errors,
    period_errors,
)
from interpreters.domain.ids import new_id
from interpreters.sql import fundings, institutions

__all__ = [
    "Funding",
    "FundingOrder",
    "change_funding",
    "create_funding",
    "list_fundings",
    "show_funding",
]
READERS: Final = ("coordinator", "finance", "consultant", "institution")
LISTS: Final = ("languages", "excluded_languages", "groups", "statuses", "institution_ids")


class FundingOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A new funding."""

    number: str
    starts_on: date
    ends_on: date | None
    terms: Terms


async def create_funding(
    db: Db, caller: Caller, *, order: Callable[[], FundingOrder], now: datetime
) -> Funding:
    """Add a funding.

    Raises:
        Forbidden: only coordinators and finance may.
        Invalid: an institution that is not there.
        FundingNumberTaken: the network has one of this number.
    """
    permit(caller, "tariffs:write", "coordinator", "finance")
    wanted = Funding(id=new_id(now), created_at=now, **msgspec.structs.asdict(order()))
    made = await _checked(db, caller, wanted)
    if not await fundings.insert(db, network_id=caller.network_id, funding=made):
        raise FundingNumberTaken
    return made


async def change_funding(
    db: Db,
    caller: Caller,
    *,
    funding_id: UUID,
    if_match: int | None,
    change: Callable[[], Mapping[str, Any]],
) -> Funding:
    """Change the given fields, for what is recorded from now on: entries keep their shares.

    Raises:
        Forbidden: only coordinators and finance may.
        NotFound: there is none such.
        Stale: it was changed since the version in If-Match.
        Invalid: what it would be then contradicts itself, or names what is not there.
        FundingNumberTaken: the network has another of this number.
    """
    permit(caller, "tariffs:write", "coordinator", "finance")
    found = await show_funding(db, caller, funding_id=funding_id)
    if if_match not in (None, found.version):
        raise Stale
    changed = await _checked(db, caller, _changed(found, dict(change())))
    if not await fundings.update(db, network_id=caller.network_id, funding=changed):
        raise Stale
    return changed


async def show_funding(db: Db, caller: Caller, *, funding_id: UUID) -> Funding:
    """Return a funding; an institution's people see those that are open to it.

    Raises:
        NotFound: there is none such in what the caller may see.
    """
    permit(caller, "usage:read", *READERS)
    found = await fundings.find(db, network_id=caller.network_id, funding_id=funding_id)
    own = caller.institution_id
    if found is None or (own is not None and not found.is_open_to(own)):
        raise NotFound
    return found


async def list_fundings(
    db: Db, caller: Caller, *, before: UUID | None, limit: int
) -> Sequence[Funding]:
    """Return a page of fundings, newest first; an institution sees those that are open to it."""
    permit(caller, "usage:read", *READERS)
    return await fundings.page(
        db, network_id=caller.network_id, only=caller.institution_id, before=before, limit=limit
    )


def _changed(found: Funding, fields: dict[str, Any]) -> Funding:
    own = {name: fields.pop(name) for name in ("number", "starts_on", "ends_on") if name in fields}
    terms = msgspec.structs.replace(found.terms, **fields)
    return msgspec.structs.replace(found, **own, terms=terms, version=found.version + 1)


async def _checked(db: Db, caller: Caller, one: Funding) -> Funding:
    """Return it with each thing named once."""
    known = await institutions.names(
        db, network_id=caller.network_id, ids=list(one.terms.institution_ids)
    )
    errors = [
        *period_errors(one.starts_on, one.ends_on),
        *languages_errors(one.terms.languages, one.terms.excluded_languages),
        *(
            FieldError(
                pointer=f"/institution_ids/{place}",
                code="unknown-institution",
                detail="The network has no such institution",
            )
            for place, institution_id in enumerate(one.terms.institution_ids)
            if institution_id not in known
        ),
    ]
    if errors:
        raise Invalid(errors)
    lists = {name: list(dict.fromkeys(getattr(one.terms, name))) for name in LISTS}
    return msgspec.structs.replace(one, terms=msgspec.structs.replace(one.terms, **lists))
