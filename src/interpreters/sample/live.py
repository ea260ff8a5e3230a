"""`python -m interpreters.sample.live`: the sample network goes on living, so that things move.

Short telephone sessions of the story's clients are asked for, answered, held and sometimes called
off, at the real time. It keeps to itself: only what it asked for, and only the sample's own
interpreters, without the one whose key is printed for visitors.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final, TypeVar
from uuid import UUID

import msgspec
import structlog
import uvloop

from interpreters.application.bookings import (
    BookingFilter,
    ShownBooking,
    client_no_show,
    end,
    list_bookings,
    start,
)
from interpreters.application.calls import run
from interpreters.application.cancelling import Why, cancel_booking
from interpreters.application.interpreters import InterpreterFilter, list_interpreters
from interpreters.application.offers import ShownOffer, accept_offer, decline_offer, list_offers
from interpreters.application.request_orders import ClientOrder, RequestOrder
from interpreters.application.requests import create_request
from interpreters.database import GONE, Db, Pool, open_pool
from interpreters.domain.callers import SCOPES, Caller, house
from interpreters.domain.errors import Refusal
from interpreters.embedded.processes import die_with_parent
from interpreters.sample.roster import Roster, read_roster
from interpreters.sample.seeding import SampleNetwork, find
from interpreters.sample.story import Client, draw_story
from interpreters.settings import Settings, load_or_exit
from interpreters.vault import vault_from

T = TypeVar("T")
MARK: Final = "sample-live"  # how the external references of what is asked for here begin
PAUSE: Final = 5.0  # seconds between two looks
ASKS: Final = 0.15  # how likely something is asked for at a look: every half minute or so
MOST_ASKED: Final = 8  # offers open at a time; beyond it nothing new is asked for
PAGE: Final = 200
MINUTES: Final = (5, 10, 15)
LEADS: Final = (3, 5, 10, 20)  # minutes ahead
log = structlog.get_logger()


def is_ours(reference: str | None) -> bool:
    """Tell by its external reference what was asked for here."""
    return reference is not None and reference.startswith(MARK)


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """The sample network with what it needs to go on."""

    pool: Pool
    sample: SampleNetwork
    roster: Roster
    clients: Sequence[Client]
    chance: Random
    clock: Callable[[], datetime]

    async def look(self) -> None:
        """Do what may happen at this moment: each thing in a transaction of its own."""
        now = self.clock()
        offers = await self._open_offers()
        if len(offers) < MOST_ASKED and self.chance.random() < ASKS:
            await self._ask(now)
        for one in offers:
            await self._answer(one, now)
        for shown in await self._bookings("confirmed"):
            await self._begin_or_not(shown, now)
        for shown in await self._bookings("in_progress"):
            await self._end(shown, now)

    async def _ask(self, now: datetime) -> None:
        client = self.chance.choice(self.clients)
        order = RequestOrder(
            languages=(client.language,),
            modes=("phone",),
            starts_at=now + self.chance.choice(LEADS) * timedelta(minutes=1),
            duration_minutes=self.chance.choice(MINUTES),
            site_id=self.roster.sites[client.institution.name, client.city.name],
            clients=(ClientOrder(reference=client.reference, nationality=client.nationality),),
            topic=self.chance.choice(client.institution.topics),
            external_reference=f"{MARK} {now:%Y%m%d %H%M%S}",
            requirements={"excluded_interpreter_ids": await self._not_ours()},
        )
        asker = self._institution(self.roster.institutions[client.institution.name])
        await self._do(lambda db: create_request(db, asker, order=lambda: order, now=now))

    async def _answer(self, one: ShownOffer, now: datetime) -> None:
        """Some never answer; of the others most say yes, in their own time."""
        caller, offer_id = self._interpreter(one.offer.interpreter_id), one.offer.id
        answer = self.chance.random()
        if answer < 0.15:  # noqa: PLR2004 - per look, so within a minute mostly
            await self._do(lambda db: accept_offer(db, caller, offer_id=offer_id, now=now))
        elif answer < 0.2:  # noqa: PLR2004 - one no for three yeses
            await self._do(
                lambda db: decline_offer(
                    db, caller, offer_id=offer_id, reason=lambda: None, now=now
                )
            )

    async def _begin_or_not(self, shown: ShownBooking, now: datetime) -> None:
        booking = shown.booking
        caller, booking_id = self._interpreter(booking.interpreter_id), booking.id
        chance = self.chance.random()
        if now >= booking.session.starts_at and chance < 0.05:  # noqa: PLR2004 - a few do not come
            await self._do(lambda db: client_no_show(db, caller, booking_id=booking_id, now=now))
        elif now >= booking.session.starts_at:
            await self._do(lambda db: start(db, caller, booking_id=booking_id, now=now))
        elif chance < 0.003:  # noqa: PLR2004 - some are called off
            why = Why(reason="no longer needed")
            asker = self._institution(booking.institution_id)
            await self._do(
                lambda db: cancel_booking(
                    db, asker, booking_id=booking_id, why=lambda: why, now=now
                )
            )

    async def _end(self, shown: ShownBooking, now: datetime) -> None:
        booking = shown.booking
        caller = self._interpreter(booking.interpreter_id)
        if now >= booking.session.ends_at:
            await self._do(
                lambda db: end(db, caller, booking_id=booking.id, ended_at=lambda: None, now=now)
            )

    async def _open_offers(self) -> list[ShownOffer]:
        caller = house(self.sample.network_id)
        found = await self._do(
            lambda db: list_offers(db, caller, state="open", before=None, limit=PAGE)
        )
        return [one for one in found or () if is_ours(one.request.external_reference)]

    async def _bookings(self, state: str) -> list[ShownBooking]:
        caller = house(self.sample.network_id)
        wanted = BookingFilter(state=state)
        found = await self._do(
            lambda db: list_bookings(db, caller, wanted=lambda: wanted, before=None, limit=PAGE)
        )
        return [one for one in found or () if is_ours(one.booking.external_reference)]

    async def _not_ours(self) -> list[str]:
        """Return whom to leave alone: who came later, and the visitors' own interpreter."""
        caller = house(self.sample.network_id)
        found = await self._do(
            lambda db: list_interpreters(
                db, caller, wanted=InterpreterFilter, before=lambda: None, limit=lambda: PAGE
            )
        )
        ours = set(self.roster.interpreters.values()) - {self.sample.interpreter_id}
        return [str(one.id) for one in found or () if one.id not in ours]

    def _institution(self, institution_id: UUID) -> Caller:
        return Caller(
            network_id=self.sample.network_id,
            role="institution",
            scopes=frozenset(SCOPES["institution"]),
            institution_id=institution_id,
        )

    def _interpreter(self, interpreter_id: UUID) -> Caller:
        return Caller(
            network_id=self.sample.network_id,
            role="interpreter",
            scopes=frozenset(SCOPES["interpreter"]),
            interpreter_id=interpreter_id,
        )

    async def _do(self, work: Callable[[Db], Awaitable[T]]) -> T | None:
        """Do one thing; a no is part of life: somebody was faster, or it is too late."""
        try:
            return await run(self.pool, self.sample.network_id, work)
        except Refusal:
            return None


