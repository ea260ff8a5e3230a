"""What people and the clock do in a simulation, each through the product's own use-case.

Each act is one transaction, as a door or a job would open it, and ends with a look at how the
search then stands.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from interpreters.application.bookings import client_no_show, end, start
from interpreters.application.calls import run
from interpreters.application.cancelling import Why, cancel_request
from interpreters.application.dispatch import expire_offers, step_request
from interpreters.application.giving_back import give_back, interpreter_no_show
from interpreters.application.offers import accept_offer, decline_offer
from interpreters.application.request_orders import ClientOrder, RequestOrder
from interpreters.application.requests import create_request
from interpreters.application.simulations import Booking, Standing, standing
from interpreters.application.standby import note_standby
from interpreters.application.waking import fitting, wake
from interpreters.database import Db, Pool
from interpreters.domain.callers import SCOPES, Caller, house
from interpreters.domain.demand import Asked
from interpreters.domain.offers import InterpreterIsBusy, OfferExpired, OfferTaken, OfferWithdrawn
from interpreters.simulation.cast import Cast

ILL: Final = Why(reason="ill", reason_code="illness")
NOT_NEEDED: Final = Why(reason="no longer needed")
LATE: Final = (OfferTaken, OfferExpired, OfferWithdrawn)
WAITED: Final = timedelta(minutes=15)  # for somebody who does not come


class Acts:
    """One network, and those who act in it."""

    def __init__(self, pool: Pool, cast: Cast) -> None:
        self.pool = pool
        self.cast = cast
        self.network_id = cast.network_id
        self.house = house(cast.network_id)

    async def ask(self, asked: Asked) -> Standing:
        """Ask for an interpreter, as the institution does."""
        order = order_of(asked, self.cast)
        now = asked.asked_at

        async def work(db: Db) -> Standing:
            made = await create_request(db, self.house, order=lambda: order, now=now)
            return await standing(db, network_id=self.network_id, request_id=made.request.id)

        return await run(self.pool, self.network_id, work)

    async def step(self, request_id: UUID, now: datetime) -> Standing:
        """Take the next step of the ladder, as the job does."""
        return await self._then_look(
            request_id,
            lambda db: step_request(db, network_id=self.network_id, request_id=request_id, now=now),
        )

    async def expire(self, request_id: UUID, now: datetime) -> Standing:
        """End the offers whose time is over, as the job does."""
        return await self._then_look(
            request_id,
            lambda db: expire_offers(
                db, network_id=self.network_id, request_id=request_id, now=now
            ),
        )

    async def accept(self, offer_id: UUID, person: UUID, now: datetime) -> Booking | str:
        """Say yes; the code of the refusal where that is too late, or they are booked elsewhere."""
        caller = self._person(person)
        try:
            return await run(
                self.pool,
                self.network_id,
                lambda db: accept_offer(db, caller, offer_id=offer_id, now=now),
            )
        except InterpreterIsBusy as refusal:
            return refusal.code
        except LATE as refusal:
            if isinstance(refusal, OfferTaken):
                await self._do(lambda db: note_standby(db, caller, offer_id=offer_id, now=now))
            return refusal.code

    async def decline(
        self, request_id: UUID, offer_id: UUID, person: UUID, now: datetime
    ) -> Standing | None:
        """Say no; None where the offer no longer stood."""
        caller = self._person(person)
        try:
            return await self._then_look(
                request_id,
                lambda db: decline_offer(
                    db, caller, offer_id=offer_id, reason=lambda: None, now=now
                ),
            )
        except LATE:
            return None

    async def call_off(
        self, request_id: UUID, booking_id: UUID | None, now: datetime
    ) -> Sequence[UUID]:
        """Call the request off, as who asked does; return the searches that its booking wakes."""

        async def work(db: Db) -> Sequence[UUID]:
            await cancel_request(
                db, self.house, request_id=request_id, why=lambda: NOT_NEEDED, now=now
            )
            if booking_id is None:
                return ()
            found = await fitting(db, network_id=self.network_id, booking_id=booking_id, now=now)
            return await wake(db, network_id=self.network_id, found=found, now=now)

        return await run(self.pool, self.network_id, work)

    async def give_back(
        self, request_id: UUID, booking_id: UUID, person: UUID, now: datetime
    ) -> Standing:
        """Give a booking back: the seat is searched again."""
        caller = self._person(person)
        return await self._then_look(
            request_id,
            lambda db: give_back(db, caller, booking_id=booking_id, why=lambda: ILL, now=now),
        )

    async def hold(self, booking: Booking, *, client_comes: bool) -> None:
        """Hold the session to its booked end, or wait for a client in vain."""
        caller, starts_at = self._person(booking.interpreter_id), booking.session.starts_at
        if not client_comes:
            at = starts_at + WAITED
            await self._do(lambda db: client_no_show(db, caller, booking_id=booking.id, now=at))
            return

        async def work(db: Db) -> None:
            began = max(starts_at, booking.created_at)  # what is wanted now begins with the yes
            await start(db, caller, booking_id=booking.id, now=began)
            await end(
                db, caller, booking_id=booking.id, ended_at=lambda: None,
                now=booking.session.ends_at,
            )  # fmt: skip

        await self._do(work)

    async def miss(self, request_id: UUID, booking_id: UUID, now: datetime) -> Standing:
        """Say that the interpreter did not come: the rest is searched where it can be."""
        return await self._then_look(
            request_id,
            lambda db: interpreter_no_show(db, self.house, booking_id=booking_id, now=now),
        )

    async def _then_look(self, request_id: UUID, act: Callable[[Db], Awaitable[Any]]) -> Standing:
        async def work(db: Db) -> Standing:
            await act(db)
            return await standing(db, network_id=self.network_id, request_id=request_id)

        return await run(self.pool, self.network_id, work)

    async def _do(self, act: Callable[[Db], Awaitable[Any]]) -> None:
        await run(self.pool, self.network_id, act)

    def _person(self, interpreter_id: UUID) -> Caller:
        return Caller(
            network_id=self.network_id,
            role="interpreter",
            scopes=frozenset(SCOPES["interpreter"]),
            interpreter_id=interpreter_id,
        )


def order_of(asked: Asked, cast: Cast) -> RequestOrder:
    """Return a drawn request as it is ordered."""
    requirements: dict[str, Any] = {}
    if asked.certified:
        requirements["qualification"] = {"minimum": "certified", "strict": True}
    if asked.gender is not None:
        requirements["gender"] = {"value": asked.gender, "strict": True}
    return RequestOrder(
        institution_id=cast.institutions[asked.place],
        languages=(asked.language,),
        modes=asked.modes,
        starts_at=None if asked.starts_now else asked.starts_at,
        duration_minutes=asked.minutes,
        site_id=cast.sites[asked.place],
        clients=(ClientOrder(reference=f"S-{asked.client}"),),
        topic=asked.topic,
        requirements=requirements,
    )
