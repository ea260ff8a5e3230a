"""What is accepted of a plan goes out: an ordinary offer to the planned interpreter.

It goes ahead of the ladder's next wave, which comes a gap later; when they refuse, the ladder goes
on at once. Everything is looked at anew: what no longer holds becomes the state of its place.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from interpreters.application import relays
from interpreters.application.confirming import fill_state, reopen_seats
from interpreters.application.dispatch import ask_wave, save_step
from interpreters.application.escalations import watch
from interpreters.application.fallbacks import detail_of
from interpreters.application.giving_up import is_too_late
from interpreters.application.next_waves import Invited, Wave
from interpreters.application.notices import state_notice
from interpreters.application.plan_seats import Seats, seats_wanted
from interpreters.application.relays import Relay
from interpreters.application.scoring import Candidate
from interpreters.application.searching import MOST
from interpreters.application.wanting import Wanted, wanted_of
from interpreters.database import Db
from interpreters.domain.fallbacks import is_relay, pivot_of
from interpreters.domain.planning import PlaceState
from interpreters.sql import commitments, offers, plan_places, request_seats, requests
from interpreters.sql.offers import Offer
from interpreters.sql.outbox import Notice
from interpreters.sql.plan_places import PlanPlace


async def offer_places(
    db: Db, *, network_id: UUID, places: Sequence[PlanPlace], now: datetime
) -> None:
    """Ask the people of these places, request by request in the order of their ids.

    The caller holds the plan; each request is held here, as by whoever takes a seat of it.
    """
    by_request: defaultdict[UUID, list[PlanPlace]] = defaultdict(list)
    for one in places:
        by_request[one.request_id].append(one)
    for request_id in sorted(by_request):
        await _of_request(db, network_id, request_id, by_request[request_id], now)


class _Fits(NamedTuple):
    """A place that still holds: the seats it is one of, and the person as they are now."""

    place: PlanPlace
    seats: Seats
    candidate: Candidate


async def _of_request(
    db: Db, network_id: UUID, request_id: UUID, places: Sequence[PlanPlace], now: datetime
) -> None:
    request = await requests.lock(db, network_id=network_id, request_id=request_id)
    assert request is not None  # the foreign key holds it
    wanted = await wanted_of(db, network_id=network_id, request=request)
    fitting: list[_Fits] = []
    for place in places:
        found, state = await _looked_at(db, wanted, place, now)
        if found is None:
            await _set(db, network_id, place, state, now)
        elif found.seats.seats[len(_alike(fitting, found)) :]:
            fitting.append(found)
        else:
            await _set(db, network_id, place, "seat_filled", now)
    asked = await _asked(db, network_id, request_id)
    new = [one for one in fitting if one.place.interpreter_id not in asked]
    if new:
        await _ask(db, wanted, new, now)
        asked = await _asked(db, network_id, request_id)
    for one in fitting:
        offer_id = asked[one.place.interpreter_id].id
        await _set(db, network_id, one.place, "offered", now, offer_id)


async def _looked_at(
    db: Db, wanted: Wanted, place: PlanPlace, now: datetime
) -> tuple[_Fits | None, PlaceState]:
    """Return the place as it holds now, or why it does not."""
    request = wanted.request
    if request.state in ("filled", "cancelled", "closed"):
        return None, "seat_filled" if request.state == "filled" else "request_over"
    if is_too_late(request, now):
        return None, "too_late"
    found = await seats_wanted(db, wanted=wanted, now=now, only=place.interpreter_id, limit=MOST)
    own = [
        _Fits(place, one, each)
        for one in found
        for each in one.candidates
        if each.interpreter_id == place.interpreter_id
    ]
    if not own:
        return None, await _why_not(db, wanted, place)
    if all(one.seats.asking.request.session != place.session for one in own):
        return None, "request_changed"
    same = [one for one in own if _is_as_planned(one)]
    return (same[0], "offered") if same else (None, "interpreter_unfit")


def _is_as_planned(one: _Fits) -> bool:
    """Say whether they would be asked what was accepted: not another way, nor the other leg."""
    asking, candidate, place = one.seats.asking.request, one.candidate, one.place
    return (
        (asking.session, asking.working_language) == (place.session, place.to_language)
        and (candidate.mode, candidate.from_language) == (place.mode, place.from_language)
    )  # fmt: skip


async def _why_not(db: Db, wanted: Wanted, place: PlanPlace) -> PlaceState:
    network_id = wanted.network.network_id
    found = await request_seats.states(db, network_id=network_id, request_ids=[place.request_id])
    if not set(found[place.request_id].values()) & {"open", "unfilled"}:
        return "seat_filled"
    if wanted.request.session != place.session and place.step is None:
        return "request_changed"
    around = await commitments.around(
        db, network_id=network_id, interpreter_ids=[place.interpreter_id], window=place.session
    )
    busy = any(one.is_live for one in around[place.interpreter_id])
    return "interpreter_busy" if busy else "interpreter_unfit"


async def _ask(db: Db, wanted: Wanted, fitting: Sequence[_Fits], now: datetime) -> None:
    """Ask them; what was given up is searched again."""
    network_id, request = wanted.network.network_id, wanted.request
    notices = await _end_other_relay(db, wanted, fitting[0].seats.step, now)
    await reopen_seats(db, network_id=network_id, request=request)
    _, state = await fill_state(db, network_id=network_id, request=request)
    anew = msgspec.structs.replace(
        wanted,
        request=msgspec.structs.replace(request, state=state, unfilled_reason=None, excluded=None),
    )
    if state != request.state:
        notices.append(state_notice(anew.request, request.state))
    await watch(db, wanted=anew, now=now)  # it may have been given up before it was urgent
    step = await ask_wave(db, wanted=anew, wave=await _wave(db, anew, fitting), now=now)
    if is_relay(request.fallback) and not is_relay(fitting[0].seats.step):
        # It goes on beside: whoever is held for a leg of it is not forgotten.
        step.request = msgspec.structs.replace(step.request, fallback=request.fallback)
    step.notices = [*notices, *step.notices]
    await save_step(db, network_id=network_id, step=step, now=now)


async def _end_other_relay(db: Db, wanted: Wanted, step: str | None, now: datetime) -> list[Notice]:
    """Let a relay go that is being looked for, when another one was planned."""
    if not is_relay(step) or wanted.request.fallback == step:
        return []
    return await relays.end(
        db, network_id=wanted.network.network_id, request=wanted.request, now=now,
        offers_are="withdrawn",
    )  # fmt: skip


async def _wave(db: Db, wanted: Wanted, fitting: Sequence[_Fits]) -> Wave:
    first = fitting[0].seats
    relay = is_relay(first.step)
    asking, detail = first.asking, ""
    if relay and first.step is not None:
        found = _relay_of(first.step, fitting)
        await relays.open_legs(db, wanted=wanted, relay=found)
        asking, detail = wanted, relays.detail_of(found, wanted.request)
    elif first.step is not None:
        detail = detail_of(first.step, wanted=wanted, asking=asking)
    return Wave(
        asking=asking,
        step=first.step,
        detail=detail,
        invited=[
            Invited(
                seat=one.seats.seats[len(_alike(fitting[:place], one))],
                candidate=one.candidate,
                to_language=one.seats.asking.request.working_language,
            )
            for place, one in enumerate(fitting)
        ],
        more=True,
    )


def _relay_of(step: str, fitting: Sequence[_Fits]) -> Relay:
    pivot, mode = pivot_of(step)
    legs = {one.seats.seats[0]: one.seats.asking for one in fitting}
    return Relay(pivot=pivot, mode=mode, legs=legs, found={})


def _alike(fitting: Sequence[_Fits], one: _Fits) -> list[_Fits]:
    """Return those for the same seats."""
    return [each for each in fitting if each.seats.seats == one.seats.seats]


async def _asked(db: Db, network_id: UUID, request_id: UUID) -> dict[UUID, Offer]:
    made = await offers.of_request(db, network_id=network_id, request_id=request_id)
    return {one.interpreter_id: one for one in made if one.state == "open"}


async def _set(
    db: Db,
    network_id: UUID,
    place: PlanPlace,
    state: PlaceState,
    now: datetime,
    offer_id: UUID | None = None,
) -> None:
    await plan_places.set_state(
        db, network_id=network_id, place_id=place.id, state=state, offer_id=offer_id, now=now
    )
