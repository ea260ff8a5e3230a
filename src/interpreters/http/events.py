"""`/v1/events`: what happened, in its order, to be followed with a cursor."""

from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import events
from interpreters.application.events import Event, FeedOrder
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, Invalid, NotFound
from interpreters.http.doors import Call, door
from interpreters.http.fields import NO_NUL, Id, In, Limit, page_size
from interpreters.http.lists import List

TAG = "Events"


class EventQuery(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to go on, and how far."""

    after: Annotated[
        str, Meta(max_length=100, pattern=NO_NUL, description="The last event you have read.")
    ] | None = None  # fmt: skip
    limit: Limit = 50

    def order(self) -> FeedOrder:
        """Return the order in the application's words.

        Raises:
            Invalid: `after` is no id of an event.
        """
        return FeedOrder(after=_read(self.after), limit=page_size(self.limit))


class EventIds(msgspec.Struct, frozen=True, kw_only=True):
    """Whom and what it concerns; null what it does not."""

    request_id: Id | None
    booking_id: Id | None
    offer_id: Id | None
    institution_id: Id | None
    interpreter_id: Id | None


class EventData(msgspec.Struct, frozen=True, kw_only=True):
    """Ids and the state the thing then had: never anything personal."""

    event_id: Id
    ids: EventIds
    state: str | None


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it is answered; `timestamp` is when it happened."""

    id: Id
    type: str
    timestamp: datetime
    data: EventData

    @classmethod
    def of(cls, one: Event, caller: Caller) -> "EventView":
        """Shape an event; before acceptance an interpreter does not learn who asks."""
        blind = caller.role == "interpreter" and one.subject_kind == "offer"
        event_id = ids.show_id(ids.EVENT, one.id)
        return cls(
            id=event_id,
            type=one.type,
            timestamp=one.recorded_at,
            data=EventData(
                event_id=event_id,
                ids=EventIds(
                    request_id=_shown(ids.REQUEST, one.request_id),
                    booking_id=None if blind else _shown(ids.BOOKING, one.booking_id),
                    offer_id=_shown(ids.OFFER, one.offer_id),
                    institution_id=None if blind else _shown(ids.INSTITUTION, one.institution_id),
                    interpreter_id=_shown(ids.INTERPRETER, one.interpreter_id),
                ),
                state=one.state,
            ),
        )


@door("GET", "/v1/events", query=EventQuery, answer=List[EventView], refusals=(Forbidden,),
      tag=TAG)  # fmt: skip
async def list_events(call: NamedDependency[Call]) -> Response[bytes]:
    """Events, ascending.

    Keep the id of the last one and ask `after` it: nothing is skipped and nothing comes twice.
    `next` is the address of the following page, null where this one is not full.
    """
    query = call.query(EventQuery)

    async def work(db: Db, caller: Caller) -> List[EventView]:
        found = await events.list_events(db, caller, order=lambda: query().order(), now=call.now)
        items = [EventView.of(one, caller) for one in found]
        return List(items=items, next=_next(call, items, query().order().limit))

    return await call.ask(work, lambda page, _: page)


def _next(call: Call, items: list[EventView], limit: int) -> str | None:
    if len(items) < limit:
        return None
    values = dict(call.request.query_params.items()) | {"after": items[-1].id}
    return f"{call.request.url.path}?{urlencode(values)}"


def _read(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return ids.read_id(ids.EVENT, text)
    except NotFound:
        detail = "This is no id of an event; use `next` or an `id` from this feed"
        raise Invalid([FieldError(pointer="/after", code="invalid", detail=detail)]) from None


def _shown(prefix: str, value: UUID | None) -> str | None:
    return None if value is None else ids.show_id(prefix, value)


ROUTES = (list_events,)
