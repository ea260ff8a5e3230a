"""Reading that may take long is waited for, and the next transaction is ended in time again."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from interpreters.application.calls import run
from interpreters.database import BUSY, Db, open_pool, take_time
from sealing import VAULT
from servers import database_url

pytestmark = pytest.mark.anyio
NETWORK = UUID(int=1)
SLOWLY = "SELECT 1 AS one FROM pg_sleep(1.5)"  # longer than the pool below waits for anything


async def test_who_takes_time_is_waited_for_and_nobody_after_them(database: str) -> None:
    url = database_url(role="interpreters_app", database=database)
    pool = await open_pool(url, vault=VAULT, size=1, statement_timeout_seconds=0.5)

    async def at_leisure(db: Db) -> list[asyncpg.Record]:
        await take_time(db, seconds=60)
        return await db.fetch(SLOWLY)

    async def as_usual(db: Db) -> Any:
        return await db.fetch(SLOWLY)

    try:
        assert [row["one"] for row in await run(pool, NETWORK, at_leisure)] == [1]
        with pytest.raises(BUSY):
            await run(pool, NETWORK, as_usual)
    finally:
        await pool.close()
