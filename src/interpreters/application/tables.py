"""Tables as files: CSV and XLSX of the same rows, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
import xlsxwriter  # type: ignore[import-untyped]  # it has no types
from babel.numbers import get_currency_precision

# A text that begins so is a formula to a spreadsheet; an apostrophe makes it a text.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
BYTE_ORDER_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"  # by which spreadsheets know UTF-8
MADE: Final = datetime(2000, 1, 1, tzinfo=UTC)  # in every file, so that the same is the same


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of cells under named columns: texts, whole numbers, decimals, days, None for nothing."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


def csv_of(table: Table) -> bytes:
    """Return the table as CSV (RFC 4180, UTF-8); no line of sums."""
    return BYTE_ORDER_MARK.encode() + csv_lines([table.columns, *table.rows])


def csv_lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return rows as lines of CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def xlsx_of(tables: Sequence[Table]) -> bytes:
    """Return the tables as the sheets of a workbook, with real numbers and days."""
    data = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(data, options)
    book.set_properties({"created": MADE.replace(tzinfo=None)})
    head, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    for table in tables:
        sheet = book.add_worksheet(table.name)
        sheet.freeze_panes(1, 0)
        for place, name in enumerate(table.columns):
            sheet.write_string(0, place, name, head)
        for number, row in enumerate(table.rows, start=1):
            for place, value in enumerate(row):
                write_cell(sheet, number, place, value, day)
    book.close()
    return data.getvalue()


def decimal_of(amount_minor: int | None, currency: str) -> Decimal | None:
    """Return an amount in whole units: 4500 EUR is 45.00, 4500 JPY is 4500."""
    if amount_minor is None:
        return None
    return Decimal(amount_minor).scaleb(-get_currency_precision(currency))


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def write_cell(sheet: Any, row: int, place: int, value: Any, day: Any) -> None:
    """Write a cell of a workbook: real numbers and days, texts that are never formulas."""
    if isinstance(value, date):
        sheet.write_datetime(row, place, value, day)
    elif isinstance(value, int | Decimal):
        sheet.write_number(row, place, value)
    elif value is not None:
        sheet.write_string(row, place, str(value))
