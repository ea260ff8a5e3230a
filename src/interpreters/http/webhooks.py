"""`/v1/webhook-endpoints`: addresses that are told of events, and what became of each message."""

from datetime import datetime
from typing import Annotated, Any, Final, TypeAlias

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import UNSET, Meta, UnsetType

from interpreters.application import webhooks
from interpreters.application.webhook_messages import WebhookMessage
from interpreters.application.webhooks import (
    Changed,
    EndpointOff,
    EndpointOrder,
    TooManyEndpoints,
    WebhookDelivery,
    WebhookEndpoint,
)
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound, Stale
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import NO_NUL, Id, In, Instant, given, utc
from interpreters.http.lists import List, ListQuery, page_of

TAG = "Webhooks"
ROOT: Final = "/v1/webhook-endpoints"
ONE: Final = f"{ROOT}/{{id:str}}"

Address: TypeAlias = Annotated[
    str,
    Meta(
        min_length=1, max_length=2000, pattern=NO_NUL,
        description="https, on the public internet; nothing about people stands in it.",
    ),
]  # fmt: skip
EventType: TypeAlias = Annotated[str, Meta(min_length=1, max_length=50, pattern=NO_NUL)]
Types: TypeAlias = Annotated[
    list[EventType], Meta(max_length=50, description="All of your feed, if none are named.")
]


class WebhookEndpointIn(In, frozen=True, kw_only=True):
    """A new endpoint; only the address is needed."""

    url: Address
    types: Types = []

    def order(self) -> EndpointOrder:
        """Return the order in the application's words."""
        return EndpointOrder(url=self.url, types=self.types)


class WebhookEndpointPatch(In, frozen=True, kw_only=True):
    """The fields to change; `rotate_secret` makes a new secret, the old one signs too for 24 h."""

    url: Address | UnsetType = UNSET
    types: Types | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    rotate_secret: bool | UnsetType = UNSET

    def change(self) -> dict[str, Any]:
        """Return what was sent, in the application's words."""
        return given(**msgspec.structs.asdict(self))


