"""`python -m bench.statements OWNER APP [ENTRIES]`: statements in a ledger of a million entries.

OWNER and APP are addresses of one empty, migrated database, for its owner and for the application.
Prints how long a month of one institution and one interpreter takes, its files, the closing of a
month, the checker, and the most memory this process has taken.
"""

import asyncio
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from bench.ledger import fill
from bench.world import NOW
from interpreters.application.calls import run
from interpreters.application.ledger_checks import check_ledger
from interpreters.application.statement_files import file_of
from interpreters.application.statement_issuing import ClosingOrder, close_month
from interpreters.application.statements import Document, show_statement
from interpreters.database import Pool, open_pool
from interpreters.domain.callers import house
from interpreters.domain.statements import Side
from interpreters.secret_keys import new_key
from interpreters.vault import Vault

TIMES = 20
MONTH = date(2025, 10, 1)
BEFORE = date(2025, 1, 1)


async def main(owner_url: str, app_url: str, entries: int) -> None:
    """Measure and print."""
    pool = await open_pool(
        app_url, vault=Vault({1: new_key()}), size=2, statement_timeout_seconds=120
    )
    owner = await asyncpg.connect(owner_url)
    network_id = await fill(pool, owner, entries=entries)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(
        "UPDATE usage_entries SET language = 'prs' WHERE network_id = $1", network_id
    )
    await owner.execute("VACUUM ANALYZE")
    for side, table in (("charge", "institutions"), ("pay", "interpreters")):
        party = await owner.fetchval(
            f"SELECT id FROM {table} WHERE network_id = $1 ORDER BY id OFFSET 7 LIMIT 1", network_id
        )
        await _side(pool, network_id, side, party)
    await _closing(pool, network_id)
    began = time.perf_counter()
    faults = [one async for one in check_ledger(pool, network_id=network_id)]
    print(
        f"{'checker, whole ledger':40}{time.perf_counter() - began:10.1f} s, {len(faults)} faults"
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'most memory':40}{peak:10.0f} MB")


async def _side(pool: Pool, network_id: UUID, side: Any, party: UUID) -> None:
    async def shown() -> Document:
        return await _document(pool, network_id, side, party)

    found = await shown()
    print(f"{side}: {len(found.lines)} lines")
    await _timed("  the month's draft", shown)
    for wanted in ("csv", "xlsx", "pdf"):
        await _timed(f"  {wanted}", lambda wanted=wanted: file_of(found, wanted))


async def _document(pool: Pool, network_id: UUID, side: Side, party: UUID) -> Document:
    return await run(
        pool, network_id,
        lambda db: show_statement(
            db, house(network_id), side=side, party_id=party, month=lambda: MONTH
        ),
    )  # fmt: skip


async def _closing(pool: Pool, network_id: UUID) -> None:
    order = ClosingOrder(side="charge", month=BEFORE, leave_open=True)
    began = time.perf_counter()
    done = await run(
        pool, network_id,
        lambda db: close_month(db, house(network_id), order=lambda: order, now=NOW),
    )  # fmt: skip
    took = time.perf_counter() - began
    print(f"{f'closing: {len(done.issued)} issued, {done.left} left':40}{took * 1000:10.0f} ms")


async def _timed(what: str, work: Callable[[], Awaitable[Any]]) -> None:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await work()
        took.append(time.perf_counter() - began)
    took.sort()
    print(f"{what:40}{took[TIMES // 2] * 1000:10.1f} ms (worst {took[-1] * 1000:.1f})")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int((*sys.argv[3:], "1000000")[0])))
