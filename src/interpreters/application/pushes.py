"""Pushes on their way out: as whom, to which browser, and what stands by where none arrives."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from interpreters.database import Db
from interpreters.domain.push import Pushing, PushKey
from interpreters.sql import messages, push_keys, push_subscriptions
from interpreters.sql.messages import Message


async def push_key(db: Db, *, network_id: UUID) -> PushKey:
    """Return the key pair push services know the network by, made when it is first asked for.

    Browsers subscribe to its public half, so there is only ever one: of two that are made at once
    the first is kept.
    """
    found = await push_keys.find(db, network_id=network_id)
    if found is None:
        await push_keys.add(db, network_id=network_id, key=PushKey.new())
        found = await push_keys.find(db, network_id=network_id)
        assert found is not None  # it was added, here or by somebody else
    return found


async def addressed(db: Db, *, network_id: UUID, message: Message, now: datetime) -> Message | None:
    """Return a push with where it goes; None when that browser is not this person's any more."""
    if message.user_id is None:
        return None
    browser = await push_subscriptions.find(
        db, network_id=network_id, subscription_id=UUID(message.recipient), user_id=message.user_id
    )
    if browser is None:
        return None
    key = await push_key(db, network_id=network_id)
    to = Pushing(subscription=browser.subscription, secret=key.secret, at=now)
    return msgspec.structs.replace(message, push=to)


async def is_spared(db: Db, *, network_id: UUID, message: Message) -> bool:
    """Tell whether a message stood by for pushes, and one of those went out."""
    if message.channel == "push" or message.user_id is None:
        return False
    ids = await push_subscriptions.ids_of_user(db, network_id=network_id, user_id=message.user_id)
    pushes = push_ids(message.id, ids)
    return bool(ids) and await messages.went_out(db, network_id=network_id, ids=pushes)


async def forget_browsers(db: Db, *, network_id: UUID, user_id: UUID) -> None:
    """Show a person's notices in no browser any more; where they sign in anew it is added again."""
    await push_subscriptions.delete_all(db, network_id=network_id, user_id=user_id)


def push_ids(stands_by: UUID, browsers: Sequence[UUID]) -> list[UUID]:
    """Return the ids of a letter's pushes: made of the id of the message that stands by."""
    return [uuid5(stands_by, str(one)) for one in browsers]
