"""What it costs to learn who calls: a call with a token beside the same call without one."""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from statistics import median
from typing import Any
from uuid import UUID

import msgspec

from interpreters.application.calls import ask, run
from interpreters.application.keys import create_key
from interpreters.application.sign_ins import add_sign_in
from interpreters.database import Db, Pool
from interpreters.domain.callers import SCOPES, Caller
from interpreters.domain.ids import new_id
from interpreters.sql import users
from interpreters.sql.users import User

ROUNDS = 2000
MOST_MS = 0.3  # at p50


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds at p50, one call after another."""

    what: str
    without_ms: float
    with_ms: float

    @property
    def added_ms(self) -> float:
        """What knowing the caller adds."""
        return self.with_ms - self.without_ms


async def measure(pool: Pool, network_id: UUID) -> list[Cost]:
    """Measure a key and a sign-in, each beside the bare transaction, in turns."""
    now = datetime.now(UTC)
    key = await run(pool, network_id, lambda db: _key(db, network_id, now))
    sign_in = await run(pool, network_id, lambda db: _sign_in(db, network_id, now))
    return [
        await _beside(pool, network_id, "key", key, now),
        await _beside(pool, network_id, "sign-in", sign_in, now),
    ]


async def _beside(pool: Pool, network_id: UUID, what: str, token: str, now: datetime) -> Cost:
    async def bare() -> None:
        await run(pool, network_id, _nothing)

    async def known() -> None:
        await ask(pool, token=token, now=now, work=_nothing_of)

    bare_ms, known_ms = [], []
    for _ in range(ROUNDS):
        bare_ms.append(await _timed(bare))
        known_ms.append(await _timed(known))
    return Cost(what=what, without_ms=median(bare_ms), with_ms=median(known_ms))


async def _timed(call: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await call()
    return (time.perf_counter() - began) * 1000


async def _nothing(db: Db) -> Any:
    return await db.fetchval("SELECT 1")


async def _nothing_of(db: Db, _: Caller) -> Any:
    return await db.fetchval("SELECT 1")


async def _key(db: Db, network_id: UUID, now: datetime) -> str:
    holder = Caller(
        network_id=network_id, role="coordinator", scopes=frozenset(SCOPES["coordinator"])
    )
    return (await create_key(db, holder=holder, expires_at=None, now=now)).token


async def _sign_in(db: Db, network_id: UUID, now: datetime) -> str:
    user = User(id=new_id(now), roles=("coordinator",), created_at=now)
    await users.insert(db, network_id=network_id, user=user)
    made = await add_sign_in(db, network_id=network_id, user=user, how="code", device=None, now=now)
    return made.token
