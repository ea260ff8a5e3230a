"""Freed slots: noted when a booking is called off late, and shown to coordinators."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from interpreters.database import Db
from interpreters.domain.callers import Caller, permit
from interpreters.domain.freed_slots import is_freed
from interpreters.domain.ids import new_id
from interpreters.sql import freed_slots, interpreter_languages, interpreters, sites
from interpreters.sql.bookings import Booking
from interpreters.sql.freed_slots import FreedSlot


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


async def _spoken(db: Db, network_id: UUID, ids: Sequence[UUID]) -> Mapping[UUID, list[str]]:
    found = await interpreter_languages.of_interpreters(
        db, network_id=network_id, interpreter_ids=ids
    )
    return {one: [each.language for each in found.get(one, ())] for one in ids}
