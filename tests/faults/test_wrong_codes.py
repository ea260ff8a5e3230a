"""Whoever tries codes in bulk does not keep others from signing in with theirs."""

import asyncio
import contextlib
import itertools
import re
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Final

import msgspec
import pytest

from browser import free_port
from conftest import Clock
from interpreters.application.calls import run
from interpreters.application.networks import open_network
from interpreters.application.sign_in import Asked, start_sign_in
from interpreters.cli.serve import web_command, web_environment
from interpreters.database import Db, Pool
from interpreters.domain.ids import new_id
from interpreters.domain.tokens import new_token
from interpreters.settings import Settings, load
from interpreters.sql import users
from interpreters.sql.users import User
from sealing import SECRET_KEYS, VAULT
from servers import database_url

pytestmark = pytest.mark.anyio
ROUNDS: Final = 5
RIGHT: Final = 12  # right codes in each half of a round, one every PACE seconds
PACE: Final = 0.06
WRONG: Final = 100  # a second
MOST: Final = 2.0


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt and its right code."""

    attempt: str
    code: str

    def right(self) -> bytes:
        return msgspec.json.encode(self)

    def wrong(self, by: int) -> bytes:
        code = f"{(int(self.code) + by) % 1_000_000:06}"
        return msgspec.json.encode(msgspec.structs.replace(self, code=code))


class Line:
    """One connection to the web process: sends and waits, with as little work as can be."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def verify(self, body: bytes) -> int:
        self.writer.write(
            b"POST /v1/sign-in/verify HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        assert length is not None
        await self.reader.readexactly(int(length[1]))
        return int(head[9:12])


@contextlib.asynccontextmanager
async def lines(port: int, count: int) -> AsyncIterator[list[Line]]:
    opened = [Line(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(count)]
    try:
        yield opened
    finally:
        for one in opened:
            one.writer.close()


@contextlib.contextmanager
def web_process(settings: Settings) -> Iterator[None]:
    """Run the web process itself: what the test does must not slow what it measures."""
    child = subprocess.Popen(
        web_command(settings), env=web_environment(settings), stdout=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        child.terminate()
        child.wait(15)


async def answering(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            async with lines(port, 1):
                return
        await asyncio.sleep(0.05)
    raise AssertionError("the web process did not answer")


async def attempts(pool: Pool, network: str, now: datetime, names: Sequence[int]) -> list[Tried]:
    """Have a code sent to each of so many people, and read it where it waits to be sent."""
    tokens = {}
    for name in names:
        address = f"p{name}@example.org"
        asked = Asked(
            network=network, channel="mail", recipient=address, address="192.0.2.1", language="en"
        )
        tokens[address] = (await start_sign_in(pool, asked=asked, now=now)).attempt
    codes = await sent(pool)
    return [Tried(attempt=token, code=codes[address]) for address, token in tokens.items()]


async def sent(pool: Pool) -> dict[str, str]:
    async with pool.acquire() as db:
        [network_id] = [row["network_id"] for row in await db.fetch(
            "SELECT network_id FROM network_names"
        )]  # fmt: skip

    async def read(db: Db) -> dict[str, str]:
        rows = await db.fetch("SELECT recipient, body FROM messages")
        return {
            VAULT.unseal(network_id, row["recipient"]): VAULT.unseal(network_id, row["body"])[:6]
            for row in rows
        }

    return await run(pool, network_id, read)


async def people(pool: Pool, now: datetime, count: int) -> None:
    network = await open_network(
        pool, name="Centre", slug="centre", time_zone="Europe/Riga", currency="EUR", country="LV",
        working_language="lav", now=now,
    )  # fmt: skip

    async def add(db: Db) -> None:
        for name in range(count):
            user = User(
                id=new_id(now), email=f"p{name}@example.org", roles=("finance",), joined_at=now,
                created_at=now,
            )  # fmt: skip
            assert await users.insert(db, network_id=network.network_id, user=user)

    await run(pool, network.network_id, add)


async def timed(line: Line, right: Sequence[Tried]) -> list[float]:
    """Tell each right code, one after another; return how long the answers took."""
    took = []
    for one in right:
        began = time.perf_counter()
        assert await line.verify(one.right()) == 200
        took.append(time.perf_counter() - began)
        await asyncio.sleep(max(0.0, PACE - took[-1]))
    return took


async def flood(spare: Sequence[Line], bodies: Iterator[bytes], over: asyncio.Event) -> int:
    """Tell WRONG wrong codes a second until it is over; return how many were told."""
    told, began = 0, time.perf_counter()

    async def tell(line: Line, body: bytes) -> None:
        assert await line.verify(body) == 401

    while not over.is_set():
        await asyncio.gather(*(tell(one, next(bodies)) for one in spare))
        told += len(spare)
        await asyncio.sleep(max(0.0, began + told / WRONG - time.perf_counter()))
    return told


def wrong_codes(same: Sequence[Tried], other: Sequence[Tried]) -> Iterator[bytes]:
    """Yield wrong codes of the attempts that are just signed in with (each bears five), of others
    and, when their five are gone, still of those, and of attempts that never were."""
    own = [one.wrong(by) for by in range(1, 5) for one in same]
    others = itertools.cycle([one.wrong(by) for by in range(1, 8) for one in other])
    never = Tried(attempt=new_token(new_id(datetime.now(UTC)), "at"), code="000000").right()
    for place in itertools.count():
        yield own.pop() if own and place % 2 else never if place % 5 == 0 else next(others)


async def test_a_hundred_wrong_codes_a_second_slow_a_right_one_by_less_than_twice(
    pool: Pool, database: str, clock: Clock
) -> None:
    """Half by half in turns, so that whatever else the machine does is in both alike."""
    now = clock.now = datetime.now(UTC)
    many = ROUNDS * RIGHT
    await people(pool, now, 3 * many)
    calm = await attempts(pool, "centre", now, range(many))
    stormy = await attempts(pool, "centre", now, range(many, 2 * many))
    other = await attempts(pool, "centre", now, range(2 * many, 3 * many))
    port = free_port()
    unlimited = {
        f"INTERPRETERS_RATE_{whose}_{what}": "10000000"
        for whose in ("ADDRESS", "SIGN_IN")
        for what in ("PER_MINUTE", "BURST")
    }
    settings = load(
        {
            "INTERPRETERS_DATABASE_URL": database_url(role="interpreters_app", database=database),
            "INTERPRETERS_SECRET_KEYS": SECRET_KEYS,
            "INTERPRETERS_PORT": str(port),
            **unlimited,
        }
    )
    alone: list[float] = []
    beside: list[float] = []
    seconds, told = 0.0, 0
    with web_process(settings):
        await answering(port)
        async with lines(port, 1) as [own], lines(port, 5) as spare:
            for place in range(ROUNDS):
                here = slice(place * RIGHT, (place + 1) * RIGHT)
                alone += await timed(own, calm[here])
                bodies = wrong_codes(stormy[here], other)
                over, began = asyncio.Event(), time.perf_counter()
                storm = asyncio.create_task(flood(spare, bodies, over))
                beside += await timed(own, stormy[here])
                over.set()
                told += await storm
                seconds += time.perf_counter() - began
    ratio = median(beside) / median(alone)
    assert told / seconds > 0.8 * WRONG
    assert ratio < MOST, f"alone {median(alone):.4f} s, beside {median(beside):.4f} s"
