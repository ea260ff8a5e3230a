"""Webhooks go out: what each endpoint is told, in which order, and again until it is heard.

The feed is written down for an endpoint place by place, under its lock, so whoever comes first
does it and nothing is skipped or doubled. Then the first message of each subject goes out, outside
of any transaction; the later ones wait until it was delivered or given up.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
import structlog

from interpreters.application.calls import run
from interpreters.application.events import receivers_of
from interpreters.application.webhook_messages import message_body
from interpreters.database import Db, Pool
from interpreters.domain import ids
from interpreters.domain.events import types_for
from interpreters.domain.webhooks import Hook, retry_at
from interpreters.gateways.webhooks import Gone, TryLater, WebhookGateway
from interpreters.sql import due, events, webhook_deliveries, webhook_endpoints
from interpreters.sql.events import Event
from interpreters.sql.outbox import Written
from interpreters.sql.webhook_deliveries import WebhookDelivery
from interpreters.sql.webhook_endpoints import WebhookEndpoint

AT_ONCE: Final = 20  # messages of one endpoint, each about another subject
PORTION: Final = 200  # events written down in one step
BACKLOG: Final = 1000  # messages waiting; more stay in the feed until some are through
WAIT: Final = 7.0  # seconds a receiver has: a job ends within ten
HELD: Final = timedelta(seconds=12)  # longer than a message takes, so that nobody sends it twice
ROUNDS: Final = timedelta(seconds=1)  # then another worker goes on: a job ends within ten
FAILING: Final = timedelta(days=3)  # then the endpoint is switched off
KEPT: Final = timedelta(days=30)
log = structlog.get_logger()


class Webhooks:
    """The channel: endpoints that may be concerned are looked at; they read the feed themselves."""

    async def take(
        self, db: Db, *, network_id: UUID, notices: Sequence[Written], now: datetime
    ) -> None:
        """Arrange that the endpoints of whom the notices concern are looked at."""
        owners = {one.institution_id for one in notices if one.institution_id is not None}
        owners |= set((await receivers_of(db, network_id, notices)).values())
        listening = await webhook_endpoints.listening(
            db, network_id=network_id, institution_ids=sorted(owners)
        )
        for endpoint_id in listening:
            await due.set_at(db, network_id=network_id, kind="webhook", id=endpoint_id, at=now)


def types_of(institution_id: UUID | None) -> list[str]:
    """Return the types of events that an institution's endpoint may hear, or the network's."""
    return types_for("coordinator" if institution_id is None else "institution")


async def send_webhooks(
    pool: Pool,
    *,
    network_id: UUID,
    endpoint_id: UUID,
    allow_private: bool,
    clock: Callable[[], datetime],
) -> None:
    """Send what an endpoint is to be told now; may run twice, at once or after another.

    At least once: a process that dies between sending and noting it leaves the message to be sent
    again with the same id, when its time (`HELD`) is over.
    """
    until = clock() + ROUNDS
    async with WebhookGateway(allow_private=allow_private, wait=WAIT) as sender:
        while await _round(pool, network_id, endpoint_id, sender, clock):
            if clock() >= until:
                await run(pool, network_id, lambda db: _again(db, network_id, endpoint_id, clock()))
                return


async def _round(
    pool: Pool,
    network_id: UUID,
    endpoint_id: UUID,
    sender: WebhookGateway,
    clock: Callable[[], datetime],
) -> bool:
    """Send the first message of each subject; tell whether there was any."""
    endpoint, taken = await run(
        pool, network_id, lambda db: _take(db, network_id, endpoint_id, clock())
    )
    if endpoint is None or not taken:
        return False
    told = await asyncio.gather(*(_sent(sender, endpoint, one, clock) for one in taken))
    await run(pool, network_id, lambda db: _note(db, network_id, endpoint_id, told, clock()))
    return True


async def _again(db: Db, network_id: UUID, endpoint_id: UUID, now: datetime) -> None:
    await due.postpone(db, network_id=network_id, kind="webhook", id=endpoint_id, at=now)


async def _take(
    db: Db, network_id: UUID, endpoint_id: UUID, now: datetime
) -> tuple[WebhookEndpoint | None, list[WebhookDelivery]]:
    """Take what can be sent now; where that is nothing, arrange when to look again.

    The clock's row is locked first: who announces an event meanwhile waits, and is not forgotten.
    """
    mine = await due.claim(db, network_id=network_id, kind="webhook", id=endpoint_id)
    endpoint = await webhook_endpoints.find(
        db, network_id=network_id, endpoint_id=endpoint_id, lock=True
    )
    if endpoint is None or not endpoint.active:
        await due.clear(db, network_id=network_id, kind="webhook", id=endpoint_id)
        return None, []
    await _write_down(db, network_id, endpoint, now)
    taken = await webhook_deliveries.take(
        db, network_id=network_id, endpoint_id=endpoint_id, now=now, until=now + HELD,
        limit=AT_ONCE,
    )  # fmt: skip
    if mine and not taken:
        await _arrange(db, network_id, endpoint_id, now)
    return endpoint, taken


async def _arrange(db: Db, network_id: UUID, endpoint_id: UUID, now: datetime) -> None:
    at = await webhook_deliveries.next_at(db, network_id=network_id, endpoint_id=endpoint_id)
    if at is not None:
        await due.set_at(db, network_id=network_id, kind="webhook", id=endpoint_id, at=at)
        return
    await due.clear(db, network_id=network_id, kind="webhook", id=endpoint_id)
    await webhook_deliveries.forget(
        db, network_id=network_id, endpoint_id=endpoint_id, before_id=ids.new_id(now - KEPT),
        limit=PORTION,
    )  # fmt: skip


async def _write_down(db: Db, network_id: UUID, endpoint: WebhookEndpoint, now: datetime) -> None:
    """Write down what the feed has for the endpoint, as long as not too much waits."""
    kinds = [one for one in types_of(endpoint.institution_id) if one in (endpoint.types or (one,))]
    last = await events.last_place(db, network_id=network_id)
    place = endpoint.after_place
    waiting = await webhook_deliveries.count_waiting(
        db, network_id=network_id, endpoint_id=endpoint.id
    )
    while place < last and waiting < BACKLOG:
        found = await events.feed(
            db,
            network_id=network_id,
            types=kinds,
            after_place=place,
            institution_id=endpoint.institution_id,
            interpreter_id=None,
            limit=PORTION,
        )
        waiting += len(found)
        await _insert(db, network_id, endpoint.id, found, now)
        place = found[-1].place if len(found) == PORTION else max([last, *(e.place for e in found)])
    if place > endpoint.after_place:
        await webhook_endpoints.move_on(
            db, network_id=network_id, endpoint_id=endpoint.id, after_place=place
        )


async def _insert(
    db: Db, network_id: UUID, endpoint_id: UUID, found: Sequence[Event], now: datetime
) -> None:
    known = await webhook_deliveries.waiting(
        db, network_id=network_id, endpoint_id=endpoint_id, event_ids=[one.id for one in found]
    )
    made = [
        WebhookDelivery(
            id=ids.new_id(now),
            event_id=one.id,
            place=one.place,
            type=one.type,
            body=message_body(one.type, one.recorded_at, one),
            subject_id=one.request_id or one.booking_id or one.subject_id,
            next_try_at=now,
            created_at=now,
        )
        for one in found
        if one.id not in known
    ]
    if made:
        await webhook_deliveries.insert(
            db, network_id=network_id, endpoint_id=endpoint_id, deliveries=made, now=now
        )


async def _sent(
    sender: WebhookGateway,
    endpoint: WebhookEndpoint,
    one: WebhookDelivery,
    clock: Callable[[], datetime],
) -> WebhookDelivery:
    """Return the delivery as it is after this try."""
    at = clock()
    told = ids.show_id(ids.WEBHOOK_DELIVERY, one.id)
    if one.event_id is not None:
        told = ids.show_id(ids.EVENT, one.event_id)
    hook = Hook(id=told, url=endpoint.url, secrets=_secrets(endpoint, at), body=one.body, at=at)
    try:
        status = await sender.send(hook)
    except Gone:
        return msgspec.structs.replace(
            one, state="failed", status=410, error="gone", next_try_at=None
        )
    except TryLater as later:
        return _tried(one, later, clock())
    return msgspec.structs.replace(
        one, state="delivered", status=status, error=None, next_try_at=None,
        delivered_at=clock(),
    )  # fmt: skip


def _secrets(endpoint: WebhookEndpoint, at: datetime) -> list[str]:
    """Return what to sign with, the newest first."""
    until = endpoint.old_secret_until
    if endpoint.old_secret is None or until is None or until <= at:
        return [endpoint.secret]
    return [endpoint.secret, endpoint.old_secret]


def _tried(one: WebhookDelivery, later: TryLater, now: datetime) -> WebhookDelivery:
    again = retry_at(
        failures=one.tries,
        now=now,
        jitter=random.random(),  # noqa: S311 - it spreads, and hides nothing
        retry_after=later.retry_after,
    )
    status = int(later.code) if later.code.isdigit() else None
    return msgspec.structs.replace(
        one,
        state="failed" if again is None else "waiting",
        status=status,
        error=None if status is not None else later.code,
        next_try_at=again,
    )


async def _note(
    db: Db, network_id: UUID, endpoint_id: UUID, told: Sequence[WebhookDelivery], now: datetime
) -> None:
    """Write down how it went; switch an endpoint off that is gone, or has failed for days."""
    endpoint = await webhook_endpoints.find(
        db, network_id=network_id, endpoint_id=endpoint_id, lock=True
    )
    if endpoint is None:
        return
    await webhook_deliveries.note(db, network_id=network_id, deliveries=told)
    heard = any(one.state == "delivered" for one in told)
    since = None if heard else endpoint.failing_since or now
    await webhook_endpoints.set_failing(
        db, network_id=network_id, endpoint_id=endpoint_id, since=since
    )
    gone = any(one.error == "gone" for one in told)
    if endpoint.active and (gone or (since is not None and now - since >= FAILING)):
        reason = "gone" if gone else "failing"
        log.warning("webhook-switched-off", id=str(endpoint_id), reason=reason)
        await webhook_endpoints.switch_off(db, network_id=network_id, endpoint_id=endpoint_id)
        await webhook_deliveries.give_up(
            db, network_id=network_id, endpoint_id=endpoint_id, error="switched-off"
        )
        await due.clear(db, network_id=network_id, kind="webhook", id=endpoint_id)
