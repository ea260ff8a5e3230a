"""Whom to ask next: those who fit as was asked, and when they all were, what the request allows.

Each step of the fallbacks is a search of its own. Nothing is written here but the seats of a
relay that begins or is let go.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from interpreters.application import relays
from interpreters.application.fallbacks import (
    asked_about,
    detail_of,
    steps_from_here,
    steps_of,
    varied,
)
from interpreters.application.giving_up import is_too_late
from interpreters.application.ladders import in_order_of_asking, ladder_of, wave_size
from interpreters.application.relays import Relay
from interpreters.application.scoring import Candidate
from interpreters.application.searching import ENOUGH, MOST, Result, search
from interpreters.application.wanting import Wanted
from interpreters.database import Db
from interpreters.domain.fallbacks import LEGS, RELAY_CODE, is_relay
from interpreters.domain.requests import SeatState
from interpreters.sql import offers
from interpreters.sql.offers import Offer
from interpreters.sql.outbox import Notice


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to ask about a seat."""

    seat: int
    candidate: Candidate
    to_language: str


class Wave(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to ask together, about the request as the step has it; `more` says somebody is left."""

    asking: Wanted
    step: str | None
    detail: str
    invited: Sequence[Invited]
    more: bool


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """What comes next. Without a wave those `waiting` are waited for, or it is given up.

    `wanted` and `notices` differ from before where a relay was let go. `as_asked` is what the
    search as was asked found, when it was made.
    """

    wanted: Wanted
    waiting: Sequence[Offer]
    notices: list[Notice]
    wave: Wave | None = None
    as_asked: Result | None = None


async def look_ahead(
    db: Db, *, wanted: Wanted, made: Sequence[Offer], seats: Mapping[int, SeatState], now: datetime
) -> Ahead:
    """Return whom to ask next. `made` are the request's offers, `seats` the states of its seats."""
    if not is_relay(wanted.request.fallback):
        return await _walk(db, wanted, made, seats, now)
    if not is_too_late(wanted.request, now):
        legs = [leg for leg in LEGS if seats.get(leg) == "open"]
        relay = await relays.go_on_with(db, wanted=wanted, made=made, open_legs=legs, now=now)
        if relay is not None:
            wave = _relay_wave(wanted, relay)
            waiting = [one for one in made if one.state == "open"]
            return Ahead(
                wanted=wanted, waiting=waiting, notices=[], wave=wave if wave.invited else None
            )
    return await _without_relay(db, wanted, seats, now)


async def _without_relay(
    db: Db, wanted: Wanted, seats: Mapping[int, SeatState], now: datetime
) -> Ahead:
    """Let the relay go, and look at every step again: something may be allowed that was not."""
    network_id, request = wanted.network.network_id, wanted.request
    notices = await relays.end(
        db, network_id=network_id, request=request, now=now, offers_are="withdrawn"
    )
    freed = msgspec.structs.replace(wanted, request=msgspec.structs.replace(request, fallback=None))
    made = await offers.of_request(db, network_id=network_id, request_id=request.id)
    own: dict[int, SeatState] = {seat: state for seat, state in seats.items() if seat not in LEGS}
    ahead = await _walk(db, freed, made, own, now)
    return msgspec.structs.replace(ahead, notices=notices)


async def _walk(
    db: Db, wanted: Wanted, made: Sequence[Offer], seats: Mapping[int, SeatState], now: datetime
) -> Ahead:
    """Return the first step, from where the search is, that finds somebody to ask.

    After the last one those before are looked at again: for who became free, or said no since to
    what they were asked then. Nobody is asked twice about the same.
    """
    request = wanted.request
    waiting = [one for one in made if one.state == "open"]
    ahead = Ahead(wanted=wanted, waiting=waiting, notices=[])
    steps = [request.fallback, *steps_from_here(request)]
    again = [] if request.fallback is None else [None, *steps_of(request)]
    for place, step in enumerate([*steps, *(one for one in again if one not in steps)]):
        left = len(steps) > place + 1
        if step == RELAY_CODE:
            wave = await _new_relay(db, wanted, made, now)
        else:
            wave, result = await _search(db, wanted, made, seats, step, now, left=left)
            if step is None:
                ahead = msgspec.structs.replace(ahead, as_asked=result)
        if wave is not None:
            return msgspec.structs.replace(ahead, wave=wave)
    return ahead


async def _search(
    db: Db,
    wanted: Wanted,
    made: Sequence[Offer],
    seats: Mapping[int, SeatState],
    step: str | None,
    now: datetime,
    *,
    left: bool,
) -> tuple[Wave | None, Result | None]:
    asking = varied(wanted, step=step, now=now, seats=list(seats.values()))
    if asking is None:
        return None, None
    request = asking.request
    result = await search(
        db, wanted=asking, asked=asked_about(request, made), now=now,
        limit=MOST if request.emergency else ENOUGH,
    )  # fmt: skip
    if not result.candidates or is_too_late(request, now):
        return None, result
    open_seats = [seat for seat, state in seats.items() if state == "open"]
    people = await in_order_of_asking(db, wanted=asking, candidates=result.candidates, now=now)
    ladder = ladder_of(wanted.network, wanted.institution)
    size = wave_size(request=request, ladder=ladder, count_left=len(people)) * len(open_seats)
    invited = [
        Invited(
            seat=open_seats[place % len(open_seats)],
            candidate=one,
            to_language=request.working_language,
        )
        for place, one in enumerate(people[:size])
    ]
    wave = Wave(
        asking=asking,
        step=step,
        detail=detail_of(step, wanted=wanted, asking=asking),
        invited=invited,
        more=len(people) > len(invited) or result.cut or left,
    )
    return wave, result


async def _new_relay(db: Db, wanted: Wanted, made: Sequence[Offer], now: datetime) -> Wave | None:
    if is_too_late(wanted.request, now):
        return None
    relay = await relays.begin(db, wanted=wanted, made=made, now=now)
    if relay is None:
        return None
    await relays.open_legs(db, wanted=wanted, relay=relay)
    return _relay_wave(wanted, relay)


def _relay_wave(wanted: Wanted, relay: Relay) -> Wave:
    ladder = ladder_of(wanted.network, wanted.institution)
    counts = {leg: len(found.candidates) for leg, found in relay.found.items()}
    size = wave_size(
        request=wanted.request, ladder=ladder, count_left=max(counts.values(), default=0)
    )
    chosen = relays.chosen(relay, size=size)
    asked = [leg for leg, _ in chosen]
    return Wave(
        asking=wanted,
        step=relay.step,
        detail=relays.detail_of(relay, wanted.request),
        invited=[
            Invited(
                seat=leg,
                candidate=one,
                to_language=relay.legs[leg].request.working_language,
            )
            for leg, one in chosen
        ],
        more=any(counts[leg] > asked.count(leg) or found.cut for leg, found in relay.found.items()),
    )
