"""Reading an uploaded file as a table: CSV in the encodings of offices, or XLSX.

What is done is bounded before it is done: a file is given by a stranger.
"""

from typing import Final

from interpreters.domain.import_csv import read_csv
from interpreters.domain.import_xlsx import read_xlsx
from interpreters.domain.imports import (
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    FileTooLarge,
    Line,
    Table,
    unreadable,
)

ZIP: Final = b"PK\x03\x04"
OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"


def read_file(data: bytes, *, country: str | None) -> Table:
    """Return the table in a file, its header in the first row; empty rows are left out.

    `country` is the network's: it decides between code pages that fit equally well.

    Raises:
        FileTooLarge: more than 10 MB.
        Invalid: `unreadable-file`, `unclear-encoding`, `never-closed`, `unpacks-too-large`,
            `too-many-rows`, `too-many-columns`, `empty-file`.
    """
    if len(data) > MOST_BYTES:
        raise FileTooLarge
    if data.startswith(OLD_EXCEL):
        raise unreadable(
            "unreadable-file", "This is an old Excel file, or has a password: save it as .xlsx"
        )
    rows = read_xlsx(data) if data.startswith(ZIP) else read_csv(data, country=country)
    return _table(rows)


def _table(rows: list[list[str]]) -> Table:
    if not rows or not any(cell.strip() for cell in rows[0]):
        raise unreadable("empty-file", "The first row holds the names of the columns")
    header = _trimmed(rows[0])
    lines = [
        Line(row=number, cells=cells)
        for number, cells in enumerate((_trimmed(row) for row in rows[1:]), start=2)
        if cells
    ]
    if not lines:
        raise unreadable("empty-file", "There are no rows below the names of the columns")
    if len(lines) > MOST_ROWS:
        raise unreadable("too-many-rows", f"A file has at most {MOST_ROWS} rows: divide it")
    if max(len(header), *(len(line.cells) for line in lines)) > MOST_COLUMNS:
        raise unreadable("too-many-columns", f"A file has at most {MOST_COLUMNS} columns")
    return Table(header=header, lines=lines)


def _trimmed(cells: list[str]) -> list[str]:
    """Return the cells without the empty ones at the end."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]
