"""Imports that are too long for a call: done by the worker, once, whatever dies meanwhile."""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from api import Api, Network, serving
from conftest import Clock
from interpreters.application import imports
from interpreters.application.due import take_due
from interpreters.database import Pool
from interpreters.domain.ids import OPERATION, read_id
from interpreters.http.import_bodies import read_row
from interpreters.jobs import operations
from interpreters.jobs.operations import Operations, do

pytestmark = pytest.mark.anyio
HEADER = "external_reference,name,phone,email,languages,city,weekly hours"


def roster(count: int) -> bytes:
    """So many interpreters of two or three languages, as a file."""
    spoken = (
        "Dari:native; lv",
        "lv:native; ru; en",
        "Tigrinya; lv:working",
        "ar-EG:native; lv; en",
    )
    rows = (
        f"P-{one},Person {one},+3712{1_000_000 + one},p{one}@example.org,"
        f'"{spoken[one % 4]}",Riga,mon-fri 09:00-17:00'
        for one in range(count)
    )
    return "\n".join([HEADER, *rows]).encode()


async def send(api: Api, data: bytes, mode: str = "commit", kind: str = "interpreters") -> str:
    """Send a file of more than 500 rows; return the operation's id."""
    response = await api.call(
        "POST", "/v1/imports", data={"kind": kind, "mode": mode}, files={"file": ("a.csv", data)}
    )
    assert response.status_code == 202, response.text
    made: str = response.json()["id"]
    return made


async def due(network: Network, now: datetime) -> list[UUID]:
    """The operations that are due."""
    found = await take_due(
        network.pool, kinds=["operation"], now=now, until=now + timedelta(seconds=15), limit=10
    )
    return [one.id for one in found]


async def finish(network: Network, operation: str, clock: Clock) -> None:
    await do(
        network.pool, network_id=network.id, id=read_id(OPERATION, operation), read=read_row,
        clock=clock,
    )  # fmt: skip


async def looked_at(api: Api, operation: str) -> dict[str, Any]:
    response = await api.get(f"/v1/operations/{operation}")
    assert response.status_code == 200
    told: dict[str, Any] = response.json()
    return told


async def test_the_worker_does_it_and_its_result_is_what_a_call_answers(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        operation = await send(coordinator, roster(510))
        assert await due(network, clock.now) == [read_id(OPERATION, operation)]
        await finish(network, operation, clock)
        told = await looked_at(coordinator, operation)
        assert (told["state"], told["done"], told["total"]) == ("succeeded", 510, 510)
        assert told["result"] == {
            "kind": "interpreters", "mode": "commit", "rows": 510, "created": 510, "changed": 0,
            "unchanged": 0, "errors": [],
        }  # fmt: skip
        assert await network.count("interpreters") == 510
        assert await due(network, clock.now + timedelta(days=1)) == []


async def test_it_may_run_twice_at_once_and_again_later(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        operation = await send(coordinator, roster(510))
        await asyncio.gather(
            *(finish(network, operation, clock) for _ in range(2)), return_exceptions=True
        )
        await finish(network, operation, clock)
        assert await network.count("interpreters") == 510
        told = await looked_at(coordinator, operation)
        assert (told["state"], told["result"]["created"]) == ("succeeded", 510)


async def test_a_file_with_errors_fails_and_stores_nothing(pool: Pool, clock: Clock) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        data = roster(510).replace(b"p7@example.org", b"nobody")
        operation = await send(coordinator, data)
        await finish(network, operation, clock)
        told = await looked_at(coordinator, operation)
        assert told["state"] == "failed"
        assert [(one["row"], one["column"]) for one in told["result"]["errors"]] == [(9, "email")]
        assert await network.count("interpreters") == 0
        preview = await send(coordinator, data, mode="preview")
        await finish(network, preview, clock)
        told = await looked_at(coordinator, preview)
        assert (told["state"], told["result"]["created"]) == ("succeeded", 509)


async def test_one_whose_worker_died_comes_again(
    pool: Pool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "BEAT", 0.05)
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        operation = await send(coordinator, roster(1500))
        assert await due(network, clock.now) == [read_id(OPERATION, operation)]
        doing = asyncio.create_task(finish(network, operation, clock))
        while (await looked_at(coordinator, operation))["done"] < 750:  # half: all is read
            await asyncio.sleep(0.02)
            assert not doing.done()
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)
        assert await network.count("interpreters") == 0
        assert (await looked_at(coordinator, operation))["state"] == "running"
        assert await due(network, clock.now + timedelta(seconds=14)) == []
        clock.now += timedelta(seconds=15)
        assert await due(network, clock.now) == [read_id(OPERATION, operation)]
        await finish(network, operation, clock)
        assert await network.count("interpreters") == 1500


async def test_a_process_has_an_operation_once_and_takes_them_in_turn(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        named = [await send(coordinator, roster(510), mode) for mode in ("preview", "commit")]
        process = Operations(read_row)
        for one in [*named, *named]:
            await process.start(
                pool, network_id=network.id, id=read_id(OPERATION, one), clock=clock
            )
        assert len(process.tasks) == 2
        await asyncio.gather(*process.tasks.values())
        for one in named:
            assert (await looked_at(coordinator, one))["state"] == "succeeded"
        assert process.tasks == {}


async def test_what_fails_for_no_known_reason_ends_after_ten_minutes(
    pool: Pool, clock: Clock
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        operation = await send(coordinator, roster(510))
        for minutes, state in ((0, "running"), (9, "running"), (2, "failed")):
            clock.now += timedelta(minutes=minutes)
            with pytest.raises(ZeroDivisionError):
                await do(
                    pool, network_id=network.id, id=read_id(OPERATION, operation), read=broken,
                    clock=clock,
                )  # fmt: skip
            assert (await looked_at(coordinator, operation))["state"] == state
        assert (await looked_at(coordinator, operation))["result"] is None


async def test_two_thousand_interpreters_take_less_than_eight_seconds(
    pool: Pool, clock: Clock
) -> None:
    """A fifth of ten thousand, for which 20 seconds are promised, and twice the time for it."""
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        operation = await send(coordinator, roster(2000))
        began = time.monotonic()
        await finish(network, operation, clock)
        assert time.monotonic() - began < 8
        assert (await looked_at(coordinator, operation))["result"]["created"] == 2000
        again = await send(coordinator, roster(2000))
        await finish(network, again, clock)
        assert (await looked_at(coordinator, again))["result"]["unchanged"] == 2000


async def test_who_comes_second_waits_and_then_is_told(
    pool: Pool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "TURNS", 2)
    monkeypatch.setattr(operations, "BEAT", 0.05)
    async with serving(pool, clock) as network:
        coordinator = await network.caller("coordinator")
        operation = await send(coordinator, roster(1500))
        doing = asyncio.create_task(finish(network, operation, clock))
        while (await looked_at(coordinator, operation))["done"] < 750:
            await asyncio.sleep(0.02)
        response = await coordinator.call(
            "POST", "/v1/imports", data={"kind": "interpreters", "mode": "commit"},
            files={"file": ("a.csv", roster(1))},
        )  # fmt: skip
        assert (response.status_code, response.json()["code"]) == (409, "import-in-progress")
        await doing
