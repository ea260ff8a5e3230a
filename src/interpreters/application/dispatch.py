"""Asking people: waves of offers, their ends, and what happens when nobody is left.

Every function holds the request's row first and may run twice: the second time finds nothing to
do. The clock is in the database (`due`); the worker only calls `step_request` in time.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.escalations import watch
from interpreters.application.giving_up import give_up, is_too_late
from interpreters.application.ladders import in_order_of_asking, ladder_of, wave_gap, wave_size
from interpreters.application.notices import offer_notice
from interpreters.application.scoring import Candidate
from interpreters.application.searching import ENOUGH, MOST, Result, search
from interpreters.application.telling import tell
from interpreters.application.wanting import Wanted, wanted_of
from interpreters.database import Db
from interpreters.domain import ladders
from interpreters.domain.ids import new_id
from interpreters.sql import due, offers, request_seats, requests
from interpreters.sql.offers import Offer
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request


class Step(msgspec.Struct, kw_only=True):
    """What one step found and made."""

    request: Request
    notices: list[Notice]


async def step_request(db: Db, *, network_id: UUID, request_id: UUID, now: datetime) -> None:
    """Take the next step of the ladder, if it is time: a wave, or giving up."""
    request = await requests.lock(db, network_id=network_id, request_id=request_id)
    if request is None:
        await due.clear(db, network_id=network_id, kind="ladder", id=request_id)
        return
    if request.next_step_at is None or request.next_step_at > now:
        await _set_ladder_due(db, network_id, request)  # too early: it comes again in time
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
    if step.request is not request or step.notices:
        await save_step(db, network_id=network_id, step=step, now=now)


async def go_on(db: Db, *, wanted: Wanted, notices: list[Notice], now: datetime) -> Step:
    """After an answer, or its end: the next wave at once when nobody is being asked any more."""
    network_id, request = wanted.network.network_id, wanted.request
    made = await offers.of_request(db, network_id=network_id, request_id=request.id)
    waiting = [one for one in made if one.state == "open"]
    if waiting or request.state not in ("searching", "partly_filled"):
        await _set_first_end(db, wanted, waiting)
        return Step(request=request, notices=notices)
    step = await take_step(db, wanted=wanted, now=now)
    return Step(request=step.request, notices=notices + step.notices)


async def take_step(db: Db, *, wanted: Wanted, now: datetime) -> Step:
    """Ask the next wave for the open seats; give up when nobody is left and nobody was asked."""
    network_id, request = wanted.network.network_id, wanted.request
    if request.wave == 0:
        await watch(db, wanted=wanted, now=now)
    made = await offers.of_request(db, network_id=network_id, request_id=request.id)
    waiting = [one for one in made if one.state == "open"]
    found = await request_seats.states(db, network_id=network_id, request_ids=[request.id])
    seats = found[request.id]
    open_seats = [seat for seat, state in seats.items() if state == "open"]
    if open_seats and not (waiting and is_too_late(request, now)):
        result = await search(
            db, wanted=wanted, asked=asked_already(request, made), now=now,
            limit=MOST if request.emergency else ENOUGH,
        )  # fmt: skip
        if result.candidates and not is_too_late(request, now):
            return await _wave(db, wanted, open_seats, result, waiting, now)
        if not waiting:
            await set_offers_due(db, network_id=network_id, request_id=request.id, at=None)
            given_up, notices = await give_up(
                db, wanted=wanted, seats=seats, result=result, now=now
            )
            return Step(request=given_up, notices=notices)
    await _set_first_end(db, wanted, waiting)
    return Step(request=_replaced(request, next_step_at=None), notices=[])


async def save_step(db: Db, *, network_id: UUID, step: Step, now: datetime) -> Request:
    """Write the request's next version and its time in the clock; have the notices told."""
    saved = _replaced(step.request, updated_at=now, version=step.request.version + 1)
    written = await requests.update(db, network_id=network_id, request=saved)
    assert written  # the row is held
    await _set_ladder_due(db, network_id, saved)
    await tell(db, network_id=network_id, notices=step.notices, now=now)
    return saved


def asked_already(request: Request, made: Sequence[Offer]) -> set[UUID]:
    """Return whom not to ask: who said no, and whoever this ladder asked already.

    What was withdrawn no longer stands: the request was changed, and who was asked about it as
    it was may be asked about it as it is.
    """
    return {
        one.interpreter_id
        for one in made
        if one.state in ("declined", "open")
        or (one.state != "withdrawn" and one.created_at >= request.ladder_started_at)
    }


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
    result: Result,
    waiting: Sequence[Offer],
    now: datetime,
) -> Step:
    request, ladder = wanted.request, ladder_of(wanted.network, wanted.institution)
    candidates = await in_order_of_asking(db, wanted=wanted, candidates=result.candidates, now=now)
    starts_at = request.session.starts_at
    size = wave_size(request=request, ladder=ladder, count_left=len(candidates))
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
    gap = wave_gap(request=request, ladder=ladder, now=now)
    more = len(candidates) > len(chosen) or result.cut
    stepped = _replaced(
        request,
        wave=request.wave + 1,
        next_step_at=now + gap if more else None,
        unfilled_reason=None,
        excluded=None,
    )
    return Step(request=stepped, notices=[offer_notice(one, "offer.sent") for one in made])


async def _set_ladder_due(db: Db, network_id: UUID, request: Request) -> None:
    at = request.next_step_at
    if at is None:
        await due.clear(db, network_id=network_id, kind="ladder", id=request.id)
    else:
        await due.set_at(db, network_id=network_id, kind="ladder", id=request.id, at=at)


async def _set_first_end(db: Db, wanted: Wanted, waiting: Sequence[Offer]) -> None:
    await set_offers_due(
        db,
        network_id=wanted.network.network_id,
        request_id=wanted.request.id,
        at=min((one.answer_by for one in waiting), default=None),
    )


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
