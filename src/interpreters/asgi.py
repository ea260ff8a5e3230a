"""The web process: settings, pool, doors."""

import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from litestar import Litestar
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp

from interpreters.database import GONE, Pool, open_pool
from interpreters.domain.errors import Refusal
from interpreters.embedded.processes import die_with_parent
from interpreters.http import (
    health,
    institutions,
    languages,
    openapi,
    usage,
    usage_reports,
)
from interpreters.http.doors import provide_call
from interpreters.http.edge import Edge, Rate
from interpreters.http.problems import (
    on_http_exception,
    on_lost_database,
    on_refusal,
    on_surprise,
)
from interpreters.settings import Settings, load

BODY_LIMIT = 256 * 1024
ROOMS = (health, openapi, languages, institutions, usage, usage_reports)


def create_app() -> ASGIApp:
    """Return the application for a server process, from the environment's settings."""
    settings = load(os.environ)
    if os.environ.get("INTERPRETERS_SUPERVISED"):
        die_with_parent()
    assert settings.database_url is not None  # the supervisor, or the operator, gives it
    url = settings.database_url
    return build_app(settings, opening=lambda: open_pool(url, size=settings.pool_size))


def build_app(
    settings: Settings,
    *,
    opening: Callable[[], Awaitable[Pool]],
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ASGIApp:
    """Return the application with its edge around it."""
    return Edge(
        build_litestar(opening=opening, clock=clock),
        per_token=Rate(per_minute=settings.rate_token_per_minute, burst=settings.rate_token_burst),
        per_address=Rate(
            per_minute=settings.rate_address_per_minute, burst=settings.rate_address_burst
        ),
    )


def build_litestar(
    *, opening: Callable[[], Awaitable[Pool]], clock: Callable[[], datetime]
) -> Litestar:
    """Return the framework's application: every room's routes, the refusals' table."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        app.state.clock = clock
        app.state.queue = None
        app.state.pool = await opening()
        gc.collect()
        gc.freeze()
        try:
            yield
        finally:
            await app.state.pool.close()

    lost: dict[type[Exception], Any] = dict.fromkeys(GONE, on_lost_database)
    return Litestar(
        route_handlers=[route for room in ROOMS for route in room.ROUTES],
        dependencies={"call": Provide(provide_call)},
        exception_handlers={
            **lost,
            Refusal: on_refusal,
            HTTPException: on_http_exception,
            Exception: on_surprise,
        },
        lifespan=[lifespan],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=BODY_LIMIT,
    )
