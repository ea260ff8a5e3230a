"""`python -m bench.reports [--entries N]`: a year's report and the whole ledger as a file.

Seconds of CPU are those of application and database together, on however busy a machine; the
memory is this process's own, which also makes the file.
"""

import argparse
import asyncio
import gc
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import uvloop

from bench import cpu
from bench.__main__ import VAULT, _server
from bench.ledger import fill
from interpreters.application.calls import run
from interpreters.application.usage_exports import ExportQuestion, LedgerExport, ledger_csv
from interpreters.application.usage_reports import UsageQuestion, report_usage
from interpreters.database import Db, Pool, open_pool
from interpreters.domain.callers import house

FROM, UNTIL = date(2025, 1, 1), date(2026, 1, 1)
GROUPINGS = (
    (), ("month",), ("institution", "language", "mode", "month"), ("client",), ("nationality",),
    ("interpreter",),
)  # fmt: skip
MOST_SECONDS = 2.0  # of a full year's grouped report on two cores
MOST_MB = 100  # the file's making, beyond what the process had before


def main() -> int:
    """Fill, measure, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m bench.reports", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    entries = parser.parse_args().entries
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as place,
        _server(Path(place)) as server,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        return runner.run(_measured(server, entries))


async def _measured(server: Any, entries: int) -> int:
    pool = await open_pool(
        server.url("interpreters_app"), vault=VAULT, size=2, statement_timeout_seconds=1200
    )
    owner = await asyncpg.connect(server.url("postgres"))
    network_id = await fill(pool, owner, entries=entries)
    await owner.close()
    missed = await measure(pool, network_id, server.pid)
    await pool.close()
    return 1 if missed else 0


async def measure(pool: Pool, network_id: UUID, pid: int) -> int:
    """Print one line for each report and for the file; return how many targets are missed."""
    missed = 0
    gc.collect()
    gc.freeze()  # as the web process does when it begins
    for groupings in GROUPINGS:
        asked = UsageQuestion(from_=FROM, until=UNTIL, groupings=groupings)

        async def count(asked: UsageQuestion = asked) -> int:
            async def work(db: Db) -> int:
                report = await report_usage(db, house(network_id), question=lambda: asked)
                return len(report.rows)

            return await run(pool, network_id, work)

        seconds, used, rows = await _timed(count, pid)
        missed += used / 2 > MOST_SECONDS
        print(f"year by {','.join(groupings) or 'nothing'}: {rows} rows, {seconds:.2f} s, "
              f"CPU {used:.2f} s")  # fmt: skip
    before = _mb()
    seconds, used, size = await _timed(lambda: _export(pool, network_id), pid)
    grown = _mb() - before
    print(f"the ledger as CSV: {size >> 20} MB in {seconds:.1f} s, CPU {used:.1f} s, "
          f"memory {before:.0f} MB and {grown:.0f} MB more")  # fmt: skip
    return missed + (grown > MOST_MB)


async def _export(pool: Pool, network_id: UUID) -> int:
    question = ExportQuestion(from_=FROM, until=UNTIL)
    export = LedgerExport(network_id=network_id, only=None, question=question, with_pay=True)
    return sum([len(part) async for part in ledger_csv(pool, export)])


async def _timed(work: Callable[[], Awaitable[int]], pid: int) -> tuple[float, float, int]:
    app, database, started = cpu.own(), cpu.postgres(pid), time.perf_counter()
    result = await work()
    seconds = time.perf_counter() - started
    return seconds, cpu.own() - app + cpu.postgres(pid) - database, result


def _mb() -> float:
    """The most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
