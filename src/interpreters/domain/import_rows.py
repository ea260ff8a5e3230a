"""From the rows of a table to what the doors take, and from the doors' errors back to the cells.

There is one set of rules: a row is made into the body somebody would send for it, and read by
whoever reads bodies. That reader is handed in; here stands only which cell became which field.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, Protocol, TypeAlias

import msgspec

from interpreters.domain.errors import FieldError, Invalid, Refusal
from interpreters.domain.import_advice import advised, at
from interpreters.domain.import_cells import is_empty, read_cell, refused
from interpreters.domain.import_columns import Column, Header, read_header
from interpreters.domain.imports import Entry, Kind, Line, Paper, RowError, Table, shown

What: TypeAlias = Literal[
    "interpreters", "clients", "institutions", "availability", "credential", "reference"
]
HOME: Final = ("city", "latitude", "longitude")
APART: Final = ("external_reference", "institution", "weekly_hours", "outside_hours", "credentials")


class Reader(Protocol):
    """Whoever reads bodies: returns what is in one, in the application's words.

    Raises:
        Refusal: with every error of its fields, as the door would.
    """

    def __call__(self, what: What, body: Mapping[str, Any], *, now: datetime) -> Mapping[str, Any]:
        """Read a body of the kind `what`."""
        ...


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """A filled cell, and the column of the file it stands in."""

    column: Column
    header: str
    text: str


def read_rows(
    kind: Kind,
    table: Table,
    *,
    country: str | None,
    read: Reader,
    now: datetime,
    tell: Callable[[int], None] = lambda _: None,
) -> tuple[list[Entry], list[RowError]]:
    """Return the rows that read well, and every error of the header and of all the others.

    `tell` is called with the number of rows read so far.
    """
    header = read_header(kind, table)
    errors = list(header.errors)
    entries: list[Entry] = []
    for done, line in enumerate(table.lines, start=1):
        row = _Row(kind, line, _cells(table, header, line), header, country)
        entry = row.entry(read, now)
        if entry is not None:
            entries.append(entry)
        errors += row.errors
        tell(done)
    return entries, errors


def _cells(table: Table, header: Header, line: Line) -> dict[str, Cell]:
    """Return the row's filled cells by the name of their column."""
    return {
        column.name: Cell(column=column, header=table.header[place], text=line.cells[place])
        for place, column in header.columns.items()
        if place < len(line.cells) and not is_empty(line.cells[place])
    }


