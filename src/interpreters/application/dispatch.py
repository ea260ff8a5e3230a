"""Asking people: waves of offers, their ends, and what happens when nobody is left.

Every function holds the request's row first and may run twice: the second time finds nothing to
do. The clock is in the database (`due`); the worker only calls `step_request` in time.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.searching import Candidate, Result, Wanted, funnel, search
from interpreters.application.telling import tell
from interpreters.database import Db
from interpreters.domain import ladders
from interpreters.domain.ids import new_id
from interpreters.domain.ladders import Ladder
from interpreters.domain.requests import request_state
from interpreters.sql import (
    bookings,
    due,
    institutions,
    networks,
    offers,
    request_clients,
    request_seats,
    requests,
    sites,
)
from interpreters.sql.networks import Network
from interpreters.sql.offers import Offer
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request

LEFT = ("given_back", "interpreter_no_show")


class Step(msgspec.Struct, kw_only=True):
    """What one step found and made."""

    request: Request
    notices: list[Notice]


async def step_request(db: Db, *, network_id: UUID, request_id: UUID, now: datetime) -> None:
    """Take the next step of the ladder, if it is time: a wave, or giving up."""
    request = await requests.lock(db, network_id=network_id, request_id=request_id)
    if request is None or request.next_step_at is None or request.next_step_at > now:
        await due.clear(db, network_id=network_id, kind="ladder", id=request_id)
        return
    wanted = await wanted_of(db, network_id=network_id, request=request)
    step = await take_step(db, wanted=wanted, now=now)
    await save_step(db, network_id=network_id, step=step, now=now)


async def expire_offers(db: Db, *, network_id: UUID, request_id: UUID, now: datetime) -> None:
    """End the offers whose time is over; go on, or give up, when that leaves nobody to wait for."""
    request = await requests.lock(db, network_id=network_id, request_id=request_id)
    if request is None:
        await due.clear(db, network_id=network_id, kind="offers", id=request_id)
        return
    ended = await offers.close(
        db, network_id=network_id, request_id=request_id, state="expired", ended_by=now
    )
    notices = [offer_notice(one, "offer.expired") for one in ended]
    wanted = await wanted_of(db, network_id=network_id, request=request)
    step = await go_on(db, wanted=wanted, notices=notices, now=now)
    await save_step(db, network_id=network_id, step=step, now=now)


async def go_on(db: Db, *, wanted: Wanted, notices: list[Notice], now: datetime) -> Step:
    """After offers ended: the next wave at once when nobody is being asked any more."""
    network_id, request = wanted.network.network_id, wanted.request
    made = await offers.of_request(db, network_id=network_id, request_id=request.id)
    waiting = [one for one in made if one.state == "open"]
    if waiting or request.state not in ("searching", "partly_filled"):
        at = min((one.answer_by for one in waiting), default=None)
        await set_offers_due(db, network_id=network_id, request_id=request.id, at=at)
        return Step(request=request, notices=notices)
    step = await take_step(db, wanted=wanted, now=now)
    return Step(request=step.request, notices=notices + step.notices)


async def take_step(db: Db, *, wanted: Wanted, now: datetime) -> Step:
    """Ask the next wave for the open seats; give up when nobody is left and nobody was asked."""
    network_id, request = wanted.network.network_id, wanted.request
    seats = await _seats(db, network_id, request)
    open_seats = [seat for seat, state in seats.items() if state == "open"]
    if not open_seats:
        return Step(request=_replaced(request, next_step_at=None), notices=[])
    made = await offers.of_request(db, network_id=network_id, request_id=request.id)
    result = await search(db, wanted=wanted, asked=asked_already(request, made))
    waiting = [one for one in made if one.state == "open"]
    if not result.candidates:
        return await _nobody_left(db, wanted, seats, result, waiting, now)
    return await _wave(db, wanted, open_seats, result.candidates, waiting, now)


async def save_step(db: Db, *, network_id: UUID, step: Step, now: datetime) -> Request:
    """Write the request's next version and its time in the clock; have the notices told."""
    saved = _replaced(step.request, updated_at=now, version=step.request.version + 1)
    written = await requests.update(db, network_id=network_id, request=saved)
    assert written  # the row is held
    await set_ladder_due(db, network_id=network_id, request=saved)
    await tell(db, network_id=network_id, notices=step.notices, now=now)
    return saved


