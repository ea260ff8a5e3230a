"""`python -m bench [--short]`: prints a table, and fails when a target is missed."""

import argparse
import asyncio
import contextlib
import itertools
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import uvloop

from bench import authorising, cpu, pgbench
from bench.authorising import Cost
from bench.pgbench import Call
from bench.work import Yes, accept, ask_many, look, ready_to_accept
from bench.world import build
from interpreters.database import Pool, open_pool
from interpreters.domain.travel import cell
from interpreters.embedded import folder
from interpreters.embedded.binaries import find_postgres
from interpreters.embedded.postgres import Postgres, run_postgres
from interpreters.embedded.roots import choose_account
from interpreters.migrate import migrate
from interpreters.secret_keys import new_key
from interpreters.vault import Vault

VAULT = Vault({1: new_key()})
CLIENTS = 4
SEARCH_CPU_MS = 4.0  # at 1,000 interpreters, application and database together
BOOKING_CPU_MS = 4.0
SEARCH_RATIO = 0.5  # of pgbench, at the largest roster
ACCEPT_RATIO = 0.25
LARGE = 100_000
# The short form runs among the tests, on machines that do other things: it finds what became
# half as slow again. The long form judges by the figures themselves.
ALLOWANCE = 1.5


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table; milliseconds of CPU for each call, and calls a second."""

    what: str
    size: int
    a_second: float
    app_ms: float
    database_ms: float
    pgbench_a_second: float

    @property
    def ratio(self) -> float:
        """How near the calls come to what the database alone can do."""
        return self.a_second / self.pgbench_a_second

    @property
    def cpu_ms(self) -> float:
        """CPU of application and database together."""
        return self.app_ms + self.database_ms


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--short", action="store_true", help="small rosters, short runs")
    short = parser.parse_args().short
    sizes = (1_000, 10_000) if short else (1_000, LARGE)
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as place,
        _server(Path(place)) as server,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,  # as the web process
    ):
        costs: list[Cost] = []
        figures = runner.run(_measure(server, sizes, costs, seconds=3 if short else 15))
    allowance = ALLOWANCE if short else 1.0
    _print(figures)
    _print_costs(costs)
    missed = [*_missed(figures, allowance=allowance), *_dear(costs, allowance=allowance)]
    for line in missed:
        print("MISSED:", line)
    print(f"{len(figures) + len(costs) - len(missed)} passed, {len(missed)} failed")
    return 1 if missed else 0


@contextlib.contextmanager
def _server(place: Path) -> Iterator[Postgres]:
    programs = find_postgres()
    account = choose_account(programs / "postgres")
    with folder.hold(place / "data") as data_dir, contextlib.ExitStack() as stack:
        sockets = stack.enter_context(folder.socket_folder(data_dir, account, name="bench"))
        running = run_postgres(data_dir, programs=programs, sockets=sockets, account=account)
        server = stack.enter_context(running)
        migrate(server.url("interpreters_owner"))
        yield server


async def _measure(
    server: Postgres, sizes: Sequence[int], costs: list[Cost], *, seconds: int
) -> list[Figure]:
    figures = []
    for size in sizes:
        pool = await open_pool(server.url("interpreters_app"), vault=VAULT, size=CLIENTS)
        owner = await asyncpg.connect(server.url("postgres"))
        world = await build(pool, server.url("postgres"), size=size, cell=cell)
        made = await ask_many(pool, owner, world, count=400)
        await owner.execute("ANALYZE")
        if not costs:
            costs += await authorising.measure(pool, world.network_id)
        bench = Bench(server=server, pool=pool, owner=owner, size=size, seconds=seconds)
        for what, ids, counted in (
            ("search in person", made.in_person, False),
            ("search by phone", made.remote, False),
            ("search in person, with funnel", made.in_person, True),
            ("search by phone, with funnel", made.remote, True),
        ):
            turn = itertools.cycle(ids)
            figures.append(
                await bench.repeated(
                    what,
                    lambda here=bench, world=world, turn=turn, counted=counted: look(
                        here.pool, world, next(turn), counted=counted
                    ),
                )
            )
        figures.append(await bench.once_each(await ready_to_accept(pool, owner, world)))
    return figures


class Bench:
    """One roster's measurements on one server."""

    def __init__(
        self, *, server: Postgres, pool: Pool, owner: Any, size: int, seconds: int
    ) -> None:
        self.server, self.pool, self.owner = server, pool, owner
        self.size, self.seconds = size, seconds

    async def repeated(self, what: str, call: Callable[[], Awaitable[Any]]) -> Figure:
        """Measure a call that changes nothing, then the same statements from pgbench."""
        await asyncio.gather(*(call() for _ in range(40)))
        logged: list[Call] = []
        async with _logging(self.pool, logged):
            for _ in range(100):
                await call()
        cost = await self._cost(call, count=None)
        each = await self._pgbench(self.owner, "interpreters", logged, once=False)
        return Figure(what=what, size=self.size, **cost, pgbench_a_second=1 / each)

    async def once_each(self, ready: Sequence[Yes]) -> Figure:
        """Measure accepting: one half here, the other half's statements on a copy from pgbench."""
        copy = f"copy_{self.size}"
        await self._copy(copy)
        yeses = iter(ready)
        for _ in range(min(50, len(ready) // 8)):  # so that statements are prepared and pages warm
            await accept(self.pool, next(yeses))
        half = len(ready) // 2
        cost = await self._cost(lambda: accept(self.pool, next(yeses)), count=half)
        logged: list[Call] = []
        async with _logging(self.pool, logged):
            for yes in yeses:
                await accept(self.pool, yes)
        owner = await asyncpg.connect(self.server.url("postgres", copy))
        each = await self._pgbench(owner, copy, logged, once=True)
        await owner.close()
        await self.pool.close()
        await self.owner.close()
        return Figure(what="accept", size=self.size, **cost, pgbench_a_second=1 / each)

    async def _copy(self, name: str) -> None:
        """Copy the database: nobody may be connected meanwhile."""
        await self.pool.close()
        await self.owner.close()
        admin = await asyncpg.connect(self.server.url("postgres", "postgres"))
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE interpreters", timeout=600)
        await admin.close()
        self.pool = await open_pool(self.server.url("interpreters_app"), vault=VAULT, size=CLIENTS)
        self.owner = await asyncpg.connect(self.server.url("postgres"))

    async def _cost(
        self, call: Callable[[], Awaitable[Any]], *, count: int | None
    ) -> dict[str, float]:
        app, database = cpu.own(), cpu.postgres(self.server.pid)
        started = time.perf_counter()
        done = await _run(call, seconds=self.seconds, count=count)
        elapsed = time.perf_counter() - started
        return {
            "a_second": done / elapsed,
            "app_ms": (cpu.own() - app) / done * 1000,
            "database_ms": (cpu.postgres(self.server.pid) - database) / done * 1000,
        }

    async def _pgbench(
        self, owner: Any, database: str, logged: Sequence[Call], *, once: bool
    ) -> float:
        script, rows = await pgbench.prepare(owner, "bench_calls", logged)
        return await asyncio.to_thread(
            pgbench.run, find_postgres() / "pgbench", self.server.url("interpreters_app", database),
            "bench_calls", script, count=rows, clients=CLIENTS, once=once, seconds=self.seconds,
        )  # fmt: skip


async def _run(call: Callable[[], Awaitable[Any]], *, seconds: int, count: int | None) -> int:
    """Make calls from as many tasks as there are connections; return how many."""
    end = time.perf_counter() + seconds
    left = itertools.count() if count is None else iter(range(count))
    done = 0

    async def client() -> None:
        nonlocal done
        while count is not None or time.perf_counter() < end:
            if next(left, None) is None:
                return
            await call()
            done += 1

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return done


@contextlib.asynccontextmanager
async def _logging(pool: Pool, logged: list[Call]) -> AsyncIterator[None]:
    """Write down every statement, one list for each transaction; calls come one after another."""
    present: Call = []

    def note(record: Any) -> None:
        if record.query.startswith("BEGIN"):
            present.clear()
        present.append((record.query, tuple(record.args or ())))
        if record.query == "COMMIT":
            logged.append(list(present))

    connections = [await pool.acquire() for _ in range(CLIENTS)]
    with contextlib.ExitStack() as stack:
        for one in connections:
            stack.enter_context(one.query_logger(note))
        for one in connections:
            await pool.release(one)
        yield
        again = [await pool.acquire() for _ in range(CLIENTS)]
    for one in again:
        await pool.release(one)


def _print(figures: Sequence[Figure]) -> None:
    print(f"{'':34}{'roster':>8}{'calls/s':>9}{'pgbench/s':>11}{'ratio':>7}"
          f"{'CPU ms':>8}{'app':>6}{'db':>6}")  # fmt: skip
    for one in figures:
        print(f"{one.what:34}{one.size:>8}{one.a_second:>9.0f}{one.pgbench_a_second:>11.0f}"
              f"{one.ratio:>7.2f}{one.cpu_ms:>8.2f}{one.app_ms:>6.2f}{one.database_ms:>6.2f}")  # fmt: skip


def _print_costs(costs: Sequence[Cost]) -> None:
    for one in costs:
        print(f"who calls, by {one.what}: {one.added_ms:.2f} ms at p50 "
              f"({one.without_ms:.2f} without, {one.with_ms:.2f} with)")  # fmt: skip


def _dear(costs: Sequence[Cost], *, allowance: float) -> Iterator[str]:
    for one in costs:
        if one.added_ms > authorising.MOST_MS * allowance:
            yield f"who calls, by {one.what}: {one.added_ms:.2f} ms, wanted {authorising.MOST_MS}"


def _missed(figures: Sequence[Figure], *, allowance: float) -> Iterator[str]:
    search_ms, booking_ms = SEARCH_CPU_MS * allowance, BOOKING_CPU_MS * allowance
    for one in figures:
        search = one.what in ("search in person", "search by phone")
        if search and one.size == LARGE and one.ratio < SEARCH_RATIO:
            yield f"{one.what} at {one.size}: {one.ratio:.2f} of pgbench, wanted {SEARCH_RATIO}"
        if one.what == "accept" and one.ratio < ACCEPT_RATIO:
            yield f"accept at {one.size}: {one.ratio:.2f} of pgbench, wanted {ACCEPT_RATIO}"
        if search and one.size == min(f.size for f in figures) and one.cpu_ms > search_ms:
            yield f"{one.what} at {one.size}: {one.cpu_ms:.2f} ms of CPU, wanted {search_ms}"
        if one.what == "accept" and one.cpu_ms > booking_ms:
            yield f"accept at {one.size}: {one.cpu_ms:.2f} ms of CPU, wanted {booking_ms}"


if __name__ == "__main__":
    sys.exit(main())
