"""What every test may ask for: a migrated database of its own, and the application on it."""

import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from interpreters.database import Pool, open_pool
from interpreters.migrate import migrate
from sealing import VAULT
from servers import database_url, start_test_postgres

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {}


@pytest.fixture(scope="session")
def template() -> str:
    """The name of a migrated database nobody connects to."""
    start_test_postgres()
    migrate(database_url(role="interpreters_owner"))
    return "interpreters"


@pytest.fixture
async def database(template: str) -> AsyncIterator[str]:
    """The name of a fresh copy of the migrated database."""
    name = f"test_{next(NUMBERS)}"
    owner = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    try:
        await owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        yield name
        await owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await owner.close()


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    """A pool as the application's role."""
    made = await open_pool(
        database_url(role="interpreters_app", database=database), vault=VAULT, size=4
    )
    try:
        yield made
    finally:
        await made.close()


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A Tuesday morning in November, in Riga 10:00."""
    return Clock(datetime(2026, 11, 24, 8, 0, tzinfo=UTC))
