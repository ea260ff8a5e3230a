"""The browsers a person is shown notices in: added, listed, tried, taken away."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

import msgspec

from interpreters.application import messages, pushes
from interpreters.application.messages import Message
from interpreters.database import Db
from interpreters.domain.addresses import check_url
from interpreters.domain.callers import Caller
from interpreters.domain.errors import FieldError, Forbidden, Invalid, NotFound, Refusal
from interpreters.domain.ids import PUSH_SUBSCRIPTION, new_id, show_id
from interpreters.domain.push import (
    Shown,
    Subscription,
    WrongSubscription,
    check_subscription,
    notification,
)
from interpreters.domain.wording import ENGLISH, direction, page_tag, say
from interpreters.sql import networks, push_subscriptions, users
from interpreters.sql.push_subscriptions import PushSubscription

__all__ = [
    "Added", "PushSubscription", "Subscription", "add_push_subscription",
    "list_push_subscriptions", "remove_push_subscription", "show_push_key",
    "try_push_subscription",
]  # fmt: skip
MOST: Final = 20  # browsers of one person
TEST_LASTS: Final = timedelta(minutes=1)  # and so long there is no other for the browser


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """A browser, and whether it was not known before."""

    browser: PushSubscription
    is_new: bool


async def show_push_key(db: Db, caller: Caller) -> str:
    """Return what a browser subscribes with (`applicationServerKey`).

    Raises:
        Forbidden: the caller is software with a key.
    """
    _person(caller)
    return (await pushes.push_key(db, network_id=caller.network_id)).public


async def add_push_subscription(
    db: Db,
    caller: Caller,
    *,
    order: Callable[[], Subscription],
    allow_private: bool,
    now: datetime,
) -> Added:
    """Show the person's notices in this browser from now on, and nobody else's.

    Of more than 20 the oldest is forgotten.

    Raises:
        Forbidden: the caller is software with a key.
        Invalid: its address must not be called, or its keys are none.
    """
    user_id, wanted = _person(caller), _plain(order())
    _check(wanted, allow_private=allow_private)
    network_id = caller.network_id
    made = PushSubscription(id=new_id(now), user_id=user_id, subscription=wanted, created_at=now)
    known = await push_subscriptions.move(
        db, network_id=network_id, subscription=wanted, user_id=user_id
    )
    is_new = known is None and await push_subscriptions.insert(
        db, network_id=network_id, browser=made
    )
    if known is None and not is_new:  # it was added meanwhile
        known = await push_subscriptions.move(
            db, network_id=network_id, subscription=wanted, user_id=user_id
        )
    await push_subscriptions.trim(db, network_id=network_id, user_id=user_id, most=MOST)
    return Added(browser=known or made, is_new=is_new)


async def list_push_subscriptions(db: Db, caller: Caller) -> list[PushSubscription]:
    """Return the person's browsers, newest first: 20 at most.

    Raises:
        Forbidden: the caller is software with a key.
    """
    return await push_subscriptions.of_user(
        db, network_id=caller.network_id, user_id=_person(caller)
    )


async def remove_push_subscription(db: Db, caller: Caller, *, subscription_id: UUID) -> None:
    """Show nothing in one of the person's browsers any more.

    Raises:
        Forbidden: the caller is software with a key.
        NotFound: the person has no such browser.
    """
    user_id = _person(caller)
    if not await push_subscriptions.delete(
        db, network_id=caller.network_id, subscription_id=subscription_id, user_id=user_id
    ):
        raise NotFound


async def try_push_subscription(
    db: Db, caller: Caller, *, subscription_id: UUID, base_url: str, now: datetime
) -> PushSubscription:
    """Have one of the person's browsers show something, so that they see that it does.

    Once a minute: whoever asks more often changes nothing.

    Raises:
        Forbidden: the caller is software with a key.
        NotFound: the person has no such browser.
    """
    user_id, network_id = _person(caller), caller.network_id
    found = await push_subscriptions.find(
        db, network_id=network_id, subscription_id=subscription_id, user_id=user_id
    )
    if found is None:
        raise NotFound
    language = await _language(db, network_id, user_id)
    await messages.post(db, network_id=network_id, message=_test(found, language, base_url, now))
    return found


def _person(caller: Caller) -> UUID:
    if caller.user_id is None:
        raise Forbidden("Only people have browsers")
    return caller.user_id


def _plain(one: Subscription) -> Subscription:
    """Return it as it is kept: the same browser always gives the same text."""
    return msgspec.structs.replace(one, p256dh=one.p256dh.rstrip("="), auth=one.auth.rstrip("="))


def _check(one: Subscription, *, allow_private: bool) -> None:
    errors = []
    try:
        check_url(one.endpoint, allow_private=allow_private)
    except Refusal as refusal:
        errors.append(FieldError(pointer="/endpoint", code=refusal.code, detail=str(refusal)))
    try:
        check_subscription(one)
    except WrongSubscription as wrong:
        errors.append(FieldError(pointer="/keys", code="invalid-push-keys", detail=str(wrong)))
    if errors:
        raise Invalid(errors)


async def _language(db: Db, network_id: UUID, user_id: UUID) -> str:
    user = await users.find(db, network_id=network_id, user_id=user_id)
    network = await networks.get(db, network_id=network_id)
    wanted = (None if user is None else user.language, network.working_language)
    return next((tag for one in wanted if one and (tag := page_tag(one))), ENGLISH)


def _test(browser: PushSubscription, language: str, base_url: str, now: datetime) -> Message:
    title = say(language, "This is how you are told things")
    shown = Shown(
        title=title,
        body=say(language, "You asked for this test."),
        navigate=f"{base_url}/sign-in",
        lang=language,
        dir=direction(language),
        tag=show_id(PUSH_SUBSCRIPTION, browser.id),
    )
    minute = int(now.timestamp() // TEST_LASTS.total_seconds())
    return Message(
        id=uuid5(browser.id, f"test {minute}"),
        channel="push",
        purpose="test",
        language=language,
        recipient=str(browser.id),
        subject=title,
        body=notification(shown, ours={"purpose": "test", "urgent": True}).decode(),
        user_id=browser.user_id,
        expires_at=now + TEST_LASTS,
        created_at=now,
    )
