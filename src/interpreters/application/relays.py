"""Relays: two interpreters with a language between them, both or none.

A relay has two seats, its legs: from the client's language to the pivot, and from there to the
working language. The request's own seat stays open beside them, so a late yes to that still wins.
Both legs are asked at once; the first yes of a leg is `held`, the other one confirms both, and
when a leg can no longer come about everything is let go and the next pivot is tried.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.fallbacks import asked_about, modes_of
from interpreters.application.notices import booking_notice, offer_notice
from interpreters.application.scoring import Candidate
from interpreters.application.searching import Result, search
from interpreters.application.seating import hold_people, unseat
from interpreters.application.wanting import Wanted
from interpreters.database import Db
from interpreters.domain.fallbacks import (
    DIRECT,
    FIRST,
    LEGS,
    SECOND,
    Leg,
    Pivot,
    is_leg,
    is_relay,
    pivot_of,
    rank_pivots,
    relay_minutes,
    relay_step,
)
from interpreters.domain.languages import describe
from interpreters.domain.offers import OfferState
from interpreters.sql import bookings, offers, pivots, request_seats
from interpreters.sql.bookings import Booking
from interpreters.sql.offers import Offer
from interpreters.sql.outbox import Notice
from interpreters.sql.requests import Request

MOST_PIVOTS: Final = 5  # tried for one mode
CLOSELY: Final = 10  # people looked at closely for each leg


class Relay(msgspec.Struct, frozen=True, kw_only=True):
    """A relay that could be: whom to ask for each leg that is open, best first."""

    pivot: str
    mode: str
    legs: Mapping[int, Wanted]
    found: Mapping[int, Result]

    @property
    def step(self) -> str:
        """The step that a request with this relay is at."""
        return relay_step(pivot=self.pivot, mode=self.mode)


async def begin(
    db: Db,
    *,
    wanted: Wanted,
    made: Sequence[Offer],
    now: datetime,
    modes: Sequence[str] = (),
    most: int = MOST_PIVOTS,
) -> Relay | None:
    """Return the best relay that was not tried yet, in the first mode that has one.

    All in one mode: both by telephone, both by video, or both at the place.
    """
    request = wanted.request
    tried = {
        (one.to_language, one.mode)
        for one in made
        if one.seat == FIRST and one.created_at >= request.ladder_started_at
    }
    between = await pivots.between(
        db,
        network_id=wanted.network.network_id,
        languages=request.languages,
        working_language=request.working_language,
        limit=most,
    )
    for mode in modes or modes_of(wanted):
        new = [language for language in between if (language, mode) not in tried]
        possible = [await _relay(db, wanted, language, mode, made, now) for language in new]
        ranked = {one.pivot: one for one in possible if one is not None}
        if ranked:
            best = rank_pivots([_ranked(one) for one in ranked.values()])[0]
            return ranked[best.language]
    return None


async def go_on_with(
    db: Db, *, wanted: Wanted, made: Sequence[Offer], open_legs: Sequence[int], now: datetime
) -> Relay | None:
    """Return whom to ask next for the open legs; None when one of them cannot come about."""
    assert wanted.request.fallback is not None  # it is a relay's
    pivot, mode = pivot_of(wanted.request.fallback)
    legs = {leg: _leg(wanted, leg, pivot, mode) for leg in open_legs}
    found = {}
    for leg, asking in legs.items():
        found[leg] = await search(
            db, wanted=asking, asked=asked_about(asking.request, made), limit=CLOSELY, now=now
        )
        waiting = any(one.state == "open" and one.seat == leg for one in made)
        if not found[leg].candidates and not waiting:
            return None
    return Relay(pivot=pivot, mode=mode, legs=legs, found=found)


async def open_legs(db: Db, *, wanted: Wanted, relay: Relay) -> None:
    """Open the two seats of a relay beside the request's own."""
    request = wanted.request
    await request_seats.open_legs(
        db,
        network_id=wanted.network.network_id,
        request_id=request.id,
        legs={
            FIRST: (request.languages[0], relay.pivot),
            SECOND: (relay.pivot, request.working_language),
        },
    )


def chosen(relay: Relay, *, size: int) -> list[tuple[int, Candidate]]:
    """Return whom to ask for which leg, at most `size` for each: nobody about both.

    The legs choose in turn, the one with fewer people first.
    """
    taken: dict[UUID, tuple[int, Candidate]] = {}
    order = sorted(relay.found, key=lambda leg: len(relay.found[leg].candidates))
    for _ in range(size):
        for leg in order:
            people = relay.found[leg].candidates
            one = next((each for each in people if each.interpreter_id not in taken), None)
            if one is not None:
                taken[one.interpreter_id] = (leg, one)
    return list(taken.values())


