"""Rate limits that processes share: one limit for all, and each its own while Redis is away."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faults.workers import Valkey, a_valkey
from interpreters.domain.rates import Gate, Rate
from interpreters.gateways.rates import SharedRates
from interpreters.http.edge import Edge, limits_of
from interpreters.http.metrics import Meters

pytestmark = pytest.mark.anyio
# One call in 20 seconds: during a test nothing comes back by itself.
SLOW = Rate(per_minute=3, burst=6)
WIDE = Rate(per_minute=1_000_000, burst=1_000_000)


async def empty(scope: Any, receive: Any, send: Any) -> None:
    """Stands for the application behind the edge."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def edges(
    url: str, *, count: int = 2, pause: float = 0.2, patience: float = 0.5, **rates: Rate
) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Several web processes' edges on one Redis, each called through its own client."""
    given_rates = {"per_token": WIDE, "per_address": SLOW, "per_sign_in": WIDE} | rates
    lines = [SharedRates(url, patience=patience, pause=pause) for _ in range(count)]
    clients = []
    for line in lines:
        edge = Edge(empty, limits=limits_of(**given_rates, shared=line), meters=Meters())
        transport = httpx.ASGITransport(app=edge)  # type: ignore[arg-type]  # as httpx names it
        clients.append(httpx.AsyncClient(transport=transport, base_url="http://test"))
    try:
        yield clients
    finally:
        for line in lines:
            await line.close()


async def statuses(client: httpx.AsyncClient, times: int, path: str = "/") -> list[int]:
    return [(await client.get(path)).status_code for _ in range(times)]


async def test_two_processes_share_one_limit(tmp_path: Path) -> None:
    with a_valkey(tmp_path) as valkey:
        async with edges(valkey.url) as (one, other):
            left = [(await client.get("/")).headers["ratelimit"] for client in (one, other) * 3]
            assert [text.split(";")[1] for text in left] == [f"r={n}" for n in (5, 4, 3, 2, 1, 0)]
            assert left[0] == '"address";r=5;t=20'
            refused = await other.get("/")
            assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
            assert refused.headers["ratelimit-policy"] == '"address";q=3;w=60'
            assert 1 <= int(refused.headers["retry-after"]) <= 20
            assert (await one.get("/")).status_code == 429


async def test_of_many_calls_at_once_no_more_pass_than_the_burst(tmp_path: Path) -> None:
    with a_valkey(tmp_path) as valkey:
        async with edges(valkey.url, count=3) as clients:
            found = await asyncio.gather(*(statuses(one, 10) for one in clients for _ in range(4)))
            assert sorted(itertools.chain(*found))[:7] == [204] * 6 + [429]


async def test_signing_in_has_a_share_of_its_own_on_top(tmp_path: Path) -> None:
    with a_valkey(tmp_path) as valkey:
        narrow = Rate(per_minute=3, burst=2)
        async with edges(valkey.url, per_sign_in=narrow) as (one, other):
            assert await statuses(one, 1, "/v1/sign-in") == [204]
            assert await statuses(other, 2, "/v1/sign-in/verify") == [204, 429]
            assert (
                (await one.get("/v1/sign-in")).headers["ratelimit-policy"].startswith('"sign-in"')
            )
            assert await statuses(one, 5) == [204] * 4 + [429]  # two of the six went to sign-ins


async def test_while_redis_is_away_each_process_holds_its_own_limit(tmp_path: Path) -> None:
    with a_valkey(tmp_path) as valkey:
        async with edges(valkey.url) as (one, other):
            assert await statuses(one, 4) == [204] * 4
            valkey.kill()
            # This one has seen four of its six, the other none of its own.
            assert await statuses(one, 4) == [204, 204, 429, 429]
            assert await statuses(other, 8) == [204] * 6 + [429, 429]


async def test_when_redis_is_back_the_limit_is_shared_again(tmp_path: Path) -> None:
    with a_valkey(tmp_path) as valkey:
        async with edges(valkey.url, per_address=Rate(per_minute=3, burst=30)) as (one, other):
            valkey.kill()
            assert await statuses(one, 3) == [204] * 3
            valkey.start()
            await asyncio.sleep(0.3)
            left = [(await client.get("/")).headers["ratelimit"] for client in (one, other, one)]
            assert [text.split(";")[1] for text in left] == ["r=29", "r=28", "r=27"]


