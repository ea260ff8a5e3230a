"""Exports that take long: the worker writes a file, in sealed parts, and it is kept for a day.

A file is written by one run of its operation; whoever begins anew writes another, and the run that
ends the operation says which of them is the file.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import closing
from datetime import date, datetime
from typing import IO, Any, Final, Literal, TypeAlias
from uuid import UUID

import msgspec

from interpreters.application.calls import run
from interpreters.application.exported_rows import Rows, entry_rows, statement_rows, usage_rows
from interpreters.application.operations import (
    Operation,
    finish_operation,
    show_operation,
    start_operation,
)
from interpreters.application.statements import permit_reading
from interpreters.application.tables import BYTE_ORDER_MARK, Table, csv_lines
from interpreters.application.usage_exports import ExportQuestion, count_entries, open_export
from interpreters.application.usage_reports import UsageQuestion, UsageReport, permit_question
from interpreters.application.workbooks import Workbook
from interpreters.database import Db, Pool
from interpreters.domain.callers import Caller
from interpreters.domain.errors import Forbidden, NotFound
from interpreters.domain.ids import new_id
from interpreters.domain.statements import Side
from interpreters.sql import export_parts

__all__ = ["ExportOrder", "ExportedFile", "carry_out_export", "open_file", "read_export",
           "start_export", "stream_file"]  # fmt: skip
Kind: TypeAlias = Literal["usage_entries", "usage", "statements"]
Format: TypeAlias = Literal["csv", "xlsx"]
Tables: TypeAlias = Callable[[UsageReport, Caller], Sequence[Table]]
PART: Final = 1 << 20  # bytes of a file that stand in one row
MEDIA: Final[dict[Format, str]] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
KIND: Final = "export:"


class ExportOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What is exported: entries of days, a report of days, or every statement of a month.

    `ledger` is of `usage_entries`, `usage` of `usage`, `month` and `side` of `statements`.
    """

    kind: Kind
    format: Format
    ledger: ExportQuestion | None = None
    usage: UsageQuestion | None = None
    month: date | None = None
    side: Side = "charge"


class ExportJob(msgspec.Struct, frozen=True, kw_only=True):
    """What an operation keeps: what is wanted, and by whom."""

    order: ExportOrder
    caller: Caller


class ExportedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was made: by which run, what it is called, and how long it is."""

    run_id: UUID
    name: str
    media_type: str
    bytes: int
    rows: int
    parts: int


async def start_export(
    db: Db, caller: Caller, *, order: Callable[[], ExportOrder], now: datetime
) -> Operation:
    """Have a file made; only what the caller may read goes in.

    Raises:
        Forbidden: the role or the key may not read this.
        NotFound: there is no such institution in what the caller may see.
    """
    if caller.role == "interpreter":
        raise Forbidden
    permit_reading(caller, "charge")
    asked = order()
    total = 1
    if asked.ledger is not None:
        question = asked.ledger
        export = await open_export(db, caller, question=lambda: question)
        total = await count_entries(db, export=export)
    elif asked.usage is not None:
        permit_question(caller, asked.usage)
    elif caller.role not in ("coordinator", "finance"):
        raise Forbidden("Only coordinators and finance export every statement")
    return await start_operation(
        db, caller, kind=f"{KIND}{asked.kind}", total=total,
        given=msgspec.msgpack.encode(ExportJob(order=asked, caller=caller)), now=now,
    )  # fmt: skip


def read_export(given: bytes) -> ExportJob:
    """Return what an operation keeps."""
    return msgspec.msgpack.decode(given, type=ExportJob)


async def carry_out_export(
    pool: Pool,
    *,
    job: ExportJob,
    tables: Tables,
    operation_id: UUID,
    clock: Callable[[], datetime],
    tell: Callable[[int], None],
) -> None:
    """Write the file, and end the operation with it; `tell` hears how many rows are done."""
    network_id, order = job.caller.network_id, job.order
    writer = _Writer(pool, network_id, operation_id, clock)
    rows = await _rows(pool, job, tables)
    count = 0
    async for data, done in _file(rows, order.format):
        await writer.write(data)
        count = done
        tell(done)
    made = await writer.finish(name=_name(order), media=MEDIA[order.format], rows=count)

    async def end(db: Db) -> None:
        ended = await finish_operation(
            db, network_id=network_id, operation_id=operation_id, succeeded=True,
            result=msgspec.json.encode(made), now=clock(),
        )  # fmt: skip
        if ended:
            await export_parts.delete_others(
                db, network_id=network_id, operation_id=operation_id, run_id=made.run_id
            )
        else:  # a twin's file is it
            await export_parts.delete(db, network_id=network_id, run_id=made.run_id)

    await run(pool, network_id, end)


async def open_file(db: Db, caller: Caller, *, operation_id: UUID) -> ExportedFile:
    """Return the file that an operation made, to whoever may see the operation.

    Raises:
        Forbidden: the role never starts one.
        NotFound: there is none such, it is not made yet, or it is forgotten.
    """
    permit_reading(caller, "charge")
    found = await show_operation(db, caller, operation_id=operation_id)
    if not found.kind.startswith(KIND) or found.state != "succeeded" or found.result is None:
        raise NotFound
    return msgspec.json.decode(found.result, type=ExportedFile)


async def stream_file(pool: Pool, *, network_id: UUID, file: ExportedFile) -> AsyncIterator[bytes]:
    """Yield the file, a part at a time: a slow reader holds nothing."""
    for part in range(file.parts):

        async def read(db: Db, part: int = part) -> bytes | None:
            return await export_parts.content(
                db, network_id=network_id, run_id=file.run_id, part=part
            )

        data = await run(pool, network_id, read)
        if data is None:  # it is forgotten while it is read: the file is too short, and is seen so
            raise NotFound
        yield data


class _Writer:
    """Keeps a file in parts of one size; each is stored in a transaction of its own."""

    def __init__(
        self, pool: Pool, network_id: UUID, operation_id: UUID, clock: Callable[[], datetime]
    ) -> None:
        self.pool, self.network_id, self.operation_id = pool, network_id, operation_id
        self.clock, self.run_id = clock, new_id(clock())
        self.held, self.parts, self.length = bytearray(), 0, 0

    async def write(self, data: bytes) -> None:
        self.held += data
        while len(self.held) >= PART:
            await self._store(bytes(self.held[:PART]))
            del self.held[:PART]

    async def finish(self, *, name: str, media: str, rows: int) -> ExportedFile:
        if self.held:
            await self._store(bytes(self.held))
        return ExportedFile(
            run_id=self.run_id, name=name, media_type=media, bytes=self.length, rows=rows,
            parts=self.parts,
        )  # fmt: skip

    async def _store(self, data: bytes) -> None:
        async def work(db: Db) -> None:
            await export_parts.insert(
                db, network_id=self.network_id, operation_id=self.operation_id,
                run_id=self.run_id, part=self.parts, data=data, now=self.clock(),
            )  # fmt: skip

        await run(self.pool, self.network_id, work)
        self.parts += 1
        self.length += len(data)


async def _rows(pool: Pool, job: ExportJob, tables: Tables) -> Rows:
    order, caller = job.order, job.caller
    if order.ledger is not None:
        return await entry_rows(pool, caller, question=order.ledger)
    if order.usage is not None:
        return await usage_rows(pool, caller, question=order.usage, tables=tables)
    assert order.month is not None  # the body's rule
    return statement_rows(pool, caller, side=order.side, month=order.month)


async def _file(rows: Rows, wanted: Format) -> AsyncIterator[tuple[bytes, int]]:
    """Yield the file's bytes, with how many rows are in what was yielded."""
    if wanted == "xlsx":
        async for piece in _workbook(rows):
            yield piece
        return
    done = 0
    yield BYTE_ORDER_MARK.encode() + csv_lines([rows.columns]), done
    async for portion in rows.portions:
        done += len(portion)
        yield await asyncio.to_thread(csv_lines, portion), done


async def _workbook(rows: Rows) -> AsyncIterator[tuple[bytes, int]]:
    """A workbook is finished before its first byte is read: it goes through a file on disk."""
    done = 0
    with tempfile.TemporaryFile() as file:
        with closing(Workbook(file, name=rows.name, columns=rows.columns)) as book:
            async for portion in rows.portions:
                await asyncio.to_thread(book.add, portion)
                done += len(portion)
                yield b"", done
        file.seek(0)
        while data := await asyncio.to_thread(_read, file):
            yield data, done


def _read(file: IO[bytes]) -> bytes:
    return file.read(PART)


def _name(order: ExportOrder) -> str:
    days: Any = order.ledger or order.usage
    of = f"{days.from_}-{days.until}" if days is not None else f"{order.side}-{order.month:%Y-%m}"
    return f"{order.kind.replace('_', '-')}-{of}.{order.format}"
