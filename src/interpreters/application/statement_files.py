"""Statements as files: CSV and XLSX for machines and offices, PDF for people.

All are made of the same lines as the JSON. The same statement gives the same bytes, always: files
hold no clock of their own.
"""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

from interpreters.application.statement_pages import page_of
from interpreters.application.statements import Document
from interpreters.application.tables import Table, csv_of, decimal_of, xlsx_of
from interpreters.domain.ids import BOOKING, USAGE_ENTRY, show_id, show_some
from interpreters.domain.languages import describe
from interpreters.domain.statements import StatementLine, show_month
from interpreters.gateways.pdf import typeset

Format: TypeAlias = Literal["csv", "xlsx", "pdf"]
COLUMNS: Final = (
    "statement", "state", "month", "date", "kind", "language", "mode", "site", "booked_minutes",
    "actual_minutes", "billable_minutes", "amount", "currency", "base", "supplements", "travel",
    "other", "tariff", "tariff_valid_from", "corrects", "reason_code", "unpriced", "disputed",
    "booking_id", "entry_id",
)  # fmt: skip
PARTS_OF_AMOUNT: Final = ("base", "supplements", "travel", "other")
BREAKS: Final = (
    "break_minutes"  # a column of statements that have any: the older ones stay as they are
)
COUNTS: Final = ("entries", "sessions", "booked_minutes", "actual_minutes", "billable_minutes")
PARTS: Final = {"base": "base", "supplement": "supplements", "travel": "travel"}


async def file_of(document: Document, wanted: Format) -> bytes:
    """Return the statement as a file; never within a transaction, it takes its time."""
    if wanted == "pdf":
        return await typeset("statement", page_of(document))
    return await asyncio.to_thread(_csv if wanted == "csv" else _xlsx, document)


def file_name(document: Document, wanted: Format) -> str:
    """Return what the file is called, such as `statement-2026-05-2026-000123.csv`."""
    kind = "statement" if document.party.side == "charge" else "pay-statement"
    return f"{kind}-{show_month(document.month)}-{document.number or 'draft'}.{wanted}"


def _csv(document: Document) -> bytes:
    return csv_of(_lines(document))


def _xlsx(document: Document) -> bytes:
    return xlsx_of([_lines(document), _totals(document)])


def _lines(document: Document) -> Table:
    columns = (*COLUMNS, BREAKS) if _has_breaks(document) else COLUMNS
    return Table(name="Lines", columns=columns, rows=rows_of(document))


def _totals(document: Document) -> Table:
    totals = document.totals
    counts = [(name, getattr(totals, name), None) for name in COUNTS]
    amounts = [
        ("amount", decimal_of(amount, currency), currency)
        for currency, amount in sorted(totals.amounts.items())
    ]
    return Table(name="Totals", columns=("name", "total", "currency"), rows=[*counts, *amounts])


def rows_of(document: Document) -> Iterator[tuple[Any, ...]]:
    """Yield each line as the columns' values."""
    head = (document.number, document.state, show_month(document.month))
    broken = _has_breaks(document)
    for one in document.lines:
        tariff = {} if one.rule is None else one.rule.get("tariff", {})
        yield (
            *head, one.day, one.kind, describe(one.language).name, one.mode, one.site_name,
            one.booked_minutes, one.actual_minutes, one.billable_minutes,
            decimal_of(one.amount_minor, one.currency), one.currency, *_parts(document, one),
            tariff.get("name"), tariff.get("valid_from"), show_some(USAGE_ENTRY, one.corrects_id),
            one.reason_code, _yes(one.unpriced), _yes(one.disputed),
            show_id(BOOKING, one.booking_id), show_id(USAGE_ENTRY, one.entry_id),
            *([one.break_minutes] if broken else []),
        )  # fmt: skip


def _has_breaks(document: Document) -> bool:
    return any(one.break_minutes for one in document.lines)


def _yes(said: bool) -> str | None:  # noqa: FBT001 - it is what is written
    return "yes" if said else None


def _parts(document: Document, one: StatementLine) -> list[Decimal | None]:
    """Return the money of each kind of the ledger's lines; together they are the amount."""
    sums: dict[str, int] = dict.fromkeys(PARTS_OF_AMOUNT, 0)
    for line in one.lines:
        part = PARTS.get(str(line.get("kind")), "other")
        sums[part] += line.get(f"{document.party.side}_minor", 0)
    sums["other"] += one.amount_minor - sum(sums.values())
    return [decimal_of(amount, one.currency) for amount in sums.values()]
