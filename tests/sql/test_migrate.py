"""Migrations wait for readers and try again."""

import asyncio
import time

import asyncpg
import pytest
from sqlalchemy.exc import OperationalError

from interpreters.migrate import _is_lock_timeout, is_current, migrate
from servers import database_url, start_test_postgres

pytestmark = pytest.mark.anyio


async def test_a_lock_timeout_inside_alembic_is_tried_again() -> None:
    start_test_postgres()
    admin = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    await admin.execute("CREATE DATABASE migrated_late OWNER interpreters_owner")
    url = database_url(role="interpreters_owner", database="migrated_late")
    extension = await asyncpg.connect(database_url(role="postgres", database="migrated_late"))
    await extension.execute("CREATE EXTENSION btree_gist")
    blocker = await asyncpg.connect(url)
    await blocker.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
    transaction = blocker.transaction()
    await transaction.start()
    await blocker.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
    started = time.monotonic()
    running = asyncio.create_task(asyncio.to_thread(migrate, url))
    await asyncio.sleep(1)
    assert not running.done()
    await transaction.rollback()
    await running
    assert time.monotonic() - started >= 1
    assert is_current(url)
    for one in (blocker, extension):
        await one.close()
    await admin.execute("DROP DATABASE migrated_late WITH (FORCE)")
    await admin.close()


def test_only_a_lock_timeout_is() -> None:
    wrapped = OperationalError("SELECT 1", {}, Exception("gone"))
    assert not _is_lock_timeout(wrapped)
    assert not _is_lock_timeout(ValueError())
