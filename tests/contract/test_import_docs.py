"""What `docs/imports.md` shows can be copied: its tables import, its codes are all there are."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, get_args

import pytest

from interpreters.domain.import_columns import COLUMNS
from interpreters.domain.import_files import read_file
from interpreters.domain.import_rows import read_rows
from interpreters.domain.imports import Kind
from interpreters.http.import_bodies import read_row

ROOT: Final = Path(__file__).parents[2]
TEXT: Final = (ROOT / "docs/imports.md").read_text(encoding="utf-8")
NOW: Final = datetime(2026, 11, 24, 8, tzinfo=UTC)
SOURCES: Final = [
    *(ROOT / "src/interpreters/domain").glob("import*.py"),
    *(ROOT / "src/interpreters/application").glob("import*.py"),
]


@pytest.mark.parametrize("kind", get_args(Kind))
def test_the_examples_import_as_they_stand(kind: Kind) -> None:
    section = TEXT.split(f"## {kind.title()}\n")[1]
    example = section.split("```csv\n")[1].split("```")[0]
    table = read_file(example.encode(), country="LV")
    entries, errors = read_rows(kind, table, country="LV", read=read_row, now=NOW)
    assert errors == []
    assert len(entries) == 2


def test_every_column_stands_in_the_document() -> None:
    missing = {
        column.name for columns in COLUMNS.values() for column in columns if column.name not in TEXT
    }
    assert missing == set()


def test_every_code_of_a_row_stands_in_the_document() -> None:
    codes = {
        code
        for source in SOURCES
        for code in re.findall(
            r'"((?:[a-z]+-)+(?:column|row|errors|long|allowed))"', source.read_text("utf-8")
        )
    } - {"import-has-errors"}
    listed = set(re.findall(r"^\| `([a-z-]+)` \|", TEXT.split("## Codes of rows")[1], re.MULTILINE))
    assert listed == codes