async def wanted_of(db: Db, *, network_id: UUID, request: Request) -> Wanted:
    """Return the request with its network, institution, site, clients and who left it."""
    network = await networks.get(db, network_id=network_id)
    institution = await institutions.find(
        db, network_id=network_id, institution_id=request.institution_id
    )
    assert institution is not None  # the foreign key holds it
    site = None
    if request.site_id is not None:
        site = await sites.find(db, network_id=network_id, site_id=request.site_id)
    clients = await request_clients.of_requests(db, network_id=network_id, request_ids=[request.id])
    made = await bookings.of_requests(db, network_id=network_id, request_ids=[request.id])
    return Wanted(
        request=request,
        network=network,
        institution=institution,
        site=site,
        client_ids=list(clients[request.id]),
        left=[
            one.interpreter_id
            for one in made
            if one.state in LEFT or one.state in ("held", "confirmed", "in_progress")
        ],
    )


def asked_already(request: Request, made: Sequence[Offer]) -> set[UUID]:
    """Return whom not to ask: who said no, and whoever this ladder asked already."""
    return {
        one.interpreter_id
        for one in made
        if one.state in ("declined", "open") or one.created_at >= request.ladder_started_at
    }


def ladder_of(network: Network) -> Ladder:
    """Return the network's ladder, the standard one where it has none."""
    return msgspec.convert(network.ladder, Ladder) if network.ladder else ladders.STANDARD


def request_notice(request: Request, kind: str) -> Notice:
    """Return what is told of a request."""
    return Notice(
        type=kind,
        subject_kind="request",
        subject_id=request.id,
        request_id=request.id,
        institution_id=request.institution_id,
        state=request.state,
    )


def offer_notice(offer: Offer, kind: str) -> Notice:
    """Return what is told of an offer: to its interpreter alone."""
    return Notice(
        type=kind,
        subject_kind="offer",
        subject_id=offer.id,
        request_id=offer.request_id,
        offer_id=offer.id,
        interpreter_id=offer.interpreter_id,
        state=kind.removeprefix("offer.").replace("sent", "open"),
    )


async def set_ladder_due(db: Db, *, network_id: UUID, request: Request) -> None:
    """Have the ladder looked at when its next step is due."""
    if request.next_step_at is None:
        await due.clear(db, network_id=network_id, kind="ladder", id=request.id)
    else:
        await due.set_at(
            db, network_id=network_id, kind="ladder", id=request.id, at=request.next_step_at
        )


async def set_offers_due(
    db: Db, *, network_id: UUID, request_id: UUID, at: datetime | None
) -> None:
    """Have the offers looked at when the first of them ends."""
    if at is None:
        await due.clear(db, network_id=network_id, kind="offers", id=request_id)
    else:
        await due.set_at(db, network_id=network_id, kind="offers", id=request_id, at=at)


