"""`/v1/push-subscriptions`: the browsers a person is shown notices in (web push, RFC 8030)."""

from datetime import datetime
from typing import Annotated, Final, TypeAlias
from urllib.parse import urlsplit

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from msgspec import Meta

from interpreters.application import push_subscriptions
from interpreters.application.push_subscriptions import Added, PushSubscription, Subscription
from interpreters.database import Db
from interpreters.domain import ids
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound
from interpreters.http.doors import Call, Page, door
from interpreters.http.fields import NO_NUL, In
from interpreters.http.lists import List

TAG: Final = "Telling people"
ONE: Final = "/v1/push-subscriptions/{id:str}"
Endpoint: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=2000, pattern=NO_NUL, description="https://…")
]
Key: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=NO_NUL, description="base64url.")
]


class PushKeysIn(In, frozen=True, kw_only=True):
    """What is needed to encrypt for the browser."""

    p256dh: Key
    auth: Key


class PushSubscriptionIn(In, frozen=True, kw_only=True, rename={"expiration": "expirationTime"}):
    """A subscription as a browser's `toJSON()` gives it."""

    endpoint: Endpoint
    keys: PushKeysIn
    expiration: Annotated[float, Meta(ge=0, le=9e15)] | None = None

    def subscription(self) -> Subscription:
        """Return it in the application's words."""
        return Subscription(endpoint=self.endpoint, p256dh=self.keys.p256dh, auth=self.keys.auth)


class PushKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """The `applicationServerKey` that browsers subscribe with, in base64url; it stays the same."""

    public_key: str


class PushSubscriptionView(msgspec.Struct, frozen=True, kw_only=True):
    """A browser in its owner's list; `host` is its maker's push service."""

    id: str
    host: str
    created_at: datetime

    @classmethod
    def of(cls, one: PushSubscription) -> "PushSubscriptionView":
        """Shape a browser: its address is a secret."""
        return cls(
            id=ids.show_id(ids.PUSH_SUBSCRIPTION, one.id),
            host=urlsplit(one.subscription.endpoint).hostname or "",
            created_at=one.created_at,
        )


@door("GET", "/v1/push-key", answer=PushKeyView, refusals=(Forbidden,), tag=TAG)
async def show_push_key(call: NamedDependency[Call]) -> Response[bytes]:
    """What a browser needs to subscribe."""
    return await call.ask(
        push_subscriptions.show_push_key, lambda key, _: PushKeyView(public_key=key)
    )


@door("POST", "/v1/push-subscriptions", body=PushSubscriptionIn, answer=PushSubscriptionView,
      status=201, refusals=(Forbidden,), tag=TAG)  # fmt: skip
async def add_push_subscription(call: NamedDependency[Call]) -> Response[bytes]:
    """Show the caller's notices in this browser; 200 if it is known, whosever it was before.

    Of more than 20 the oldest is forgotten. Send it again whenever somebody signs in there.
    """
    body = call.body(PushSubscriptionIn)

    async def work(db: Db, caller: Caller) -> Added:
        return await push_subscriptions.add_push_subscription(
            db,
            caller,
            order=lambda: body().subscription(),
            allow_private=call.request.app.state.allow_private_urls,
            now=call.now,
        )

    return await call.once(
        work,
        lambda made, _: PushSubscriptionView.of(made.browser),
        status=lambda made: 201 if made.is_new else 200,
    )


@door("GET", "/v1/push-subscriptions", answer=List[PushSubscriptionView], refusals=(Forbidden,),
      tag=TAG)  # fmt: skip
async def list_push_subscriptions(call: NamedDependency[Call]) -> Response[bytes]:
    """The caller's browsers, newest first: 20 at most."""

    async def work(db: Db, caller: Caller) -> Page:
        found = await push_subscriptions.list_push_subscriptions(db, caller)
        return Page(items=[PushSubscriptionView.of(one) for one in found])

    return await call.ask(work, lambda page, _: page)


@door("DELETE", ONE, answer=None, status=204, refusals=(Forbidden, NotFound), tag=TAG)
async def remove_push_subscription(call: NamedDependency[Call]) -> Response[bytes]:
    """Show nothing in one of the caller's browsers any more; for signing out there."""
    return await call.ask(
        lambda db, caller: push_subscriptions.remove_push_subscription(
            db, caller, subscription_id=call.id(ids.PUSH_SUBSCRIPTION)
        ),
        lambda _, __: None,
    )


@door("POST", f"{ONE}/test", answer=PushSubscriptionView, refusals=(Forbidden, NotFound), tag=TAG)
async def try_push_subscription(call: NamedDependency[Call]) -> Response[bytes]:
    """Have a browser show something, within a second or two."""
    return await call.once(
        lambda db, caller: push_subscriptions.try_push_subscription(
            db,
            caller,
            subscription_id=call.id(ids.PUSH_SUBSCRIPTION),
            base_url=call.base_url,
            now=call.now,
        ),
        lambda one, _: PushSubscriptionView.of(one),
    )


ROUTES = (
    show_push_key, add_push_subscription, list_push_subscriptions, remove_push_subscription,
    try_push_subscription,
)  # fmt: skip
