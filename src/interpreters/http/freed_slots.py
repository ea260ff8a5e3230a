"""`/v1/freed-slots`: time that interpreters have since a booking was called off late."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from litestar import Response
from litestar.di import NamedDependency

from interpreters.application import freed_slots
from interpreters.application.freed_slots import ShownSlot, SlotSearch
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden
from interpreters.http.booking_views import InterpreterView
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import Instant, Mode, utc
from interpreters.http.lists import List, ListQuery, page_of
from interpreters.http.views import LanguageView

TAG = "Requests"


class SlotQuery(ListQuery, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Which slots: those that touch the time from `from` (now) up to `to` (any)."""

    from_: Instant | None = None
    to: Instant | None = None

    def search(self) -> SlotSearch:
        """Return the search in the application's words."""
        before, limit = self.slice
        since = None if self.from_ is None else utc(self.from_)
        until = None if self.to is None else utc(self.to)
        if since is not None and until is not None and until < since:
            until = since  # no time at all
        return SlotSearch(since=since, until=until, before=before, limit=limit)


class FreedSlotView(msgspec.Struct, frozen=True, kw_only=True):
    """An interpreter's free time, in which they would have worked and travelled.

    `request_id` is the request for which it was used again.
    """

    id: str
    booking_id: str
    interpreter: InterpreterView
    languages: list[LanguageView]
    mode: Mode
    city: str | None
    starts_at: datetime
    ends_at: datetime
    request_id: str | None
    created_at: datetime

    @classmethod
    def of(cls, one: ShownSlot, _: Caller) -> "FreedSlotView":
        """Shape a slot."""
        slot = one.slot
        return cls(
            id=ids.show_id(ids.FREED_SLOT, slot.id),
            booking_id=ids.show_id(ids.BOOKING, slot.booking_id),
            interpreter=InterpreterView(
                id=ids.show_id(ids.INTERPRETER, slot.interpreter_id),
                display_name=one.interpreter_name,
            ),
            languages=[LanguageView.of(code) for code in one.languages],
            mode=slot.mode,  # type: ignore[arg-type]  # the booking's
            city=slot.city,
            starts_at=slot.slot.starts_at,
            ends_at=slot.slot.ends_at,
            request_id=ids.show_optional(ids.REQUEST, slot.request_id),
            created_at=slot.created_at,
        )


@door("GET", "/v1/freed-slots", query=SlotQuery, answer=List[FreedSlotView],
      refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def list_freed_slots(call: NamedDependency[Call]) -> Response[bytes]:
    """Who has time since a booking was called off late, the newest first."""
    query = call.query(SlotQuery)

    def shape(found: Sequence[ShownSlot], caller: Caller) -> Page:
        return page_of(found, query(), lambda one: FreedSlotView.of(one, caller))

    return await call.ask(
        lambda db, caller: freed_slots.list_freed_slots(
            db, caller, wanted=lambda: query().search(), now=call.now
        ),
        shape,
    )


ROUTES = (list_freed_slots,)
