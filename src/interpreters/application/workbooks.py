"""Workbooks of any length: rows go to a file as they come, and memory holds one of them."""

from collections.abc import Iterable, Sequence
from typing import IO, Any, Final

import xlsxwriter  # type: ignore[import-untyped]  # it has no types

from interpreters.application.tables import MADE, write_cell

MOST_ROWS: Final = 1_048_575  # of a sheet, beside its head


class Workbook:
    """A workbook that is written row by row; a full sheet is followed by another."""

    def __init__(self, file: IO[bytes], *, name: str, columns: Sequence[str]) -> None:
        options = {
            "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        }  # fmt: skip
        self._book = xlsxwriter.Workbook(file, options)
        self._book.set_properties({"created": MADE.replace(tzinfo=None)})
        self._head = self._book.add_format({"bold": True})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._name, self._columns = name, columns
        self._sheets = 0
        self._begin()

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows of cells below those that are there."""
        for row in rows:
            if self._row > MOST_ROWS:
                self._begin()
            for place, value in enumerate(row):
                write_cell(self._sheet, self._row, place, value, self._day)
            self._row += 1

    def close(self) -> None:
        """Finish the file."""
        self._book.close()

    def _begin(self) -> None:
        self._sheets += 1
        name = self._name if self._sheets == 1 else f"{self._name} {self._sheets}"
        self._sheet = self._book.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(self._columns):
            self._sheet.write_string(0, place, column, self._head)
        self._row = 1
