"""Rate limits that all web processes share, in Redis or Valkey.

It never raises and never holds a call up for long: where there is no answer within `patience`,
the process counts for itself, and asks again after `pause`.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any, Final

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from interpreters.domain.rates import Gate, Verdict

AWAY: Final = (RedisError, OSError, TimeoutError)
CONNECTIONS: Final = 16
log = structlog.get_logger()

# All gates in one step, by the server's clock. KEYS: one for each gate.
# ARGV: for each gate the cost of a call and the most that may be owed, in microseconds, and 1
# where the call is counted. Answers the gate that decided (from 1), 1 where the call passes,
# and the debt there. Nothing is counted of a call that is refused. A debt larger than can be
# owed was written by another clock or under other settings, and is forgiven.
SCRIPT: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local owed, last = {}, 0
for i, key in ipairs(KEYS) do
  local every, depth = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])
  local debt = math.max(0, (tonumber(redis.call('GET', key) or 0) or 0) - now)
  if debt > depth then debt = 0 end
  if debt + every > depth then return {i, 0, debt} end
  owed[i] = debt + every
end
for i, key in ipairs(KEYS) do
  if ARGV[3 * i] == '1' then
    local paid = string.format('%.0f', now + owed[i])
    redis.call('SET', key, paid, 'PX', math.ceil(owed[i] / 1000) + 1)
    last = i
  end
end
return {last, 1, owed[last] or 0}
"""


class SharedRates:
    """The limits as all processes count them. Connects at first use, and again after a loss."""

    def __init__(self, url: str, *, patience: float = 0.05, pause: float = 2.0) -> None:
        self._patience = patience  # seconds an answer may take
        self._pause = pause  # seconds during which one that is away is not asked again
        self._ask_again_at: float | None = None
        self._pool: BlockingConnectionPool = BlockingConnectionPool.from_url(
            url, max_connections=CONNECTIONS, timeout=patience
        )
        self._redis = Redis(connection_pool=self._pool)
        self._script = self._redis.register_script(SCRIPT)

    async def take(self, gates: Sequence[Gate]) -> Verdict | None:
        """Count one call at its gates, or refuse it; None while the others cannot be asked."""
        loop = asyncio.get_running_loop()
        if self._ask_again_at is not None:
            if loop.time() < self._ask_again_at:
                return None
            self._ask_again_at = loop.time() + self._pause  # this call tries, the others wait
        try:
            async with asyncio.timeout(self._patience):
                found: Any = await self._script(
                    keys=[_key(one) for one in gates],
                    args=[number for one in gates for number in _numbers(one)],
                )
        except AWAY as error:
            await self._lost(error, loop.time())
            return None
        if self._ask_again_at is not None:
            log.info("shared-rates-reachable")
            self._ask_again_at = None
        gate, passes, debt = found
        return Verdict(gate - 1, passes == 1, debt)

    async def close(self) -> None:
        """Let go of the connections."""
        try:
            async with asyncio.timeout(1):
                await self._redis.aclose(close_connection_pool=True)
        except AWAY:
            pass

    async def _lost(self, error: Exception, now: float) -> None:
        if self._ask_again_at is None:
            log.warning("shared-rates-unreachable", error=type(error).__name__)
        self._ask_again_at = now + self._pause
        await self._pool.disconnect(inuse_connections=False)


def _key(gate: Gate) -> str:
    """A name of one length that shows neither address nor token."""
    told = f"{gate.kind} {gate.who}".encode()
    return f"rate:{hashlib.blake2b(told, digest_size=16).hexdigest()}"


def _numbers(gate: Gate) -> tuple[int, int, int]:
    return gate.rate.every_us, gate.rate.depth_us, int(gate.counts)