class WebhookEndpointView(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint. `secret` (`whsec_…`) is shown once: when it is made."""

    id: Id
    institution_id: Id | None
    url: str
    types: list[str]
    active: bool
    failing_since: datetime | None
    secret: str | None
    old_secret_until: datetime | None
    created_at: datetime
    version: int

    @classmethod
    def of(cls, one: WebhookEndpoint, *, show_secret: bool = False) -> "WebhookEndpointView":
        """Shape an endpoint."""
        return cls(
            id=ids.show_id(ids.WEBHOOK_ENDPOINT, one.id),
            institution_id=ids.show_some(ids.INSTITUTION, one.institution_id),
            url=one.url,
            types=list(one.types),
            active=one.active,
            failing_since=one.failing_since,
            secret=one.secret if show_secret else None,
            old_secret_until=one.old_secret_until,
            created_at=one.created_at,
            version=one.version,
        )


class WebhookDeliveryView(msgspec.Struct, frozen=True, kw_only=True):
    """One message and how it went. `webhook_id` is its header: the same on every repeat.

    `status` is the HTTP status of the last answer, `error` why there was none.
    """

    id: Id
    webhook_id: str
    event_id: Id | None
    type: str
    state: str
    tries: int
    status: int | None
    error: str | None
    next_try_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime
    message: WebhookMessage

    @classmethod
    def of(cls, one: WebhookDelivery) -> "WebhookDeliveryView":
        """Shape a delivery."""
        delivery_id = ids.show_id(ids.WEBHOOK_DELIVERY, one.id)
        event_id = ids.show_some(ids.EVENT, one.event_id)
        return cls(
            id=delivery_id,
            webhook_id=event_id or delivery_id,
            event_id=event_id,
            type=one.type,
            state=one.state,
            tries=one.tries,
            status=one.status,
            error=one.error,
            next_try_at=one.next_try_at,
            delivered_at=one.delivered_at,
            created_at=one.created_at,
            message=msgspec.json.decode(one.body, type=WebhookMessage),
        )


class ReplayIn(In, frozen=True, kw_only=True):
    """From when on to tell again."""

    since: Instant


@door("POST", ROOT, body=WebhookEndpointIn, answer=WebhookEndpointView, status=201,
      refusals=(Forbidden, TooManyEndpoints), tag=TAG)  # fmt: skip
async def create_webhook_endpoint(call: NamedDependency[Call]) -> Response[bytes]:
    """Have an address told of events from now on.

    Messages are signed as Standard Webhooks 1.0.0 has it; the secret is in this answer only.
    """
    body = call.body(WebhookEndpointIn)
    return await call.once(
        lambda db, caller: webhooks.create_endpoint(
            db,
            caller,
            order=lambda: body().order(),
            allow_private=call.request.app.state.allow_private_urls,
            now=call.now,
        ),
        lambda one, _: WebhookEndpointView.of(one, show_secret=True),
        status=201,
    )


@door("GET", ROOT, query=ListQuery, answer=List[WebhookEndpointView], refusals=(Forbidden,),
      tag=TAG)  # fmt: skip
async def list_webhook_endpoints(call: NamedDependency[Call]) -> Response[bytes]:
    """Your endpoints, newest first; coordinators see everybody's."""
    query = call.query(ListQuery)

    async def work(db: Db, caller: Caller) -> Page:
        found = await webhooks.list_endpoints(db, caller, page=lambda: query().slice)
        return page_of(found, query(), WebhookEndpointView.of)

    return await call.ask(work, lambda page, _: page)


@door("GET", ONE, answer=WebhookEndpointView, refusals=(Forbidden, NotFound), tag=TAG)
async def show_webhook_endpoint(call: NamedDependency[Call]) -> Response[bytes]:
    """One endpoint."""
    return await call.ask(
        lambda db, caller: webhooks.show_endpoint(
            db, caller, endpoint_id=call.id(ids.WEBHOOK_ENDPOINT)
        ),
        lambda one, _: WebhookEndpointView.of(one),
    )


@door("PATCH", ONE, body=WebhookEndpointPatch, answer=WebhookEndpointView,
      refusals=(Forbidden, NotFound, Stale), tag=TAG)  # fmt: skip
async def change_webhook_endpoint(call: NamedDependency[Call]) -> Response[bytes]:
    """Change an endpoint, switch it on or off, or replace its secret."""
    body = call.body(WebhookEndpointPatch)

    def shape(one: Changed, _: Caller) -> WebhookEndpointView:
        return WebhookEndpointView.of(one.endpoint, show_secret=one.show_secret)

    return await call.ask(
        lambda db, caller: webhooks.change_endpoint(
            db,
            caller,
            endpoint_id=call.id(ids.WEBHOOK_ENDPOINT),
            if_match=call.if_match,
            change=lambda: body().change(),
            allow_private=call.request.app.state.allow_private_urls,
            now=call.now,
        ),
        shape,
    )


@door("DELETE", ONE, answer=None, status=204, refusals=(Forbidden, NotFound), tag=TAG)
async def delete_webhook_endpoint(call: NamedDependency[Call]) -> Response[bytes]:
    """Forget an endpoint, with all that was sent to it."""
    return await call.ask(
        lambda db, caller: webhooks.delete_endpoint(
            db, caller, endpoint_id=call.id(ids.WEBHOOK_ENDPOINT), now=call.now
        ),
        lambda _, __: None,
    )


@door("POST", f"{ONE}/ping", answer=WebhookDeliveryView,
      refusals=(Forbidden, NotFound, EndpointOff), tag=TAG)  # fmt: skip
async def ping_webhook_endpoint(call: NamedDependency[Call]) -> Response[bytes]:
    """Have a message without an event sent, signed as all are."""
    return await call.once(
        lambda db, caller: webhooks.ping_endpoint(
            db, caller, endpoint_id=call.id(ids.WEBHOOK_ENDPOINT), now=call.now
        ),
        lambda one, _: WebhookDeliveryView.of(one),
    )


@door("GET", f"{ONE}/deliveries", query=ListQuery, answer=List[WebhookDeliveryView],
      refusals=(Forbidden, NotFound), tag=TAG)  # fmt: skip
async def list_webhook_deliveries(call: NamedDependency[Call]) -> Response[bytes]:
    """What the endpoint was sent and is to be sent, newest first; kept for 30 days."""
    query = call.query(ListQuery)

    async def work(db: Db, caller: Caller) -> Page:
        found = await webhooks.list_deliveries(
            db,
            caller,
            endpoint_id=call.id(ids.WEBHOOK_ENDPOINT),
            page=lambda: query().slice,
        )
        return page_of(found, query(), WebhookDeliveryView.of)

    return await call.ask(work, lambda page, _: page)


@door("POST", f"{ONE}/replay", body=ReplayIn, answer=WebhookEndpointView,
      refusals=(Forbidden, NotFound, EndpointOff), tag=TAG)  # fmt: skip
async def replay_webhook_endpoint(call: NamedDependency[Call]) -> Response[bytes]:
    """Tell again what happened since, in order, with the same ids."""
    body = call.body(ReplayIn)
    return await call.once(
        lambda db, caller: webhooks.replay_endpoint(
            db,
            caller,
            endpoint_id=call.id(ids.WEBHOOK_ENDPOINT),
            since=lambda: utc(body().since),
            now=call.now,
        ),
        lambda one, _: WebhookEndpointView.of(one),
    )


ROUTES = (
    create_webhook_endpoint,
    list_webhook_endpoints,
    show_webhook_endpoint,
    change_webhook_endpoint,
    delete_webhook_endpoint,
    ping_webhook_endpoint,
    list_webhook_deliveries,
    replay_webhook_endpoint,
)
