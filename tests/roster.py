"""People of a roster for tests, and a look at the supply rows that follow from them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias
from uuid import UUID

from api import Api, Network
from interpreters.application.calls import run
from interpreters.application.networks import open_network
from interpreters.database import Db, Pool
from interpreters.domain.ids import INSTITUTION, INTERPRETER, read_id

Clock: TypeAlias = Any  # the clock of conftest.py: called for the time, moved by `now`
DARI = {"code": "prs", "bcp47": "fa-AF", "name": "Dari", "autonym": "دری"}
LATVIAN = {"code": "lav", "bcp47": "lv", "name": "Latvian", "autonym": "latviešu"}
PASHTO = {"code": "pus", "bcp47": "ps", "name": "Pashto", "autonym": "پښتو"}


def person(**fields: Any) -> dict[str, Any]:
    """Return a body with what is required and what the test names."""
    return {
        "display_name": "Sample Person",
        "languages": [{"code": "dari", "level": "native"}, {"code": "lv"}],
        "phone": "+371 25565098",
        **fields,
    }


async def added(coordinator: Api, **fields: Any) -> dict[str, Any]:
    """Put somebody on the roster and return them as answered."""
    response = await coordinator.post("/v1/interpreters", person(**fields))
    assert response.status_code == 201, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def themselves(network: Network, someone: dict[str, Any]) -> Api:
    """Return an interpreter as a caller."""
    return await network.caller("interpreter", interpreter_id=read_id(INTERPRETER, someone["id"]))


async def an_institution(network: Network, coordinator: Api, **fields: Any) -> tuple[Api, UUID]:
    """Add an institution; return it as a caller, and its id."""
    body = {"name": "Riga school", "kind": "education", **fields}
    response = await coordinator.post("/v1/institutions", body)
    assert response.status_code == 201, response.text
    one = read_id(INSTITUTION, response.json()["id"])
    return await network.caller("institution", institution_id=one), one


@asynccontextmanager
async def another_network(network: Network) -> AsyncIterator[Api]:
    """Open a second network beside the first, and give its coordinator."""
    other = await open_network(
        network.pool, name="Other", slug="other", time_zone="Europe/Tallinn", currency="EUR",
        country="EE", working_language="est", now=network.now,
    )  # fmt: skip
    beside = Network(network.pool, network.client, other.network_id, network.now)
    yield await beside.caller("coordinator")


async def supply_of(pool: Pool, network: Network, someone: dict[str, Any]) -> dict[str, Any]:
    """Return the interpreter's supply rows by pair."""

    async def work(db: Db) -> dict[str, Any]:
        rows = await db.fetch(
            "SELECT s.* FROM supply s WHERE s.network_id = $1 AND s.interpreter_id = $2",
            network.id, read_id(INTERPRETER, someone["id"]),
        )  # fmt: skip
        return {row["pair"]: dict(row) for row in rows}

    return await run(pool, network.id, work)


def errors_of(response: Any) -> set[tuple[str, str]]:
    """Return the pointer and code of every field error of a 422."""
    assert response.status_code == 422, response.text
    return {(one["pointer"], one["code"]) for one in response.json()["errors"]}
