"""Every statement about the `push_subscriptions` table: browsers that show notices.

A browser's address and keys are sealed as one JSON text; its mark finds the same browser again.
"""

from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from interpreters.database import Db, Row
from interpreters.domain.push import Subscription
from interpreters.vault import vault_of


class PushSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """A browser, and whose notices it shows."""

    id: UUID
    user_id: UUID
    subscription: Subscription
    created_at: datetime


# $1 network_id, $2 id, $3 user_id, $4 mark, $5 subscription, $6 created_at
INSERT: Final[LiteralString] = """
    INSERT INTO push_subscriptions (network_id, id, user_id, mark, subscription, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING
    RETURNING id
"""


async def insert(db: Db, *, network_id: UUID, browser: PushSubscription) -> bool:
    """Add a browser; False when the network knows it already."""
    vault, text = vault_of(db), _text(browser.subscription)
    made = await db.fetchval(
        INSERT, network_id, browser.id, browser.user_id, vault.mark(network_id, text),
        vault.seal(network_id, text), browser.created_at,
    )  # fmt: skip
    return made is not None


# $1 network_id, $2 marks, $3 user_id
MOVE: Final[LiteralString] = """
    UPDATE push_subscriptions AS p SET user_id = $3
    WHERE p.network_id = $1 AND p.mark = ANY ($2::bytea[])
    RETURNING p.id, p.user_id, p.subscription, p.created_at
"""


async def move(
    db: Db, *, network_id: UUID, subscription: Subscription, user_id: UUID
) -> PushSubscription | None:
    """Give a known browser to the user who is signed in there now; None when it is not known."""
    marks = vault_of(db).marks(network_id, _text(subscription))
    row = await db.fetchrow(MOVE, network_id, marks, user_id)
    return None if row is None else _browser(db, network_id, row)


# $1 network_id, $2 user_id, $3 how many stay
TRIM: Final[LiteralString] = """
    DELETE FROM push_subscriptions p
    WHERE p.network_id = $1 AND p.id = ANY (ARRAY(
        SELECT o.id FROM push_subscriptions o
        WHERE o.network_id = $1 AND o.user_id = $2 ORDER BY o.created_at DESC, o.id DESC
        OFFSET $3
    ))
"""


async def trim(db: Db, *, network_id: UUID, user_id: UUID, most: int) -> None:
    """Forget all of a person's browsers but the newest `most`."""
    await db.execute(TRIM, network_id, user_id, most)


# $1 network_id, $2 user_id
OF_USER: Final[LiteralString] = """
    SELECT p.id, p.user_id, p.subscription, p.created_at FROM push_subscriptions p
    WHERE p.network_id = $1 AND p.user_id = $2
    ORDER BY p.id DESC
"""


async def of_user(db: Db, *, network_id: UUID, user_id: UUID) -> list[PushSubscription]:
    """Return a person's browsers, newest first."""
    rows = await db.fetch(OF_USER, network_id, user_id)
    return [_browser(db, network_id, row) for row in rows]


# $1 network_id, $2 user_id
IDS: Final[LiteralString] = """
    SELECT p.id FROM push_subscriptions p
    WHERE p.network_id = $1 AND p.user_id = $2
    ORDER BY p.id DESC
"""


async def ids_of_user(db: Db, *, network_id: UUID, user_id: UUID) -> list[UUID]:
    """Return the ids of a person's browsers, newest first."""
    return [row["id"] for row in await db.fetch(IDS, network_id, user_id)]


# $1 network_id, $2 id, $3 user_id
FIND: Final[LiteralString] = """
    SELECT p.id, p.user_id, p.subscription, p.created_at FROM push_subscriptions p
    WHERE p.network_id = $1 AND p.id = $2 AND p.user_id = $3
"""


async def find(
    db: Db, *, network_id: UUID, subscription_id: UUID, user_id: UUID
) -> PushSubscription | None:
    """Return one of a person's browsers."""
    row = await db.fetchrow(FIND, network_id, subscription_id, user_id)
    return None if row is None else _browser(db, network_id, row)


# $1 network_id, $2 id, $3 user_id (null = whosever)
DELETE: Final[LiteralString] = """
    DELETE FROM push_subscriptions p
    WHERE p.network_id = $1 AND p.id = $2 AND ($3::uuid IS NULL OR p.user_id = $3)
    RETURNING p.id
"""


async def delete(db: Db, *, network_id: UUID, subscription_id: UUID, user_id: UUID | None) -> bool:
    """Forget a browser; False when the person has no such one."""
    return await db.fetchval(DELETE, network_id, subscription_id, user_id) is not None


# $1 network_id, $2 user_id
DELETE_ALL: Final[LiteralString] = """
    DELETE FROM push_subscriptions p WHERE p.network_id = $1 AND p.user_id = $2
"""


async def delete_all(db: Db, *, network_id: UUID, user_id: UUID) -> None:
    """Forget all of a person's browsers."""
    await db.execute(DELETE_ALL, network_id, user_id)


def _text(subscription: Subscription) -> str:
    return msgspec.json.encode(subscription).decode()


def _browser(db: Db, network_id: UUID, row: Row) -> PushSubscription:
    text = vault_of(db).unseal(network_id, row["subscription"])
    return PushSubscription(
        id=row["id"], user_id=row["user_id"], created_at=row["created_at"],
        subscription=msgspec.json.decode(text, type=Subscription),
    )  # fmt: skip
