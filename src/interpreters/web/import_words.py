"""What an import says about a cell, in words: what is wrong, and what to write instead.

The API tells both in one English sentence (`detail`). Here they are told by the error's code and
its column, in the visitor's language; what of the sentence is a figure or a suggestion is kept.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from interpreters.domain.import_columns import Column, column_of
from interpreters.domain.imports import Kind, RowError
from interpreters.domain.languages import UnknownLanguage
from interpreters.domain.refusal_words import EXAMPLE, FIELDS
from interpreters.domain.told_sessions import language_name
from interpreters.domain.wording import comma, say
from interpreters.web.fields import OTHER

Sentence: TypeAlias = tuple[str, Mapping[str, str]]  # a message, and what stands in its holes

# What is wrong with a table, by the code; the rest is told as in any form.
WRONG: Final[Mapping[str, str]] = {
    **FIELDS,
    "unknown-language": "We do not know this language.",
    "unknown-column": "We do not know this column.",
    "duplicate-column": "Two columns are the same. Keep one of them.",
    "missing-column": "This column is missing.",
    "cell-too-long": "This is too long.",
    "formula-not-allowed": "A spreadsheet would work this out. Leave out the sign before it.",
    "duplicate-row": (
        "Row {row} is about the same. Keep one of them, or give each a number of your own."
    ),
    "ambiguous-row": "Several have this. Write your own number of the one you mean.",
    "more-errors": "There are more mistakes. Put these right first.",
}
NAMELESS: Final = "This column has no name."
MEANT: Final = "Did you mean {words}?"
ONE_OF: Final = "Write one of these: {words}"
LIKE: Final = "Write it like this: {example}"
# Of these the message says all there is to say.
WHOLE: Final = frozenset(
    {"unknown-column", "duplicate-column", "missing-column", "duplicate-row", "ambiguous-row",
     "more-errors", "invalid-phone", "unknown-institution"}
)  # fmt: skip
# How cells are written, by the name of the column: what stands in its advice.
EXAMPLES: Final[Mapping[str, str]] = {
    "external_reference": "P-17", "email": "name@example.org", "time_zone": "Europe/Riga",
    "languages": "Dari:native; lv:fluent", "latitude": "56.95", "longitude": "24.11",
    "travel_radius_km": "50", "quiet_hours": "22:00-07:00", "nationality": "AF", "country": "LV",
    "weekly_hours": "mon-fri 09:00-17:00; sat 10:00-12:00", "status_since": "2026-12-31",
    "credentials": "court:LV-12:2024-01-01..2027-01-01; child_protection",
    "working_language": "lv", "phone": EXAMPLE, "language": "Dari",
}  # fmt: skip
CLIENTS_LANGUAGES: Final = "dari; lv"
YES_OR_NO: Final = ("yes", "no")
ROW: Final = re.compile(r"Row (\d+) ")
NEAR: Final = re.compile(r"; did you mean ([\w ]+)\?(?: Otherwise .*)?", re.DOTALL)
LANGUAGES: Final = re.compile(
    r".*(?:is no language|covers several languages); (write .*)", re.DOTALL
)
CODE: Final = re.compile(r"' \(([a-z]{2,8})\)")


def told_by(kind: Kind, language: str) -> Callable[[RowError], list[Sentence]]:
    """Return what says of an error in a table of the kind what is wrong, and what to write."""

    def told(one: RowError) -> list[Sentence]:
        column = None if one.column is None else column_of(kind, one.column)
        return [_wrong(one), *_instead(one, column, kind, language)]

    return told


def told_text(language: str, sentences: list[Sentence]) -> str:
    """Return sentences as one text without marks, for a file."""
    return " ".join(say(language, message, **holes) for message, holes in sentences)


def _wrong(one: RowError) -> Sentence:
    if one.code == "unknown-column" and not one.column:
        return NAMELESS, {}
    row = ROW.match(one.detail)
    holes = {"example": EXAMPLE, "row": "" if row is None else row[1]}
    message = WRONG.get(one.code, OTHER)
    return message, {name: text for name, text in holes.items() if f"{{{name}}}" in message}


def _instead(one: RowError, column: Column | None, kind: Kind, language: str) -> Iterator[Sentence]:
    near = NEAR.search(one.detail)
    if near is not None:
        yield MEANT, {"words": near[1]}
    elif languages := _languages(one.detail, language):
        yield MEANT, {"words": comma(language).join(languages)}
    elif column is not None and one.code not in WHOLE:
        yield from _advice(column, kind, language)


def _advice(column: Column, kind: Kind, language: str) -> Iterator[Sentence]:
    words = YES_OR_NO if column.how == "yes" else column.choices
    example = EXAMPLES.get(column.name.partition(" ")[0] if column.place else column.name)
    if words:
        yield ONE_OF, {"words": comma(language).join(words)}
    elif column.how == "languages" and kind == "clients":
        yield LIKE, {"example": CLIENTS_LANGUAGES}
    elif example is not None:
        yield LIKE, {"example": example}


def _languages(detail: str, language: str) -> list[str]:
    """Return the languages that are suggested, with their codes, which can be written too."""
    found = LANGUAGES.search(detail)
    codes = [] if found is None else CODE.findall(found[1])
    return [f"{name} ({code})" for code in codes if (name := _name(code, language)) is not None]


def _name(code: str, language: str) -> str | None:
    try:
        return language_name(language, code)
    except UnknownLanguage:
        return None
