"""Reading XLSX, whatever somebody packed into it.

The package is unpacked here within bounds, by the sizes that come out and not only those it
declares; its sheets are walked once to see how large a table they would make; and only then a
clean copy of it is given to the library that knows about dates and styles. Macros, pictures and
links are not unpacked at all.
"""

import io
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, Final

import python_calamine

from interpreters.domain.import_sheets import check_sheets
from interpreters.domain.imports import MOST_COLUMNS, MOST_ROWS, unreadable

MOST_UNPACKED: Final = 100 * 1024 * 1024  # bytes
MOST_RATIO: Final = 200
FAIR_SIZE: Final = 1024 * 1024  # what is smaller than this unpacked is never a bomb
MOST_ENTRIES: Final = 1000
DIRECTORY: Final = 256 * 1024  # bytes a directory of so many entries may take
END: Final = b"PK\x05\x06"
END_BYTES: Final = 22
COMMENT: Final = 65_535
PIECE: Final = 64 * 1024
WANTED: Final = ("[content_types].xml", "_rels/", "xl/")
UNWANTED: Final = ("xl/media/", "xl/vba", "xl/embeddings/", "xl/drawings/", "xl/externallinks/")
PANIC: Final = "PanicException"
Cell = int | float | str | bool | date | datetime | time | Any


def read_xlsx(data: bytes) -> list[list[str]]:
    """Return every row of the workbook's first sheet as texts, the empty rows too.

    Raises:
        Invalid: `unreadable-file`, `unpacks-too-large`, `too-many-rows`, `too-many-columns`.
    """
    parts = _unpacked(data)
    check_sheets(parts)
    try:
        rows = _rows(_packed(parts))
    except python_calamine.CalamineError as error:
        raise _no_workbook() from error
    except BaseException as error:
        # The library's way to say that a file is broken beyond its words; it is no Exception.
        if type(error).__name__ == PANIC:
            raise _no_workbook() from None
        raise
    return [[_shown(cell) for cell in row] for row in rows]


def _rows(data: bytes) -> Sequence[Sequence[Cell]]:
    with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        sheet = book.get_sheet_by_index(0)
        if sheet.total_width > MOST_COLUMNS:
            raise unreadable("too-many-columns", f"A file has at most {MOST_COLUMNS} columns")
        return sheet.to_python(skip_empty_area=False, nrows=MOST_ROWS + 2)


def _unpacked(data: bytes) -> dict[str, bytes]:
    """Return the parts of the package that a table needs."""
    _check_directory(data)
    parts: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = package.infolist()
            _check_declared(entries, len(data))
            left = _most(len(data))
            for entry in entries:
                if _is_wanted(entry.filename):
                    part = _part(package, entry, left)
                    parts[entry.filename] = part
                    left -= len(part)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise _no_workbook() from error
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise _no_workbook() from error
    return parts


def _check_directory(data: bytes) -> None:
    """Refuse a list of contents of a length no workbook has, before anybody reads it."""
    tail = data[-(END_BYTES + COMMENT) :]
    at = tail.rfind(END)
    if at < 0 or len(tail) - at < END_BYTES:
        raise _no_workbook()
    entries = int.from_bytes(tail[at + 10 : at + 12], "little")
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    if entries > MOST_ENTRIES or size > DIRECTORY:
        raise unreadable("unpacks-too-large", "The file holds more parts than a workbook has")


def _check_declared(entries: Sequence[zipfile.ZipInfo], size: int) -> None:
    names = {entry.filename.lower() for entry in entries}
    if len(entries) > MOST_ENTRIES or len(names) != len(entries):
        raise unreadable("unpacks-too-large", "The file holds more parts than a workbook has")
    if not {"[content_types].xml", "xl/workbook.xml"} <= names:
        raise unreadable("unreadable-file", "This is no .xlsx file: save it as .xlsx or as CSV")
    if sum(entry.file_size for entry in entries) > _most(size):
        raise _bomb()


def _most(size: int) -> int:
    return min(MOST_UNPACKED, max(FAIR_SIZE, size * MOST_RATIO))


def _part(package: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """Return what comes out of an entry, whatever it says of its size."""
    made = bytearray()
    with package.open(entry) as stream:
        while piece := stream.read(PIECE):
            made += piece
            if len(made) > most:
                raise _bomb()
    return bytes(made)


def _is_wanted(name: str) -> bool:
    lower = name.lower()
    return lower.startswith(WANTED) and not lower.startswith(UNWANTED)


def _packed(parts: dict[str, bytes]) -> bytes:
    """Return the parts as a package that can be read in one way only."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as package:
        for name, part in parts.items():
            package.writestr(zipfile.ZipInfo(name), part)
    return made.getvalue()


def _shown(cell: Cell) -> str:
    """Return a cell as a person would write it: whole numbers without a point, days as ISO."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        midnight = cell.time() == time()
        return cell.date().isoformat() if midnight else cell.isoformat(" ", "minutes")
    if isinstance(cell, time):
        return cell.isoformat("minutes")
    return str(cell)


def _no_workbook() -> Exception:
    return unreadable(
        "unreadable-file", "The file is broken or has a password: save it as .xlsx anew, or as CSV"
    )


def _bomb() -> Exception:
    return unreadable(
        "unpacks-too-large", "Unpacked the file is far larger than a table: save it as CSV"
    )
