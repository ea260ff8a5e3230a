"""A running server with something in its database, for calls that are made up."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import asyncpg
import httpx
import schemathesis
import uvicorn
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from interpreters.application.calls import run
from interpreters.application.keys import create_key
from interpreters.application.networks import open_network
from interpreters.asgi import build_app, openapi_document
from interpreters.database import Pool, open_pool
from interpreters.domain.callers import SCOPES, Caller, Role
from interpreters.domain.ids import read_id
from interpreters.settings import load
from sealing import VAULT
from servers import database_url

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
DOCUMENT = json.loads(openapi_document())
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
WIDE = {
    "INTERPRETERS_RATE_TOKEN_PER_MINUTE": "10000000",
    "INTERPRETERS_RATE_TOKEN_BURST": "10000000",
    "INTERPRETERS_RATE_ADDRESS_PER_MINUTE": "10000000",
    "INTERPRETERS_RATE_ADDRESS_BURST": "10000000",
    "INTERPRETERS_RATE_SIGN_IN_PER_MINUTE": "10000000",
    "INTERPRETERS_RATE_SIGN_IN_BURST": "10000000",
}


class Served:
    """A running server with something in its database, and two callers."""

    def __init__(self, url: str, tokens: dict[Role, str], known: dict[str, list[str]]) -> None:
        self.url = url
        self.tokens = tokens
        self.known = known  # ids that are there, by prefix
        self.cases = 0

    def call(self, case: schemathesis.Case, role: Role) -> None:
        """Call, and check the answer against the document."""
        self.cases += 1
        token = {"Authorization": f"Bearer {self.tokens[role]}"}
        response = case.call(base_url=self.url, headers=token, timeout=20)
        case.validate_response(response, checks=CHECKS, headers=token)


@contextmanager
def serving_to_all(template: str, name: str) -> Iterator[Served]:
    """Serve the application on a database of its own, in a thread with its own loop."""
    anyio.run(_as_owner, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    dsn = database_url(role="interpreters_app", database=name)

    async def opening() -> Pool:
        return await open_pool(dsn, vault=VAULT, size=4)

    app = build_app(load(WIDE), opening=opening)
    config = uvicorn.Config(app, port=0, log_level="critical", ws="none", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield Served(url, *anyio.run(_furnish, dsn, url))
    finally:
        server.should_exit = True
        thread.join()
        anyio.run(_as_owner, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _furnish(dsn: str, url: str) -> tuple[dict[Role, str], dict[str, list[str]]]:
    """Open a network, put one of most things into it, and return its callers and its ids."""
    pool = await open_pool(dsn, vault=VAULT, size=1)
    now = await pool.fetchval("SELECT now()")
    network = await open_network(
        pool, name="Fuzz", slug="fuzz", time_zone="Europe/Riga", currency="EUR", country="LV",
        working_language=None, now=now,
    )  # fmt: skip

    async def key(role: Role, **owner: Any) -> str:
        holder = Caller(
            network_id=network.network_id, role=role, scopes=frozenset(SCOPES[role]), **owner
        )
        made = await run(
            pool,
            network.network_id,
            lambda db: create_key(db, holder=holder, expires_at=None, now=now),
        )
        return made.token

    try:
        coordinator = await key("coordinator")
        headers = {"Authorization": f"Bearer {coordinator}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=20) as client:
            known = await _things(client)
            interpreter = await key("interpreter", interpreter_id=read_id("int", known["int"][0]))
            phone = {"Authorization": f"Bearer {interpreter}"}
            offers = (await client.get("/v1/offers", headers=phone)).json()["items"]
            known["off"] = [one["id"] for one in offers]
        institution = await key("institution", institution_id=read_id("ins", known["ins"][0]))
        tokens: dict[Role, str] = {
            "coordinator": coordinator, "institution": institution, "interpreter": interpreter,
        }  # fmt: skip
        return tokens, known
    finally:
        await pool.close()


async def _things(client: httpx.AsyncClient) -> dict[str, list[str]]:
    known: dict[str, list[str]] = {}

    async def add(path: str, body: dict[str, Any]) -> str:
        response = await client.post(path, json=body)
        assert response.status_code == 201, (path, response.text)
        made = str(response.json()["id"])
        known.setdefault(made[:3], []).append(made)
        return made

    institution = await add("/v1/institutions", {"name": "School", "kind": "education"})
    here = f"/v1/institutions/{institution}"
    await add(f"{here}/sites", {"name": "Centre", "rooms": ["1"]})
    await add(f"{here}/keys", {})
    await add("/v1/clients", {"reference": "LV-1", "institution_id": institution})
    person = {"display_name": "A", "languages": [{"code": "prs"}, {"code": "lav"}],
              "email": "a@example.org"}  # fmt: skip
    interpreter = await add("/v1/interpreters", person)
    wanted = {"institution_id": institution, "language": "dari", "modes": ["phone"],
              "starts_at": "2100-03-02T10:00:00Z", "duration_minutes": 60, "topic": "health",
              "clients": [{"reference": "LV-1"}]}  # fmt: skip
    request = await add("/v1/requests", wanted)
    await add(f"/v1/requests/{request}/assign", {"interpreter_id": interpreter})
    known["req"].insert(0, await add("/v1/requests", wanted))  # one that is still open
    return known


async def _as_owner(statement: str) -> None:
    owner = await asyncpg.connect(database_url(role="postgres", database="postgres"))
    try:
        await owner.execute(statement)
    finally:
        await owner.close()
