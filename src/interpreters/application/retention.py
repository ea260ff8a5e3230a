"""Retention: what was kept only for a while is forgotten, once in each night of the network.

The rules are data (`domain/retention.py`), and the network's own where it has them. One call
forgets one portion and says when the next is due; whatever runs twice finds less to forget.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from interpreters.application.calls import run
from interpreters.application.erasures import erase_clients, erase_interpreter
from interpreters.database import Db, Pool
from interpreters.domain.callers import house
from interpreters.domain.retention import Kind, days_of, next_night
from interpreters.sql import afterwards, clients, due, networks, retention, seen_offers

PORTION: Final = 1000  # rows of a kind that are forgotten in one transaction
PEOPLE: Final = 20  # people who are erased in one: their texts stand in many places


async def plan_retention(pool: Pool, *, now: datetime) -> None:
    """Arrange the nightly round of every network that has none; the first comes at once."""
    async with pool.acquire(timeout=10) as db:
        for network_id in (await networks.names(db)).values():
            await due.set_once(db, network_id=network_id, kind="retention", id=network_id, at=now)


async def forget_old(pool: Pool, *, network_id: UUID, now: datetime) -> bool:
    """Forget a portion of what is older than the network's rules; tell whether that was all.

    Each kind in a transaction of its own, so that one that cannot be forgotten keeps no other. The
    next round is at 03:00 by the network's clock, or at once while something is left.

    Raises:
        Exception: what kept a kind from being forgotten, after all others; it is tried again.
    """
    network = await run(pool, network_id, lambda db: networks.get(db, network_id=network_id))
    finished, failed = True, list[Exception]()
    for kind, days in days_of(network.retention).items():
        if days is None:
            continue
        before = now - timedelta(days=days)
        work = partial(_forget, network_id=network_id, kind=kind, before=before, now=now)
        try:
            finished &= await run(pool, network_id, work)
        except Exception as error:  # noqa: BLE001 - it is raised below, after the other kinds
            failed.append(error)
    for one in failed:
        raise one
    at = next_night(now=now, time_zone=network.time_zone) if finished else now
    await run(
        pool,
        network_id,
        lambda db: due.set_at(db, network_id=network_id, kind="retention", id=network_id, at=at),
    )
    return finished


async def _forget(db: Db, *, network_id: UUID, kind: Kind, before: datetime, now: datetime) -> bool:
    if kind == "inactive_clients":
        return await _erase_clients(db, network_id, before, now)
    if kind == "suspended_interpreters":
        return await _erase_interpreters(db, network_id, before, now)
    finished = await retention.forget(
        db, network_id=network_id, kind=kind, before=before, limit=PORTION
    )
    if kind == "reasons":
        finished &= await afterwards.forget(db, network_id=network_id, before=before, limit=PORTION)
    if kind == "messages":
        finished &= await seen_offers.forget(
            db, network_id=network_id, before=before, limit=PORTION
        )
    return finished


async def _erase_clients(db: Db, network_id: UUID, before: datetime, now: datetime) -> bool:
    ids = await retention.inactive_clients(db, network_id=network_id, before=before, limit=PEOPLE)
    found = await clients.of_ids(db, network_id=network_id, ids=ids)
    await erase_clients(db, house(network_id), found=list(found.values()), now=now)
    return len(ids) < PEOPLE


async def _erase_interpreters(db: Db, network_id: UUID, before: datetime, now: datetime) -> bool:
    ids = await retention.suspended_interpreters(
        db, network_id=network_id, before=before, limit=PEOPLE
    )
    for one in ids:
        await erase_interpreter(db, house(network_id), interpreter_id=one, now=now)
    return len(ids) < PEOPLE
