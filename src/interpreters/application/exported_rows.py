"""The rows of long exports, a portion at a time: entries, a report, the statements of a month."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date
from typing import Any, Final, TypeAlias
from uuid import UUID

import msgspec

from interpreters.application.calls import run
from interpreters.application.statement_files import COLUMNS, rows_of
from interpreters.application.statement_months import parties_of_month
from interpreters.application.statements import document_of, party_of
from interpreters.application.tables import Table
from interpreters.application.usage_exports import ExportQuestion, open_export, portions
from interpreters.application.usage_reports import UsageQuestion, UsageReport, report_usage
from interpreters.database import Db, Pool, take_time
from interpreters.domain.callers import Caller
from interpreters.domain.ids import INSTITUTION, INTERPRETER, show_id
from interpreters.domain.statements import Side

LONGEST: Final = 300  # seconds for one statement: nobody waits at the door
Portion: TypeAlias = Sequence[Sequence[Any]]


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """Rows to come, under their columns."""

    name: str
    columns: Sequence[str]
    portions: AsyncIterator[Portion]


async def entry_rows(pool: Pool, caller: Caller, *, question: ExportQuestion) -> Rows:
    """Return the ledger's entries; see `usage_exports`."""

    async def work(db: Db) -> Any:
        return await open_export(db, caller, question=lambda: question)

    export = await run(pool, caller.network_id, work)
    columns, found = portions(pool, export)
    return Rows(name="Entries", columns=columns, portions=found)


async def usage_rows(
    pool: Pool,
    caller: Caller,
    *,
    question: UsageQuestion,
    tables: Callable[[UsageReport, Caller], Sequence[Table]],
) -> Rows:
    """Return the rows of a report, which may take minutes to count."""

    async def work(db: Db) -> UsageReport:
        await take_time(db, seconds=LONGEST)
        return await report_usage(db, caller, question=lambda: question)

    [table, *_] = tables(await run(pool, caller.network_id, work), caller)
    rows = [list(row) for row in table.rows]

    async def all_of_them() -> AsyncIterator[Portion]:
        yield rows

    return Rows(name=table.name, columns=table.columns, portions=all_of_them())


def statement_rows(pool: Pool, caller: Caller, *, side: Side, month: date) -> Rows:
    """Return the lines of every statement of a month, issued and drafts, a party at a time."""
    prefix = INSTITUTION if side == "charge" else INTERPRETER
    return Rows(
        name="Lines",
        columns=("party_id", "party", *COLUMNS),
        portions=_of_parties(pool, caller, side, month, prefix),
    )


async def _of_parties(
    pool: Pool, caller: Caller, side: Side, month: date, prefix: str
) -> AsyncIterator[Portion]:
    network_id = caller.network_id

    async def whose(db: Db) -> Sequence[UUID]:
        await take_time(db, seconds=LONGEST)
        return await parties_of_month(db, caller, side=side, month=month)

    for party_id in await run(pool, network_id, whose):

        async def read(db: Db, party_id: UUID = party_id) -> Portion:
            party = await party_of(db, caller, side=side, party_id=party_id)
            found = await document_of(db, network_id=network_id, party=party, month=month)
            head = (show_id(prefix, party_id), found.party.name)
            return [(*head, *row) for row in rows_of(found)]

        yield await run(pool, network_id, read)
