"""The application as a test calls it: through ASGI, with a key, on a database of its own."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import httpx
from litestar import Litestar

from interpreters.application.calls import run
from interpreters.application.keys import create_key
from interpreters.application.networks import open_network
from interpreters.application.sign_ins import add_sign_in
from interpreters.asgi import build_app, build_litestar
from interpreters.database import Db, Pool
from interpreters.domain.callers import SCOPES, Caller, Role
from interpreters.domain.ids import INSTITUTION, new_id, read_id
from interpreters.http.lifespan import Running
from interpreters.settings import load
from interpreters.sql import users
from interpreters.sql.users import User


class Api:
    """HTTP calls of one caller."""

    def __init__(
        self, client: httpx.AsyncClient, token: str | None, user_id: UUID | None = None
    ) -> None:
        self.client = client
        self.token = token
        self.user_id = user_id

    async def call(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        headers = dict(kwargs.pop("headers", {}))
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        return await self.client.request(method, path, headers=headers, **kwargs)

    async def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return await self.call("GET", path, **kwargs)

    async def post(self, path: str, json: Any = None, **kwargs: Any) -> httpx.Response:
        return await self.call("POST", path, json={} if json is None else json, **kwargs)

    async def patch(self, path: str, json: Any, **kwargs: Any) -> httpx.Response:
        return await self.call("PATCH", path, json=json, **kwargs)

    async def put(self, path: str, json: Any, **kwargs: Any) -> httpx.Response:
        return await self.call("PUT", path, json=json, **kwargs)

    async def delete(self, path: str, **kwargs: Any) -> httpx.Response:
        return await self.call("DELETE", path, **kwargs)


class Network:
    """A network for a test: makes keys and callers."""

    def __init__(self, pool: Pool, client: httpx.AsyncClient, network_id: UUID, now: datetime):
        self.pool = pool
        self.client = client
        self.id = network_id
        self.now = now

    async def caller(self, role: Role, **owner: UUID) -> Api:
        """Return a caller of the role, with every scope."""
        holder = Caller(network_id=self.id, role=role, scopes=frozenset(SCOPES[role]), **owner)
        made = await run(
            self.pool,
            self.id,
            lambda db: create_key(db, holder=holder, expires_at=None, now=self.now),
        )
        return Api(self.client, made.token)

    async def person(self, roles: Sequence[Role], **fields: Any) -> Api:
        """Return somebody signed in with the roles.

        `fields` are a user's: email, phone, display_name, institution_id and interpreter_id (as
        in the database). The answer's `user_id` says who it is.
        """
        user = User(id=new_id(self.now), roles=tuple(roles), created_at=self.now, **fields)

        async def sign_in(db: Db) -> str:
            assert await users.insert(db, network_id=self.id, user=user)
            made = await add_sign_in(
                db, network_id=self.id, user=user, how="code", device=None, now=self.now
            )
            return made.token

        return Api(self.client, await run(self.pool, self.id, sign_in), user_id=user.id)

    async def institution(self, name: str = "School 12") -> tuple[str, Api]:
        """Add an institution; return its id and its software as a caller."""
        coordinator = await self.caller("coordinator")
        made = await coordinator.post("/v1/institutions", {"name": name, "kind": "education"})
        owner = read_id(INSTITUTION, made.json()["id"])
        return made.json()["id"], await self.caller("institution", institution_id=owner)

    async def count(self, table: str) -> int:
        """Return the number of rows the network has in a table."""
        return await run(
            self.pool, self.id, lambda db: db.fetchval(f"SELECT count(*) FROM {table}")
        )


class Routes:
    """Applications for one test at a time: to read all routes takes longer than most tests."""

    def __init__(self) -> None:
        self.free: list[Litestar] = []
        self.running: dict[int, Running] = {}

    def take(self, running: Running) -> Litestar:
        """Return one that nobody uses, to run like this."""
        app = self.free.pop() if self.free else build_litestar(self._run)
        self.running[id(app)] = running
        return app

    def _run(self, app: Litestar) -> AbstractAsyncContextManager[None]:
        return self.running[id(app)](app)


ROUTES: Final = Routes()


@asynccontextmanager
async def serving(
    pool: Pool, clock: Callable[[], datetime], settings: Mapping[str, str] | None = None
) -> AsyncIterator[Network]:
    """Open a network in Riga and serve the application on the pool."""

    async def opening() -> Pool:
        return pool

    app = build_app(load(settings or {}), opening=opening, clock=clock, build=ROUTES.take)
    network = await open_network(
        pool, name="Centre", slug="centre", time_zone="Europe/Riga", currency="EUR",
        country="LV", working_language="lav", now=clock(),
    )  # fmt: skip
    async with started(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield Network(pool, client, network.network_id, clock())
    ROUTES.free.append(app.app)  # one that failed is not used again


@asynccontextmanager
async def started(app: Any) -> AsyncIterator[None]:
    """Run the application's lifespan without closing the test's pool twice."""
    async with app.app.lifespan():
        yield
