"""Messages to people: written down with the change they tell of, sent later, outside of it."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import phonenumbers
import structlog

from interpreters.application.calls import run
from interpreters.application.pushes import addressed, is_spared
from interpreters.database import Db, Pool
from interpreters.gateways.trouble import Gone, TryLater, Undeliverable
from interpreters.sql import approvals, due, messages, networks, offer_links, push_subscriptions
from interpreters.sql.messages import Channel, Message, State

__all__ = ["Carrier", "Carriers", "Channel", "Message", "Undeliverable", "kept_messages",
           "post", "send_message"]  # fmt: skip

# Seconds until the next try, by how many there were; then it is given up.
PAUSES: Final = (5, 30, 120, 600, 1800, 3600, 7200)
OFFER: Final = "offer"  # the purpose of what asks somebody for a yes
WORDS: Final = {"approve", "approve-again"}  # of what asks whether a session is recorded right
CARRYING: Final = 7.0  # seconds for one try: less than a job has
HELD: Final = timedelta(seconds=30)  # nobody else takes it up meanwhile
LEASED: Final = timedelta(seconds=20)  # due later than any lease: somebody is sending it, or will
log = structlog.get_logger()


class Carrier(Protocol):
    """What takes a message out of the house."""

    async def carry(self, message: Message) -> str | None:
        """Send it; return the other side's name for it, if it gave one.

        Raises:
            Undeliverable: it will never go out.
            TryLater: it did not go out now.
        """
        ...


# A channel without a carrier is not set up: its messages are dropped. In a demonstration nothing
# leaves the machine: None keeps the message, to be shown.
Carriers: TypeAlias = Mapping[Channel, Carrier | None]


async def post(db: Db, *, network_id: UUID, message: Message, at: datetime | None = None) -> None:
    """Have a message sent once the transaction commits, or `at` a later time.

    `dropped` ones only take their time. One with an id that was used before is not sent again, nor
    taken out of the hands of whoever sends it just now.
    """
    if not await messages.insert(db, network_id=network_id, message=message):
        return
    when = message.created_at if at is None else at
    await due.set_at(db, network_id=network_id, kind="message", id=message.id, at=when)


async def send_message(
    pool: Pool,
    *,
    network_id: UUID,
    message_id: UUID,
    carriers: Carriers,
    texts_per_day: int,
    now: datetime,
) -> None:
    """Send one message, or arrange the next try; may run twice.

    Sent at least once: a process that dies between sending and noting it sends again, with the
    same id (Message-ID), so that the other side may tell.
    """
    message = await run(
        pool, network_id, lambda db: _take(db, network_id, message_id, texts_per_day, now)
    )
    if message is None:
        return
    outcome = await _carried(message, carriers)

    async def note(db: Db) -> None:
        if outcome.pause is None:  # the clock's row first, as whoever takes it does
            await due.clear(db, network_id=network_id, kind="message", id=message_id)
            await messages.close(
                db, network_id=network_id, message_id=message_id, state=outcome.state,
                provider_reference=outcome.reference, now=now,
            )  # fmt: skip
        else:
            at = now + timedelta(seconds=outcome.pause)
            await due.set_at(db, network_id=network_id, kind="message", id=message_id, at=at)
        if outcome.gone:
            await push_subscriptions.delete(
                db, network_id=network_id, subscription_id=UUID(message.recipient), user_id=None
            )

    await run(pool, network_id, note)


async def kept_messages(pool: Pool, *, network_id: UUID, limit: int) -> list[Message]:
    """Return what a demonstration would have sent, newest first."""
    return await run(
        pool, network_id, lambda db: messages.kept(db, network_id=network_id, limit=limit)
    )


async def _take(
    db: Db, network_id: UUID, message_id: UUID, texts_per_day: int, now: datetime
) -> Message | None:
    """Return the message, if it is to be sent now; end it if it is late or one text too many.

    A queue that hung and came back hands it over twice: the second finds it held.
    """
    mine = await due.lease(
        db, network_id=network_id, kind="message", ids=[message_id], now=now + LEASED,
        until=now + HELD,
    )  # fmt: skip
    if not mine:
        return None
    message = await messages.take(db, network_id=network_id, message_id=message_id)
    if message is not None:
        late = message.expires_at is not None and message.expires_at <= now
        late = late or await _is_answered(db, network_id, message)
        spared = not late and await is_spared(db, network_id=network_id, message=message)
        wanted = not (late or spared)
        if wanted and await _within_cap(db, network_id, message, texts_per_day, now):
            ready = await _ready(db, network_id, message, now)
            if ready is not None:
                return ready  # a process that dies meanwhile leaves it to another after `HELD`
        if not spared:
            log.warning("message-dropped", purpose=message.purpose, late=late)
        await messages.close(
            db, network_id=network_id, message_id=message_id, state="dropped",
            provider_reference=None, now=now,
        )  # fmt: skip
    await due.clear(db, network_id=network_id, kind="message", id=message_id)
    return None


async def _ready(db: Db, network_id: UUID, message: Message, now: datetime) -> Message | None:
    """Return it as it is carried: a push with its browser, None when that one is gone."""
    if message.channel != "push":
        return message
    return await addressed(db, network_id=network_id, message=message, now=now)


async def _is_answered(db: Db, network_id: UUID, message: Message) -> bool:
    """Tell whether it asks for an answer that nobody waits for any more."""
    if message.purpose in WORDS and message.booking_id is not None:
        found = await approvals.find(db, network_id=network_id, booking_id=message.booking_id)
        return found is None or found.state != "open"
    if message.purpose != OFFER or message.offer_id is None:
        return False
    return not await offer_links.is_open(db, network_id=network_id, offer_id=message.offer_id)


async def _within_cap(db: Db, network_id: UUID, message: Message, most: int, now: datetime) -> bool:
    """Count a text towards its country's share of the network's day, the first time it is tried."""
    if message.channel != "text" or message.tries > 1:
        return True
    network = await networks.get(db, network_id=network_id)
    country = _country(message.recipient)
    share = most if country == network.country else max(1, most // 10)
    return await messages.count_text(
        db,
        network_id=network_id,
        country=country,
        day=now.astimezone(ZoneInfo(network.time_zone)).date(),
        most=share,
    )


def _country(phone: str) -> str:
    return phonenumbers.region_code_for_number(phonenumbers.parse(phone)) or "unknown"


class _Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended; seconds until another try, and the other side's name for it, if there is one.

    `gone`: nothing goes to that address any more.
    """

    state: State
    reference: str | None = None
    pause: float | None = None
    gone: bool = False


async def _carried(message: Message, carriers: Carriers) -> _Outcome:
    if message.channel not in carriers:
        log.warning("message-dropped", purpose=message.purpose, channel=message.channel)
        return _Outcome(state="dropped")
    carrier = carriers[message.channel]
    if carrier is None:
        return _Outcome(state="kept")
    try:
        async with asyncio.timeout(CARRYING):
            return _Outcome(state="sent", reference=await carrier.carry(message))
    except Undeliverable as refused:
        log.warning("message-refused", purpose=message.purpose, code=refused.code)
        return _Outcome(state="failed", gone=isinstance(refused, Gone))
    except (TryLater, TimeoutError) as later:
        code, wished = ("timeout", None)
        if isinstance(later, TryLater):
            code, wished = later.code, later.retry_after
        log.warning("message-delayed", purpose=message.purpose, code=code)
        if message.tries > len(PAUSES):
            return _Outcome(state="failed")
        return _Outcome(state="waiting", pause=max(PAUSES[message.tries - 1], wished or 0))
