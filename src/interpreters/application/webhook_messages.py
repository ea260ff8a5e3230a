"""What a webhook says: an event as it stands in the feed, never anything personal."""

from datetime import datetime
from typing import Final

import msgspec

from interpreters.domain import ids
from interpreters.sql.events import Event

PING: Final = "endpoint.ping"


class WebhookMessageIds(msgspec.Struct, frozen=True, kw_only=True):
    """What it concerns; null what it does not."""

    request_id: str | None = None
    booking_id: str | None = None
    offer_id: str | None = None
    institution_id: str | None = None
    interpreter_id: str | None = None


class WebhookMessageData(msgspec.Struct, frozen=True, kw_only=True):
    """Ids and the state the thing then had; of a ping nothing."""

    event_id: str | None = None
    ids: WebhookMessageIds
    state: str | None = None


class WebhookMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What is posted: an event as it stands in the feed, never anything personal."""

    type: str
    timestamp: datetime
    data: WebhookMessageData


def message_body(kind: str, at: datetime, event: Event | None) -> bytes:
    """Return what is posted of an event; None is a ping."""
    if event is None:
        return msgspec.json.encode(
            WebhookMessage(
                type=kind, timestamp=at, data=WebhookMessageData(ids=WebhookMessageIds())
            )
        )
    concerns = WebhookMessageIds(
        request_id=ids.show_some(ids.REQUEST, event.request_id),
        booking_id=ids.show_some(ids.BOOKING, event.booking_id),
        offer_id=ids.show_some(ids.OFFER, event.offer_id),
        institution_id=ids.show_some(ids.INSTITUTION, event.institution_id),
        interpreter_id=ids.show_some(ids.INTERPRETER, event.interpreter_id),
    )
    data = WebhookMessageData(
        event_id=ids.show_id(ids.EVENT, event.id), ids=concerns, state=event.state
    )
    return msgspec.json.encode(WebhookMessage(type=kind, timestamp=at, data=data))