class _Row:
    """One row on its way to an entry."""

    def __init__(
        self,
        kind: Kind,
        line: Line,
        cells: Mapping[str, Cell],
        header: Header,
        country: str | None,
    ) -> None:
        self.kind: Kind = kind
        self.line = line
        self.cells = dict(cells)
        self.missing = header.missing
        self.header = header
        self.country = country
        self.errors: list[RowError] = []
        self.origins: dict[str, Cell] = {}

    def entry(self, read: Reader, now: datetime) -> Entry | None:
        """Return the row read, or None when something is wrong with it."""
        self._check_bounds()
        body = self._body()
        fields = self._read(self.kind, body, read, now, "")
        weekly, outside = self._availability(read, now)
        papers = self._papers(read, now)
        reference = self._reference(read, now)
        if self.errors or fields is None or self.missing:
            return None
        home = body.get("home", {})
        return Entry(
            row=self.line.row,
            fields=fields,
            given=frozenset({*body, *home} - {"home"}),
            cells={name: (cell.header, cell.text) for name, cell in self.cells.items()},
            reference=reference,
            institution=self.cells["institution"].text.strip()
            if "institution" in self.cells
            else None,
            weekly=weekly,
            outside_hours=outside,
            papers=papers,
        )

    def _check_bounds(self) -> None:
        """Take out the cells that are not even looked at."""
        for name, cell in list(self.cells.items()):
            found = refused(cell.text, cell.column)
            if found is not None:
                self._wrong(cell, *found)
                del self.cells[name]
        for place, text in enumerate(self.line.cells[self.header.width :], self.header.width + 1):
            if not is_empty(text):
                detail = f"There is a cell in column {place}, which has no name"
                self.errors.append(_error(self.line.row, None, text, "unknown-column", detail))

    def _body(self) -> dict[str, Any]:
        """Return what somebody would send to the door for this row."""
        body: dict[str, Any] = {}
        for name, cell in self.cells.items():
            if name in APART:
                continue
            value = read_cell(cell.text, cell.column, country=self.country)
            if name in HOME and self.kind == "interpreters":
                body.setdefault("home", {})[name] = value
                self.origins[f"/home/{name}"] = cell
            elif cell.column.place:
                continue
            elif cell.column.how == "languages":
                spoken = value if self.kind == "interpreters" else [one["code"] for one in value]
                body["languages"] = spoken
                self.origins["/languages"] = cell
            else:
                body[name] = value["code"] if cell.column.how == "language" else value
                self.origins[f"/{name}"] = cell
        self._add_numbered(body)
        return body

    def _add_numbered(self, body: dict[str, Any]) -> None:
        """Add the languages that have columns of their own: `language 1`, `level 1`, …"""
        numbered = sorted({cell.column.place for cell in self.cells.values() if cell.column.place})
        for number in numbered:
            spoken: dict[str, Any] = {}
            at = f"/languages/{len(body.setdefault('languages', []))}"
            level = self.cells.get(f"level {number}")
            language = self.cells.get(f"language {number}")
            if level is not None:
                spoken["level"] = read_cell(level.text, level.column, country=None)
                self.origins[at] = self.origins[f"{at}/level"] = level
            if language is not None:
                spoken |= read_cell(language.text, language.column, country=None)
                self.origins[at] = language
            body["languages"].append(spoken if self.kind == "interpreters" else spoken.get("code"))

    def _availability(self, read: Reader, now: datetime) -> tuple[Any, str | None]:
        """Return the weekly hours and how the interpreter is asked outside them, where given."""
        weekly, outside = self.cells.get("weekly_hours"), self.cells.get("outside_hours")
        if weekly is None and outside is None:
            return None, None
        body: dict[str, Any] = {"weekly": []}
        if weekly is not None:
            body["weekly"] = read_cell(weekly.text, weekly.column, country=None)
            self.origins["availability/weekly"] = weekly
        if outside is not None:
            body["outside_hours"] = read_cell(outside.text, outside.column, country=None)
            self.origins["availability/outside_hours"] = outside
        fields = self._read("availability", body, read, now, "availability")
        if fields is None:
            return None, None
        return (
            fields["weekly"] if weekly else None,
            fields["outside_hours"] if outside else None,
        )

    def _papers(self, read: Reader, now: datetime) -> tuple[Paper, ...]:
        cell = self.cells.get("credentials")
        if cell is None:
            return ()
        self.origins["credentials"] = cell
        papers: list[Paper] = []
        for body in read_cell(cell.text, cell.column, country=None):
            fields = self._read("credential", body, read, now, "credentials")
            if fields is not None:
                papers.append(Paper(**fields))
        return tuple(dict.fromkeys(papers))

    def _reference(self, read: Reader, now: datetime) -> str | None:
        cell = self.cells.get("external_reference")
        if cell is None:
            return None
        self.origins["reference/external_reference"] = cell
        body = {"external_reference": cell.text.strip()}
        fields = self._read("reference", body, read, now, "reference")
        return None if fields is None else str(fields["external_reference"])

    def _read(
        self, what: What, body: Mapping[str, Any], read: Reader, now: datetime, prefix: str
    ) -> Mapping[str, Any] | None:
        try:
            return read(what, body, now=now)
        except Invalid as refusal:
            for error in refusal.errors:
                self._blame(error, body, prefix)
        except Refusal as refusal:
            detail = f"{refusal}; write it differently"
            self.errors.append(_error(self.line.row, None, "", refusal.code, detail))
        return None

    def _blame(self, error: FieldError, body: Mapping[str, Any], prefix: str) -> None:
        """Say which cell an error of the body comes from, and what to write there."""
        cell = self._origin(f"{prefix}{error.pointer}", prefix)
        if cell is not None:
            self._wrong(cell, error.code, advised(error, at(body, error.pointer), cell.column))
            return
        name = error.pointer.removeprefix("/home").split("/")[1]
        if name in self.missing or self._is_refused(name):
            return  # said already
        detail = f"{error.detail}: the cell is empty" if error.code == "required" else error.detail
        header = self._header(name)
        self.errors.append(_error(self.line.row, header, "", error.code, detail))

    def _origin(self, pointer: str, prefix: str) -> Cell | None:
        while pointer and pointer != prefix:
            if pointer in self.origins:
                return self.origins[pointer]
            pointer = pointer.rpartition("/")[0]
        return self.origins.get(pointer)

    def _is_refused(self, name: str) -> bool:
        header = self._header(name)
        return any(one.column == shown(header) for one in self.errors)

    def _header(self, name: str) -> str:
        """Return how the file names the column of a field."""
        names = self.header.names
        return names.get(name) or (names.get("language 1", name) if name == "languages" else name)

    def _wrong(self, cell: Cell, fault: str, detail: str) -> None:
        error = _error(self.line.row, cell.header, cell.text, fault, detail)
        if error not in self.errors:
            self.errors.append(error)


def _error(row: int, column: str | None, value: str, fault: str, detail: str) -> RowError:
    return RowError(
        row=row,
        column=None if column is None else shown(column.strip()),
        value=shown(value),
        code=fault,
        detail=detail,
    )