def detail_of(relay: Relay, request: Request) -> str:
    """Return what a relay is, in a sentence."""
    return (
        f"asked two interpreters with {describe(relay.pivot).name} between them; "
        f"plan {relay_minutes(request.duration_minutes)} minutes"
    )


async def is_stuck(db: Db, *, wanted: Wanted, waiting: Sequence[Offer]) -> bool:
    """Say whether an open leg has nobody who is being asked."""
    request = wanted.request
    if not is_relay(request.fallback):
        return False
    seats = await request_seats.states(
        db, network_id=wanted.network.network_id, request_ids=[request.id]
    )
    asked = {one.seat for one in waiting}
    return any(seats[request.id].get(leg) == "open" and leg not in asked for leg in LEGS)


async def end(
    db: Db, *, network_id: UUID, request: Request, now: datetime, offers_are: OfferState
) -> list[Notice]:
    """Let a relay go that did not come about: who is held, who is asked, and its seats.

    A session that has begun, or is confirmed, stays as it is.
    """
    if not is_relay(request.fallback):
        return []
    await hold_people(db, network_id=network_id, request_id=request.id)
    notices = await release_held(db, network_id=network_id, request_id=request.id, now=now)
    ended = await offers.close(
        db, network_id=network_id, request_id=request.id, state=offers_are, seats=LEGS
    )
    notices += [offer_notice(one, f"offer.{offers_are}") for one in ended]
    for leg in LEGS:
        await request_seats.set_state(
            db, network_id=network_id, request_id=request.id, seat=leg, state="cancelled",
            was=["open", "held", "unfilled"],
        )  # fmt: skip
    return notices


async def release_held(
    db: Db, *, network_id: UUID, request_id: UUID, now: datetime
) -> list[Notice]:
    """Let go those who said yes; their neighbours travel anew. The caller holds the people."""
    notices = []
    made = await bookings.of_requests(db, network_id=network_id, request_ids=[request_id])
    for one in made:
        if one.state == "held":
            released = msgspec.structs.replace(
                one, state="released", closed_at=now, updated_at=now, version=one.version + 1
            )
            await bookings.update(db, network_id=network_id, booking=released)
            await unseat(db, network_id=network_id, booking=released)
            notices.append(booking_notice(released, "booking.cancelled"))
    return notices


async def reopen(
    db: Db, *, network_id: UUID, request: Request, gone: Booking, now: datetime
) -> list[Notice]:
    """After a leg was lost: the other one is held again, until somebody takes its place.

    The lost leg's seat is open already; the caller holds the request and its people.
    """
    if not is_leg(seat=gone.seat, interpreters_needed=request.interpreters_needed):
        return []
    await request_seats.set_state(
        db, network_id=network_id, request_id=request.id, seat=DIRECT, state="open",
        was=["cancelled", "unfilled"],
    )  # fmt: skip
    notices = []
    made = await bookings.of_requests(db, network_id=network_id, request_ids=[request.id])
    for one in made:
        if one.state == "confirmed" and one.seat in LEGS:
            waits = msgspec.structs.replace(
                one, state="held", updated_at=now, version=one.version + 1
            )
            await bookings.update(db, network_id=network_id, booking=waits)
            await request_seats.set_state(
                db, network_id=network_id, request_id=request.id, seat=one.seat, state="held",
                was=["filled"],
            )  # fmt: skip
            notices.append(booking_notice(waits, "booking.held"))
    return notices


async def _relay(
    db: Db, wanted: Wanted, pivot: str, mode: str, made: Sequence[Offer], now: datetime
) -> Relay | None:
    legs = {leg: _leg(wanted, leg, pivot, mode) for leg in LEGS}
    found: dict[int, Result] = {}
    for leg, asking in legs.items():
        asked = asked_about(asking.request, made)
        found[leg] = await search(db, wanted=asking, asked=asked, limit=CLOSELY, now=now)
        if not found[leg].candidates:
            return None
    both = {one.interpreter_id for result in found.values() for one in result.candidates}
    if len(both) < len(LEGS):
        return None  # one person, and only this one: two are needed
    return Relay(pivot=pivot, mode=mode, legs=legs, found=found)


def _leg(wanted: Wanted, leg: int, pivot: str, mode: str) -> Wanted:
    request = wanted.request
    languages, working_language = (
        (request.languages, pivot) if leg == FIRST else ([pivot], request.working_language)
    )
    return msgspec.structs.replace(
        wanted,
        wished_modes=request.modes,
        request=msgspec.structs.replace(
            request, languages=languages, working_language=working_language, modes=[mode]
        ),
    )


def _ranked(relay: Relay) -> Pivot:
    first, second = (_best(relay.found[leg]) for leg in LEGS)
    return Pivot(language=relay.pivot, first=first, second=second)


def _best(result: Result) -> Leg:
    best = result.candidates[0]
    return Leg(level=best.level, score=best.scored.score, count=len(result.candidates))
