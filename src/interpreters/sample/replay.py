"""Plays the story through the application, each thing at its own time, and tells nobody."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import Random
from typing import Final, TypeVar
from uuid import UUID

import msgspec

from interpreters.application.bookings import check_in, client_no_show, end, start
from interpreters.application.calls import run
from interpreters.application.cancelling import Why, cancel_request
from interpreters.application.dispatch import step_request
from interpreters.application.giving_back import give_back, interpreter_no_show
from interpreters.application.offers import ShownOffer, accept_offer, decline_offer, list_offers
from interpreters.application.request_orders import ClientOrder, RequestOrder
from interpreters.application.requests import create_request, show_request
from interpreters.database import Db, Pool
from interpreters.domain.callers import SCOPES, Caller, house
from interpreters.domain.offers import InterpreterIsBusy
from interpreters.sample.roster import Roster
from interpreters.sample.story import SEED, Planned, other_starts
from interpreters.sample.timeline import Timeline

T = TypeVar("T")
MINUTE: Final = timedelta(minutes=1)
SAYS_NO: Final = 0.3  # how often one of several who are asked declines
MOST_ANSWERS: Final = 40  # of one request: the roster is smaller


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody said yes, at `at`."""

    request_id: UUID
    booking_id: UUID
    interpreter_id: UUID
    starts_at: datetime
    at: datetime


