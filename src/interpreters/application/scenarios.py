"""What scripted interpreters of a sandbox do with a request: one move at a time, by the clock."""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

import msgspec

from interpreters.application.bookings import end, start
from interpreters.application.calls import run
from interpreters.application.cancelling import Why
from interpreters.application.giving_back import give_back, interpreter_no_show
from interpreters.application.offers import accept_offer, decline_offer
from interpreters.database import Db, Pool
from interpreters.domain.callers import SCOPES, Caller, house
from interpreters.domain.errors import Refusal
from interpreters.domain.sandboxes import ANSWER_SECONDS
from interpreters.sql import bookings, due, offers, requests
from interpreters.sql.bookings import Booking
from interpreters.sql.offers import Offer
from interpreters.sql.requests import Request

PAUSE: Final = timedelta(seconds=ANSWER_SECONDS)
OVER: Final = {"unfilled", "cancelled", "closed"}
Do: TypeAlias = Callable[[Db], Awaitable[object]]


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """What is done now (if anything), and when to look again (None: the script is over)."""

    do: Do | None
    again: datetime | None


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A request with its offers and bookings."""

    request: Request
    offers: Sequence[Offer]
    bookings: Sequence[Booking]

    @property
    def scenario(self) -> str:
        """The script: everything goes well, unless the request names another."""
        return str(self.request.details.get("test_scenario") or "accepts")


async def play(pool: Pool, *, network_id: UUID, request_id: UUID, now: datetime) -> None:
    """Make the next move of a request's script; may run twice.

    A move that is refused was made by somebody else meanwhile: the next look sees it.
    """
    stage = await run(pool, network_id, lambda db: _stage(db, network_id, request_id))
    move = Move(do=None, again=None) if stage is None else _move(network_id, stage, now)
    if move.do is not None:
        with contextlib.suppress(Refusal):
            await run(pool, network_id, move.do)

    async def note(db: Db) -> None:
        if move.again is None:
            await due.clear(db, network_id=network_id, kind="scenario", id=request_id)
        else:
            await due.set_at(
                db, network_id=network_id, kind="scenario", id=request_id, at=move.again
            )

    await run(pool, network_id, note)


async def _stage(db: Db, network_id: UUID, request_id: UUID) -> Stage | None:
    request = await requests.find(db, network_id=network_id, request_id=request_id)
    if request is None:
        return None
    return Stage(
        request=request,
        offers=await offers.of_request(db, network_id=network_id, request_id=request_id),
        bookings=await bookings.of_requests(db, network_id=network_id, request_ids=[request_id]),
    )


def _move(network_id: UUID, stage: Stage, now: datetime) -> Move:
    live = [one for one in stage.bookings if one.state in ("confirmed", "in_progress")]
    if live:
        return _session_move(network_id, stage, live[0], now)
    if stage.request.state in OVER:
        return Move(do=None, again=None)
    waiting = [one for one in stage.offers if one.state == "open" and now < one.answer_by]
    return Move(do=_answer(network_id, stage, waiting, now), again=now + PAUSE)


def _answer(network_id: UUID, stage: Stage, waiting: Sequence[Offer], now: datetime) -> Do | None:
    if not waiting:
        return None
    first = waiting[0]
    caller = _interpreter(network_id, first.interpreter_id)
    if stage.scenario == "nobody_accepts":
        return _all_decline(network_id, waiting, now)
    return lambda db: accept_offer(db, caller, offer_id=first.id, now=now)


def _all_decline(network_id: UUID, waiting: Sequence[Offer], now: datetime) -> Do:
    async def decline(db: Db) -> None:
        for one in waiting:
            caller = _interpreter(network_id, one.interpreter_id)
            await decline_offer(db, caller, offer_id=one.id, reason=lambda: None, now=now)

    return decline


def _session_move(network_id: UUID, stage: Stage, booking: Booking, now: datetime) -> Move:
    caller = _interpreter(network_id, booking.interpreter_id)
    gone = {one.state for one in stage.bookings}
    if stage.scenario == "gives_back" and "given_back" not in gone:
        why = Why(reason="scripted")
        return Move(
            do=lambda db: give_back(db, caller, booking_id=booking.id, why=lambda: why, now=now),
            again=now + PAUSE,
        )
    if booking.state == "in_progress":
        if now < booking.session.ends_at:
            return Move(do=None, again=booking.session.ends_at)
        to = booking.session.ends_at  # as booked, however late this is looked at
        return Move(
            do=lambda db: end(db, caller, booking_id=booking.id, ended_at=lambda: to, now=now),
            again=now + PAUSE,
        )
    if now < booking.session.starts_at:
        return Move(do=None, again=booking.session.starts_at)
    if stage.scenario == "no_show" and "interpreter_no_show" not in gone:
        boss = house(network_id)
        return Move(
            do=lambda db: interpreter_no_show(db, boss, booking_id=booking.id, now=now),
            again=now + PAUSE,
        )
    return Move(
        do=lambda db: start(db, caller, booking_id=booking.id, now=now),
        again=booking.session.ends_at,
    )


def _interpreter(network_id: UUID, interpreter_id: UUID) -> Caller:
    return Caller(
        network_id=network_id,
        role="interpreter",
        scopes=frozenset(SCOPES["interpreter"]),
        interpreter_id=interpreter_id,
    )
