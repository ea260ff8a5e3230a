"""Answers that may be read as a table: JSON, or by `Accept` CSV or XLSX of the same rows."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import msgspec
from litestar import Response

from interpreters.application.calls import ask
from interpreters.application.tables import Table, csv_of, xlsx_of
from interpreters.database import Db
from interpreters.domain.callers import Caller
from interpreters.http.answers import sent
from interpreters.http.doors import JSON, Call
from interpreters.http.negotiation import chosen

T = TypeVar("T")
CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES: Final = (CSV, XLSX)


async def answered(
    call: Call,
    work: Callable[[Db, Caller], Awaitable[T]],
    *,
    view: Callable[[T, Caller], Any],
    tables: Callable[[T, Caller], Sequence[Table]],
    name: str,
) -> Response[bytes]:
    """Answer a read as JSON, as the first table in CSV, or all of them in XLSX.

    Files are made after the transaction: that takes its time.

    Raises:
        NotAcceptable: the caller takes none of them.
    """
    whose: list[Caller] = []

    async def noted(db: Db, caller: Caller) -> T:
        whose.append(caller)
        return await work(db, caller)

    found = await ask(call.pool, token=call.token, role=call.role, now=call.now, work=noted)
    caller = whose[-1]
    media = chosen(call.request.headers.get("accept"), (JSON, *FILES))
    if media == CSV:
        data = await asyncio.to_thread(lambda: csv_of(tables(found, caller)[0]))
        return file(data, CSV, f"{name}.csv")
    if media == XLSX:
        data = await asyncio.to_thread(lambda: xlsx_of(tables(found, caller)))
        return file(data, XLSX, f"{name}.xlsx")
    return sent(msgspec.json.encode(view(found, caller)), 200)


def file(data: bytes, media: str, name: str) -> Response[bytes]:
    """Return bytes to be kept as a file."""
    return Response(data, media_type=media, headers=file_headers(name))


def file_headers(name: str) -> dict[str, str]:
    """Return the headers of a file; the name is our own."""
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Vary": "Accept",
        "X-Content-Type-Options": "nosniff",
    }
