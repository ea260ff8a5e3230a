"""From the words people write to the values of the doors, and back to the cell that is wrong."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.import_columns import fitting
from interpreters.domain.import_files import read_file
from interpreters.domain.import_rows import read_rows
from interpreters.domain.imports import Entry, Kind, Paper, RowError
from interpreters.http.import_bodies import read_row

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def read(kind: Kind, *rows: list[str], country: str = "LV") -> tuple[list[Entry], list[RowError]]:
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    table = read_file(made.getvalue().encode(), country=country)
    return read_rows(kind, table, country=country, read=read_row, now=NOW)


@pytest.mark.parametrize(
    ("header", "kinds"),
    [
        ("display_name,languages,email", ["interpreters"]),
        ("vārds,valoda 1,valoda 2,tālrunis", ["interpreters"]),
        ("reference,languages,nationality", ["clients"]),
        ("name,kind,country", ["institutions"]),
        ("name,languages", []),  # nobody could be reached
        ("reference,shoes", []),
    ],
)
def test_the_columns_tell_what_the_rows_are(header: str, kinds: list[Kind]) -> None:
    assert fitting(read_file(f"{header}\nA,B,C\n".encode(), country="LV")) == kinds


def field(column: str, cell: str, name: str, kind: Kind = "interpreters") -> Any:
    """Return what a cell of an otherwise plain row became."""
    plain = {"display_name": "Anna", "email": "anna@example.org", "languages": "lv"}
    if kind == "clients":
        plain = {"reference": "LV-1"}
    plain[column] = cell
    entries, errors = read(kind, list(plain), list(plain.values()))
    assert errors == []
    return entries[0].fields[name]


def faults(column: str, cell: str, kind: Kind = "interpreters") -> list[tuple[str | None, str]]:
    plain = {"display_name": "Anna", "email": "anna@example.org", "languages": "lv"}
    if kind == "clients":
        plain = {"reference": "LV-1"}
    plain[column] = cell
    entries, errors = read(kind, list(plain), list(plain.values()))
    assert not entries
    assert all(one.row == 2 for one in errors)
    return [(one.column, one.code) for one in errors]


@pytest.mark.parametrize(
    ("column", "cell", "name", "value"),
    [
        ("phone", "25 565 098", "phone", "+37125565098"),
        ("phone", "0047 22 12 34 56", "phone", "+4722123456"),
        ("tālrunis", "+371 25565098", "phone", "+37125565098"),
        ("Gender", "F", "gender", "female"),
        ("dzimums", "sieviete", "gender", "female"),
        ("пол", "мужчина", "gender", "male"),
        ("kjønn", "kvinne", "gender", "female"),
        ("travel radius", "30 km", "travel_radius_km", 30),
        ("modes", "In person, telephone", "modes", ("in_person", "phone")),
        ("urgent", "nē", "urgent_opt_in", False),
        ("active", "JA", "active", True),
        ("quiet hours", "22.00 - 7:00", "quiet_hours", {"from": "22:00", "to": "07:00"}),
        ("engagement", "Freelancer", "engagement", "freelance"),
        ("city", "-", "city", None),
    ],
)
def test_words_of_people_are_understood(column: str, cell: str, name: str, value: object) -> None:
    assert field(column, cell, name) == value


@pytest.mark.parametrize(
    ("cell", "spoken"),
    [
        ("Dari:native; lv:fluent", [("prs", "native", ()), ("lav", "fluent", ())]),
        ("Dari (native), Latvian", [("prs", "native", ()), ("lav", "fluent", ())]),
        ("Dari:dzimtā:Hazaragi+Herati", [("prs", "native", ("Hazaragi", "Herati"))]),
        ("Dari\nFarsi:B2", [("prs", "fluent", ()), ("pes", "working", ())]),
    ],
)
def test_languages_stand_in_one_cell(cell: str, spoken: list[Any]) -> None:
    found = field("languages", cell, "languages")
    assert [(one.language, one.level, one.dialects) for one in found] == spoken


def test_languages_stand_in_columns_of_their_own() -> None:
    head = ["name", "email", "language 1", "level 1", "Language_2", "level_2"]
    entries, errors = read(
        "interpreters", head, ["A", "a@example.org", "Dari", "native", "lv", ""],
        ["B", "b@example.org", "Pharsi", "", "lv", "superb"],
    )  # fmt: skip
    assert [(one.language, one.level) for one in entries[0].fields["languages"]] == [
        ("prs", "native"), ("lav", "fluent"),
    ]  # fmt: skip
    assert [(one.row, one.column, one.code) for one in errors] == [
        (3, "language 1", "unknown-language"), (3, "level_2", "invalid"),
    ]  # fmt: skip


def test_weekly_hours_and_papers() -> None:
    head = ["name", "email", "languages", "hours", "outside_hours", "papers"]
    row = ["A", "a@example.org", "lv", "fri-mon 9:00-12:00, 13:00-17:00", "never",
           "court:LV-1:2024-01-01..2027-01-01; child_protection; oath:..2027-05-31"]  # fmt: skip
    entries, errors = read("interpreters", head, row)
    assert errors == []
    assert entries[0].weekly is not None
    assert [(one.day, one.from_, one.to) for one in entries[0].weekly] == [
        (day, start, end) for day in ("mon", "fri", "sat", "sun")
        for start, end in ((540, 720), (780, 1020))
    ]  # fmt: skip
    assert entries[0].outside_hours == "never"
    assert entries[0].papers == (
        Paper(kind="court", number="LV-1", issued_on=date(2024, 1, 1),
              expires_on=date(2027, 1, 1)),
        Paper(kind="child_protection"),
        Paper(kind="oath", expires_on=date(2027, 5, 31)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("column", "cell", "name", "value"),
    [
        ("nationality", "Afghanistan", "nationality", "AF"),
        ("nationality", "af", "nationality", "AF"),
        ("status_since", "31.12.2025", "status_since", date(2025, 12, 31)),
        ("status_since", "2025-12-31 00:00", "status_since", date(2025, 12, 31)),
        ("languages", "dari; lv", "languages", ("prs", "lav")),
    ],
)
def test_words_about_clients(column: str, cell: str, name: str, value: object) -> None:
    assert field(column, cell, name, "clients") == value


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("display_name", "=HYPERLINK(1)", "formula-not-allowed"),
        ("display_name", "\t=1", "formula-not-allowed"),
        ("display_name", " @SUM(1)", "formula-not-allowed"),
        ("city", "+1", "formula-not-allowed"),
        ("city", "-1+2", "formula-not-allowed"),
        ("phone", "=1", "formula-not-allowed"),
        ("city", "x" * 2001, "cell-too-long"),
        ("city", "x" * 201, "out-of-range"),
        ("phone", "12", "invalid-phone"),
        ("travel_radius_km", "far", "wrong-type"),
        ("travel_radius_km", "-5", "out-of-range"),
        ("email", "nobody", "invalid"),
        ("time_zone", "Riga", "unknown-time-zone"),
        ("gender", "lady", "invalid"),
        ("modes", "phone, pigeon", "invalid"),
        ("urgent", "perhaps", "wrong-type"),
        ("latitude", "56.9", "required"),
        ("quiet_hours", "at night", "wrong-type"),
        ("weekly_hours", "someday 09:00-17:00", "unknown-day"),
        ("weekly_hours", "mon 09:05-17:00", "not-a-quarter-hour"),
        ("credentials", "court:1:2027-01-01..2024-01-01", "ends-before-start"),
        ("external_reference", "x" * 101, "out-of-range"),
    ],
)
def test_a_wrong_cell_is_told_by_the_door_s_own_code(column: str, cell: str, code: str) -> None:
    told = faults(column, cell)
    assert [found for _, found in told] == [code]
    assert told[0][0] == ("longitude" if column == "latitude" else column)


def test_a_phone_may_begin_with_plus_and_degrees_with_minus() -> None:
    head = ["name", "phone", "languages", "lat", "lon"]
    entries, errors = read("interpreters", head, ["A", "+371 25565098", "lv", "-12,5", "+24.1"])
    assert errors == []
    assert (entries[0].fields["latitude"], entries[0].fields["longitude"]) == (-12.5, 24.1)


def test_a_wrong_value_is_told_back_shortened() -> None:
    _, errors = read("interpreters", ["name", "email", "languages"], ["A", "b" * 300, "lv"])
    assert errors[0].value == "b" * 79 + "…"


def test_the_header_s_faults_are_row_one() -> None:
    head = ["name", "e-mail", "mail", "", "languages", "colour"]
    _, errors = read("interpreters", head, ["A", "a@example.org", "", "more", "lv", "red"])
    assert [(one.row, one.code) for one in errors] == [
        (1, "duplicate-column"), (1, "unknown-column"), (1, "unknown-column"),
    ]  # fmt: skip
    _, errors = read("interpreters", ["name", "email", "languages"],
                     ["A", "a@example.org", "lv", "", "more"])  # fmt: skip
    assert [(one.row, one.code) for one in errors] == [(2, "unknown-column")]


WORD = st.text(st.characters(codec="utf-8", categories=["L"]), min_size=1, max_size=12)


@given(
    names=st.lists(WORD, min_size=1, max_size=5),
    cities=st.lists(WORD, min_size=5, max_size=5),
    gender=st.sampled_from(["female", "male", "other", ""]),
    radius=st.integers(0, 2000),
    separator=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_is_written_out_is_read_back(
    names: list[str],
    cities: list[str],
    gender: str,
    radius: int,
    separator: str,
    encoding: str,
) -> None:
    made = io.StringIO()
    out = csv.writer(made, delimiter=separator)
    out.writerow(["name", "email", "languages", "city", "gender", "radius"])
    for place, name in enumerate(names):
        mail = f"p{place}@example.org"
        out.writerow([name, mail, "Dari:native; lv", cities[place], gender, radius])
    table = read_file(made.getvalue().encode(encoding), country="LV")
    entries, errors = read_rows("interpreters", table, country="LV", read=read_row, now=NOW)
    assert errors == []
    wanted = [(name, cities[place], gender or None, radius) for place, name in enumerate(names)]
    asked = ("display_name", "city", "gender", "travel_radius_km")
    assert [tuple(one.fields[name] for name in asked) for one in entries] == wanted
