"""Whether what is asked for is inside its funding: told when it is asked, refused on wish alone."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from interpreters.application.request_orders import RequestOrder
from interpreters.application.wanting import Wanted
from interpreters.database import Db
from interpreters.domain.errors import FieldError, Invalid
from interpreters.domain.fundings import (
    Fitting,
    Funding,
    FundingDoesNotFit,
    Helped,
    Misfit,
    misfits,
)
from interpreters.domain.windows import at_place
from interpreters.sql import clients, fundings
from interpreters.sql.clients import Client
from interpreters.sql.requests import Request

__all__ = ["Fitting", "check_funding", "fitting_of_order", "fittings", "helped_by",
           "known_funding"]  # fmt: skip


async def check_funding(
    db: Db, *, network_id: UUID, order: RequestOrder, each: Sequence[Wanted]
) -> None:
    """Do nothing for requests, not stored yet, whose funding the network has.

    Raises:
        Invalid: `unknown-funding`.
        FundingDoesNotFit: one of them is outside it, and the order requires it.
    """
    if order.funding_id is None:
        return
    funding = await known_funding(db, network_id, order.funding_id)
    if not order.require_funding:
        return
    known = await clients.of_ids(db, network_id=network_id, ids=list(each[0].client_ids))
    people = list(known.values())
    found = [wrong for one in each for wrong in _misfits(funding, one.request, people)]
    if found:
        raise FundingDoesNotFit(reasons=_reasons(found))


async def fitting_of_order(
    db: Db, *, network_id: UUID, request: Request, order: RequestOrder
) -> Fitting | None:
    """Return how the funding of an order fits, before it is stored; None where it has none.

    Raises:
        Invalid: `unknown-funding`.
        FundingDoesNotFit: it does not, and the order requires it.
    """
    if order.funding_id is None:
        return None
    funding = await known_funding(db, network_id, order.funding_id)
    references = [one.reference for one in order.clients]
    known = await clients.by_references(
        db,
        network_id=network_id,
        institution_id=request.institution_id,
        references=references,
    )
    found = _misfits(funding, request, [known.get(one) for one in references])
    if found and order.require_funding:
        raise FundingDoesNotFit(reasons=_reasons(found))
    return Fitting(funding=funding, misfits=found)


async def fittings(
    db: Db,
    *,
    network_id: UUID,
    found: Sequence[Request],
    people: Mapping[UUID, Collection[UUID]],
) -> dict[UUID, Fitting]:
    """Return how each request with a funding fits it as it is now; `people` are their clients."""
    funded = {one.id: one.funding_id for one in found if one.funding_id is not None}
    if not funded:
        return {}
    known = await fundings.of_ids(db, network_id=network_id, ids=list(set(funded.values())))
    asked_of = {
        key
        for one, funding_id in funded.items()
        if funding_id in known and known[funding_id].terms.asks_of_people
        for key in people[one]
    }
    helped = await clients.of_ids(db, network_id=network_id, ids=list(asked_of)) if asked_of else {}
    fitting: dict[UUID, Fitting] = {}
    for one in found:
        funding = None if one.funding_id is None else known.get(one.funding_id)
        if funding is not None:
            those = [helped.get(key) for key in people[one.id]]
            wrong = _misfits(funding, one, those)
            fitting[one.id] = Fitting(funding=funding, misfits=wrong)
    return fitting


def helped_by(client: Client | None) -> Helped:
    """Return what a funding asks of a client; of one who is new nothing is known."""
    if client is None:
        return Helped()
    return Helped(
        id=client.id,
        group=client.group,
        status=client.status,
        status_since=client.status_since,
    )


def _misfits(funding: Funding, request: Request, people: Sequence[Client | None]) -> list[Misfit]:
    return misfits(
        funding=funding,
        institution_id=request.institution_id,
        languages=request.languages,
        day=at_place(instant=request.session.starts_at, time_zone=request.time_zone).date(),
        people=[helped_by(one) for one in people],
    )


async def known_funding(db: Db, network_id: UUID, funding_id: UUID) -> Funding:
    """Return a funding that a request names.

    Raises:
        Invalid: `unknown-funding`.
    """
    found = await fundings.find(db, network_id=network_id, funding_id=funding_id)
    if found is None:
        detail = "The network has no such funding"
        error = FieldError(pointer="/funding_id", code="unknown-funding", detail=detail)
        raise Invalid([error])
    return found


def _reasons(found: Sequence[Misfit]) -> list[dict[str, str]]:
    kinds = dict.fromkeys((one.code, one.detail) for one in found)
    return [{"code": code, "detail": detail} for code, detail in kinds]