async def test_a_redis_that_never_was_there_is_no_error(tmp_path: Path) -> None:
    for url in (f"unix://{tmp_path}/nothing.sock", "redis://127.0.0.1:1"):
        async with edges(url) as (one, _):
            assert await statuses(one, 8) == [204] * 6 + [429, 429]


async def test_a_redis_that_hangs_holds_one_call_up_and_only_for_moments(tmp_path: Path) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    path = str(tmp_path / "silent.sock")
    server = await asyncio.start_unix_server(silent, path)
    async with edges(f"unix://{path}", pause=30, patience=0.05) as (one, _):
        began = time.monotonic()
        assert await statuses(one, 8) == [204] * 6 + [429, 429]
        assert time.monotonic() - began < 0.5
    server.close()


async def test_a_redis_that_answers_nonsense_is_as_good_as_none(tmp_path: Path) -> None:
    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        writer.close()

    path = str(tmp_path / "nonsense.sock")
    server = await asyncio.start_unix_server(nonsense, path)
    async with edges(f"unix://{path}") as (one, _):
        assert await statuses(one, 8) == [204] * 6 + [429, 429]
    server.close()


async def test_a_flushed_redis_forgives_and_goes_on(tmp_path: Path) -> None:
    with a_valkey(tmp_path) as valkey:
        async with edges(valkey.url) as (one, other):
            await statuses(one, 3)
            await asyncio.to_thread(valkey.flush)
            assert (await statuses(other, 7)).count(204) <= 6
            assert (await statuses(one, 7)).count(204) <= 3


async def test_keys_show_nobody_and_end_by_themselves(tmp_path: Path) -> None:
    with a_valkey(tmp_path) as valkey:
        line = SharedRates(valkey.url)
        await line.take([Gate("address", "192.0.2.77", SLOW)])
        await line.take([Gate("stranger", "192.0.2.78", SLOW, counts=False)])
        keys = await line._redis.keys("*")
        assert len(keys) == 1
        assert b"192" not in keys[0]
        assert 19_000 < await line._redis.pttl(keys[0]) <= 20_001
        await line.close()


async def test_a_debt_from_another_clock_is_forgiven(tmp_path: Path) -> None:
    with a_valkey(tmp_path) as valkey:
        line = SharedRates(valkey.url)
        gate = Gate("address", "one", SLOW)
        await line.take([gate])
        (key,) = await line._redis.keys("*")
        for wrong in (str(int((time.time() + 86400) * 1e6)), "nonsense", "-5", ""):
            await line._redis.set(key, wrong)
            verdict = await line.take([gate])
            assert verdict is not None
            assert (verdict.passes, verdict.debt_us) == (True, 20_000_000)
        await line.close()


@given(st.lists(st.sampled_from([(0,), (1,), (0, 1), (1, 0)]), min_size=1, max_size=30))
@settings(max_examples=20, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
async def test_a_call_is_counted_at_all_its_gates_or_at_none(
    tmp_path: Path, calls: Sequence[tuple[int, ...]]
) -> None:
    valkey = running(tmp_path)
    line = SharedRates(valkey.url)
    await asyncio.to_thread(valkey.flush)
    rates = (Rate(per_minute=1, burst=4), Rate(per_minute=1, burst=7))
    left = [rate.burst for rate in rates]
    for places in calls:
        verdict = await line.take([Gate(str(place), "one", rates[place]) for place in places])
        fits = all(left[place] > 0 for place in places)
        assert verdict is not None
        assert verdict.passes == fits
        for place in places if fits else ():
            left[place] -= 1
    await line.close()


@pytest.fixture(autouse=True)
def stopped() -> Any:
    yield
    for one in RUNNING.values():
        one.kill()
    RUNNING.clear()


RUNNING: dict[Path, Valkey] = {}


def running(folder: Path) -> Valkey:
    """A server for all examples of one test."""
    if folder not in RUNNING:
        RUNNING[folder] = Valkey(folder)
        RUNNING[folder].start()
    return RUNNING[folder]
