"""A connection that dies within a transaction says so, and the next transaction has another."""

import contextlib
from typing import Any
from uuid import UUID

import pytest

from interpreters.application.calls import run
from interpreters.database import GONE, Db, open_pool, take_time
from sealing import VAULT
from servers import database_url

pytestmark = pytest.mark.anyio
NETWORK = UUID(int=1)


@pytest.mark.parametrize("patient", [False, True])
async def test_a_connection_that_dies_within_a_transaction_is_lost_and_nothing_else(
    database: str, patient: bool
) -> None:
    url = database_url(role="interpreters_app", database=database)
    pool = await open_pool(url, vault=VAULT, size=1)

    async def killed(db: Db) -> Any:
        if patient:
            await take_time(db, seconds=60)
        return await db.fetch("SELECT pg_terminate_backend(pg_backend_pid())")

    async def killed_unseen(db: Db) -> Any:  # the transaction learns it at its COMMIT
        with contextlib.suppress(*GONE):
            await killed(db)

    async def after(db: Db) -> Any:
        return await db.fetchval("SELECT 1")

    try:
        for work in (killed, killed_unseen):
            with pytest.raises(GONE):
                await run(pool, NETWORK, work)
            assert await run(pool, NETWORK, after) == 1
    finally:
        await pool.close()
