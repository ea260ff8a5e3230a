"""Searches that go on because somebody's time is free again, also those that were given up."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from interpreters.application.duplicates import possible_duplicates
from interpreters.application.fallbacks import asked_about, steps_of, varied
from interpreters.application.searching import search
from interpreters.application.wanting import Wanted, wanted_of
from interpreters.database import Db
from interpreters.domain.fallbacks import RELAY_CODE
from interpreters.domain.waking import given_up_after
from interpreters.sql import (
    bookings,
    due,
    interpreter_languages,
    offers,
    request_clients,
    requests,
    waking,
)
from interpreters.sql.bookings import Booking
from interpreters.sql.outbox import Written
from interpreters.sql.requests import Request

MOST: Final = 50  # requests that are looked at for one booking
LOOKS: Final = 100  # searches of the roster for one batch: telling it must end, others are told too
ASKED: Final = ("searching", "partly_filled", "filled")


class Waking:
    """The channel that hears of bookings called off: searches that can use the time go on now.

    Apart from the calling off itself, which holds an interpreter, and so may hold no request more.
    """

    async def take(
        self, db: Db, *, network_id: UUID, notices: Sequence[Written], now: datetime
    ) -> None:
        """Wake the searches that fit a time freed by one of these."""
        looks, found = iter(range(LOOKS)), set[UUID]()
        for notice in notices:
            if notice.type == "booking.cancelled" and notice.booking_id is not None:
                found |= await fitting(
                    db, network_id=network_id, booking_id=notice.booking_id, looks=looks,
                    besides=found, now=now,
                )  # fmt: skip
        await wake(db, network_id=network_id, found=found, now=now)


async def fitting(
    db: Db,
    *,
    network_id: UUID,
    booking_id: UUID,
    looks: Iterator[int] | None = None,
    besides: Collection[UUID] = (),
    now: datetime,
) -> set[UUID]:
    """Return the requests, besides those known and its own, that the time the booking left fits.

    `looks` has an item for each search that may still be made.
    """
    booking = await bookings.find(db, network_id=network_id, booking_id=booking_id)
    if booking is None or booking.blocked.ends_at <= now:
        return set()
    who = booking.interpreter_id
    spoken = await interpreter_languages.of_interpreters(
        db, network_id=network_id, interpreter_ids=[who]
    )
    found = await waking.waiting(
        db, network_id=network_id, time=booking.blocked,
        languages=[one.language for one in spoken.get(who, ())],
        given_up_after=given_up_after(now), limit=MOST,
    )  # fmt: skip
    left = iter(range(LOOKS)) if looks is None else looks
    new = [one for one in found if one not in besides and one != booking.request_id]
    return {one for one in new if await _fits(db, network_id, one, booking, left, now)}


async def wake(
    db: Db, *, network_id: UUID, found: Collection[UUID], now: datetime
) -> Sequence[UUID]:
    """Have those found take their next step now; return which do.

    All are held at once, and in order. What is being worked on is waited for: that work may have
    looked for people before the time was free, and give up.
    """
    if not found:
        return ()
    await waking.hold(db, network_id=network_id, ids=sorted(found))
    woken = await waking.wake(
        db, network_id=network_id, ids=sorted(found), given_up_after=given_up_after(now), now=now
    )
    for one in woken:
        await due.set_at(db, network_id=network_id, kind="ladder", id=one, at=now)
    return woken


async def _fits(
    db: Db,
    network_id: UUID,
    request_id: UUID,
    booking: Booking,
    looks: Iterator[int],
    now: datetime,
) -> bool:
    """Say whether a step taken now could ask them, as was asked or as the request allows."""
    request = await requests.find(db, network_id=network_id, request_id=request_id)
    assert request is not None  # it was just found, and requests are not deleted
    wanted = await wanted_of(db, network_id=network_id, request=request)
    if request.unfilled_reason is not None and await _asked_again(db, network_id, wanted):
        return False
    made = await offers.of_request(db, network_id=network_id, request_id=request_id)
    for asking in _ways(wanted, booking, now):
        if next(looks, None) is None:
            return False
        asked = asked_about(asking.request, made)
        result = await search(db, wanted=asking, asked=asked, now=now)
        if any(one.interpreter_id == booking.interpreter_id for one in result.candidates):
            return True
    return False


async def _asked_again(db: Db, network_id: UUID, wanted: Wanted) -> bool:
    """Say whether the same client was asked for in another request instead.

    A reference alone says nothing: on an evening of parents all requests may have one.
    """
    given_up = wanted.request
    alike = await possible_duplicates(
        db, network_id=network_id, found=[given_up], clients={given_up.id: wanted.client_ids}
    )
    ids = alike[given_up.id]
    clients = await request_clients.of_requests(db, network_id=network_id, request_ids=ids)
    others = await requests.get_many(db, network_id=network_id, ids=ids)
    return any(
        set(clients[one.id]) & set(wanted.client_ids) and _instead(one, given_up)
        for one in others.values()
    )


def _instead(other: Request, given_up: Request) -> bool:
    """Of two that were both given up the later one stands."""
    if not other.session.overlaps(given_up.session):
        return False
    if not set(other.languages) & set(given_up.languages):
        return False
    return other.state in ASKED or (other.state == "unfilled" and other.id > given_up.id)


def _ways(wanted: Wanted, booking: Booking, now: datetime) -> Iterator[Wanted]:
    """Yield the request as asked and as it allows, where the time that is free now is of use."""
    yield wanted
    for step in steps_of(wanted.request):
        asking = None if step == RELAY_CODE else varied(wanted, step=step, now=now)
        if asking is not None and asking.attended.overlaps(booking.blocked):
            yield asking
