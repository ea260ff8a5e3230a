"""Sealing everything again under the newest secret key, while everybody goes on working.

A round reads every sealed column of every network in short transactions. What is not sealed with
the newest key is sealed with it, unless somebody wrote the row meanwhile. Nothing is remembered
between rounds, so a rotation may be killed at any time, begun again, or run twice at once.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias
from uuid import UUID

import msgspec

from interpreters.application.calls import run
from interpreters.application.networks import list_networks
from interpreters.database import BUSY, Db, Pool, Row, transaction
from interpreters.domain.sealed_columns import Column, Table
from interpreters.secret_keys import WrongKeys
from interpreters.sql import rotation
from interpreters.sql.sealed_money import MONEY
from interpreters.sql.sealed_people import PEOPLE
from interpreters.sql.sealed_work import WORK
from interpreters.vault import Vault, vault_of

TABLES: Final = PEOPLE + WORK + MONEY
ROUNDS: Final = 5  # one is enough unless somebody is in the way
LOOK: Final = 0.2  # seconds between two looks at what still runs

Told: TypeAlias = Callable[[int], None]


def _silent(_: int) -> None:
    """Tell nobody."""


class StillRunning(Exception):
    """A transaction that began before the new key was known does not end."""


async def wait_for_writers(pool: Pool, *, seconds: float = 90) -> None:
    """Wait until every transaction has ended that may hold a text sealed with the old key.

    Raises:
        StillRunning: one of them did not within that time.
    """
    async with pool.acquire() as db:
        number = await rotation.transaction_number(db)
        for _ in range(int(seconds / LOOK)):
            if await rotation.oldest_running(db) > number:
                return
            await asyncio.sleep(LOOK)
    raise StillRunning(
        f"a transaction that writes has been open for {seconds:.0f} seconds: end it "
        "(see pg_stat_activity) and begin again"
    )


async def count_old(pool: Pool, *, told: Told = _silent) -> Mapping[str, int]:
    """Count the rows of each table that are not sealed with the newest key, in all networks."""
    return await _round(pool, told, writing=False)


async def reseal(pool: Pool, *, told: Told = _silent) -> Mapping[str, int]:
    """Seal everything with the newest key; return the rows of each table that could not be."""
    old: Mapping[str, int] = {}
    for _ in range(ROUNDS):
        await _round(pool, told, writing=True)
        old = await count_old(pool)
        if not old:
            break
    return old


async def _round(pool: Pool, told: Told, *, writing: bool) -> dict[str, int]:
    """Tell how many rows each table has that are not sealed with the newest key, or had."""
    found: dict[str, int] = {}
    for network_id in (await list_networks(pool)).values():
        for table in TABLES:
            if count := await _of_table(pool, network_id, table, told, writing=writing):
                found[table.name] = found.get(table.name, 0) + count
    return found


async def _of_table(
    pool: Pool, network_id: UUID, table: Table, told: Told, *, writing: bool
) -> int:
    count, after = 0, table.begin
    while True:
        async with transaction(pool, network_id) as db:
            vault = vault_of(db)
            rows = await rotation.read(db, network_id=network_id, table=table, after=after)
        old = [row for row in rows if _is_old(vault, table, row)]
        count += len(old)
        if writing and old:
            with contextlib.suppress(*BUSY):  # somebody holds a row for long: the next round
                await _write(pool, network_id, table, _resealed(vault, network_id, table, old))
        told(len(old))
        if len(rows) < table.batch:
            return count
        after = tuple(rows[-1].values())[: len(table.begin)]


async def _write(pool: Pool, network_id: UUID, table: Table, rows: list[list[object]]) -> None:
    async def work(db: Db) -> None:
        await rotation.write(db, network_id=network_id, table=table, rows=rows)

    await run(pool, network_id, work)


def _is_old(vault: Vault, table: Table, row: Row) -> bool:
    stored = ((one, row[one.name]) for one in table.columns)
    return any(
        value is not None and vault.number(_inside(one, value)) != vault.newest
        for one, value in stored
    )


def _resealed(
    vault: Vault, network_id: UUID, table: Table, rows: Sequence[Row]
) -> list[list[object]]:
    """Return what to write of each row: its key, new values, marks, old values."""
    found = []
    for row in rows:
        with contextlib.suppress(WrongKeys):  # no key opens it: it is counted again, and told
            opened = [_opened(vault, network_id, one, row[one.name]) for one in table.columns]
            both = list(zip(table.columns, opened, strict=True))
            found.append(
                [
                    *tuple(row.values())[: len(table.begin)],
                    *(_sealed(vault, network_id, one, value) for one, value in both),
                    *(_mark(vault, network_id, one, value) for one, value in both if one.mark),
                    *(row[one.name] for one in table.columns),
                ]
            )
    return found


def _inside(column: Column, stored: Any) -> Any:
    """Return the sealed text in a JSON string; any other JSON is what was not sealed."""
    if column.kind != "json":
        return stored
    value = msgspec.json.decode(stored)
    return value if isinstance(value, str) else stored


def _opened(vault: Vault, network_id: UUID, column: Column, stored: Any) -> Any:
    if stored is None:
        return None
    if column.kind == "bytes":
        return vault.unseal_bytes(network_id, stored)
    return vault.unseal(network_id, _inside(column, stored))


def _sealed(vault: Vault, network_id: UUID, column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.kind == "bytes":
        return vault.seal_bytes(network_id, value)
    sealed = vault.seal(network_id, value)
    return msgspec.json.encode(sealed).decode() if column.kind == "json" else sealed


def _mark(vault: Vault, network_id: UUID, column: Column, value: str | None) -> bytes | None:
    if value is None:
        return None
    return vault.mark(network_id, value.casefold() if column.folded else value)
