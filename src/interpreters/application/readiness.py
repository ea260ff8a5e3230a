"""Whether the process can do its work."""

import asyncio
from typing import Protocol

from interpreters.database import GONE, Pool


class Queue(Protocol):
    """What readiness asks of the queue."""

    async def ping(self) -> bool:
        """Tell whether it answers."""
        ...


async def check(pool: Pool, *, queue: Queue | None) -> dict[str, str]:
    """Return `ok` or the reason for the database and the queue.

    The queue only makes things prompt: a process without it still does its work.
    """
    return {
        "database": await _database(pool),
        "queue": "ok" if queue is None or await queue.ping() else "unreachable; work is delayed",
    }


async def _database(pool: Pool) -> str:
    try:
        async with asyncio.timeout(2):
            await pool.fetchval("SELECT 1")
    except GONE:
        return "unreachable"
    return "ok"
