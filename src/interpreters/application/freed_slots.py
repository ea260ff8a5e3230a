"""Freed slots: noted when a booking is called off late, and offered to the searches they suit."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.fallbacks import asked_about
from interpreters.application.searching import search
from interpreters.application.wanting import wanted_of
from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.freed_slots import is_freed
from interpreters.domain.ids import new_id
from interpreters.sql import (
    due,
    freed_slots,
    interpreter_languages,
    interpreters,
    offers,
    requests,
    sites,
)
from interpreters.sql.bookings import Booking
from interpreters.sql.freed_slots import FreedSlot
from interpreters.sql.outbox import Written

MOST: Final = 50  # searches that are looked at for the slots of one batch: telling it must end


class SlotSearch(msgspec.Struct, frozen=True, kw_only=True):
    """Which slots: those that touch the time; without a beginning, from now on."""

    since: datetime | None
    until: datetime | None
    before: UUID | None
    limit: int


class ShownSlot(msgspec.Struct, frozen=True, kw_only=True):
    """A slot, its interpreter's name, and what they speak (ISO 639-3)."""

    slot: FreedSlot
    interpreter_name: str
    languages: Sequence[str]

    @property
    def id(self) -> UUID:
        """The slot's id."""
        return self.slot.id


async def list_freed_slots(
    db: Db, caller: Caller, *, wanted: Callable[[], SlotSearch], now: datetime
) -> list[ShownSlot]:
    """Return freed slots, the newest first, also those that were used again.

    Raises:
        Forbidden: only coordinators see whose time it is.
    """
    permit(caller, "roster:read", "coordinator")
    asked, network_id = wanted(), caller.network_id
    found = await freed_slots.page(
        db, network_id=network_id, since=asked.since or now, until=asked.until,
        before=asked.before, limit=asked.limit,
    )  # fmt: skip
    ids = list({one.interpreter_id for one in found})
    people = await interpreters.get_many(db, network_id=network_id, ids=ids)
    spoken = await _spoken(db, network_id, ids)
    return [
        ShownSlot(
            slot=one,
            interpreter_name=people[one.interpreter_id].display_name,
            languages=spoken[one.interpreter_id],
        )
        for one in found
    ]


async def free_slot(
    db: Db, *, network_id: UUID, booking: Booking, costs: bool, now: datetime
) -> None:
    """Note what the booking blocked before it was called off, if that came late or `costs`."""
    if not is_freed(
        state=booking.state, starts_at=booking.session.starts_at,
        ends_at=booking.session.ends_at, costs=costs, now=now,
    ):  # fmt: skip
        return
    site = None
    if booking.site_id is not None and booking.mode == "in_person":
        site = await sites.find(db, network_id=network_id, site_id=booking.site_id)
    slot = FreedSlot(
        id=new_id(now),
        booking_id=booking.id,
        interpreter_id=booking.interpreter_id,
        slot=booking.blocked,
        mode=booking.mode,
        city=None if site is None else site.city,
        created_at=now,
    )
    await freed_slots.insert(db, network_id=network_id, slot=slot)


class FreedSlots:
    """The channel that hears of bookings called off: searches that can use the time go on now.

    Apart from the calling off itself, which holds an interpreter, and so may hold no request more.
    """

    async def take(
        self, db: Db, *, network_id: UUID, notices: Sequence[Written], now: datetime
    ) -> None:
        """Wake the searches that fit a slot freed by one of these."""
        left = MOST
        for notice in notices:
            if notice.type != "booking.cancelled" or notice.booking_id is None:
                continue
            slot = await freed_slots.of_booking(
                db, network_id=network_id, booking_id=notice.booking_id
            )
            if slot is not None and slot.request_id is None and slot.slot.ends_at > now:
                left -= await _wake(db, network_id, slot, now, most=left)
            if not left:
                return


async def _wake(db: Db, network_id: UUID, slot: FreedSlot, now: datetime, *, most: int) -> int:
    """Wake those of at most so many searches that it fits; return how many were looked at."""
    spoken = await _spoken(db, network_id, [slot.interpreter_id])
    found = await freed_slots.waiting(
        db, network_id=network_id, slot=slot.slot, languages=spoken[slot.interpreter_id], now=now,
        limit=most,
    )  # fmt: skip
    fitting = [one for one in found if await _fits(db, network_id, one, slot, now)]
    for one in await freed_slots.wake(db, network_id=network_id, ids=fitting, now=now):
        await due.set_at(db, network_id=network_id, kind="ladder", id=one, at=now)
    return len(found)


async def _fits(db: Db, network_id: UUID, request_id: UUID, slot: FreedSlot, now: datetime) -> bool:
    """Say whether a step taken now could ask them."""
    request = await requests.find(db, network_id=network_id, request_id=request_id)
    assert request is not None  # it was just found, and requests are not deleted
    wanted = await wanted_of(db, network_id=network_id, request=request)
    made = await offers.of_request(db, network_id=network_id, request_id=request_id)
    result = await search(db, wanted=wanted, asked=asked_about(request, made), now=now)
    return any(one.interpreter_id == slot.interpreter_id for one in result.candidates)


async def _spoken(db: Db, network_id: UUID, ids: Sequence[UUID]) -> Mapping[UUID, list[str]]:
    found = await interpreter_languages.of_interpreters(
        db, network_id=network_id, interpreter_ids=ids
    )
    return {one: [each.language for each in found.get(one, ())] for one in ids}
