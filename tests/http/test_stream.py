"""The event stream over a real server: what is told, to whom, and going on where it broke off."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from api import Api, Network, serving
from conftest import Clock
from faults.listening import Listening, listening
from interpreters.application.networks import open_network
from interpreters.cli.serve import Server
from interpreters.database import Pool
from interpreters.domain.callers import SCOPES, Caller
from interpreters.domain.errors import Refusal
from interpreters.domain.ids import EVENT, new_id, read_id, show_id
from interpreters.http.stream import Streams, TooManyStreams
from sealing import SECRET_KEYS
from servers import database_url
from told import NOON, about_request, centre, told

pytestmark = pytest.mark.anyio
PATH = "/v1/stream"
Json = dict[str, Any]


@pytest.fixture(params=list(Server))
def web(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Iterator[Listening]:
    url = database_url(role="interpreters_app", database=database)
    with listening(
        request.param, database_url=url, folder=tmp_path,
        environment={"INTERPRETERS_SECRET_KEYS": SECRET_KEYS},
    ) as one:  # fmt: skip
        yield one


@asynccontextmanager
async def a_network(pool: Pool, web: Listening) -> AsyncIterator[Network]:
    now = datetime.now(UTC)
    opened = await open_network(
        pool, name="Centre", slug="centre", time_zone="Europe/Riga", currency="EUR",
        country="LV", working_language="lav", now=now,
    )  # fmt: skip
    async with httpx.AsyncClient(base_url=web.url, timeout=20) as client:
        yield Network(pool, client, opened.network_id, now)


class Ear:
    """One open stream, read event by event."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._blocks = self._split()

    async def event(self, *, seconds: float = 8) -> Json:
        """Return the next event: its id, type and data."""
        async with asyncio.timeout(seconds):
            while True:
                fields = dict(
                    line.partition(": ")[::2] for line in (await anext(self._blocks)).split("\n")
                )
                if "data" in fields:
                    return {**fields, "data": json.loads(fields["data"])}

    async def rest(self, *, seconds: float = 12) -> list[str]:
        """Return what still comes until the stream ends by itself."""
        async with asyncio.timeout(seconds):
            return [one async for one in self._blocks]

    async def _split(self) -> AsyncIterator[str]:
        text = ""
        async for part in self.response.aiter_text():
            text += part
            while "\n\n" in text:
                block, _, text = text.partition("\n\n")
                yield block


@asynccontextmanager
async def hearing(api: Api, path: str = PATH, **headers: str) -> AsyncIterator[Ear]:
    signed = {"Authorization": f"Bearer {api.token}", **headers}
    async with api.client.stream("GET", path, headers=signed) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Ear(response)


async def happened(network: Network, institution_id: str | None, *kinds: str) -> None:
    owner = None if institution_id is None else read_id("ins", institution_id)
    request_id = new_id(datetime.now(UTC))
    for kind in kinds:
        one = about_request(request_id, kind=kind, institution_id=owner)
        await told(network.pool, network.id, one, now=datetime.now(UTC))


async def test_what_happens_is_told_as_the_feed_has_it_and_again_after_a_reconnect(
    pool: Pool, web: Listening
) -> None:
    async with a_network(pool, web) as network:
        institution_id, school = await network.institution()
        _, clinic = await network.institution("Clinic 3")
        await happened(network, institution_id, "created")  # before anybody listens
        async with hearing(school) as ear, hearing(clinic) as strange:
            await happened(network, institution_id, "searching", "filled")
            heard = [await ear.event(), await ear.event()]
            with pytest.raises(TimeoutError):
                await strange.event(seconds=2)

        feed = (await school.get("/v1/events")).json()["items"]
        assert [one["data"] for one in heard] == feed[1:]
        assert [one["id"] for one in heard] == [one["id"] for one in feed[1:]]
        assert [one["event"] for one in heard] == ["request.searching", "request.filled"]

        await happened(network, institution_id, "changed", "cancelled")  # nobody listens
        last = {"Last-Event-ID": heard[0]["id"]}
        async with hearing(school, f"{PATH}?after={feed[0]['id']}", **last) as ear:
            again = [(await ear.event())["event"] for _ in range(3)]
        assert again == ["request.filled", "request.changed", "request.cancelled"]

        async with hearing(school, f"{PATH}?after={feed[0]['id']}&wait=0") as ear:
            found = [one for one in await ear.rest() if "data: " in one]
        assert len(found) == 4