async def live(settings: Settings, *, clock: Callable[[], datetime]) -> None:
    """Go on until cancelled; whatever goes wrong is logged and tried again."""
    while True:
        try:
            await _go_on(settings, clock)
        except GONE as error:
            log.warning("sample-waits-for-database", error=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - a play must never end what it plays in
            log.error("sample-stumbled", error=type(error).__name__)  # noqa: TRY400 - a traceback would show values
        await asyncio.sleep(PAUSE)


async def _go_on(settings: Settings, clock: Callable[[], datetime]) -> None:
    """Look again and again; without a sample network there is nothing to look at."""
    assert settings.database_url is not None  # `demo` gives it
    pool = await open_pool(settings.database_url, vault=vault_from(settings), size=1)
    try:
        sample = await find(pool)
        if sample is None:
            return
        chance = Random()  # noqa: S311 - a play, no secret
        life = await life_of(pool, sample, clock=clock, chance=chance)
        while True:
            await life.look()
            await asyncio.sleep(PAUSE)
    finally:
        await pool.close()


async def life_of(
    pool: Pool, sample: SampleNetwork, *, clock: Callable[[], datetime], chance: Random
) -> Life:
    """Return the sample network as it is now, with what it needs to go on."""
    network_id = sample.network_id
    roster = await run(pool, network_id, lambda db: read_roster(db, network_id=network_id))
    known = [
        one for one in draw_story().clients if (one.institution.name, one.city.name) in roster.sites
    ]
    return Life(
        pool=pool,
        sample=sample,
        roster=roster,
        clients=known,
        chance=chance,
        clock=clock,
    )


if __name__ == "__main__":
    found = load_or_exit()
    if found.supervised:
        die_with_parent()
    uvloop.run(live(found, clock=lambda: datetime.now(UTC)))  # noqa: TID251 - a process reads the clock
