"""Searches that go on because somebody's time is free again, also those that were given up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from interpreters.application.fallbacks import asked_about, steps_of, varied
from interpreters.application.searching import search
from interpreters.application.wanting import wanted_of
from interpreters.database import Db
from interpreters.domain.fallbacks import RELAY_CODE
from interpreters.domain.waking import given_up_after
from interpreters.sql import bookings, due, interpreter_languages, offers, requests, waking
from interpreters.sql.bookings import Booking
from interpreters.sql.outbox import Written

MOST: Final = 50  # searches that are looked at for one batch: telling it must end


class Waking:
    """The channel that hears of bookings called off: searches that can use the time go on now.

    Apart from the calling off itself, which holds an interpreter, and so may hold no request more.
    """

    async def take(
        self, db: Db, *, network_id: UUID, notices: Sequence[Written], now: datetime
    ) -> None:
        """Wake the searches that fit a time freed by one of these."""
        left = MOST
        for notice in notices:
            if notice.type == "booking.cancelled" and notice.booking_id is not None and left:
                found = await fitting(
                    db, network_id=network_id, booking_id=notice.booking_id, most=left, now=now
                )
                left -= len(found)
                await wake(db, network_id=network_id, found=found, now=now)


async def fitting(
    db: Db, *, network_id: UUID, booking_id: UUID, most: int = MOST, now: datetime
) -> dict[UUID, bool]:
    """Return the requests looked at for the time the booking left, and whether it fits them."""
    booking = await bookings.find(db, network_id=network_id, booking_id=booking_id)
    if booking is None or booking.blocked.ends_at <= now:
        return {}
    who = booking.interpreter_id
    spoken = await interpreter_languages.of_interpreters(
        db, network_id=network_id, interpreter_ids=[who]
    )
    found = await waking.waiting(
        db, network_id=network_id, time=booking.blocked,
        languages=[one.language for one in spoken.get(who, ())],
        now=now, given_up_after=given_up_after(now), limit=most,
    )  # fmt: skip
    return {one: await _fits(db, network_id, one, booking, now) for one in found}


async def wake(db: Db, *, network_id: UUID, found: dict[UUID, bool], now: datetime) -> list[UUID]:
    """Have those that fit take their next step now; return which do."""
    ids = [one for one, fits in found.items() if fits]
    woken = await waking.wake(db, network_id=network_id, ids=ids, now=now)
    for one in woken:
        await due.set_at(db, network_id=network_id, kind="ladder", id=one, at=now)
    return woken


async def _fits(
    db: Db, network_id: UUID, request_id: UUID, booking: Booking, now: datetime
) -> bool:
    """Say whether a step taken now could ask them, as was asked or as the request allows."""
    request = await requests.find(db, network_id=network_id, request_id=request_id)
    assert request is not None  # it was just found, and requests are not deleted
    wanted = await wanted_of(db, network_id=network_id, request=request)
    made = await offers.of_request(db, network_id=network_id, request_id=request_id)
    for step in (None, *steps_of(request)):
        asking = None if step == RELAY_CODE else varied(wanted, step=step, now=now)
        if asking is not None:
            asked = asked_about(asking.request, made)
            result = await search(db, wanted=asking, asked=asked, now=now)
            if any(one.interpreter_id == booking.interpreter_id for one in result.candidates):
                return True
    return False
