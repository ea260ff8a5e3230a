"""How large a table the sheets of a workbook make, looked at before anything is made of it.

A cell far away makes a table of everything between, and a text that many cells share is copied
for each of them: a small package can ask for more memory than there is.
"""

import re
import xml.parsers.expat  # nosec B406 - the one parser that can be told to refuse what grows
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from interpreters.domain.imports import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, unreadable

PLACE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
MOST_TEXT: Final = 100 * 1024 * 1024  # characters of all cells together
SPARE: Final = 5000  # rows that may be empty besides
SHARED: Final = "xl/sharedstrings.xml"
SHEETS: Final = "xl/worksheets/"
VALUES: Final = ("v", "is")


def check_sheets(parts: Mapping[str, bytes]) -> None:
    """Refuse a workbook with a sheet that is too large.

    Raises:
        Invalid: `unreadable-file`, `unpacks-too-large`, `too-many-rows`, `too-many-columns`.
    """
    shared: list[int] = []
    for name, part in parts.items():
        if name.lower() == SHARED:
            shared = _lengths(part)
    for name, part in parts.items():
        if name.lower().startswith(SHEETS) and name.lower().endswith(".xml"):
            _Sheet(shared).walk(part)


def _lengths(part: bytes) -> list[int]:
    """Return the length of every shared text."""
    lengths: list[int] = []

    def start(name: str, _: Any) -> None:
        if _local(name) == "si":
            lengths.append(0)

    def text(data: str) -> None:
        if lengths:
            lengths[-1] += len(data)

    _walk(part, start=start, text=text)
    if any(length > LONGEST_CELL * 10 for length in lengths):
        raise unreadable("unpacks-too-large", f"A cell has at most {LONGEST_CELL} characters")
    return lengths


class _Sheet:
    """One walk of a sheet."""

    def __init__(self, shared: Sequence[int]) -> None:
        self.shared = shared
        self.row = 0
        self.column = 0
        self.is_shared = False
        self.value = ""
        self.in_value = False
        self.text = 0

    def walk(self, part: bytes) -> None:
        _walk(part, start=self.start, text=self.said, end=self.end)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        local = _local(name)
        if local == "row":
            self._row(attributes)
        elif local == "c":
            self._cell(attributes)
        elif local in VALUES:
            self.in_value, self.value = True, ""
            self._check()

    def said(self, data: str) -> None:
        if self.in_value:
            self.text += len(data)
            self.value = data if not self.value else f"{self.value}{data}"[:20]

    def end(self, name: str) -> None:
        if _local(name) in VALUES:
            self.in_value = False
            if self.is_shared and self.value.strip().isdecimal():
                place = int(self.value)
                self.text += self.shared[place] if place < len(self.shared) else 0
            if self.text > MOST_TEXT:
                raise unreadable("unpacks-too-large", "The cells hold more text than a table")

    def _row(self, attributes: Mapping[str, str]) -> None:
        told = attributes.get("r", "")
        self.row = int(told) if told.isdecimal() and len(told) < len("10000000") else self.row + 1
        self.column = 0

    def _cell(self, attributes: Mapping[str, str]) -> None:
        self.is_shared = attributes.get("t") == "s"
        found = PLACE.fullmatch(attributes.get("r", ""))
        if found:
            self.column, self.row = _number(found[1]), int(found[2])
        else:
            self.column += 1

    def _check(self) -> None:
        """Only a cell with a value makes the table larger."""
        if self.row > MOST_ROWS + SPARE:
            raise unreadable(
                "too-many-rows",
                f"A sheet has at most {MOST_ROWS} rows; there is a value in row {self.row}",
            )
        if self.column > MOST_COLUMNS:
            raise unreadable(
                "too-many-columns",
                f"A sheet has at most {MOST_COLUMNS} columns; row {self.row} has a value beyond",
            )


def _walk(
    part: bytes,
    *,
    start: Callable[[str, Any], None],
    text: Callable[[str], None],
    end: Callable[[str], None] | None = None,
) -> None:
    """Walk a part; whoever declares entities is refused, so nothing grows while it is read."""
    parser = xml.parsers.expat.ParserCreate()
    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(part, True)
    except (xml.parsers.expat.ExpatError, ValueError) as error:
        raise unreadable(
            "unreadable-file", "The workbook is broken: save it anew, or as CSV"
        ) from error


def _refuse_doctype(*_: Any) -> None:
    raise unreadable("unreadable-file", "No workbook declares a document type")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _number(letters: str) -> int:
    """Return a column's number: A is 1, Z 26, AA 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
