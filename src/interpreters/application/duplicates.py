"""Requests that may have been sent twice: software that hears no answer asks again.

Nothing is refused for it unless the caller wishes so: two sessions of one case in a day are common.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from interpreters.application.request_orders import RequestOrder
from interpreters.database import Db
from interpreters.domain.ids import REQUEST, show_id
from interpreters.domain.requests import DuplicateRequest, RequestState
from interpreters.sql import clients, duplicates, institutions
from interpreters.sql.duplicates import Likeness
from interpreters.sql.requests import Request

OVER: Final[frozenset[RequestState]] = frozenset({"cancelled", "closed"})


async def possible_duplicates(
    db: Db, *, network_id: UUID, found: Sequence[Request], clients: Mapping[UUID, Collection[UUID]]
) -> dict[UUID, list[UUID]]:
    """Return which others each may be the same as; nothing for those that are over.

    `clients` are those of each request, by its id.
    """
    ahead = [one for one in found if one.state not in OVER]
    if not ahead:
        return {}
    wanted = [_likeness(one, clients[one.id], one.id) for one in ahead]
    same = await duplicates.find(db, network_id=network_id, wanted=wanted)
    return {one.id: ids for one, ids in zip(ahead, same, strict=True)}


async def duplicates_of_order(
    db: Db, *, network_id: UUID, request: Request, order: RequestOrder
) -> list[UUID]:
    """Return which requests an order would be the same as, before it is stored."""
    known = await clients.by_references(
        db,
        network_id=network_id,
        institution_id=request.institution_id,
        references=[one.reference for one in order.clients],
    )
    like = _likeness(request, [one.id for one in known.values()], None)
    return (await duplicates.find(db, network_id=network_id, wanted=[like]))[0]


async def refuse_duplicates(
    db: Db, *, network_id: UUID, request: Request, client_ids: Collection[UUID]
) -> None:
    """Do nothing when the request, which is not stored yet, is like none.

    The institution is held: of those that refuse duplicates and come at once, one goes on and the
    others see it.

    Raises:
        DuplicateRequest: it may be the same as another.
    """
    await institutions.lock(db, network_id=network_id, institution_id=request.institution_id)
    like = _likeness(request, client_ids, None)
    same = (await duplicates.find(db, network_id=network_id, wanted=[like]))[0]
    if same:
        raise DuplicateRequest(options=[show_id(REQUEST, one) for one in same])


def _likeness(request: Request, client_ids: Collection[UUID], id_: UUID | None) -> Likeness:
    return Likeness(
        id=id_,
        institution_id=request.institution_id,
        series_id=request.series_id,
        external_reference=request.external_reference,
        session=request.session,
        day=request.wall_starts_at.date(),
        languages=request.languages,
        client_ids=client_ids,
    )
