"""The ledger's checker: every entry, booking and statement of a network is added up again."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Final, TypeAlias, TypeVar
from uuid import UUID

from interpreters.application.calls import run
from interpreters.database import Db, Pool
from interpreters.domain.ids import USAGE_ENTRY, show_id
from interpreters.domain.ledger_checks import (
    Fault,
    booking_faults,
    entry_faults,
    number_faults,
    statement_faults,
)
from interpreters.domain.ledger_money import money_faults
from interpreters.sql import ledger_checks, ledger_money

__all__ = ["Fault", "check_ledger"]
AT_ONCE: Final = 2000  # rows of a page; more of them need memory, fewer time
FIRST: Final = UUID(int=0)
T = TypeVar("T")
Read: TypeAlias = Callable[..., Awaitable[list[T]]]


async def check_ledger(pool: Pool, *, network_id: UUID) -> AsyncIterator[Fault]:
    """Yield what does not add up in a network; nothing is changed, and work goes on meanwhile.

    Each page is read in one statement, so nothing is half written in it.
    """
    async for fault in _checked(pool, network_id, ledger_checks.entries, entry_faults):
        yield fault
    async for fault in _checked(pool, network_id, ledger_checks.bookings, booking_faults):
        yield fault
    async for fault in _checked_money(pool, network_id):
        yield fault
    async for fault in _checked(pool, network_id, ledger_checks.statements, statement_faults):
        yield fault
    given = await run(pool, network_id, lambda db: ledger_checks.numbers(db, network_id=network_id))
    for fault in number_faults(given):
        yield fault


async def _checked_money(pool: Pool, network_id: UUID) -> AsyncIterator[Fault]:
    """Reckon everything again from what is recorded; rules that come meanwhile are read anew."""
    after: UUID | None = FIRST
    while after is not None:
        page = await _page(pool, network_id, ledger_money.bookings, after)
        rules = await run(
            pool, network_id, lambda db: ledger_money.rules(db, network_id=network_id)
        )
        for one in page:
            for fault in money_faults(one, rules):
                yield fault
        after = page[-1].id if len(page) == AT_ONCE else None
    paid = await run(
        pool, network_id, lambda db: ledger_money.wrong_expenses(db, network_id=network_id)
    )
    for each in paid:
        said = f"{each.approved_minor} was approved, {each.entered_minor} is entered"
        yield Fault(id=show_id(USAGE_ENTRY, each.id), what=said)


async def _checked(
    pool: Pool, network_id: UUID, read: Read[Any], look: Callable[[Any], Iterator[Fault]]
) -> AsyncIterator[Fault]:
    after: UUID | None = FIRST
    while after is not None:
        page = await _page(pool, network_id, read, after)
        for one in page:
            for fault in look(one):
                yield fault
        after = page[-1].id if len(page) == AT_ONCE else None


async def _page(pool: Pool, network_id: UUID, read: Read[T], after: UUID) -> list[T]:
    async def work(db: Db) -> list[T]:
        return await read(db, network_id=network_id, after=after, limit=AT_ONCE)

    return await run(pool, network_id, work)
