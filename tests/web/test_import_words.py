"""What an import says about a cell, in words of the reader's language: none stays English."""

import csv
import io
from datetime import UTC, datetime

import pytest

from interpreters.domain.import_columns import COLUMNS, column_of
from interpreters.domain.import_files import read_file
from interpreters.domain.import_rows import read_rows
from interpreters.domain.imports import Kind, RowError
from interpreters.domain.refusal_words import EXAMPLE
from interpreters.http.import_bodies import read_row
from interpreters.web.fields import OTHER
from interpreters.web.import_words import (
    CLIENTS_LANGUAGES,
    EXAMPLES,
    told_by,
    told_text,
)

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def told(kind: Kind, *rows: list[str], language: str = "en") -> list[str]:
    """Return what is said of a table, error by error."""
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    table = read_file(made.getvalue().encode(), country="LV")
    _, errors = read_rows(kind, table, country="LV", read=read_row, now=NOW)
    tell = told_by(kind, language)
    return [told_text(language, tell(one)) for one in errors]


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("display_name", "=HYPERLINK(1)",
         "A spreadsheet would work this out. Leave out the sign before it."),
        ("city", "x" * 2001, "This is too long."),
        ("phone", "12",
         "Please write the phone number with its country, such as +371 25565098."),
        ("travel_radius_km", "far",
         "This cannot be read. Please write it again. Write it like this: 50"),
        ("travel_radius_km", "-5",
         "This is too little or too much, too early or too late. Write it like this: 50"),
        ("email", "nobody",
         "This cannot be read. Please write it again. Write it like this: name@example.org"),
        ("gender", "lady",
         "This cannot be read. Please write it again. Write one of these: female, male, other"),
        ("gender", "femal", "This cannot be read. Please write it again. Did you mean female?"),
        ("urgent", "perhaps",
         "This cannot be read. Please write it again. Write one of these: yes, no"),
        ("weekly_hours", "mon 09:05-17:00",
         ("Please write a quarter hour, such as 09:00 or 17:45. "
         "Write it like this: mon-fri 09:00-17:00; sat 10:00-12:00")),
        ("languages", "klingonish",
         "We do not know this language. Write it like this: Dari:native; lv:fluent"),
        ("language 2", "nothingness", "We do not know this language. Write it like this: Dari"),
        ("level 2", "so-so", ("This cannot be read. Please write it again. "
         "Write one of these: native, fluent, working")),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_told_with_what_to_write(column: str, cell: str, words: str) -> None:
    plain = {"display_name": "Anna", "email": "anna@example.org", "languages": "lv"}
    if column == "level 2":
        plain["language 2"] = "Dari"
    plain[column] = cell
    assert told("interpreters", list(plain), list(plain.values())) == [words]


def test_languages_are_suggested_by_their_names_in_the_readers_language() -> None:
    head, row = ["name", "email", "languages"], ["Anna", "a@example.org", "kurdish"]
    (english,) = told("interpreters", head, row)
    assert english.startswith("There are several languages of this name.")
    assert "Kurmanji (kmr)" in english or "(kmr)" in english
    (latvian,) = told("interpreters", head, row, language="lv")
    assert "(kmr)" in latvian
    assert "There are several" not in latvian
    assert "Kurmanji" not in latvian


def test_what_is_wrong_with_columns_is_told() -> None:
    head = ["name", "e-mail", "mail", "", "languages", "citty"]
    assert told("interpreters", head, ["A", "a@example.org", "", "more", "lv", "red"]) == [
        "Two columns are the same. Keep one of them.",
        "This column has no name.",
        "We do not know this column. Did you mean city?",
    ]
    assert told("interpreters", ["name"], ["A"]) == [
        "This column is missing.", "This column is missing.",
    ]  # fmt: skip
    assert told("clients", ["reference", "languages"], ["LV-1", "gibberish"]) == [
        "We do not know this language. Write it like this: dari; lv"
    ]


@pytest.mark.parametrize(
    ("code", "detail", "words"),
    [
        ("duplicate-row", "Row 7 has this already: keep one of the two",
         "Row 7 is about the same. Keep one of them, or give each a number of your own."),
        ("ambiguous-row", "2 interpreters have this; write the external_reference of the one meant",
         "Several have this. Write your own number of the one you mean."),
        ("more-errors", "9 more errors are not listed; mend these first",
         "There are more mistakes. Put these right first."),
        ("something-new", "Something new", OTHER),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_row_is_told(code: str, detail: str, words: str) -> None:
    one = RowError(row=9, column=None, value=None, code=code, detail=detail)
    assert told_text("en", told_by("interpreters", "en")(one)) == words


def test_what_stands_in_a_cell_is_not_taken_for_a_suggestion() -> None:
    row = ["Anna", "a@example.org", "x is no language; write 'y' (fas) or 'z' (pes)"]
    words = " ".join(told("interpreters", ["name", "email", "language 1"], row))
    assert "We do not know this language." in words
    assert "(fas)" not in words


@pytest.mark.parametrize("kind", ["interpreters", "clients", "institutions"])
def test_the_examples_are_those_of_the_columns(kind: Kind) -> None:
    for column in COLUMNS[kind]:
        example = EXAMPLES.get(column.name, "")
        if kind == "clients" and column.name == "languages":
            example = CLIENTS_LANGUAGES
        assert example in column.advice or example == EXAMPLE, column.name
        assert column_of(kind, column.name) == column
