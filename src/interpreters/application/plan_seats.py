"""The open seats of a request, and who could take them: as was asked, or as the ladder would ask.

The same search as the ladder's, step by step, until one finds somebody. Who is being asked just
now still counts: they have not answered.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application import relays
from interpreters.application.fallbacks import asked_about, steps_of, varied
from interpreters.application.giving_up import is_too_late
from interpreters.application.relays import Relay
from interpreters.application.scoring import Candidate
from interpreters.application.searching import search
from interpreters.application.wanting import Wanted, wanted_of
from interpreters.database import Db
from interpreters.domain.fallbacks import LEGS, RELAY_CODE, is_leg, is_relay
from interpreters.domain.planning import CANDIDATES
from interpreters.sql import offers, request_seats, requests
from interpreters.sql.offers import Offer
from interpreters.sql.requests import Request

EMPTY: Final = ("open", "unfilled")


class Seats(msgspec.Struct, frozen=True, kw_only=True):
    """Seats of one request that are filled alike: all open ones, or one leg of a relay.

    `asking` is the request as `step` asks for it. With `whole` they are filled together, with the
    request's other seats, or not at all.
    """

    request: Request
    asking: Wanted
    step: str | None
    seats: Sequence[int]
    whole: bool
    candidates: Sequence[Candidate]


async def seats_of(db: Db, *, network_id: UUID, request_id: UUID, now: datetime) -> list[Seats]:
    """Return the request's open seats with who could take them; a relay has one for each leg.

    Nothing is written.
    """
    request = await requests.find(db, network_id=network_id, request_id=request_id)
    if request is None or is_too_late(request, now):
        return []
    wanted = await wanted_of(db, network_id=network_id, request=request)
    return await seats_wanted(db, wanted=wanted, now=now)


async def seats_wanted(
    db: Db, *, wanted: Wanted, now: datetime, only: UUID | None = None, limit: int = CANDIDATES
) -> list[Seats]:
    """Return the same of a request that was read; at most `limit` people are looked at closely.

    With `only` the search goes on to the step that finds this interpreter.
    """
    network_id, request = wanted.network.network_id, wanted.request
    made = await offers.of_request(db, network_id=network_id, request_id=request.id)
    answered = [one for one in made if one.state != "open"]
    found = await request_seats.states(db, network_id=network_id, request_ids=[request.id])
    states = found[request.id]
    legs = [leg for leg in _legs(request) if states.get(leg) in EMPTY]
    if is_relay(request.fallback) and legs and len(legs) < len(LEGS):
        return await _rest_of_relay(db, wanted, answered, legs, now)
    own = {
        seat: state for seat, state in states.items()
        if not is_leg(seat=seat, interpreters_needed=request.interpreters_needed)
    }  # fmt: skip
    empty = [seat for seat, state in own.items() if state in EMPTY]
    if not empty:
        return []
    for step in (None, *steps_of(request)):
        if step == RELAY_CODE:
            seats = await _relay(db, wanted, answered, now)
        else:
            asking = varied(wanted, step=step, now=now, seats=list(own.values()))
            seats = await _alike(db, wanted, asking, answered, step, empty, limit, now)
        if seats and (only is None or only in _people(seats)):
            return seats
    return []


async def _alike(
    db: Db,
    wanted: Wanted,
    asking: Wanted | None,
    answered: Sequence[Offer],
    step: str | None,
    empty: Sequence[int],
    limit: int,
    now: datetime,
) -> list[Seats]:
    if asking is None or is_too_late(asking.request, now):
        return []
    asked = asked_about(asking.request, answered)
    result = await search(db, wanted=asking, asked=asked, limit=limit, now=now)
    if not result.candidates:
        return []
    request = wanted.request
    team = request.interpreters_needed > 1 and not request.partial_ok
    return [
        Seats(
            request=request, asking=asking, step=step, seats=list(empty), whole=team,
            candidates=result.candidates,
        )
    ]  # fmt: skip


async def _relay(db: Db, wanted: Wanted, answered: Sequence[Offer], now: datetime) -> list[Seats]:
    found = await relays.begin(db, wanted=wanted, made=answered, now=now)
    return [] if found is None else _of_relay(wanted.request, found, whole=True)


async def _rest_of_relay(
    db: Db, wanted: Wanted, answered: Sequence[Offer], legs: Sequence[int], now: datetime
) -> list[Seats]:
    """One leg has somebody who waits for the other."""
    found = await relays.go_on_with(db, wanted=wanted, made=answered, open_legs=legs, now=now)
    return [] if found is None else _of_relay(wanted.request, found, whole=False)


def _of_relay(request: Request, found: Relay, *, whole: bool) -> list[Seats]:
    return [
        Seats(
            request=request, asking=found.legs[leg], step=found.step, seats=[leg], whole=whole,
            candidates=result.candidates,
        )
        for leg, result in found.found.items()
    ]  # fmt: skip


def _legs(request: Request) -> Sequence[int]:
    return LEGS if request.interpreters_needed == 1 else ()


def _people(seats: Sequence[Seats]) -> set[UUID]:
    return {each.interpreter_id for one in seats for each in one.candidates}
