"""The web process: settings, pool, doors."""

import gc
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Litestar
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp

from interpreters.application.networks import check_keys
from interpreters.application.relying_party import relying_party
from interpreters.database import BUSY, GONE, Pool, open_pool
from interpreters.domain.errors import Refusal
from interpreters.domain.rates import Rate
from interpreters.embedded.processes import live_under
from interpreters.gateways.providers import Providers
from interpreters.gateways.queue import Queue
from interpreters.gateways.rates import SharedRates
from interpreters.http import (
    absences,
    applications,
    audit,
    availability,
    bookings,
    calendar_links,
    cancellation_policies,
    client_links,
    client_voices,
    clients,
    credentials,
    disputes,
    docs,
    erasures,
    escalations,
    events,
    expenses,
    exports,
    external_calendars,
    file_exports,
    freed_slots,
    fundings,
    health,
    identity_providers,
    imports,
    institutions,
    interpreter_stages,
    interpreters,
    keys,
    languages,
    me,
    metrics,
    networks,
    offers,
    on_call,
    openapi,
    operations,
    passkeys,
    plans,
    push_subscriptions,
    receipts,
    reports,
    requests,
    sign_in,
    sites,
    statements,
    stream,
    tariffs,
    usage,
    users,
    webhooks,
)
from interpreters.http.doors import BODY_LIMIT, provide_call
from interpreters.http.edge import Edge, limits_of
from interpreters.http.lifespan import Running, lifespan
from interpreters.http.metrics import Meters
from interpreters.http.problems import (
    on_http_exception,
    on_lost_database,
    on_refusal,
    on_surprise,
)
from interpreters.http.rates import Limits
from interpreters.logs import log_to_stderr
from interpreters.secret_keys import right_keys_or_exit
from interpreters.settings import Settings, load_or_exit
from interpreters.vault import vault_from
from interpreters.web.rooms import PAGES

ROOMS = (
    health,
    metrics,
    openapi,
    docs,
    *PAGES,
    languages,
    interpreters,
    interpreter_stages,
    applications,
    availability,
    absences,
    external_calendars,
    credentials,
    institutions,
    sites,
    statements,
    keys,
    clients,
    networks,
    me,
    sign_in,
    users,
    passkeys,
    push_subscriptions,
    identity_providers,
    requests,
    escalations,
    on_call,
    offers,
    bookings,
    disputes,
    client_links,
    client_voices,
    calendar_links,
    tariffs,
    cancellation_policies,
    fundings,
    expenses,
    receipts,
    usage,
    reports,
    events,
    stream,
    webhooks,
    file_exports,
    imports,
    operations,
    audit,
    erasures,
    exports,
    freed_slots,
    plans,
)


def build_litestar(running: Running | None = None) -> Litestar:
    """Return the framework's application: every room's routes, the refusals' table.

    Without `running` it can be looked at, not started.
    """
    handlers: dict[int | type[Exception], Any] = dict.fromkeys((*GONE, *BUSY), on_lost_database)
    return Litestar(
        route_handlers=[route for room in ROOMS for route in room.ROUTES],
        dependencies={"call": Provide(provide_call)},
        exception_handlers={
            **handlers,
            Refusal: on_refusal,
            HTTPException: on_http_exception,
            Exception: on_surprise,
        },
        lifespan=[] if running is None else [running],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=BODY_LIMIT,
    )


def create_app(clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> ASGIApp:
    """Return the application for a server process, from the environment's settings.

    Servers call it without a clock; a test's process gives one that it moves.
    """
    settings = load_or_exit()
    log_to_stderr(settings)
    if settings.supervised:
        live_under("granian")
    assert settings.database_url is not None  # the supervisor, or the operator, gives it
    url = settings.database_url
    with right_keys_or_exit():
        vault = vault_from(settings)

    async def opening() -> Pool:
        pool = await open_pool(
            url,
            vault=vault,
            size=settings.pool_size,
            statement_timeout_seconds=settings.statement_timeout_seconds,
        )
        with right_keys_or_exit():
            await check_keys(pool)
        gc.collect()
        gc.freeze()
        return pool

    queue = Queue(settings.redis_url) if settings.redis_url else None
    rates = SharedRates(settings.redis_url) if settings.redis_url else None
    return build_app(settings, opening=opening, clock=clock, queue=queue, rates=rates)


def build_app(
    settings: Settings,
    *,
    opening: Callable[[], Awaitable[Pool]],
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    queue: Queue | None = None,
    rates: SharedRates | None = None,
    build: Callable[[Running], Litestar] = build_litestar,
) -> Edge:
    """Return the application with its edge around it; `build` says where its routes are from."""
    meters = Meters()
    state = {
        "clock": clock,
        "queue": queue,
        "meters": meters,
        "metrics_token": settings.metrics_token,
        "base_url": settings.base_url,
        "public_url": settings.public_url,
        "relying_party": relying_party(settings),
        "providers": Providers(allow_private=settings.allow_private_urls),
        "allow_private_urls": settings.allow_private_urls,
        "demo": settings.demo,
    }
    return Edge(
        build(lifespan(opening, state, [queue, rates])),
        limits=_limits(settings, rates),
        meters=meters,
        trusted_proxies=settings.proxies,
    )


def _limits(settings: Settings, shared: SharedRates | None) -> Limits:
    def rate(whose: str) -> Rate:
        per_minute = getattr(settings, f"rate_{whose}_per_minute")
        return Rate(per_minute=per_minute, burst=getattr(settings, f"rate_{whose}_burst"))

    return limits_of(
        per_token=rate("token"),
        per_address=rate("address"),
        per_sign_in=rate("sign_in"),
        shared=shared,
    )


def openapi_document() -> bytes:
    """Return the contract as readable JSON; needs no database."""
    made = msgspec.json.encode(openapi.document(build_litestar()))
    return msgspec.json.format(made, indent=2) + b"\n"
