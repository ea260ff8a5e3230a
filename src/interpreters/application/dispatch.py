"""Asking people: waves of offers, their ends, and what happens when nobody is left.

Every function holds the request's row first and may run twice: the second time finds nothing to
do. The clock is in the database (`due`); the worker only calls `step_request` in time.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.application.answer_times import answer_times
from interpreters.application.confirming import fill_state, reopen_seats
from interpreters.application.direct_bookings import book_the_best
from interpreters.application.escalations import watch
from interpreters.application.fallbacks import noted
from interpreters.application.giving_up import give_up, is_too_late
from interpreters.application.ladders import ladder_of, wave_gap
from interpreters.application.next_waves import Ahead, Invited, Wave, look_ahead
from interpreters.application.notices import offer_notice, state_notice
from interpreters.application.parties import leave_room
from interpreters.application.relays import is_stuck
from interpreters.application.telling import tell
from interpreters.application.wanting import Wanted, wanted_of
from interpreters.database import Db
from interpreters.domain.ids import new_id
from interpreters.domain.ladders import Ladder
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
    if request.unfilled_reason is not None:
        await _begin_again(db, network_id, request, now)
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
    """After an answer, or its end: the next wave at once when nobody is being asked any more.

    For a relay: when nobody is being asked any more about one of its legs.
    """
    network_id, request = wanted.network.network_id, wanted.request
    made = await offers.of_request(db, network_id=network_id, request_id=request.id)
    waiting = [one for one in made if one.state == "open"]
    over = request.state not in ("searching", "partly_filled")
    if over or (waiting and not await is_stuck(db, wanted=wanted, waiting=waiting)):
        await _set_first_end(db, wanted, waiting)
        return Step(request=request, notices=notices)
    step = await take_step(db, wanted=wanted, now=now)
    return Step(request=step.request, notices=notices + step.notices)


async def take_step(db: Db, *, wanted: Wanted, now: datetime) -> Step:
    """Book the best, or ask the next wave; give up when nobody is left and nobody was asked."""
    network_id, request = wanted.network.network_id, wanted.request
    if request.wave == 0:
        await watch(db, wanted=wanted, now=now)
    made = await offers.of_request(db, network_id=network_id, request_id=request.id)
    waiting: Sequence[Offer] = [one for one in made if one.state == "open"]
    found = await request_seats.states(db, network_id=network_id, request_ids=[request.id])
    seats, notices = found[request.id], list[Notice]()
    if "open" in seats.values() and not (waiting and is_too_late(request, now)):
        ahead = await look_ahead(db, wanted=wanted, made=made, seats=seats, now=now)
        if ahead.wave is not None:
            return await _book_or_ask(db, wanted, ahead, ahead.wave, now)
        wanted, waiting, notices = ahead.wanted, ahead.waiting, ahead.notices
        if not waiting:
            await set_offers_due(db, network_id=network_id, request_id=request.id, at=None)
            given_up, told = await give_up(db, wanted=wanted, result=ahead.as_asked, now=now)
            return Step(request=given_up, notices=[*notices, *told])
    await _set_first_end(db, wanted, waiting)
    return Step(request=_replaced(wanted.request, next_step_at=None), notices=notices)


async def ask_wave(db: Db, *, wanted: Wanted, wave: Wave, now: datetime) -> Step:
    """Ask these people now, ahead of the ladder's own next wave; the caller saves the step."""
    network_id, request_id = wanted.network.network_id, wanted.request.id
    made = await offers.of_request(db, network_id=network_id, request_id=request_id)
    waiting = [one for one in made if one.state == "open"]
    return await _wave(db, wanted, Ahead(wanted=wanted, waiting=waiting, notices=[]), wave, now)


async def save_step(db: Db, *, network_id: UUID, step: Step, now: datetime) -> Request:
    """Write the request's next version and its time in the clock; have the notices told.

    A room of its own is left when it is over.
    """
    saved = _replaced(step.request, updated_at=now, version=step.request.version + 1)
    written = await requests.update(db, network_id=network_id, request=saved)
    assert written  # the row is held
    await _set_ladder_due(db, network_id, saved)
    await leave_room(db, network_id=network_id, request=saved)
    await tell(db, network_id=network_id, notices=step.notices, now=now)
    return saved