async def test_a_stream_ends_when_its_token_is_revoked(pool: Pool, web: Listening) -> None:
    async with a_network(pool, web) as network:
        coordinator = await network.caller("coordinator")
        institution_id, _ = await network.institution()
        path = f"/v1/institutions/{institution_id}/keys"
        key = (await coordinator.post(path, {"name": "one"})).json()
        async with hearing(Api(network.client, key["token"])) as ear:
            await happened(network, institution_id, "created")
            await ear.event()
            gone = await coordinator.delete(f"{path}/{key['id']}")
            assert gone.status_code == 204, gone.text
            await happened(network, institution_id, "filled")
            assert [one for one in await ear.rest() if "data: " in one] == []


async def test_streams_end_cleanly_and_soon_when_the_server_is_told_to_end(
    pool: Pool, database: str, tmp_path: Path
) -> None:
    url = database_url(role="interpreters_app", database=database)
    with listening(
        Server.uvicorn, database_url=url, folder=tmp_path,
        environment={"INTERPRETERS_SECRET_KEYS": SECRET_KEYS},
    ) as web:  # fmt: skip
        async with a_network(pool, web) as network:
            _, school = await network.institution()
            async with hearing(school) as ear:
                ending = asyncio.create_task(ear.rest())
                await asyncio.sleep(0.5)
                began = time.monotonic()
                web.child.terminate()
                await ending  # no broken line: the last chunk came
                assert time.monotonic() - began < 1.5
        assert await asyncio.to_thread(web.child.wait, 5) in {0, -15}
    assert "rror" not in web.log.read_text()


@pytest.mark.parametrize(
    ("asked", "headers"),
    [
        ("?after=x", {}),
        (f"?after={show_id(EVENT, UUID(int=7))}", {}),
        ("", {"Last-Event-ID": "x"}),
        ("?wait=3601", {}),
        ("?wait=-1", {}),
        ("?unknown=1", {}),
    ],
)
async def test_what_cannot_be_followed_is_refused_before_it_begins(
    pool: Pool, clock: Clock, asked: str, headers: dict[str, str]
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        refused = await coordinator.get(f"{PATH}{asked}", headers=headers)
        assert refused.status_code == 422, refused.text


async def test_without_a_token_or_a_feed_there_is_no_stream(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        assert (await Api(network.client, None).get(PATH)).status_code == 401
        assert (await (await network.caller("finance")).get(PATH)).status_code == 403


def a_caller(network_id: Any) -> Caller:
    return Caller(
        network_id=network_id, role="coordinator", scopes=frozenset(SCOPES["coordinator"]),
        key_id=new_id(NOON),
    )  # fmt: skip


async def test_a_process_has_so_many_streams_and_a_caller_twenty(pool: Pool) -> None:
    network_id = await centre(pool)
    streams = Streams(pool, lambda: NOON, most=2)
    first, second, third = (a_caller(network_id) for _ in range(3))
    with streams.listening(first):
        with streams.listening(second), pytest.raises(TooManyStreams) as refused:
            streams.check(third)
        streams.check(third)  # one has gone
    assert isinstance(refused.value, Refusal)

    many = Streams(pool, lambda: NOON)
    opened = [many.listening(first) for _ in range(20)]
    for one in opened:
        one.__enter__()
    with pytest.raises(TooManyStreams):
        many.check(first)
    many.check(second)
    for one in opened:
        one.__exit__(None, None, None)
    many.check(first)
    await streams.close()
    await many.close()


async def test_who_listens_is_woken_within_two_seconds_of_something_told(pool: Pool) -> None:
    network_id = await centre(pool)
    streams = Streams(pool, lambda: NOON + timedelta(seconds=1))
    with streams.listening(a_caller(network_id)) as woken:
        await asyncio.sleep(0.2)
        woken.clear()
        await told(pool, network_id, about_request())
        began = time.monotonic()
        async with asyncio.timeout(5):
            await woken.wait()
        assert time.monotonic() - began < 2
    await streams.close()
