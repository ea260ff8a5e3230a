"""Statements as files: CSV and XLSX for machines and offices, PDF for people.

All are made of the same lines as the JSON. The same statement gives the same bytes, always: files
hold no clock of their own.
"""

import asyncio
import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

import xlsxwriter
from babel.numbers import get_currency_precision

from interpreters.application.statement_pages import page_of
from interpreters.application.statements import Document
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
MONEY: Final = ("amount", "base", "supplements", "travel", "other")
PARTS: Final = {"base": "base", "supplement": "supplements", "travel": "travel"}
# A cell that begins so is a formula to a spreadsheet; an apostrophe makes it a text.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
MADE: Final = datetime(2000, 1, 1, tzinfo=UTC)  # in every file, so that the same is the same
BYTE_ORDER_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"


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
    """RFC 4180, UTF-8 with the mark by which spreadsheets know it; no line of sums."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in _rows(document):
        writer.writerow([_cell(value) for value in row.values()])
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def _xlsx(document: Document) -> bytes:
    """Two sheets: the lines, with real numbers and dates, and the totals."""
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"constant_memory": True, "strings_to_formulas": False,
                                      "strings_to_urls": False})  # fmt: skip
    book.set_properties({"created": MADE.replace(tzinfo=None), "author": document.network_name})
    formats = {
        "head": book.add_format({"bold": True}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "money": book.add_format({"num_format": "#,##0.00"}),
    }
    lines = book.add_worksheet("Lines")
    lines.freeze_panes(1, 0)
    lines.write_row(0, 0, COLUMNS, formats["head"])
    for number, row in enumerate(_rows(document), start=1):
        for place, (name, value) in enumerate(row.items()):
            _write(lines, number, place, name, value, formats)
    _totals_sheet(book, document, formats)
    book.close()
    return data.getvalue()


def _totals_sheet(book: Any, document: Document, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet("Totals")
    totals = document.totals
    for row, name in enumerate(
        ("entries", "sessions", "booked_minutes", "actual_minutes", "billable_minutes")
    ):
        sheet.write_string(row, 0, name, formats["head"])
        sheet.write_number(row, 1, getattr(totals, name))
    for row, (currency, amount) in enumerate(sorted(totals.amounts.items()), start=5):
        sheet.write_string(row, 0, "amount", formats["head"])
        sheet.write_number(row, 1, decimal_of(amount, currency), formats["money"])
        sheet.write_string(row, 2, currency)


def _write(
    sheet: Any, row: int, place: int, name: str, value: Any, formats: dict[str, Any]
) -> None:
    if value is None or value is False:
        return
    if name in MONEY:
        sheet.write_number(row, place, value, formats["money"])
    elif name == "date":
        sheet.write_datetime(row, place, value, formats["date"])
    elif isinstance(value, bool):
        sheet.write_string(row, place, "yes")
    elif isinstance(value, int):
        sheet.write_number(row, place, value)
    else:
        sheet.write_string(row, place, value)


def _rows(document: Document) -> Iterator[dict[str, Any]]:
    """Yield each line as the columns' values."""
    head = (document.number, document.state, show_month(document.month))
    for one in document.lines:
        tariff = {} if one.rule is None else one.rule.get("tariff", {})
        values = (
            *head, one.day, one.kind, describe(one.language).name, one.mode, one.site_name,
            one.booked_minutes, one.actual_minutes, one.billable_minutes,
            decimal_of(one.amount_minor, one.currency), one.currency, *_parts(document, one),
            tariff.get("name"), tariff.get("valid_from"), show_some(USAGE_ENTRY, one.corrects_id),
            one.reason_code, one.unpriced, one.disputed, show_id(BOOKING, one.booking_id),
            show_id(USAGE_ENTRY, one.entry_id),
        )  # fmt: skip
        yield dict(zip(COLUMNS, values, strict=True))


def _parts(document: Document, one: StatementLine) -> list[Decimal]:
    """Return the money of each kind of the ledger's lines; together they are the amount."""
    sums = dict.fromkeys(MONEY[1:], 0)
    for line in one.lines:
        part = PARTS.get(str(line.get("kind")), "other")
        sums[part] += line.get(f"{document.party.side}_minor", 0)
    sums["other"] += one.amount_minor - sum(sums.values())
    return [decimal_of(amount, one.currency) for amount in sums.values()]


def decimal_of(amount_minor: int, currency: str) -> Decimal:
    """Return an amount in whole units: 4500 EUR is 45.00, 4500 JPY is 4500."""
    return Decimal(amount_minor).scaleb(-get_currency_precision(currency))