async def _wave(
    db: Db,
    wanted: Wanted,
    open_seats: Sequence[int],
    candidates: Sequence[Candidate],
    waiting: Sequence[Offer],
    now: datetime,
) -> Step:
    request, ladder = wanted.request, ladder_of(wanted.network)
    starts_at = request.session.starts_at
    size = ladders.wave_size(
        count_left=len(candidates), chance=ladder.chance, threshold=ladder.threshold
    )
    chosen = candidates[: size * len(open_seats)]
    answer_by = ladders.answer_by(
        now=now, starts_at=starts_at, urgent_now=request.starts_now, ladder=ladder
    )
    made = [
        _offer(request, open_seats[place % len(open_seats)], one, answer_by, now)
        for place, one in enumerate(chosen)
    ]
    network_id = wanted.network.network_id
    await offers.insert(db, network_id=network_id, offers=made)
    first_end = min([answer_by, *(one.answer_by for one in waiting)])
    await set_offers_due(db, network_id=network_id, request_id=request.id, at=first_end)
    gap = ladders.wave_gap(
        now=now, starts_at=starts_at, urgent_now=request.starts_now, ladder=ladder
    )
    more = len(candidates) > len(chosen)
    stepped = _replaced(
        request,
        wave=request.wave + 1,
        next_step_at=now + gap if more else None,
        unfilled_reason=None,
        excluded=None,
    )
    return Step(request=stepped, notices=[offer_notice(one, "offer.sent") for one in made])


async def _nobody_left(
    db: Db,
    wanted: Wanted,
    seats: dict[int, str],
    result: Result,
    waiting: Collection[Offer],
    now: datetime,
) -> Step:
    """Wait for those who were asked; if nobody was, or all said no, the open seats stay empty."""
    network_id, request = wanted.network.network_id, wanted.request
    if waiting:
        return Step(request=_replaced(request, next_step_at=None), notices=[])
    for seat, state in seats.items():
        if state in ("open", "held"):
            await request_seats.set_state(
                db, network_id=network_id, request_id=request.id, seat=seat, state="unfilled",
                was=["open", "held"],
            )  # fmt: skip
    notices = await _release_held(db, network_id, request, now)
    states = {
        seat: "unfilled" if state in ("open", "held") else state for seat, state in seats.items()
    }
    counts = await funnel(db, wanted=wanted, result=result)
    asked_any = request.wave > 0
    given_up = _replaced(
        request,
        state=request_state(list(states.values())),  # type: ignore[arg-type]  # a CHECK holds the states
        next_step_at=None,
        unfilled_reason="nobody-accepted" if asked_any else "nobody-fits",
        excluded=counts,
    )
    await set_offers_due(db, network_id=network_id, request_id=request.id, at=None)
    if given_up.state == "unfilled":
        notices = [*notices, request_notice(given_up, "request.unfilled")]
    return Step(request=given_up, notices=notices)


async def _release_held(db: Db, network_id: UUID, request: Request, now: datetime) -> list[Notice]:
    """Let go those who said yes to a team that did not come about."""
    made = await bookings.of_requests(db, network_id=network_id, request_ids=[request.id])
    notices = []
    for one in made:
        if one.state == "held":
            released = msgspec.structs.replace(
                one, state="released", closed_at=now, updated_at=now, version=one.version + 1
            )
            await bookings.update(db, network_id=network_id, booking=released)
            notices.append(
                Notice(
                    type="booking.cancelled",
                    subject_kind="booking",
                    subject_id=one.id,
                    request_id=one.request_id,
                    booking_id=one.id,
                    institution_id=one.institution_id,
                    interpreter_id=one.interpreter_id,
                    state="released",
                )
            )
    return notices


async def _seats(db: Db, network_id: UUID, request: Request) -> dict[int, str]:
    found = await request_seats.states(db, network_id=network_id, request_ids=[request.id])
    return dict(found[request.id])


def _offer(
    request: Request, seat: int, one: Candidate, answer_by: datetime, now: datetime
) -> Offer:
    return Offer(
        id=new_id(now),
        request_id=request.id,
        seat=seat,
        interpreter_id=one.interpreter_id,
        state="open",
        wave=request.wave + 1,
        mode=one.mode,
        from_language=one.from_language,
        to_language=request.working_language,
        score=one.scored.score,
        reasons=[msgspec.structs.asdict(reason) for reason in one.scored.reasons],
        weights_version=one.scored.weights_version,
        answer_by=answer_by,
        created_at=now,
    )


def _replaced(request: Request, **changes: object) -> Request:
    return msgspec.structs.replace(request, **changes)