class Teller:
    """Tells one request of the story."""

    def __init__(self, pool: Pool, roster: Roster, timeline: Timeline, planned: Planned) -> None:
        self.pool = pool
        self.roster = roster
        self.timeline = timeline
        self.planned = planned
        self.chance = Random(f"{SEED} {planned.number}")  # noqa: S311 - the same story each time
        self.house = house(roster.network_id)
        self.requester = Caller(
            network_id=roster.network_id,
            role="institution",
            scopes=frozenset(SCOPES["institution"]),
            institution_id=roster.institutions[planned.client.institution.name],
        )

    async def tell(self) -> None:
        """Ask at the planned time and let come what was planned."""
        await self.timeline.reach(self.planned.asked_at)
        tell = {
            "held": self._held,
            "cancelled": self._cancelled,
            "client_no_show": self._client_no_show,
            "interpreter_no_show": self._interpreter_no_show,
            "nobody_fits": self._nobody,
            "nobody_accepts": self._nobody,
        }[self.planned.fate]
        await tell()

    async def _held(self) -> None:
        booked = await self._booked()
        planned, caller = self.planned, self._interpreter(booked.interpreter_id)
        starts_at = booked.starts_at
        await self.timeline.reach(starts_at, "sessions")
        if planned.mode == "in_person":
            there = starts_at - self.chance.randint(4, 20) * MINUTE
            await self._do(lambda db: check_in(db, caller, booking_id=booked.booking_id, now=there))
        began = starts_at + self.chance.randint(-3, 6) * MINUTE
        await self._do(lambda db: start(db, caller, booking_id=booked.booking_id, now=began))
        ended = max(starts_at + (planned.minutes + planned.late) * MINUTE, began + 5 * MINUTE)
        await self._do(
            lambda db: end(
                db, caller, booking_id=booked.booking_id, ended_at=lambda: None, now=ended
            )
        )

    async def _cancelled(self) -> None:
        """A quarter is called off before anybody answered, the rest after, some of it late."""
        reason = self.chance.choice(("the client is ill", "another date", "no longer needed"))
        if self.chance.random() < 0.25:  # noqa: PLR2004 - the quarter
            request_id = await self._ask(self.planned.starts_at, self.planned.asked_at)
            at = self.planned.asked_at + 20 * MINUTE
        else:
            booked = await self._booked()
            request_id = booked.request_id
            at = booked.at + (booked.starts_at - booked.at) * self.chance.choice((0.2, 0.6, 0.95))
        await self.timeline.reach(at)
        why = Why(reason=reason)
        await self._do(
            lambda db: cancel_request(
                db, self.requester, request_id=request_id, why=lambda: why, now=at
            )
        )

    async def _client_no_show(self) -> None:
        booked = await self._booked()
        caller = self._interpreter(booked.interpreter_id)
        at = booked.starts_at + self.chance.randint(15, 30) * MINUTE
        await self.timeline.reach(booked.starts_at, "sessions")
        await self._do(lambda db: client_no_show(db, caller, booking_id=booked.booking_id, now=at))

    async def _interpreter_no_show(self) -> None:
        booked = await self._booked()
        at = booked.starts_at + self.chance.randint(15, 30) * MINUTE
        await self.timeline.reach(booked.starts_at, "sessions")
        await self._do(
            lambda db: interpreter_no_show(db, self.requester, booking_id=booked.booking_id, now=at)
        )
        await self._all_decline(booked.request_id, at)  # the rest of it, by phone

    async def _nobody(self) -> None:
        """Nobody fits, or everybody who is asked says no."""
        request_id = await self._ask(self.planned.starts_at, self.planned.asked_at)
        at = self.planned.asked_at
        while asked := await self._open_offers(request_id):
            at = self._later(at, asked[0])
            await self.timeline.reach(at)
            await self._decline(asked[0], at)

    async def _all_decline(self, request_id: UUID, at: datetime) -> None:
        """Everybody who is asked says no at once."""
        while asked := await self._open_offers(request_id):
            await self._decline(asked[0], at)

    async def _booked(self) -> Booked:
        """Ask until somebody said yes: at the planned time, else at another of the same month."""
        at, is_given_back = self.planned.asked_at, self.planned.is_given_back
        for starts_at in other_starts(self.planned):
            if starts_at < at + 10 * MINUTE:
                continue
            request_id = await self._ask(starts_at, at)
            booked = await self._answered(request_id, starts_at, at)
            if booked is not None and is_given_back:
                at, is_given_back = booked.at, False
                booked = await self._given_back(booked)
            if booked is not None:
                return booked
            at += 5 * MINUTE
        raise RuntimeError(f"nobody could be booked for request {self.planned.number}")

    async def _given_back(self, first: Booked) -> Booked | None:
        at = first.at + (first.starts_at - first.at) / 2
        await self.timeline.reach(at)
        why = Why(reason="ill")
        caller = self._interpreter(first.interpreter_id)
        await self._do(
            lambda db: give_back(db, caller, booking_id=first.booking_id, why=lambda: why, now=at)
        )
        return await self._answered(first.request_id, first.starts_at, at)

    async def _answered(self, request_id: UUID, starts_at: datetime, at: datetime) -> Booked | None:
        """Let those who are asked answer one after the other; None when nobody is left."""
        for _ in range(MOST_ANSWERS):
            asked = await self._open_offers(request_id)
            if not asked:
                next_step_at = await self._next_step_at(request_id)
                if next_step_at is None:
                    return None
                at = max(at, next_step_at)
                await self._step(request_id, at)
                continue
            one = self.chance.choice(asked)
            at = self._later(at, one)
            await self.timeline.reach(at)
            if len(asked) > 1 and self.chance.random() < SAYS_NO:
                await self._decline(one, at)
                continue
            booked = await self._accepted(one, starts_at, at)
            if booked is not None:
                return booked
        return None

    async def _accepted(self, one: ShownOffer, starts_at: datetime, at: datetime) -> Booked | None:
        caller = self._interpreter(one.offer.interpreter_id)
        try:
            booking = await self._do(
                lambda db: accept_offer(db, caller, offer_id=one.offer.id, now=at)
            )
        except InterpreterIsBusy:
            await self._decline(one, at)
            return None
        return Booked(
            request_id=one.offer.request_id,
            booking_id=booking.id,
            interpreter_id=booking.interpreter_id,
            starts_at=starts_at,
            at=at,
        )

    async def _ask(self, starts_at: datetime, at: datetime) -> UUID:
        planned, client = self.planned, self.planned.client
        order = RequestOrder(
            languages=(client.language,),
            modes=(planned.mode,),
            starts_at=starts_at,
            duration_minutes=planned.minutes,
            site_id=self.roster.sites[client.institution.name, client.city.name],
            clients=(ClientOrder(reference=client.reference, nationality=client.nationality),),
            topic=planned.topic,
            funding_id=self.roster.grants.get(client.institution.name),
        )
        shown = await self._do(
            lambda db: create_request(db, self.requester, order=lambda: order, now=at)
        )
        return shown.request.id

    async def _open_offers(self, request_id: UUID) -> list[ShownOffer]:
        found = await self._do(
            lambda db: list_offers(db, self.house, state="open", before=None, limit=200)
        )
        return [one for one in reversed(found) if one.offer.request_id == request_id]

    async def _decline(self, one: ShownOffer, at: datetime) -> None:
        caller = self._interpreter(one.offer.interpreter_id)
        await self._do(
            lambda db: decline_offer(db, caller, offer_id=one.offer.id, reason=lambda: None, now=at)
        )

    async def _next_step_at(self, request_id: UUID) -> datetime | None:
        shown = await self._do(lambda db: show_request(db, self.house, request_id=request_id))
        return shown.request.next_step_at

    async def _step(self, request_id: UUID, at: datetime) -> None:
        await self.timeline.reach(at)
        await self._do(
            lambda db: step_request(
                db, network_id=self.roster.network_id, request_id=request_id, now=at
            )
        )

    def _later(self, at: datetime, one: ShownOffer) -> datetime:
        """Return when an answer comes: soon, and before it is too late."""
        soon = at + self.chance.randint(1, 45) * MINUTE
        return max(at, min(soon, one.offer.answer_by - MINUTE))

    def _interpreter(self, interpreter_id: UUID) -> Caller:
        return Caller(
            network_id=self.roster.network_id,
            role="interpreter",
            scopes=frozenset(SCOPES["interpreter"]),
            interpreter_id=interpreter_id,
        )

    async def _do(self, work: Callable[[Db], Awaitable[T]]) -> T:
        return await run(self.pool, self.roster.network_id, work)
