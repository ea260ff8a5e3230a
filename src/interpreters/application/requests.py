"""Requests: asked, seen, changed. Creating one plans it at once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.application.dispatch import (
    Step,
    offer_notice,
    request_notice,
    save_step,
    take_step,
    wanted_of,
)
from interpreters.application.events import changed_subjects
from interpreters.application.request_orders import (
    RequestOrder,
    clients_of_order,
    new_request,
    place_of_order,
    wall_time,
)
from interpreters.application.searching import Result, Wanted, funnel, search
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import NotFound, Stale, WrongState
from interpreters.domain.requests import refuse_wrong_state
from interpreters.domain.windows import Window
from interpreters.sql import (
    bookings,
    networks,
    offers,
    request_clients,
    request_seats,
    requests,
)
from interpreters.sql.bookings import Booking
from interpreters.sql.requests import Filter as RequestFilter
from interpreters.sql.requests import Request

__all__ = [
    "Preview",
    "Request",
    "RequestFilter",
    "ShownRequest",
    "change_request",
    "changed_requests",
    "create_request",
    "list_requests",
    "preview_request",
    "reopen_seats",
    "request_candidates",
    "show_request",
    "shown",
]
ASKERS: Final = ("coordinator", "consultant", "institution")
# What changes whom the search finds: it starts the search anew, and never under a booking.
SEARCHED: Final = frozenset(
    {"starts_at", "duration_minutes", "modes", "topic", "requirements", "fallbacks"}
)


class ShownRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request with its seats, bookings and clients (ids with their present references)."""

    request: Request
    seats: Mapping[int, str]
    bookings: Sequence[Booking]
    clients: Mapping[UUID, str]


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What would happen: who could be asked, and which rules take out the rest."""

    candidates: int
    excluded: Mapping[str, int]


async def create_request(
    db: Db, caller: Caller, *, order: Callable[[], RequestOrder], now: datetime
) -> ShownRequest:
    """Ask for an interpreter: the first wave goes out before this answers.

    Raises:
        Forbidden: another institution than one's own.
        Invalid: a site, institution or language that does not fit.
    """
    permit(caller, "requests:write", *ASKERS)
    wanted = await _prepared(db, caller, order=order(), now=now)
    request, network_id = wanted.request, caller.network_id
    await requests.insert(db, network_id=network_id, request=request)
    await request_seats.insert(
        db, network_id=network_id, request_id=request.id, count=request.interpreters_needed
    )
    await request_clients.insert(
        db, network_id=network_id, request_id=request.id, client_ids=wanted.client_ids
    )
    step = await take_step(db, wanted=wanted, now=now)
    first = [request_notice(request, "request.created")]
    if step.request.state == "searching":
        first.append(request_notice(request, "request.searching"))
    step.notices = [*first, *step.notices]
    saved = await save_step(db, network_id=network_id, step=step, now=now)
    return (await shown(db, network_id, [saved]))[0]


async def preview_request(
    db: Db, caller: Caller, *, order: Callable[[], RequestOrder], now: datetime
) -> Preview:
    """Tell who could be asked, and create nothing.

    Raises:
        Forbidden: another institution than one's own.
        Invalid: a site, institution or language that does not fit.
    """
    permit(caller, "requests:write", *ASKERS)
    asked = order()
    place = await place_of_order(db, caller, order=asked)
    wanted = Wanted(
        request=new_request(caller, order=asked, place=place, now=now),
        network=await networks.get(db, network_id=caller.network_id),
        institution=place.institution,
        site=place.site,
        client_ids=(),
    )
    result = await search(db, wanted=wanted)
    return Preview(
        candidates=len(result.candidates), excluded=await funnel(db, wanted=wanted, result=result)
    )


async def show_request(db: Db, caller: Caller, *, request_id: UUID) -> ShownRequest:
    """Return one request: any for coordinators, their institution's for others.

    Raises:
        NotFound: there is none such in what the caller may see.
    """
    permit(caller, "requests:read", *ASKERS)
    found = await requests.find(db, network_id=caller.network_id, request_id=request_id)
    if found is None or caller.institution_id not in (None, found.institution_id):
        raise NotFound
    return (await shown(db, caller.network_id, [found]))[0]


async def list_requests(
    db: Db, caller: Caller, *, wanted: Callable[[], RequestFilter], before: UUID | None, limit: int
) -> list[ShownRequest]:
    """Return requests, newest first; an institution sees its own."""
    permit(caller, "requests:read", *ASKERS)
    found = await requests.page(
        db,
        network_id=caller.network_id,
        wanted=_own(caller, wanted()),
        before=before,
        limit=limit,
    )
    return await shown(db, caller.network_id, found)


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
    asked = _own(caller, wanted())
    changed = await changed_subjects(
        db,
        network_id=caller.network_id,
        kind="request",
        since=since,
        after_place=after_place,
        institution_id=asked.institution_id,
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
        if one.subject_id in found and requests.matches(found[one.subject_id], asked)
    ]
    following = page[-1].place if len(changed) > limit else None
    return await shown(db, caller.network_id, kept), following


async def request_candidates(
    db: Db, caller: Caller, *, request_id: UUID
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
    result = await search(db, wanted=wanted)
    return result, await funnel(db, wanted=wanted, result=result)


async def change_request(
    db: Db,
    caller: Caller,
    *,
    request_id: UUID,
    if_match: int | None,
    change: Callable[[], Mapping[str, Any]],
    now: datetime,
) -> ShownRequest:
    """Change the given fields; what changes the search starts it anew.

    Raises:
        NotFound: there is none such in what the caller may see.
        Stale: it was changed since the version in If-Match.
        WrongState: it is over, or somebody is booked and the change is significant.
    """
    permit(caller, "requests:write", *ASKERS)
    await show_request(db, caller, request_id=request_id)
    request = await requests.lock(db, network_id=caller.network_id, request_id=request_id)
    assert request is not None  # it was just read, and requests are not deleted
    if if_match not in (None, request.version):
        raise Stale
    fields = dict(change())
    refuse_wrong_state(state=request.state, verb="change")
    anew = bool(SEARCHED & fields.keys())
    if anew and request.state not in ("searching", "unfilled"):
        raise WrongState("Somebody is booked: cancel and ask anew, so that they are told")
    changed = _changed(request, fields)
    notices = [request_notice(changed, "request.changed")]
    if not anew:
        step = Step(request=changed, notices=notices)
        saved = await save_step(db, network_id=caller.network_id, step=step, now=now)
    else:
        saved = await _search_anew(db, caller.network_id, changed, notices, now)
    return (await shown(db, caller.network_id, [saved]))[0]


async def shown(db: Db, network_id: UUID, found: Sequence[Request]) -> list[ShownRequest]:
    """Return the requests with their seats, bookings and clients: three reads."""
    ids = [one.id for one in found]
    seats = await request_seats.states(db, network_id=network_id, request_ids=ids)
    people = await request_clients.of_requests(db, network_id=network_id, request_ids=ids)
    made = await bookings.of_requests(db, network_id=network_id, request_ids=ids)
    return [
        ShownRequest(
            request=one,
            seats=seats[one.id],
            bookings=[booking for booking in made if booking.request_id == one.id],
            clients=people[one.id],
        )
        for one in found
    ]


async def _prepared(db: Db, caller: Caller, *, order: RequestOrder, now: datetime) -> Wanted:
    place = await place_of_order(db, caller, order=order)
    request = new_request(caller, order=order, place=place, now=now)
    client_ids = await clients_of_order(
        db, caller, order=order, institution_id=place.institution.id, now=now
    )
    return Wanted(
        request=request,
        network=await networks.get(db, network_id=caller.network_id),
        institution=place.institution,
        site=place.site,
        client_ids=client_ids,
    )


async def _search_anew(
    db: Db, network_id: UUID, request: Request, notices: list[Any], now: datetime
) -> Request:
    ended = await offers.close(db, network_id=network_id, request_id=request.id, state="withdrawn")
    notices += [offer_notice(one, "offer.withdrawn") for one in ended]
    await reopen_seats(db, network_id=network_id, request=request)
    fresh = msgspec.structs.replace(
        request, state="searching", ladder_started_at=now, wave=0, unfilled_reason=None,
        excluded=None,
    )  # fmt: skip
    wanted = await wanted_of(db, network_id=network_id, request=fresh)
    step = await take_step(db, wanted=wanted, now=now)
    step.notices = [*notices, *step.notices]
    return await save_step(db, network_id=network_id, step=step, now=now)


async def reopen_seats(
    db: Db, *, network_id: UUID, request: Request, seats: Collection[int] | None = None
) -> None:
    """Have the seats searched again: those named, or all that stayed empty."""
    for seat in seats or range(1, request.interpreters_needed + 1):
        await request_seats.set_state(
            db, network_id=network_id, request_id=request.id, seat=seat, state="open",
            was=["unfilled", "filled", "held"] if seats else ["unfilled"],
        )  # fmt: skip


def _changed(request: Request, fields: dict[str, Any]) -> Request:
    starts_at = fields.pop("starts_at", request.session.starts_at)
    minutes = fields.get("duration_minutes", request.duration_minutes)
    window = Window(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes))
    details = {**request.details, **fields.pop("details", {})}
    return msgspec.structs.replace(
        request,
        **fields,
        session=window,
        wall_starts_at=wall_time(starts_at, request.time_zone),
        details=details,
    )


def _own(caller: Caller, wanted: RequestFilter) -> RequestFilter:
    """An institution's list holds its own, whatever it asked for."""
    if caller.institution_id is None:
        return wanted
    if wanted.institution_id not in (None, caller.institution_id):
        raise NotFound
    return msgspec.structs.replace(wanted, institution_id=caller.institution_id)
