"""Requests: asked, seen, changed. Creating one plans it at once."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from interpreters.application.conflicts import conflicted
from interpreters.application.dispatch import save_step, take_step
from interpreters.application.duplicates import refuse_duplicates
from interpreters.application.events import changed_subjects
from interpreters.application.funding_fits import check_funding
from interpreters.application.notices import request_notice
from interpreters.application.parties import take_room, with_parties
from interpreters.application.received import (
    receives,
    request_page,
    sees_request,
    shown_requests_to,
)
from interpreters.application.replacements import Replaced, book_replacement, replaced_of
from interpreters.application.request_changes import change_request
from interpreters.application.request_orders import (
    RequestOrder,
    clients_of_order,
    new_request,
    place_of_order,
)
from interpreters.application.sandboxes import set_scenario, stage
from interpreters.application.searching import MOST, Result, funnel, search
from interpreters.application.series import open_series
from interpreters.application.shown_requests import ASKERS, ShownRequest, shown
from interpreters.application.wanting import Wanted, wanted_of
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import NotFound
from interpreters.domain.replacements import AlreadyReplaced
from interpreters.sql import networks, request_clients, request_seats, requests
from interpreters.sql.requests import Filter as RequestFilter
from interpreters.sql.requests import Request

__all__ = [
    "Request",
    "RequestFilter",
    "ShownRequest",
    "change_request",
    "changed_requests",
    "create_request",
    "list_requests",
    "request_candidates",
    "show_request",
]


async def create_request(
    db: Db, caller: Caller, *, order: Callable[[], RequestOrder], now: datetime
) -> ShownRequest:
    """Ask for an interpreter: the first wave goes out before this answers.

    Of a series all dates are asked for, and the first request is returned.

    Raises:
        Forbidden: another institution than one's own.
        Invalid: a site, institution, language or recurrence that does not fit; parties who would
            meet; a funding that is not there.
        FundingDoesNotFit: it is outside its funding, and the caller wishes to be refused then.
        RoomIsTaken: people who must not be met have the room then.
        DuplicateRequest: it may be the same as another, and the caller wishes to be refused then.
        FeeNotReplaceable and its like: it replaces what it may not (`domain/replacements.py`).
    """
    permit(caller, "requests:write", *ASKERS)
    asked = order()
    await stage(db, caller, order=asked, now=now)
    replaced = await replaced_of(db, caller, order=asked, now=now)
    wanted = await _prepared(db, caller, order=asked, now=now)
    each = await open_series(db, caller, order=asked, wanted=wanted, now=now)
    await check_funding(db, network_id=caller.network_id, order=asked, each=each)
    if asked.refuse_duplicates:
        for one in each:
            await refuse_duplicates(
                db, network_id=caller.network_id, request=one.request, client_ids=one.client_ids
            )
    made = [await _search(db, caller, wanted=one, replaced=replaced, now=now) for one in each]
    return (await shown(db, caller.network_id, made[:1]))[0]


async def list_requests(
    db: Db, caller: Caller, *, wanted: Callable[[], RequestFilter], before: UUID | None, limit: int
) -> list[ShownRequest]:
    """Return requests, newest first; an institution sees its own, and what it receives."""
    permit(caller, "requests:read", *ASKERS)
    asked = _allowed(caller, wanted())
    found = await request_page(db, caller, wanted=asked, before=before, limit=limit)
    return await shown_requests_to(db, caller, found)


async def changed_requests(
    db: Db,
    caller: Caller,
    *,
    wanted: Callable[[], RequestFilter],
    since: datetime | None,
    after_place: int | None,
    limit: int,
    now: datetime,
) -> tuple[list[ShownRequest], int | None]:
    """Return requests changed since, in the order their changes were placed, each once.

    The second value is the place to go on from; None when this was the end.
    """
    permit(caller, "requests:read", *ASKERS)
    asked = _allowed(caller, wanted())
    changed = await changed_subjects(
        db,
        network_id=caller.network_id,
        kind="request",
        since=since,
        after_place=after_place,
        institution_id=caller.institution_id or asked.institution_id,
        interpreter_id=None,
        limit=limit + 1,
        now=now,
    )
    page = changed[:limit]
    found = await requests.get_many(
        db, network_id=caller.network_id, ids=[one.subject_id for one in page]
    )
    kept = [
        found[one.subject_id]
        for one in page
        if one.subject_id in found and sees_request(caller, found[one.subject_id], asked)
    ]
    following = page[-1].place if len(changed) > limit else None
    return await shown_requests_to(db, caller, kept), following


async def show_request(db: Db, caller: Caller, *, request_id: UUID) -> ShownRequest:
    """Return one request: any for coordinators; for others their institution's, or received.

    Raises:
        NotFound: there is none such in what the caller may see.
    """
    permit(caller, "requests:read", *ASKERS)
    found = await requests.find(db, network_id=caller.network_id, request_id=request_id)
    if found is None or not (
        caller.institution_id in (None, found.institution_id) or receives(caller, found)
    ):
        raise NotFound
    return (await shown_requests_to(db, caller, [found]))[0]


async def request_candidates(
    db: Db, caller: Caller, *, request_id: UUID, now: datetime
) -> tuple[Result, Mapping[str, int]]:
    """Return who fits the request now, with reasons, and how many each rule took out.

    Raises:
        Forbidden: only coordinators see people they have not booked.
        NotFound: there is no such request.
    """
    permit(caller, "requests:read", "coordinator")
    found = await requests.find(db, network_id=caller.network_id, request_id=request_id)
    if found is None:
        raise NotFound
    wanted = await wanted_of(db, network_id=caller.network_id, request=found)
    result = await search(db, wanted=wanted, limit=MOST, now=now)
    return result, await funnel(db, wanted=wanted, result=result)


async def _prepared(db: Db, caller: Caller, *, order: RequestOrder, now: datetime) -> Wanted:
    place = await place_of_order(db, caller, order=order)
    request = new_request(caller, order=order, place=place, now=now)
    client_ids = await clients_of_order(
        db, caller, order=order, institution_id=place.institution.id, now=now
    )
    request = await with_parties(db, network_id=caller.network_id, request=request, now=now)
    return Wanted(
        request=request,
        network=await networks.get(db, network_id=caller.network_id),
        institution=place.institution,
        site=place.site,
        client_ids=client_ids,
        conflicts=await conflicted(
            db, network_id=caller.network_id, request=request, client_ids=client_ids
        ),
    )


async def _search(
    db: Db, caller: Caller, *, wanted: Wanted, replaced: Replaced | None, now: datetime
) -> Request:
    """Write the request down and ask the first wave; what replaces something is booked."""
    request, network_id = wanted.request, caller.network_id
    if not await requests.insert(db, network_id=network_id, request=request):
        raise AlreadyReplaced
    await take_room(db, network_id=network_id, request=request)
    await request_seats.insert(
        db, network_id=network_id, request_id=request.id, count=request.interpreters_needed
    )
    await request_clients.insert(
        db, network_id=network_id, request_id=request.id, client_ids=wanted.client_ids
    )
    if replaced is None:
        step = await take_step(db, wanted=wanted, now=now)
    else:
        step = await book_replacement(db, wanted=wanted, replaced=replaced, now=now)
    first = [request_notice(request, "request.created")]
    if step.request.state == "searching":
        first.append(request_notice(request, "request.searching"))
    step.notices = [*first, *step.notices]
    saved = await save_step(db, network_id=network_id, step=step, now=now)
    await set_scenario(db, caller, request_id=request.id, now=now)
    return saved


def _allowed(caller: Caller, wanted: RequestFilter) -> RequestFilter:
    """Another institution's list is not there for an institution."""
    if caller.institution_id is not None and wanted.institution_id not in (
        None,
        caller.institution_id,
    ):
        raise NotFound
    return wanted
