"""Webhook endpoints: who is told of events without asking (what: `webhook_deliveries.py`)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.application.events import place_all
from interpreters.application.webhook_deliveries import types_of
from interpreters.application.webhook_messages import PING, message_body
from interpreters.database import Db
from interpreters.domain.addresses import check_url
from interpreters.domain.callers import Caller, Role, permit
from interpreters.domain.errors import FieldError, Invalid, NotFound, Refusal, Stale
from interpreters.domain.ids import new_id
from interpreters.domain.webhooks import new_secret
from interpreters.sql import audit, due, events, webhook_deliveries, webhook_endpoints
from interpreters.sql.webhook_deliveries import WebhookDelivery
from interpreters.sql.webhook_endpoints import WebhookEndpoint

__all__ = [
    "Changed", "EndpointOrder", "TooManyEndpoints", "WebhookDelivery", "WebhookEndpoint",
    "change_endpoint", "create_endpoint", "delete_endpoint", "list_deliveries", "list_endpoints",
    "ping_endpoint", "replay_endpoint", "show_endpoint",
]  # fmt: skip
WHO: Final[tuple[Role, ...]] = ("coordinator", "consultant", "institution")
MOST: Final = 20  # endpoints of one institution, and of the network itself
OVERLAP: Final = timedelta(hours=24)  # how long a secret that was replaced signs too


class TooManyEndpoints(Refusal):
    """There are as many as one owner may have."""

    code = "too-many-endpoints"
    title = f"There are {MOST} webhook endpoints already; delete one first"


class EndpointOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A new endpoint; no types means all that its owner's feed has."""

    url: str
    types: Sequence[str] = ()


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint, and whether its secret is to be shown, this once."""

    endpoint: WebhookEndpoint
    show_secret: bool


async def create_endpoint(
    db: Db, caller: Caller, *, order: Callable[[], EndpointOrder], allow_private: bool,
    now: datetime,
) -> WebhookEndpoint:  # fmt: skip
    """Have an address told the caller's events from now on: an institution's, or the network's.

    Raises:
        Forbidden: the role has no webhooks, or the key not the scope.
        Invalid: the address must not be called, a type is not in the caller's feed.
        TooManyEndpoints: there are 20.
    """
    permit(caller, "webhooks:write", *WHO)
    wanted = order()
    owner = caller.institution_id
    _check(owner, msgspec.structs.asdict(wanted), allow_private=allow_private)
    if (
        await webhook_endpoints.count(db, network_id=caller.network_id, institution_id=owner)
        >= MOST
    ):
        raise TooManyEndpoints
    made = WebhookEndpoint(
        id=new_id(now),
        institution_id=owner,
        url=wanted.url,
        secret=new_secret(),
        types=sorted(set(wanted.types)),
        after_place=await _newest_place(db, caller.network_id, now),
        created_at=now,
    )
    await webhook_endpoints.insert(db, network_id=caller.network_id, endpoint=made)
    await _note(db, caller, "created", made.id, now)
    return made


async def list_endpoints(
    db: Db, caller: Caller, *, page: Callable[[], tuple[UUID | None, int]]
) -> list[WebhookEndpoint]:
    """Return a page of the caller's endpoints, newest first; coordinators see everybody's.

    Raises:
        Forbidden: the role has no webhooks, or the key not the scope.
    """
    permit(caller, "events:read", *WHO)
    before, limit = page()
    return await webhook_endpoints.page(
        db, network_id=caller.network_id, institution_id=caller.institution_id, before=before,
        limit=limit,
    )  # fmt: skip


async def show_endpoint(db: Db, caller: Caller, *, endpoint_id: UUID) -> WebhookEndpoint:
    """Return one endpoint.

    Raises:
        Forbidden: the role has no webhooks, or the key not the scope.
        NotFound: the caller has none such.
    """
    permit(caller, "events:read", *WHO)
    return await _found(db, caller, endpoint_id)


async def change_endpoint(
    db: Db, caller: Caller, *, endpoint_id: UUID, if_match: int | None,
    change: Callable[[], Mapping[str, Any]], allow_private: bool, now: datetime,
) -> Changed:  # fmt: skip
    """Change the given fields; `rotate_secret` makes a new secret, the old one signs too for a day.

    Switched off, what waits is given up; switched on again it hears what happens from then on.

    Raises:
        Forbidden: the role has no webhooks, or the key not the scope.
        NotFound: the caller has none such.
        Stale: it was changed since the version in If-Match.
        Invalid: the address must not be called, a type is not in the owner's feed.
    """
    permit(caller, "webhooks:write", *WHO)
    found = await _found(db, caller, endpoint_id, lock=True)
    fields = dict(change())
    if if_match not in (None, found.version):
        raise Stale
    _check(found.institution_id, fields, allow_private=allow_private)
    rotate = bool(fields.pop("rotate_secret", False))
    if rotate:
        fields |= {
            "secret": new_secret(), "old_secret": found.secret, "old_secret_until": now + OVERLAP,
        }  # fmt: skip
    active = fields.get("active", found.active)
    if active and not found.active:
        place = await _newest_place(db, caller.network_id, now)
        fields |= {"failing_since": None, "after_place": place}
    changed = msgspec.structs.replace(found, **fields, version=found.version + 1)
    if not await webhook_endpoints.update(db, network_id=caller.network_id, endpoint=changed):
        raise Stale
    if not active:
        await webhook_deliveries.give_up(
            db, network_id=caller.network_id, endpoint_id=endpoint_id, error="switched-off"
        )
        await due.clear(db, network_id=caller.network_id, kind="webhook", id=endpoint_id)
    await _note(db, caller, "changed", endpoint_id, now)
    return Changed(endpoint=changed, show_secret=rotate)


async def delete_endpoint(db: Db, caller: Caller, *, endpoint_id: UUID, now: datetime) -> None:
    """Forget an endpoint, with all that was sent to it.

    Raises:
        Forbidden: the role has no webhooks, or the key not the scope.
        NotFound: the caller has none such.
    """
    permit(caller, "webhooks:write", *WHO)
    await _found(db, caller, endpoint_id)
    await webhook_endpoints.delete(db, network_id=caller.network_id, endpoint_id=endpoint_id)
    await due.clear(db, network_id=caller.network_id, kind="webhook", id=endpoint_id)
    await _note(db, caller, "deleted", endpoint_id, now)


async def ping_endpoint(
    db: Db, caller: Caller, *, endpoint_id: UUID, now: datetime
) -> WebhookDelivery:
    """Have a message without an event sent, signed as all are.

    Raises:
        Forbidden: the role has no webhooks, or the key not the scope.
        NotFound: the caller has none such.
        EndpointOff: it is switched off.
    """
    permit(caller, "webhooks:write", *WHO)
    found = await _found(db, caller, endpoint_id)
    if not found.active:
        raise EndpointOff
    ping_id = new_id(now)
    made = WebhookDelivery(
        id=ping_id,
        event_id=None,
        place=0,
        type=PING,
        body=message_body(PING, now, None),
        subject_id=ping_id,
        next_try_at=now,
        created_at=now,
    )
    await webhook_deliveries.insert(
        db, network_id=caller.network_id, endpoint_id=endpoint_id, deliveries=[made], now=now
    )
    await due.set_at(db, network_id=caller.network_id, kind="webhook", id=endpoint_id, at=now)
    return made


async def list_deliveries(
    db: Db, caller: Caller, *, endpoint_id: UUID, page: Callable[[], tuple[UUID | None, int]]
) -> list[WebhookDelivery]:
    """Return a page of what the endpoint was sent and is to be sent, newest first.

    Raises:
        Forbidden: the role has no webhooks, or the key not the scope.
        NotFound: the caller has none such.
    """
    permit(caller, "events:read", *WHO)
    await _found(db, caller, endpoint_id)
    before, limit = page()
    return await webhook_deliveries.page(
        db, network_id=caller.network_id, endpoint_id=endpoint_id, before=before, limit=limit
    )


async def replay_endpoint(
    db: Db, caller: Caller, *, endpoint_id: UUID, since: Callable[[], datetime], now: datetime
) -> WebhookEndpoint:
    """Tell again what happened since, with the same ids, in order; what waits comes once.

    Raises:
        Forbidden: the role has no webhooks, or the key not the scope.
        NotFound: the caller has none such.
        EndpointOff: it is switched off.
    """
    permit(caller, "webhooks:write", *WHO)
    found = await _found(db, caller, endpoint_id, lock=True)
    wanted = since()
    if not found.active:
        raise EndpointOff
    first = await events.find_place_since(db, network_id=caller.network_id, since=wanted)
    if first is not None and first <= found.after_place:
        await webhook_endpoints.move_on(
            db, network_id=caller.network_id, endpoint_id=endpoint_id, after_place=first - 1
        )
    await due.set_at(db, network_id=caller.network_id, kind="webhook", id=endpoint_id, at=now)
    await _note(db, caller, "replayed", endpoint_id, now)
    return found


class EndpointOff(Refusal):
    """Nothing is sent to the endpoint."""

    code = "endpoint-off"
    title = "This webhook endpoint is switched off; set `active` first"


async def _found(
    db: Db, caller: Caller, endpoint_id: UUID, *, lock: bool = False
) -> WebhookEndpoint:
    found = await webhook_endpoints.find(
        db, network_id=caller.network_id, endpoint_id=endpoint_id, lock=lock
    )
    if found is None or caller.institution_id not in (None, found.institution_id):
        raise NotFound
    return found


def _check(owner: UUID | None, fields: Mapping[str, Any], *, allow_private: bool) -> None:
    errors = []
    if "url" in fields:
        try:
            check_url(fields["url"], allow_private=allow_private)
        except Refusal as refusal:
            errors.append(FieldError(pointer="/url", code=refusal.code, detail=str(refusal)))
    allowed = types_of(owner)
    for place, one in enumerate(fields.get("types", ())):
        if one not in allowed:
            errors.append(
                FieldError(
                    pointer=f"/types/{place}",
                    code="unknown-event-type",
                    detail="Your feed has no such events",
                    options=allowed,
                )
            )
    if errors:
        raise Invalid(errors)


async def _newest_place(db: Db, network_id: UUID, now: datetime) -> int:
    await place_all(db, network_id=network_id, now=now)
    return await events.last_place(db, network_id=network_id)


async def _note(db: Db, caller: Caller, action: str, endpoint_id: UUID, now: datetime) -> None:
    await audit.write(
        db, caller=caller, action=action, subject_kind="webhook-endpoint",
        subject_ids=[endpoint_id], now=now,
    )  # fmt: skip
