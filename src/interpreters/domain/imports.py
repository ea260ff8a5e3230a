"""Imports: a table of rows to be put into the network, and what became of each row."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal, TypeAlias

import msgspec

from interpreters.domain.availability import WeeklyRow
from interpreters.domain.errors import FieldError, Invalid, Refusal

Kind: TypeAlias = Literal["interpreters", "clients", "institutions"]
Mode: TypeAlias = Literal["preview", "commit"]

MOST_BYTES: Final = 10 * 1024 * 1024  # of a file
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 100
LONGEST_CELL: Final = 2000  # characters
LONGEST_SHOWN: Final = 80  # characters of a value that is told back
MOST_ERRORS: Final = 20_000  # more than this are counted, not listed


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a table: its number as a spreadsheet shows it (the header's is 1), its cells."""

    row: int
    cells: Sequence[str]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was read: the names of its columns, and its rows without the empty ones."""

    header: Sequence[str]
    lines: Sequence[Line]


class RowError(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong with one cell, or with a row or a column as a whole (`column` is None)."""

    row: int
    column: str | None
    value: str | None
    code: str
    detail: str


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A credential of a row."""

    kind: str
    number: str | None = None
    issued_on: date | None = None
    expires_on: date | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A row that reads well: the fields it gives, in the application's words.

    `fields` hold every field of the kind's order, `given` names those that the row speaks of; the
    others stay as they are where the thing is there already. `cells` are the columns and texts by
    field, for errors found later. `institution` is whose client it is, as the row says it.
    """

    row: int
    fields: Mapping[str, Any]
    given: frozenset[str]
    cells: Mapping[str, tuple[str, str]] = {}
    reference: str | None = None
    institution: str | None = None
    weekly: Sequence[WeeklyRow] | None = None
    outside_hours: str | None = None
    papers: Sequence[Paper] = ()

    def error(self, field: str, code: str, detail: str) -> RowError:
        """Return an error of this row, at the cell the field was read from."""
        column, value = self.cells.get(field, (field, ""))
        return RowError(row=self.row, column=column, value=shown(value), code=code, detail=detail)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file, or would: rows without the header, and every error."""

    kind: Kind
    mode: Mode
    rows: int
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: Sequence[RowError] = ()


class FileTooLarge(Refusal):
    """More bytes than a file of so many rows needs."""

    code = "file-too-large"
    title = "A file has at most 10 MB: divide it"


class ImportHasErrors(Refusal):
    """A file with errors is not imported, not even its good rows."""

    code = "import-has-errors"
    title = "The file has errors; nothing was stored"


class ImportInProgress(Refusal):
    """One import of a kind at a time, so that two never make the same thing."""

    code = "import-in-progress"
    title = "Another import of this kind is under way; try again when it has ended"


def has_errors(report: Report) -> ImportHasErrors:
    """Return the refusal of a file, with every error at its row and column."""
    errors = [
        FieldError(
            pointer=f"/rows/{one.row}" + (f"/{_escaped(one.column)}" if one.column else ""),
            code=one.code,
            detail=one.detail,
            row=one.row,
            column=one.column,
            value=one.value,
        )
        for one in report.errors
    ]
    count = f"{len(errors)} errors" if len(errors) > 1 else "one error"
    return ImportHasErrors(f"The file has {count}; nothing was stored", errors=errors)


def unreadable(code: str, detail: str) -> Invalid:
    """Return the refusal of a file that cannot be read as a table."""
    return Invalid([FieldError(pointer="/file", code=code, detail=detail)])


def bounded(errors: Sequence[RowError]) -> list[RowError]:
    """Return the errors in order of the rows; beyond `MOST_ERRORS` they are only counted."""
    ordered = sorted(errors, key=lambda one: one.row)
    if len(ordered) <= MOST_ERRORS:
        return ordered
    left = len(ordered) - MOST_ERRORS
    detail = f"{left} more errors are not listed; mend these first"
    last = ordered[MOST_ERRORS]
    more = RowError(row=last.row, column=None, value=None, code="more-errors", detail=detail)
    return [*ordered[:MOST_ERRORS], more]


def shown(value: str) -> str:
    """Return a cell as it is told back: its first 80 characters, nothing invisible."""
    short = value if len(value) <= LONGEST_SHOWN else f"{value[: LONGEST_SHOWN - 1]}…"
    return "".join(one if one.isprintable() else "�" for one in short)


def _escaped(name: str) -> str:
    return shown(name).replace("~", "~0").replace("/", "~1")