async def set_offers_due(
    db: Db, *, network_id: UUID, request_id: UUID, at: datetime | None
) -> None:
    """Have the offers looked at when the first of them ends."""
    if at is None:
        await due.clear(db, network_id=network_id, kind="offers", id=request_id)
    else:
        await due.set_at(db, network_id=network_id, kind="offers", id=request_id, at=at)


async def _begin_again(db: Db, network_id: UUID, request: Request, now: datetime) -> None:
    """Search again what was given up, for somebody's time is free: nobody is asked twice.

    Where that helps nobody after all nothing is told, and it is as if it had not been looked at.
    """
    await reopen_seats(db, network_id=network_id, request=request)
    _, state = await fill_state(db, network_id=network_id, request=request)
    anew = _replaced(request, state=state, fallback=None, unfilled_reason=None, excluded=None)
    wanted = await wanted_of(db, network_id=network_id, request=anew)
    step = await take_step(db, wanted=wanted, now=now)
    if step.request.unfilled_reason is not None and step.request.wave == request.wave:
        same = _replaced(request, next_step_at=None, version=request.version + 1)
        await requests.update(db, network_id=network_id, request=same)
        await _set_ladder_due(db, network_id, same)
        return
    await watch(db, wanted=wanted, now=now)  # it may have been given up before it was urgent
    if step.request.state == state:
        step.notices = [state_notice(anew, request.state), *step.notices]
    await save_step(db, network_id=network_id, step=step, now=now)


async def _book_or_ask(db: Db, wanted: Wanted, ahead: Ahead, wave: Wave, now: datetime) -> Step:
    """Book those who need not be asked; ask for the seats that are open then."""
    booked = await book_the_best(db, wanted=ahead.wanted, wave=wave, now=now)
    if booked is None:
        return await _wave(db, wanted, ahead, wave, now)
    step = Step(request=booked.request, notices=[*ahead.notices, *booked.notices])
    if booked.open_left:
        less = msgspec.structs.replace(ahead.wanted, request=booked.request)
        further = await take_step(db, wanted=less, now=now)
        step = Step(request=further.request, notices=step.notices + further.notices)
    return step


async def _wave(db: Db, wanted: Wanted, ahead: Ahead, wave: Wave, now: datetime) -> Step:
    request, asking = ahead.wanted.request, wave.asking.request
    ladder = ladder_of(wanted.network, wanted.institution)
    ends = answer_times(
        request=asking, ladder=ladder, candidates=[one.candidate for one in wave.invited], now=now
    )
    made = [
        _offer(request, asking, one, ends[one.candidate.interpreter_id], ladder, now)
        for one in wave.invited
    ]
    network_id = wanted.network.network_id
    await offers.insert(db, network_id=network_id, offers=made)
    first_end = min([*ends.values(), *(one.answer_by for one in ahead.waiting)])
    await set_offers_due(db, network_id=network_id, request_id=request.id, at=first_end)
    gap = wave_gap(request=asking, ladder=ladder, now=now)
    stepped = _replaced(
        noted(request, step=wave.step, detail=wave.detail),
        wave=request.wave + 1,
        next_step_at=now + gap if wave.more else None,
        unfilled_reason=None,
        excluded=None,
    )
    notices = [*ahead.notices, *(offer_notice(one, "offer.sent") for one in made)]
    if stepped.fallback != wanted.request.fallback:
        notices.append(state_notice(stepped, stepped.state))  # what is asked instead is to be seen
    return Step(request=stepped, notices=notices)


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
    request: Request,
    asking: Request,
    one: Invited,
    answer_by: datetime,
    ladder: Ladder,
    now: datetime,
) -> Offer:
    scored = one.candidate.scored
    return Offer(
        id=new_id(now),
        request_id=request.id,
        seat=one.seat,
        interpreter_id=one.candidate.interpreter_id,
        state="open",
        wave=request.wave + 1,
        mode=one.candidate.mode,
        session=asking.session,
        from_language=one.candidate.from_language,
        to_language=one.to_language,
        score=scored.score,
        reasons=[msgspec.structs.asdict(reason) for reason in scored.reasons],
        weights_version=scored.weights_version,
        ladder_version=ladder.version,
        answer_by=answer_by,
        created_at=now,
    )


def _replaced(request: Request, **changes: object) -> Request:
    return msgspec.structs.replace(request, **changes)
