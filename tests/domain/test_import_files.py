"""Files as offices make them are read; files made to hurt are refused before they can."""

import io
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import datetime

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.errors import Invalid, Refusal
from interpreters.domain.import_files import read_file
from interpreters.domain.imports import FileTooLarge

TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
SHEET = "xl/worksheets/sheet1.xml"


def code(data: bytes, country: str | None = "LV") -> str:
    with pytest.raises(Invalid) as refused:
        read_file(data, country=country)
    assert [one.pointer for one in refused.value.errors] == ["/file"]
    return refused.value.errors[0].code


def cells(data: bytes, country: str | None = "LV") -> list[list[str]]:
    table = read_file(data, country=country)
    return [list(table.header), *(list(line.cells) for line in table.lines)]


def workbook(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        fill(book)
    return made.getvalue()


def plain() -> bytes:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["name", "phone"])
        sheet.write_row(1, 0, ["Anna", 25565098])

    return workbook(fill)


def changed(data: bytes, **parts: bytes | None) -> bytes:
    """Return the package with parts replaced, by the last word of their names."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", 8) as new:
        for name in old.namelist():
            word = name.rpartition("/")[2].partition(".")[0]
            if word not in parts:
                new.writestr(name, old.read(name))
            elif (part := parts[word]) is not None:
                new.writestr(name, part)
    return made.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_reads_the_same_however_it_is_saved(
    encoding: str, separator: str, end: str
) -> None:
    text = end.join([f"vārds{separator}phone", f"Anna Bērziņa{separator}25565098", ""])
    assert cells(text.encode(encoding)) == [["vārds", "phone"], ["Anna Bērziņa", "25565098"]]


@pytest.mark.parametrize(
    ("page", "country", "name"),
    [
        ("cp1257", "LV", "Jānis Bērziņš"), ("cp1257", "LV", "Līga Ķīse"),
        ("cp1252", "NO", "Bjørn Sæther"),
        ("cp1251", "LV", "Иван Петров"), ("cp1251", "NO", "Ольга"), ("cp1257", "NO", "Šņore"),
    ],
)  # fmt: skip
def test_an_old_code_page_is_told_by_its_letters(page: str, country: str, name: str) -> None:
    assert cells(f"name\n{name}\n".encode(page), country)[1] == [name]


def test_nobody_guesses_where_letters_could_be_any() -> None:
    assert cells("name\nRené\n".encode("cp1252"), None)[1] == ["René"]
    assert code("name\nJānis\n".encode("cp1257"), None) == "unclear-encoding"
    assert code(b"name\nA\x81B\x98C\n") == "unclear-encoding"


def test_rows_have_the_numbers_a_spreadsheet_shows() -> None:
    table = read_file(b'name,city\n\nA,"two\nlines"\n,\nB,\n', country=None)
    assert [(line.row, list(line.cells)) for line in table.lines] == [
        (3, ["A", "two\nlines"]), (5, ["B"]),
    ]  # fmt: skip


def test_excel_s_own_first_line_names_the_separator() -> None:
    assert cells(b"sep=;\nname;a,b\nA;1\n") == [["name", "a,b"], ["A", "1"]]


def test_a_quoted_cell_that_never_ends_is_told_where_it_began() -> None:
    for rest in (b"x" * 100, b"y,\n" * 100_000):
        data = b'name,city\nA,Riga\nB,"' + rest
        assert code(data) == "never-closed"
        with pytest.raises(Invalid) as refused:
            read_file(data, country=None)
        assert "row 3" in refused.value.errors[0].detail
    assert code(b'name\n"A"B\n') == "unreadable-file"


def test_nul_bytes_are_refused() -> None:
    assert code(b"name,city\nA\x00B,Riga and some more\n") == "unreadable-file"
    assert code(b"\x00" * 1000) == "unreadable-file"


def test_limits_of_a_table() -> None:
    assert code(b"") == code(b"\n\n") == code(b"name\n") == code(b"name\n,,\n") == "empty-file"
    assert code(b"name\n" + b"A\n" * 20_001) == "too-many-rows"
    assert len(read_file(b"name\n" + b"A\n" * 20_000, country=None).lines) == 20_000
    assert code(b"name\n" + b"\n" * 100_000 + b"A\n") == "too-many-rows"
    assert code(b",".join([b"name"] * 101) + b"\nA\n") == "too-many-columns"
    with pytest.raises(FileTooLarge):
        read_file(b"x" * (10 * 1024 * 1024 + 1), country=None)


def test_old_excel_and_other_packages_are_refused() -> None:
    assert code(b"\xd0\xcf\x11\xe0" + b"\x00" * 600) == "unreadable-file"
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as package:
        package.writestr("hello.txt", "hello")
    assert code(other.getvalue()) == "unreadable-file"
    assert code(b"PK\x03\x04 and nothing more") == "unreadable-file"
    assert code(plain()[:-30]) == "unreadable-file"


def test_a_workbook_s_values_are_written_as_people_would() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        sheet.write_row(0, 0, ["phone", "yes", "day", "degrees", "formula"])
        sheet.write_row(1, 0, [25565098, True])
        sheet.write_datetime(1, 2, datetime(2026, 12, 31), day)
        sheet.write_number(1, 3, 56.95)
        sheet.write_formula(1, 4, "=1+1", None, 2)

    assert cells(workbook(fill))[1] == ["25565098", "true", "2026-12-31", "56.95", "2"]


def test_a_bomb_is_refused_by_what_comes_out() -> None:
    bomb = changed(plain(), sheet1=b"<worksheet>" + b" " * 120_000_000)
    assert len(bomb) < 200_000
    assert code(bomb) == "unpacks-too-large"


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    size = 60_000_000
    bomb = bytearray(changed(plain(), sheet1=b" " * size))
    true, lie = struct.pack("<I", size), struct.pack("<I", 1000)
    assert bomb.count(true) == 2
    tracemalloc.start()
    told = code(bytes(bomb).replace(true, lie))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert told in {"unpacks-too-large", "unreadable-file"}
    assert peak < 50_000_000


def test_a_package_of_a_million_entries_costs_nothing() -> None:
    count = 150_000
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"a"
    directory = entry * count
    told = count % 65_536
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, told, told, len(directory), 4, 0)
    began = time.perf_counter()
    assert code(b"PK\x03\x04" + directory + end) == "unpacks-too-large"
    assert time.perf_counter() - began < 0.5


def sheet(rows: str) -> bytes:
    return f"<worksheet><sheetData>{rows}</sheetData></worksheet>".encode()


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>', "too-many-columns"),
        ('<row r="1048576"><c r="A1048576"><v>1</v></c></row>', "too-many-rows"),
        ("<row r='1048576'><c r='A1048576'><v>1</v></c></row>", "too-many-rows"),
        ('<row r="1"><c r="&#65;1048576"><v>1</v></c></row>', "too-many-rows"),
        ('<row r="1">' + "<c><v>1</v></c>" * 101 + "</row>", "too-many-columns"),
        ("<row><c><v>1</v></c></row>" * 25_001, "too-many-rows"),
        ("<row><c>", "unreadable-file"),
    ],
)
def test_a_cell_far_away_is_refused_before_a_table_is_made(rows: str, told: str) -> None:
    assert code(changed(plain(), sheet1=sheet(rows))) == told


def test_one_text_shared_by_many_cells_is_counted_for_each() -> None:
    strings = b"<sst><si><t>" + b"x" * 15_000 + b"</t></si></sst>"
    cell = '<c t="s"><v>0</v></c>'
    rows = ("<row>" + cell * 90 + "</row>") * 100
    assert code(changed(plain(), sheet1=sheet(rows), sharedStrings=strings)) == "unpacks-too-large"


def test_entities_and_document_types_are_refused() -> None:
    evil = (
        b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
    )
    assert code(changed(plain(), sheet1=evil)) == "unreadable-file"


def test_macros_and_pictures_are_never_unpacked() -> None:
    made = io.BytesIO(plain())
    with zipfile.ZipFile(made, "a", 8) as package:
        package.writestr("xl/vbaProject.bin", b"not looked at")
        package.writestr("xl/media/image1.png", b"not looked at")
    assert cells(made.getvalue())[1] == ["Anna", "25565098"]


def is_table(data: bytes) -> bool:
    """Tell whether a file was read; what is no table must be refused by a name."""
    try:
        table = read_file(data, country="LV")
    except Refusal:
        return False
    return len(table.lines) > 0


@given(st.binary(max_size=400))
def test_whatever_bytes_are_sent_are_read_or_refused(data: bytes) -> None:
    for start in (b"", b"name,phone\n", b"PK\x03\x04", plain()[:200]):
        assert is_table(start + data) in (True, False)


# Made once: a workbook says when it was made, so that of two the lengths may differ.
MADE_ONCE = plain()


@given(st.data())
def test_a_workbook_with_bytes_changed_is_read_or_refused(data: st.DataObject) -> None:
    made = bytearray(MADE_ONCE)
    for _ in range(data.draw(st.integers(1, 6))):
        made[data.draw(st.integers(4, len(made) - 1))] = data.draw(st.integers(0, 255))
    assert is_table(bytes(made)) in (True, False)
