"""The ledger as a file of any length, read a portion at a time."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import msgspec

from interpreters.application.calls import run
from interpreters.application.tables import BYTE_ORDER_MARK, csv_lines, decimal_of
from interpreters.database import Db, Pool, Row
from interpreters.domain import ids
from interpreters.domain.callers import Caller, permit
from interpreters.domain.errors import NotFound
from interpreters.sql import institutions, usage_exports
from interpreters.sql.usage_exports import Place

PORTION: Final = 2000
COLUMNS: Final = (
    "id", "day", "booking_id", "kind", "institution_id", "institution", "client_ids",
    "interpreter_id", "language", "mode", "site_id", "topic", "funding_id", "booked_minutes",
    "actual_minutes", "billable_minutes", "charge", "pay", "currency", "corrects_id",
    "reason_code", "recorded_at", "break_minutes",
)  # fmt: skip


class ExportQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Days in the network's zone, `until` not included; of one institution, or of all."""

    from_: date
    until: date
    institution_id: UUID | None = None


class LedgerExport(msgspec.Struct, frozen=True, kw_only=True):
    """What may be read, and of whom."""

    network_id: UUID
    only: UUID | None
    question: ExportQuestion
    with_pay: bool


async def open_export(
    db: Db, caller: Caller, *, question: Callable[[], ExportQuestion]
) -> LedgerExport:
    """Return what the caller may read.

    Raises:
        Forbidden: interpreters have no usage.
        NotFound: there is no such institution in what the caller may see.
    """
    permit(caller, "usage:read", "coordinator", "finance", "consultant", "institution")
    asked = question()
    wanted = asked.institution_id
    if wanted is not None:
        found = await institutions.find(db, network_id=caller.network_id, institution_id=wanted)
        if found is None or caller.institution_id not in (None, wanted):
            raise NotFound
    return LedgerExport(
        network_id=caller.network_id,
        only=caller.institution_id or wanted,
        question=asked,
        with_pay=caller.institution_id is None,
    )


async def ledger_csv(pool: Pool, export: LedgerExport) -> AsyncIterator[bytes]:
    """Yield the file: a transaction for each portion, so that a slow reader holds nothing.

    An entry is never changed, so the portions fit together; what is entered meanwhile may be in it
    or not.
    """
    columns, found = portions(pool, export)
    yield BYTE_ORDER_MARK.encode() + csv_lines([columns])
    async for portion in found:
        yield csv_lines(portion)


def portions(
    pool: Pool, export: LedgerExport
) -> tuple[Sequence[str], AsyncIterator[list[list[Any]]]]:
    """Return the columns, and the rows a portion at a time, each read in its own transaction."""
    return _columns(export), _portions(pool, export)


async def count_entries(db: Db, *, export: LedgerExport) -> int:
    """Return how many entries there are now."""
    question = export.question
    return await usage_exports.count(
        db, network_id=export.network_id, only=export.only, from_=question.from_,
        until=question.until,
    )  # fmt: skip


async def _portions(pool: Pool, export: LedgerExport) -> AsyncIterator[list[list[Any]]]:
    after = Place(booked_on=export.question.from_ - timedelta(days=1), id=UUID(int=2**128 - 1))
    while True:
        work = partial(_portion, export=export, after=after)
        rows = await run(pool, export.network_id, work)
        if rows:
            yield [_cells(row, export) for row in rows]
            after = Place(booked_on=rows[-1]["booked_on"], id=rows[-1]["id"])
        if len(rows) < PORTION:
            return


async def _portion(db: Db, *, export: LedgerExport, after: Place) -> list[Row]:
    return await usage_exports.portion(
        db, network_id=export.network_id, only=export.only, until=export.question.until,
        after=after, limit=PORTION,
    )  # fmt: skip


def _columns(export: LedgerExport) -> list[str]:
    return [name for name in COLUMNS if export.with_pay or name != "pay"]


def _cells(row: Row, export: LedgerExport) -> list[Any]:
    cells = {
        **dict(row),
        "id": ids.show_id(ids.USAGE_ENTRY, row["id"]),
        "day": row["booked_on"],
        "booking_id": ids.show_id(ids.BOOKING, row["booking_id"]),
        "institution_id": ids.show_id(ids.INSTITUTION, row["institution_id"]),
        "client_ids": " ".join(ids.show_id(ids.CLIENT, one) for one in row["client_ids"]),
        "interpreter_id": ids.show_id(ids.INTERPRETER, row["interpreter_id"]),
        "site_id": ids.show_optional(ids.SITE, row["site_id"]),
        "funding_id": ids.show_optional(ids.FUNDING, row["funding_id"]),
        "corrects_id": ids.show_optional(ids.USAGE_ENTRY, row["corrects_id"]),
        "charge": decimal_of(row["charge_minor"], row["currency"]),
        "pay": decimal_of(row["pay_minor"], row["currency"]),
        "recorded_at": row["recorded_at"].isoformat(),
    }
    return [cells[name] for name in _columns(export)]
