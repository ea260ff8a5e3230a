"""The queue: arq on Redis or Valkey, which carries ids and only makes work prompt.

Nothing in it is worth keeping. It never raises: whoever cannot hand work over does it themselves
or leaves it to the clock in the database.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog
from arq.connections import ArqRedis, RedisSettings, create_pool
from redis.exceptions import RedisError

NAME: Final = "interpreters"  # the key of the sorted set
AWAY: Final = (RedisError, OSError, TimeoutError)
log = structlog.get_logger()


async def connect(url: str) -> ArqRedis:
    """Return connections to `redis://`, `rediss://` or `unix://`, of which one has answered.

    Jobs are MessagePack: what comes out of the queue is data, never code.

    Raises:
        RedisError, OSError: it cannot be reached.
    """
    settings = RedisSettings.from_dsn(url)
    settings.conn_retries = 0
    return await create_pool(
        settings,
        job_serializer=msgspec.msgpack.encode,
        job_deserializer=msgspec.msgpack.decode,
        default_queue_name=NAME,
    )


class Queue:
    """Hands over work. Connects at first use, and again by itself after a loss."""

    def __init__(self, url: str, *, patience: float = 1.0, pause: float = 1.0) -> None:
        self._url = url
        self._patience = patience  # seconds an answer may take
        self._pause = pause  # seconds during which one that is away is not asked again
        self._redis: ArqRedis | None = None
        self._away_until: float | None = None
        self._connecting = asyncio.Lock()

    async def enqueue(
        self, name: str, *, network_id: UUID, id: UUID, sends: int, expires: float  # noqa: A002 - the id of the thing
    ) -> bool:  # fmt: skip
        """Have a worker call job `name`; False when the queue cannot be reached.

        The same `sends` is handed over once. After `expires` seconds the job is void: whoever
        sent it will have sent it again.
        """
        job_id = f"{name}:{id}:{sends}"
        return await self._ask(
            lambda redis: redis.enqueue_job(
                name, str(network_id), str(id), _job_id=job_id, _expires=expires
            )
        )

    async def ping(self) -> bool:
        """Tell whether it answers."""
        return await self._ask(lambda redis: redis.ping())

    async def close(self) -> None:
        """Let go of the connections."""
        redis, self._redis = self._redis, None
        if redis is not None:
            try:
                async with asyncio.timeout(self._patience):
                    await redis.aclose(close_connection_pool=True)
            except AWAY:
                pass

    async def _ask(self, question: Callable[[ArqRedis], Awaitable[Any]]) -> bool:
        now = asyncio.get_running_loop().time()
        if self._away_until is not None and now < self._away_until:
            return False
        try:
            async with asyncio.timeout(self._patience):
                await question(await self._connected())
        except AWAY as error:
            if self._away_until is None:
                log.warning("queue-unreachable", error=type(error).__name__)
            self._away_until = asyncio.get_running_loop().time() + self._pause
            await self.close()
            return False
        if self._away_until is not None:
            log.info("queue-reachable")
            self._away_until = None
        return True

    async def _connected(self) -> ArqRedis:
        async with self._connecting:
            if self._redis is None:
                self._redis = await connect(self._url)
            return self._redis
